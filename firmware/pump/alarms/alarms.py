"""Turns condition bits and notes into alarms: priority, latch, acknowledgement, silence, repetition."""

from micropython import const

from pump import defs
from pump.core import scheduler, ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from pump import hal
    from pump.core import conditions, uptime
    from pump.journal import journal

_IDLE = const(0)
_STANDING = const(1)
_STANDING_ACKNOWLEDGED = const(2)
_LATCHED = const(3)  # the cause is gone, the alarm is not acknowledged
_UNSTEADY = const(4)  # the cause is gone and has come and gone before, the alarm still counts as active

# Priorities that are sounded, as a mask, by mode. An acknowledgement makes low and medium quiet for as long as they
# stand (IEC 60601-1-8's acknowledged state); a high one is only ever silenced, and sounds again after it (A3).
_SOUNDED = (
    0,
    1 << defs.PRIORITY_LOW | 1 << defs.PRIORITY_MEDIUM | 1 << defs.PRIORITY_HIGH,
    1 << defs.PRIORITY_HIGH,
    1 << defs.PRIORITY_LOW | 1 << defs.PRIORITY_MEDIUM | 1 << defs.PRIORITY_HIGH,
    1 << defs.PRIORITY_LOW | 1 << defs.PRIORITY_MEDIUM | 1 << defs.PRIORITY_HIGH,
)
_LONGEST_SILENCE_S = const(120)  # A3
_REPEATS_WITHIN_S = const(600)  # A6
_REPEATS = const(3)
_MOST_TIMES = const(255)  # that are counted

# The alarms that are saved over a reset, one bit each, by their numbers.
_FIRST = const(101)
_WORDS = const(2)
_BITS = const(30)  # of a word

FROM_LINK = const(0)  # where a silence came from
FROM_BUTTON = const(1)


class Alarms:
    """One entry per row of defs.ALARMS; `top` is the number of the alarm that shows, `priority` its priority."""

    def __init__(
        self,
        annunciator: "hal.Annunciator",
        conditions: "conditions.Conditions",
        journal: "journal.Journal",
        uptime: "uptime.Uptime",
        on_acknowledged: "Callable[[int], None]",
        pressure_pa: "Callable[[], int]",
    ) -> None:
        self._annunciator = annunciator
        self._conditions = conditions
        self._journal = journal
        self._uptime = uptime
        self._on_acknowledged = on_acknowledged  # called with an alarm's number
        self._pressure_pa = pressure_pa  # for the log
        self._mode = bytearray(len(defs.ALARMS))  # of each alarm, _IDLE at first
        self._all_idle = bytes(self._mode)
        self._raised_s = [-1] * len(defs.ALARMS)  # uptime of the last time
        self._before_s = [-1] * len(defs.ALARMS)  # the time before that
        self._times = bytearray(len(defs.ALARMS))  # how often it came since it was acknowledged or away for ten minutes
        self._gone_s = [0] * len(defs.ALARMS)  # uptime at which the cause of an unsteady one went away
        self._cleared_s = -1  # when repetitions were acknowledged; alarms raised until then no longer count
        self._shown = defs.PRIORITY_NONE  # by the light
        self._sounded = defs.PRIORITY_NONE
        self._origin = FROM_LINK  # of the silence
        self._silent_s = 0  # sum of the last silences, less the time with sound since then
        self._counted_s = 0  # uptime of that sum
        self.job = scheduler.Job(self.run)
        self.unsteady = scheduler.Job(self.end_unsteady)
        self.player = scheduler.Job(self.play, sensor_only=True)
        self.silenced = False
        self.top = 0
        self.priority = defs.PRIORITY_NONE

    def update(self) -> None:
        """Raises and clears alarms by bits and notes, and sets the light and the sound."""
        word = self._conditions.word
        notes = self._conditions.notes
        at = 0
        for number, bit, note, _, latched, stops in defs.ALARMS:
            mode = self._mode[at]
            if word & bit or notes & note:
                if mode == _IDLE or mode == _LATCHED:
                    self._raise(at, number)
                elif mode == _UNSTEADY:
                    self._mode[at] = _STANDING
                    self._times[at] = min(self._times[at] + 1, _MOST_TIMES)
            elif mode == _STANDING and not stops and self._times[at] >= _REPEATS:
                self._mode[at] = _UNSTEADY
                self._gone_s[at] = self._uptime.s
                if not self.unsteady.armed:
                    self.unsteady.at(ticks.add(self._uptime.now, _REPEATS_WITHIN_S * 1000))
            elif mode == _STANDING or mode == _STANDING_ACKNOWLEDGED or (mode == _UNSTEADY and self._left_s(at) <= 0):
                self._mode[at] = _LATCHED if latched and mode != _STANDING_ACKNOWLEDGED else _IDLE
                self._journal.write(defs.EVENT_ALARM_CLEARED, number, self._pressure_pa())
            at += 1
        self._announce()

    def end_unsteady(self, now: int) -> None:
        """The job: the cause of an unsteady alarm may have been away for ten minutes."""
        self.update()
        for at, mode in enumerate(self._mode):
            if mode == _UNSTEADY:
                due = ticks.add(now, self._left_s(at) * 1000)
                if not self.unsteady.armed or ticks.diff(due, self.unsteady.due) < 0:
                    self.unsteady.at(due)

    def _left_s(self, at: int) -> int:
        """Seconds until this unsteady alarm ends, if its cause stays away."""
        return self._gone_s[at] + _REPEATS_WITHIN_S - self._uptime.s

    def acknowledge(self, number: int) -> int:
        """An operator acknowledges this alarm, or with 0 all; returns how many were not acknowledged yet."""
        count = 0
        for at, row in enumerate(defs.ALARMS):
            if number not in (0, row[0]) or self._mode[at] not in (_STANDING, _LATCHED, _UNSTEADY):
                continue
            if self._mode[at] == _UNSTEADY:
                self._journal.write(defs.EVENT_ALARM_CLEARED, row[0], self._pressure_pa())
            self._times[at] = 0
            self._mode[at] = _STANDING_ACKNOWLEDGED if self._mode[at] == _STANDING else _IDLE
            self._journal.write(defs.EVENT_ALARM_ACKNOWLEDGED, row[0])
            self._on_acknowledged(row[0])
            count += 1
            if row[0] == defs.ALARM_ALARM_REPEATS:
                self._cleared_s = self._uptime.s
                self._conditions.clear(defs.BIT_ALARM_REPEATS)
        self.update()
        return count

    def latch(self, number: int) -> None:
        """Marks this alarm as raised, so that it is saved; light, sound and log follow with the next `update`."""
        at = 0
        for row in defs.ALARMS:
            if row[0] == number and self._mode[at] == _IDLE:
                self._mode[at] = _LATCHED
            at += 1

    def acknowledged(self, number: int) -> bool:
        """Whether this alarm stands and was acknowledged."""
        at = 0
        for row in defs.ALARMS:
            if row[0] == number:
                return self._mode[at] == _STANDING_ACKNOWLEDGED
            at += 1
        return False

    def unacknowledged(self, number: int) -> bool:
        """Whether this alarm was raised and is not acknowledged."""
        at = 0
        for row in defs.ALARMS:
            if row[0] == number:
                return self._mode[at] in (_STANDING, _LATCHED, _UNSTEADY)
            at += 1
        return False

    def prevents_beside(self, first: int, second: int) -> bool:
        """Whether any other alarm than these two prevents delivery."""
        at = 0
        for row in defs.ALARMS:
            if row[5] and self._mode[at] != _IDLE and row[0] != first and row[0] != second:
                return True
            at += 1
        return False

    def silence(self, now: int, span_s: int, origin: int = FROM_LINK) -> int:
        """No sound for a while; returns the seconds. The light stays, and a new alarm breaks the silence (A3).

        Silences in a row last 120 s in all. After that the sound has to be heard for as long as the next one lasts, so
        that however often it is asked for, over an hour the alarm sounds for half of it.
        """
        self._count_silence()
        span_s = min(span_s, _LONGEST_SILENCE_S - self._silent_s)
        self._journal.write(defs.EVENT_SILENCED, span_s)
        if span_s > 0:
            self.silenced = True
            self._origin = origin
            self.job.at(ticks.add(now, span_s * 1000))
            self._announce()
        return span_s

    def end_silence(self, origin: int = FROM_LINK) -> None:
        """Ends a silence that came from there: the host that asked for it is no longer heard (A4)."""
        if self.silenced and self._origin == origin:
            self._break_silence()
            self._announce()

    def run(self, now: int) -> None:
        """The job: the silence is over."""
        self._break_silence()
        self._announce()

    def _count_silence(self) -> None:
        """Brings the sum of the silences up to date."""
        passed_s = self._uptime.s - self._counted_s
        self._counted_s = self._uptime.s
        if self.silenced:
            self._silent_s = min(_LONGEST_SILENCE_S, self._silent_s + passed_s)
        else:
            self._silent_s = max(0, self._silent_s - passed_s)

    def save_to(self, numbers: "list[int]", at: int) -> int:
        """Puts the latched alarms that are not acknowledged from this place on; returns the place after them."""
        for place in range(at, at + _WORDS):
            numbers[place] = 0
        if self._mode == self._all_idle:
            return at + _WORDS
        place = 0
        for number, _, _, _, latched, _ in defs.ALARMS:
            mode = self._mode[place]
            if latched and (mode == _STANDING or mode == _LATCHED or mode == _UNSTEADY):
                numbers[at + (number - _FIRST) // _BITS] |= 1 << (number - _FIRST) % _BITS
            place += 1
        return at + _WORDS

    def load_from(self, numbers: "list[int]", at: int) -> int:
        """Takes what `save_to` has put: these alarms are shown until they are acknowledged."""
        place = 0
        for number, _, _, _, latched, _ in defs.ALARMS:
            if latched and numbers[at + (number - _FIRST) // _BITS] >> (number - _FIRST) % _BITS & 1:
                self._mode[place] = _LATCHED
            place += 1
        return at + _WORDS

    def replay(self, number: int, raised: bool) -> None:
        """A record of the log that is newer than what was loaded: this alarm was raised, or was acknowledged."""
        place = 0
        for row in defs.ALARMS:
            if row[0] == number and row[4]:
                self._mode[place] = _LATCHED if raised else _IDLE
            place += 1

    def play(self, now: int) -> None:
        """The player's job: the next change of the light's and the sound's patterns."""
        wait_ms = self._annunciator.run(now)
        if wait_ms >= 0:
            self.player.at(ticks.add(now, wait_ms))

    def rows(self) -> "list[list[int]]":
        """[number, stands, acknowledged, raised at uptime s, times] of each alarm, the highest priority first."""
        found = []
        for priority in (defs.PRIORITY_HIGH, defs.PRIORITY_MEDIUM, defs.PRIORITY_LOW):
            for at, row in enumerate(defs.ALARMS):
                mode = self._mode[at]
                if row[3] == priority and mode != _IDLE:
                    stands = 0 if mode == _LATCHED else 1
                    seen = 1 if mode == _STANDING_ACKNOWLEDGED else 0
                    found.append([row[0], stands, seen, self._raised_s[at], max(1, self._times[at])])
        return found

    def _raise(self, at: int, number: int) -> None:
        """A stop that comes for the third time in ten minutes, cleared in between, is one more alarm (A6).

        Any other alarm that has come three times, each within ten minutes of the last, is unsteady: it stays until its
        cause was away for ten minutes. A reservoir at its low mark may come and go with the rate.
        """
        last_s = self._raised_s[at]
        before_s = self._before_s[at]
        self._before_s[at] = last_s
        self._raised_s[at] = self._uptime.s
        stops = defs.ALARMS[at][5]
        if stops and before_s > self._cleared_s and self._uptime.s - before_s <= _REPEATS_WITHIN_S:
            self._conditions.set(defs.BIT_ALARM_REPEATS)
        self._mode[at] = _STANDING
        self._break_silence()
        if last_s < 0 or self._uptime.s - last_s > _REPEATS_WITHIN_S:
            self._silent_s = 0  # an alarm that does not come again and again may be silenced for the whole time
            self._times[at] = 0
        self._times[at] = min(self._times[at] + 1, _MOST_TIMES)
        if defs.ALARMS[at][3] == defs.PRIORITY_LOW:
            self._journal.write(defs.EVENT_ALARM_RAISED, number, self._pressure_pa())
        else:
            self._journal.fault(defs.EVENT_ALARM_RAISED, number, self._pressure_pa())

    def _break_silence(self) -> None:
        self._count_silence()
        self.silenced = False
        self.job.off()

    def _announce(self) -> None:
        """The highest that is not idle is shown, the highest that is not acknowledged or silenced is sounded."""
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
                if rank > sound and _SOUNDED[mode] >> rank & 1:
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
