"""What a stroke leaves in the line halfway to the next one: half of it where nothing drains, little in an open line.

The pressure halfway, less the mean of those before this stroke and the next: a steady swing of the vessel is not in
that difference, and other swings are not in step with the strokes, so that they average out. Where strokes are so far
apart that the window comes sooner than halfway, the nearer pressure counts for more in that mean.
"""

from micropython import const

from pump.occlusion import stroke_rise

_SMOOTH_BITS = const(4)  # 16 strokes
_LEARN_BITS = const(6)  # 64 strokes
_MOST_64THS = const(26)  # of a stroke; the slowest open line (20 s) leaves 24 where strokes are 21.6 s apart
_PULSE_PA = const(200)  # an artery's pulse that differs by so much between samples has come through 1.5 s at most
_FIRST = const(32)  # strokes before it is known
_HALFWAY = const(128)  # the middle of a period, in 256ths of it


class Retention:
    """Smoothed, and learned again in all quiet times."""

    def __init__(self, rise: "stroke_rise.StrokeRise") -> None:
        self._rise = rise
        self._at = _HALFWAY  # when the window comes
        self.relearn()

    def relearn(self) -> None:
        """Another line, stroke or rate: nothing is known of it."""
        self._smoothed = 0  # in 16ths of a pascal
        self._spread = 0  # the mean deviation from it, in 16ths
        self._learned = 0  # in 64ths
        self._count = 0
        self._sum_pa = 0  # of the first strokes
        self._raised = 0  # by how much the last strokes have raised the pressure, in 16ths
        self._strokes_of = 0  # strokes that the mean rise is taken from, with which it was learned
        self._mean_pa_of = 0  # and that mean

    def set_window(self, after_ms: int, period_ms: int) -> None:
        """The window comes so long after a stroke, halfway to the next one at the latest."""
        self._at = min(_HALFWAY, (after_ms << 8) // period_ms)

    def add(self, stroke: "stroke_rise.StrokePressure", past_pa: int, quiet: bool) -> None:
        """Adds a stroke; in quiet times what it leaves is that of the open line."""
        if stroke.settled_pa == stroke_rise.NO_VALUE:
            return
        if self._rise.strokes != self._strokes_of and quiet:
            self._compare_mean()
        whole_pa = max(self._rise.mean_pa, self._rise.pa)
        self._raised += self._rise.within(stroke.raised_pa()) - (self._raised >> _SMOOTH_BITS)
        pa = stroke.settled_pa - past_pa - ((stroke.pre_stroke_pa - past_pa) * self._at >> 8)
        pa = max(-whole_pa, min(pa, whole_pa))
        self._spread += abs(pa - (self._smoothed >> _SMOOTH_BITS)) - (self._spread >> _SMOOTH_BITS)
        self._smoothed += pa - (self._smoothed >> _SMOOTH_BITS)
        if self._count < _FIRST:
            self._count += 1
            self._sum_pa += pa
            self._learned = (self._sum_pa << _LEARN_BITS) // self._count
        elif quiet and self.is_normal() and self._arrive():  # what was learned does not follow a line that closes
            most_pa = self._half_pa() >> 3
            self._learned += max(-most_pa, min(pa - (self._learned >> _LEARN_BITS), most_pa))

    def _compare_mean(self) -> None:
        """What was learned while strokes did not arrive, or before it was known what they raise, is learned again."""
        change_pa = abs(self._rise.mean_pa - self._mean_pa_of)
        if change_pa > self._mean_pa_of >> 2:
            self._count = 0
            self._sum_pa = 0
            self._mean_pa_of = self._rise.mean_pa
        self._strokes_of = self._rise.strokes

    def _arrive(self) -> bool:
        """Whether the last strokes have raised the pressure: one that doesn't arrive leaves nothing in any line."""
        return self._raised >> _SMOOTH_BITS > self._rise.mean_pa >> 1

    def is_slow(self, pulse_pa: int) -> bool:
        """Whether even the open line keeps much of a stroke until the next one, or it isn't known."""
        if self._count < _FIRST:
            return True
        if pulse_pa > _PULSE_PA:
            return False
        return self._learned >> _LEARN_BITS > max(self._rise.mean_pa, self._rise.pa) >> 2

    def drains(self) -> bool:
        """Whether it is known how the open line drains, and the last strokes have drained like that."""
        return self._count >= _FIRST and self.is_normal()

    def tells(self) -> bool:
        """Whether a line that drains could be told from one that doesn't, in spite of all that scatters the values."""
        if self._count < _FIRST:
            return False
        # Four standard errors of 16 strokes are 1.25 times their mean deviation.
        return (self._half_pa() - self._open_pa()) >> 1 > self._spread * 5 >> _SMOOTH_BITS + 2

    def is_narrow(self, was_narrow: bool = False) -> bool:
        """Whether they have drained less, by more than what scatters the values could do in months.

        A line that was narrow is so until it drains nearly as the open one.
        """
        open_pa = self._open_pa()
        range_pa = self._half_pa() - open_pa
        if was_narrow:
            return self._smoothed >> _SMOOTH_BITS > open_pa + (range_pa >> 2)
        enough = range_pa >> 1 > self._spread * 13 >> _SMOOTH_BITS + 3
        return self._count >= _FIRST and enough and self._smoothed >> _SMOOTH_BITS > open_pa + (range_pa * 3 >> 3)

    def is_normal(self) -> bool:
        """Whether the last strokes have drained as those of the open line."""
        return self._smoothed >> _SMOOTH_BITS < (self._open_pa() + self._half_pa()) >> 1

    def _half_pa(self) -> int:
        """What a stroke leaves by this measure where nothing drains: half of it, more where the window comes sooner."""
        return max(self._rise.mean_pa, self._rise.pa) * (256 - self._at) >> 8

    def _open_pa(self) -> int:
        return max(0, min(self._learned >> _LEARN_BITS, self._half_pa() * _MOST_64THS >> 5))
