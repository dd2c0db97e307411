"""Turns condition bits and notes into alarms: priority, latch, acknowledgement, silence, repetition."""

from micropython import const

from pump import defs
from pump.core import ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import hal
    from pump.core import conditions, scheduler, uptime
    from pump.journal import journal
    from pump.occlusion import monitor

_IDLE = const(0)
_STANDING = const(1)
_STANDING_ACKNOWLEDGED = const(2)
_LATCHED = const(3)  # the cause is gone, the acknowledgement is still wanted

# Priorities that are sounded, as a mask, by mode. An acknowledgement makes low and medium quiet for as long as they
# stand (IEC 60601-1-8's acknowledged state); a high one is only ever silenced, and sounds again after it (A3).
_HEARD = (
    0,
    1 << defs.PRIORITY_LOW | 1 << defs.PRIORITY_MEDIUM | 1 << defs.PRIORITY_HIGH,
    1 << defs.PRIORITY_HIGH,
    1 << defs.PRIORITY_LOW | 1 << defs.PRIORITY_MEDIUM | 1 << defs.PRIORITY_HIGH,
)
_LONGEST_SILENCE_S = const(120)  # A3
_REPEATS_WITHIN_S = const(600)  # A6

# The alarms that outlast a reset, by their numbers.
_FIRST = const(101)
_KEPT = const(3)
_KEPT_IN_ONE = const(20)

FROM_LINK = const(0)  # where a silence came from
FROM_BUTTON = const(1)


class Alarms:
    """One entry per row of defs.ALARMS; `top` is the number of the alarm that shows, `priority` its priority."""

    def __init__(
        self,
        annunciator: "hal.Annunciator",
        conditions: "conditions.Conditions",
        journal: "journal.Journal",
        line: "monitor.Line",
        uptime: "uptime.Uptime",
    ) -> None:
        self._annunciator = annunciator
        self._conditions = conditions
        self._journal = journal
        self._line = line
        self._uptime = uptime
        self._mode = [_IDLE] * len(defs.ALARMS)
        self._raised_s = [-1] * len(defs.ALARMS)  # the last time
        self._before_s = [-1] * len(defs.ALARMS)  # the time before that
        self._pardoned_s = -1  # when repetitions were acknowledged; what was raised until then no longer counts
        self._shown = defs.PRIORITY_NONE
        self._sounded = defs.PRIORITY_NONE
        self._origin = FROM_LINK
        self.job: scheduler.Job
        self.player: scheduler.Job
        self.silenced = False
        self.top = 0
        self.priority = defs.PRIORITY_NONE

    def update(self) -> None:
        """Takes in bits and notes; raises, clears, and sets the light and the sound."""
        word = self._conditions.word
        notes = self._conditions.notes
        at = 0
        for number, bit, note, _, latched, _ in defs.ALARMS:
            mode = self._mode[at]
            if word & bit or notes & note:
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
            self._line.acknowledge(row[0])
            count += 1
            if row[0] == defs.ALARM_ALARM_REPEATS:
                self._pardoned_s = self._uptime.s
                self._conditions.clear(defs.BIT_ALARM_REPEATS)
        self.update()
        return count

    def acknowledged(self, number: int) -> bool:
        """Whether this alarm stands and a person has seen it."""
        at = 0
        for row in defs.ALARMS:
            if row[0] == number:
                return self._mode[at] == _STANDING_ACKNOWLEDGED
            at += 1
        return False

    def waits(self, number: int) -> bool:
        """Whether this alarm was raised and no person has seen it."""
        at = 0
        for row in defs.ALARMS:
            if row[0] == number:
                return self._mode[at] in (_STANDING, _LATCHED)
            at += 1
        return False

    def holds_beside(self, first: int, second: int) -> bool:
        """Whether any other alarm than these two keeps the pump from going on."""
        at = 0
        for row in defs.ALARMS:
            if row[5] and self._mode[at] != _IDLE and row[0] != first and row[0] != second:
                return True
            at += 1
        return False

    def silence(self, now: int, span_s: int, origin: int = FROM_LINK) -> None:
        """No sound for a while, 120 s at most; the light stays, and a new alarm breaks it (A3)."""
        span_s = min(span_s, _LONGEST_SILENCE_S)
        self.silenced = True
        self._origin = origin
        self.job.at(ticks.add(now, span_s * 1000))
        self._journal.write(defs.EVENT_SILENCED, span_s)
        self._announce()

    def end_silence(self, origin: int = FROM_LINK) -> None:
        """Ends a silence that came from there: whoever asked for it over the link is no longer known to listen (A4)."""
        if self.silenced and self._origin == origin:
            self._break_silence()
            self._announce()

    def run(self, now: int) -> None:
        """The job: the silence is over."""
        self.silenced = False
        self._announce()

    def keep(self, numbers: "list[int]", at: int) -> int:
        """Puts the latched alarms that nobody has acknowledged from this place on; returns the place behind them."""
        for place in range(at, at + _KEPT):
            numbers[place] = 0
        place = 0
        for number, _, _, _, latched, _ in defs.ALARMS:
            mode = self._mode[place]
            if latched and (mode == _STANDING or mode == _LATCHED):
                numbers[at + (number - _FIRST) // _KEPT_IN_ONE] |= 1 << (number - _FIRST) % _KEPT_IN_ONE
            place += 1
        return at + _KEPT

    def restore(self, numbers: "list[int]", at: int) -> int:
        """Takes what `keep` has put: these alarms are shown until they are acknowledged."""
        place = 0
        for number, _, _, _, latched, _ in defs.ALARMS:
            if latched and numbers[at + (number - _FIRST) // _KEPT_IN_ONE] >> (number - _FIRST) % _KEPT_IN_ONE & 1:
                self._mode[place] = _LATCHED
            place += 1
        return at + _KEPT

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
                if row[3] == priority and mode != _IDLE:
                    stands = 0 if mode == _LATCHED else 1
                    found.append([row[0], stands, 1 if mode == _STANDING_ACKNOWLEDGED else 0, self._raised_s[at]])
        return found

    def _raise(self, at: int, number: int) -> None:
        """An alarm that comes for the third time in ten minutes, cleared in between, is one more alarm (A6).

        Those of low priority inform only: a reservoir at its low mark may come and go with the rate.
        """
        before_s = self._before_s[at]
        self._before_s[at] = self._raised_s[at]
        self._raised_s[at] = self._uptime.s
        informs = defs.ALARMS[at][3] == defs.PRIORITY_LOW
        if not informs and before_s > self._pardoned_s and self._uptime.s - before_s <= _REPEATS_WITHIN_S:
            self._conditions.set(defs.BIT_ALARM_REPEATS)
        self._mode[at] = _STANDING
        self._break_silence()
        self._journal.write(defs.EVENT_ALARM_RAISED, number, self._pressure_pa())

    def _break_silence(self) -> None:
        self.silenced = False
        self.job.off()

    def _pressure_pa(self) -> int:
        pa = self._line.pressure_pa
        return 0 if pa is None else pa

    def _announce(self) -> None:
        """The highest that is not idle shows, the highest that is heard sounds."""
        top = 0
        priority = defs.PRIORITY_NONE
        sound = defs.PRIORITY_NONE
        holds = False
        at = 0
        for number, _, _, rank, _, stops in defs.ALARMS:
            mode = self._mode[at]
            if mode != _IDLE:
                if rank > priority:
                    top = number
                    priority = rank
                if rank > sound and _HEARD[mode] >> rank & 1:
                    sound = rank
                holds = holds or stops
            at += 1
        self.top = top
        self.priority = priority
        self._conditions.put(defs.BIT_ALARM_HOLDS, holds)
        self._put(priority, defs.PRIORITY_NONE if self.silenced else sound)

    def _put(self, light: int, sound: int) -> None:
        if light != self._shown:
            self._shown = light
            pattern = defs.PATTERNS[light]
            self._annunciator.show(pattern[0], pattern[1])
            self.player.at(self._uptime.now)
        if sound != self._sounded:
            self._sounded = sound
            self._annunciator.sound(defs.PATTERNS[sound][2])
            self.player.at(self._uptime.now)
