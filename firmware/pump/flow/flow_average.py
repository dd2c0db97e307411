"""Weighs readings of a flow that pulses, so that their mean is that of whole strokes and nothing of the heart's beat.

The weight rises and falls as two parabolas each, and what it lacks of one in a half of the window it has in the other:
over halves of whole strokes each moment of a stroke weighs the same, whatever its shape, and the strokes cancel. The
heart's beat, a hundred times the mean flow of 1 mL/day, is reduced by the cube of its share of the window's length.
"""

from micropython import const

SPACING_MS = const(100)  # or up to twice as much at the slowest rates; a stiff line's stroke lasts as long
_SHORTEST_HALF_MS = const(20000)  # 20 beats, 5 breaths
_FULL = const(256)
_MOST_HALF = const(2376)  # readings: half * half * _FULL / 2 stays below 2^30
_MOST = const(0x10000000)  # of the sum, and of a reading
_MOST_READING = const(0x4000000)  # 67 uL/s; the fastest sensors end at half of it


class FlowAverage:
    """The mean of `samples` readings, each `at_ms` after the window's beginning; `usable` if all were good."""

    def __init__(self) -> None:
        self.samples = 0
        self.span_ms = 0
        self.taken = 0
        self.usable = False
        self._half = 1  # readings of half of the window
        self._least_pl_s = 0
        self._most_pl_s = 0
        self._sum = 0  # of the weighted readings

    def fit(self, period_ms: int) -> None:
        """Two halves of whole periods, 475,200 ms at most; the readings begin anew."""
        strokes = (_SHORTEST_HALF_MS + period_ms - 1) // period_ms
        self.span_ms = 2 * strokes * period_ms
        self._half = min(strokes * period_ms // SPACING_MS, _MOST_HALF)
        self.samples = 2 * self._half
        self.restart()

    def restart(self) -> None:
        """Starts a new window."""
        self.taken = 0
        self.usable = True
        self._sum = 0

    def at_ms(self) -> int:
        """When the next reading is due after the beginning; they are spread evenly, without rounding."""
        taken = self.taken
        samples = self.samples
        whole_ms = self.span_ms // samples
        return taken * whole_ms + taken * (self.span_ms - whole_ms * samples) // samples

    def skip(self) -> None:
        """The reading that is due is missing: without it the window can't be used."""
        self.taken += 1
        self.usable = False

    def add(self, pl_s: int) -> None:
        """Adds the reading that is due; an impossible one makes the window unusable."""
        if not -_MOST_READING < pl_s < _MOST_READING:
            self.skip()
            return
        if self.taken == 0:
            self._least_pl_s = self._most_pl_s = pl_s
        elif pl_s < self._least_pl_s:
            self._least_pl_s = pl_s
        elif pl_s > self._most_pl_s:
            self._most_pl_s = pl_s
        weight = self._weight()
        self._sum += (pl_s >> 8) * weight + ((pl_s & 255) * weight + 128 >> 8)
        if not -_MOST < self._sum < _MOST:
            self._sum = 0
            self.usable = False
        self.taken += 1

    def spread_pl_s(self) -> int:
        """Largest less smallest reading; 0 when all are equal."""
        return self._most_pl_s - self._least_pl_s

    def mean_pl_s(self) -> int:
        """Of all readings, once they are taken."""
        return (self._sum + (self._half >> 1)) // self._half

    def _weight(self) -> int:
        half = self._half
        place = self.taken if self.taken <= half else 2 * half - self.taken
        if 2 * place <= half:
            return place * place * (2 * _FULL) // (half * half)
        place = half - place
        return _FULL - place * place * (2 * _FULL) // (half * half)
