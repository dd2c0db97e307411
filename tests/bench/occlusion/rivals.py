"""Other detectors, for the same strokes as the pump's own; and three kinds with many thresholds, for the ROC."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from occlusion import rig
from occlusion.past import detector as past_detector


class Threshold:
    """The absolute limit alone, as in most pumps."""

    name = "threshold 69 kPa"

    def alarms(self, pre_stroke_pa: int, word: int) -> bool:
        return bool(word & rig.defs.BIT_PRESSURE_HIGH)


class Rise:
    """The pressure before a stroke is 6 kPa above its average over 32 strokes, for two strokes in a row."""

    name = "rise of 6 kPa"

    def __init__(self) -> None:
        self._level_pa: float | None = None
        self._above = 0

    def alarms(self, pre_stroke_pa: int, word: int) -> bool:
        if self._level_pa is None:
            self._level_pa = pre_stroke_pa
        excess_pa = pre_stroke_pa - self._level_pa
        self._above = self._above + 1 if excess_pa >= rig.RISE_PA else 0
        self._level_pa += excess_pa / 32
        return self._above > 1


class Slope:
    """The slope of a straight line fitted to the last strokes exceeds a limit."""

    def __init__(self, strokes: int, slope_pa: int) -> None:
        self.name = f"slope of {slope_pa} Pa over {strokes}"
        self._slope_pa = slope_pa
        self._last: deque[int] = deque(maxlen=strokes)
        middle = (strokes - 1) / 2
        self._arms = [place - middle for place in range(strokes)]
        self._norm = sum(arm * arm for arm in self._arms)

    def alarms(self, pre_stroke_pa: int, word: int) -> bool:
        return self.slope(pre_stroke_pa) >= self._slope_pa

    def slope(self, pre_stroke_pa: int) -> float:
        """The slope in Pa per stroke; 0 until there are enough strokes."""
        self._last.append(pre_stroke_pa)
        if len(self._last) < len(self._arms):
            return 0
        return sum(arm * pa for arm, pa in zip(self._arms, self._last, strict=True)) / self._norm


class Past:
    """The detector of the release before, with the samples that the present one asks for."""

    name = "cumulative sum of the level"

    def __init__(self, one: rig.Rig) -> None:
        self._one = one
        self._detector = past_detector.Detector()
        self._detector.alarm_rise_pa = rig.RISE_PA
        self._quiet_ms = 0

    def alarms(self, pre_stroke_pa: int, word: int) -> bool:
        one = self._one
        if one.quiet_ms != self._quiet_ms:
            self._quiet_ms = one.quiet_ms
            self._detector.set_interval(one.quiet_ms)
            self._detector.restart()
        found = self._detector.update(one.line.stroke, False)
        return found or self._detector.opened() or bool(word & rig.defs.BIT_PRESSURE_HIGH)


def rivals(one: rig.Rig) -> list[Threshold | Rise | Slope | Past]:
    return [Threshold(), Rise(), Slope(8, 1000), Slope(16, 80), Past(one)]


class Kind(Protocol):
    """A value that grows after a block, and the thresholds at which it could count as a block."""

    name: str
    marks: tuple[int, ...]

    def value(self, one: rig.Rig) -> float: ...


class Pressures:
    """The pressure before a stroke, in Pa."""

    name = "threshold"
    marks = (18000, 20000, 22000, 25000, 30000, 40000, 55000, 69000)

    def value(self, one: rig.Rig) -> float:
        return one.line.stroke.pre_stroke_pa


class Slopes:
    """The slope over eight strokes, in Pa per stroke."""

    name = "slope"
    marks = (50, 100, 200, 300, 500, 700, 1000, 1500)

    def __init__(self) -> None:
        self._slope = Slope(8, 0)

    def value(self, one: rig.Rig) -> float:
        return self._slope.slope(one.line.stroke.pre_stroke_pa)


class Sums(past_detector.Detector):
    """The cumulative sum of the release before, in percent of its threshold; it never reports a block."""

    name = "sequential"
    marks = (20, 35, 50, 65, 80, 100, 150, 200)

    def __init__(self, one: rig.Rig) -> None:
        super().__init__()
        self.alarm_rise_pa = 1 << 28
        self.set_interval(one.quiet_ms)
        self.restart()
        self._percent = 0

    def follow(self, one: rig.Rig, filled: bool) -> None:
        """The rate has changed, as the pump tells its own detector."""
        self.set_interval(one.quiet_ms)
        if filled:
            self.rise.restart()
        self.restart()

    def value(self, one: rig.Rig) -> float:
        self.update(one.line.stroke, False)
        return self._percent

    def _decide(self, pre_stroke_pa: int, partial: bool) -> bool:
        sum_pa, lasting_pa = self.sum_pa, self._lasting_pa
        super()._decide(pre_stroke_pa, partial)
        self.sum_pa, self._lasting_pa = sum_pa, lasting_pa
        stiff = self.rise.pa >= past_detector.AMBIENT_PA
        self._percent = 100 * (min(sum_pa, 2 * lasting_pa) if stiff else sum_pa) // self.mark_pa
        return False


class Curve:
    """For each kind and threshold: the strokes until it was first reached, and how often it was reached."""

    def __init__(self, one: rig.Rig) -> None:
        self._sums = Sums(one)
        self._kinds: list[Kind] = [Pressures(), Slopes(), self._sums]
        self.first: dict[str, list[int | None]] = {kind.name: [None] * len(kind.marks) for kind in self._kinds}
        self.times = {kind.name: [0] * len(kind.marks) for kind in self._kinds}
        self._above = {kind.name: [False] * len(kind.marks) for kind in self._kinds}
        self._strokes = -1

    def follow(self, one: rig.Rig, filled: bool) -> None:
        """The rate has changed; `filled`: the line was primed."""
        self._sums.follow(one, filled)

    def begin(self) -> None:
        """Called when the line is shut."""
        self._strokes = 0

    def look(self, one: rig.Rig) -> None:
        """Called before each stroke."""
        if self._strokes >= 0:
            self._strokes += 1
        for kind in self._kinds:
            value = kind.value(one)
            first, times, above = self.first[kind.name], self.times[kind.name], self._above[kind.name]
            for at, mark in enumerate(kind.marks):
                if value >= mark and not above[at]:
                    times[at] += 1
                if value >= mark and first[at] is None and self._strokes >= 0:
                    first[at] = self._strokes - 1  # strokes that have begun since
                above[at] = value >= mark
