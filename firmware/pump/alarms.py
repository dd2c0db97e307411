"""Turns condition bits into alarms: priority, latch, acknowledgement, silence."""

from micropython import const

from pump import defs, ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import conditions, hal, journal, line, scheduler, uptime

_IDLE = const(0)
_STANDING = const(1)
_STANDING_ACKNOWLEDGED = const(2)
_LATCHED = const(3)  # the cause is gone, the acknowledgement is still wanted


class Alarms:
    """One entry per row of defs.ALARMS; `top` is the number of the alarm that shows, `priority` its priority."""

    def __init__(
        self,
        annunciator: "hal.Annunciator",
        conditions: "conditions.Conditions",
        journal: "journal.Journal",
        line: "line.Line",
        uptime: "uptime.Uptime",
    ) -> None:
        self._annunciator = annunciator
        self._conditions = conditions
        self._journal = journal
        self._line = line
        self._uptime = uptime
        self._mode = [_IDLE] * len(defs.ALARMS)
        self._raised_s = [0] * len(defs.ALARMS)
        self._shown = defs.PRIORITY_NONE
        self._sounded = defs.PRIORITY_NONE
        self.job: scheduler.Job
        self.player: scheduler.Job
        self.silenced = False
        self.top = 0
        self.priority = defs.PRIORITY_NONE

    def update(self) -> None:
        """Takes in the condition bits; raises, clears, and sets the light and the sound."""
        word = self._conditions.word
        at = 0
        for number, bit, _, latched, _ in defs.ALARMS:
            mode = self._mode[at]
            if word & bit:
                if mode == _IDLE or mode == _LATCHED:
                    self._raise(at, number)
            elif mode == _STANDING or mode == _STANDING_ACKNOWLEDGED:
                self._mode[at] = _LATCHED if latched and mode == _STANDING else _IDLE
                self._journal.write(defs.EVENT_ALARM_CLEARED, number, self._pressure_pa())
            at += 1
        self._announce()

    def acknowledge(self, number: int) -> int:
        """A person has seen this alarm, or with 0 all of them; returns how many were waiting for it."""
        count = 0
        for at, row in enumerate(defs.ALARMS):
            if number not in (0, row[0]) or self._mode[at] not in (_STANDING, _LATCHED):
                continue
            self._mode[at] = _STANDING_ACKNOWLEDGED if self._mode[at] == _STANDING else _IDLE
            self._journal.write(defs.EVENT_ALARM_ACKNOWLEDGED, row[0])
            count += 1
        self._announce()
        return count

    def silence(self, now: int, span_s: int) -> None:
        """No sound for a while; the light stays, and a new alarm breaks it (A3)."""
        self.silenced = True
        self.job.at(ticks.add(now, span_s * 1000))
        self._journal.write(defs.EVENT_SILENCED, span_s)
        self._announce()

    def run(self, now: int) -> None:
        """The job: the silence is over."""
        self.silenced = False
        self._announce()

    def play(self, now: int) -> None:
        """The player's job: the next change of the light's and the sound's patterns."""
        wait_ms = self._annunciator.run(now)
        if wait_ms >= 0:
            self.player.at(ticks.add(now, wait_ms))

    def rows(self) -> "list[list[int]]":
        """[number, stands, acknowledged, raised at uptime s] of what stands or waits, the highest priority first."""
        found = []
        for priority in (defs.PRIORITY_HIGH, defs.PRIORITY_MEDIUM, defs.PRIORITY_LOW):
            for at, row in enumerate(defs.ALARMS):
                mode = self._mode[at]
                if row[2] == priority and mode != _IDLE:
                    stands = 0 if mode == _LATCHED else 1
                    found.append([row[0], stands, 1 if mode == _STANDING_ACKNOWLEDGED else 0, self._raised_s[at]])
        return found

    def _raise(self, at: int, number: int) -> None:
        self._mode[at] = _STANDING
        self._raised_s[at] = self._uptime.s
        self.silenced = False
        self.job.off()
        self._journal.write(defs.EVENT_ALARM_RAISED, number, self._pressure_pa())

    def _pressure_pa(self) -> int:
        pa = self._line.pressure_pa
        return 0 if pa is None else pa

    def _announce(self) -> None:
        top = 0
        priority = defs.PRIORITY_NONE
        holds = False
        at = 0
        for number, _, rank, _, stops in defs.ALARMS:
            if self._mode[at] != _IDLE:
                if rank > priority:
                    top = number
                    priority = rank
                holds = holds or stops
            at += 1
        self.top = top
        self.priority = priority
        self._conditions.put(defs.BIT_ALARM_HOLDS, holds)
        sound = defs.PRIORITY_NONE if self.silenced else priority
        if priority != self._shown:
            self._shown = priority
            self._annunciator.show(priority)
            self.player.at(self._uptime.now)
        if sound != self._sounded:
            self._sounded = sound
            self._annunciator.sound(sound)
            self.player.at(self._uptime.now)
