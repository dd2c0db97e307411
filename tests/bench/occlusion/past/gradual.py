"""Detects an occlusion that grows over hours in a soft line: it rises minute by minute, beyond ambient drift.

The pressure is averaged over a minute's strokes. The steepest ambient drift is subtracted from each rise from minute
to minute, and the rest is added to a sum that does not go below 0 (CUSUM, Page 1954). A change of posture makes a
leap, a closing line does not: a rise that differs much from the last calm one is left out, and so are the two after
it, while the line settles.
"""

from micropython import const

_SPAN_MS = const(60000)  # three times the slowest line's tau
_AMBIENT_MS = const(4580)  # for 1 Pa: the steepest of 3 kPa either way in a day
_LEAP_PA = const(300)  # what settling, sharpest in the fastest closing line, adds to a minute's rise is less
_HELD = const(3)  # minutes: the leap's own and two more
# Postures, ambient drift and noise alone reach 700 Pa in 100 simulated years of the slowest line.
_MARK_PA = const(1100)
# A line that drains evenly has lost half of a stroke halfway to the next: its tau is many periods, and less is enough.
# Of the slowest line, whose tau is 20 s, three eighths are left where strokes are as far apart as that.
_SURE_PA = const(366)
_FAR_APART_MS = const(20000)
_RETAINED_BITS = const(6)  # averaged over 64 strokes
_PULSATION_BITS = const(3)
_PULSATION_PA = const(100)  # the sensor's own noise makes 56


class Gradual:
    """`sum_pa` is the gradual rise; `origin_pa` is the pressure when it began."""

    def __init__(self) -> None:
        self.sum_pa = 0
        self.origin_pa = 0
        self._pulsation_pa = 0  # smoothed, in 8ths
        self._far_apart = False  # strokes are so far apart that what they leave in the settled window tells something
        self._strokes = 1  # strokes of a minute
        self._ambient_pa = 0  # the steepest ambient drift in the time of these strokes
        self.restart()

    def set_interval(self, period_ms: int) -> None:
        """The strokes will come this far apart."""
        self._strokes = -(-_SPAN_MS // period_ms)
        self._ambient_pa = self._strokes * period_ms // _AMBIENT_MS
        self._far_apart = period_ms >= _FAR_APART_MS

    def restart(self) -> None:
        """Nothing is known of the minutes before."""
        self.sum_pa = 0
        self._known = False  # the last minute's mean
        self._past_pa = 0  # the last minute's mean
        self._calm_pa = 0  # the last rise that was no leap
        self._held = 0  # minutes that are still left out after a leap
        self._retained_pa = 0  # smoothed, in 64ths
        self._count = 0  # strokes of the present minute
        self._total_pa = 0  # sum of their pressures

    def add(self, pre_stroke_pa: int, pulsation_pa: int) -> None:
        """Adds the pressure before a stroke and its pulsation; a line with a pulsation is open."""
        self._pulsation_pa += pulsation_pa - (self._pulsation_pa >> _PULSATION_BITS)
        if self._pulsation_pa >> _PULSATION_BITS > _PULSATION_PA:
            self.sum_pa = 0
        self._total_pa += pre_stroke_pa
        self._count += 1
        if self._count < self._strokes:
            return
        pa = self._total_pa // self._count
        self._total_pa = 0
        self._count = 0
        if self._known:
            self._update(pa - self._past_pa)
        if not self.sum_pa:
            self.origin_pa = pa
        self._known = True
        self._past_pa = pa

    def add_retained(self, pa: int) -> None:
        """Adds what is left of a stroke halfway to the next one."""
        if self._far_apart:
            self._retained_pa += pa - (self._retained_pa >> _RETAINED_BITS)

    def found(self, rise_pa: int) -> bool:
        """Whether the line is occluded, when a stroke raises its pressure by rise_pa (0 before that is known)."""
        even = rise_pa > 0 and self._retained_pa >> _RETAINED_BITS >= rise_pa * 15 >> 5
        return self.sum_pa >= (_SURE_PA if even else _MARK_PA)

    def _update(self, rise_pa: int) -> None:
        if not -_LEAP_PA <= rise_pa - self._calm_pa <= _LEAP_PA:
            self._held = _HELD
        if self._held:
            self._held -= 1
            return
        self._calm_pa = rise_pa
        self.sum_pa = max(0, self.sum_pa + rise_pa - self._ambient_pa)
