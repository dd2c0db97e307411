"""Finds a soft line that closes over hours: it rises minute by minute, more than the weather does, and without leaps.

The pressure is averaged over a minute's strokes. Of each rise from minute to minute the steepest weather is taken off,
and the rest is added to a sum that does not go below 0 (CUSUM, Page 1954). A posture makes a leap, a closing line does
not: a rise that differs much from the last calm one is left out, and so are the two after it, while the line settles.
"""

from micropython import const

_SPAN_MS = const(60000)  # three times the slowest line's tau
_WEATHER_MS = const(4580)  # for 1 Pa: the steepest of 3 kPa either way in a day
_LEAP_PA = const(300)  # what settling, sharpest in the fastest closing line, adds to a minute's rise is less
_HELD = const(3)  # minutes: the leap's own and two more
# Postures, weather and noise alone reach 700 Pa in 100 simulated years of the slowest line.
_MARK_PA = const(1100)
# A line that drains evenly has lost half of a stroke halfway to the next: its tau is many periods, and less is enough.
# Of the slowest line, whose tau is 20 s, three eighths are left where strokes are as far apart as that.
_SURE_PA = const(366)
_TELLING_MS = const(20000)
_KEPT_BITS = const(6)  # averaged over 64 strokes
_SWING_BITS = const(3)
_LOUD_PA = const(100)  # the sensor's own noise makes 56


class Creep:
    """`sum_pa` is what the line has crept up by; `origin_pa` is its pressure when that began."""

    def __init__(self) -> None:
        self.sum_pa = 0
        self.origin_pa = 0
        self._swing_pa = 0  # in 8ths
        self._telling = False
        self._strokes = 1  # of a minute
        self._weather_pa = 0
        self.restart()

    def pace(self, period_ms: int) -> None:
        """The strokes will come this far apart."""
        self._strokes = -(-_SPAN_MS // period_ms)
        self._weather_pa = self._strokes * period_ms // _WEATHER_MS
        self._telling = period_ms >= _TELLING_MS

    def restart(self) -> None:
        """Nothing is known of the minutes before."""
        self.sum_pa = 0
        self._known = False
        self._past_pa = 0
        self._calm_pa = 0
        self._held = 0
        self._kept_pa = 0  # in 64ths
        self._count = 0
        self._total_pa = 0

    def add(self, before_pa: int, swing_pa: int) -> None:
        """Takes in the pressure before a stroke, and the mean difference of its samples: a pulse says it is open."""
        self._swing_pa += swing_pa - (self._swing_pa >> _SWING_BITS)
        if self._swing_pa >> _SWING_BITS > _LOUD_PA:
            self.sum_pa = 0
        self._total_pa += before_pa
        self._count += 1
        if self._count < self._strokes:
            return
        pa = self._total_pa // self._count
        self._total_pa = 0
        self._count = 0
        if self._known:
            self._judge(pa - self._past_pa)
        if not self.sum_pa:
            self.origin_pa = pa
        self._known = True
        self._past_pa = pa

    def keep(self, pa: int) -> None:
        """Takes in what is left of a stroke halfway to the next one."""
        if self._telling:
            self._kept_pa += pa - (self._kept_pa >> _KEPT_BITS)

    def found(self, height_pa: int) -> bool:
        """Whether this is a block, in a line that a stroke lifts by height_pa (0 before it is known)."""
        even = height_pa > 0 and self._kept_pa >> _KEPT_BITS >= height_pa * 15 >> 5
        return self.sum_pa >= (_SURE_PA if even else _MARK_PA)

    def _judge(self, rise_pa: int) -> None:
        if not -_LEAP_PA <= rise_pa - self._calm_pa <= _LEAP_PA:
            self._held = _HELD
        if self._held:
            self._held -= 1
            return
        self._calm_pa = rise_pa
        self.sum_pa = max(0, self.sum_pa + rise_pa - self._weather_pa)
