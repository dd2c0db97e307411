"""Other detectors, on the same strokes as the pump's own; and three kinds at many marks, for the ROC."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from occlusion import rig


class Threshold:
    """The absolute limit alone, as most pumps have it."""

    name = "threshold 69 kPa"

    def alarms(self, pre_stroke_pa: int, word: int) -> bool:
        return bool(word & rig.defs.BIT_PRESSURE_HIGH)


class Rise:
    """What is left before a stroke lies 6 kPa above its average over 32 strokes, twice running."""

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
    """The straight line through the last strokes rises faster than it may."""

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
        """In Pa a stroke; 0 until there are enough strokes."""
        self._last.append(pre_stroke_pa)
        if len(self._last) < len(self._arms):
            return 0
        return sum(arm * pa for arm, pa in zip(self._arms, self._last, strict=True)) / self._norm


def rivals() -> list[Threshold | Rise | Slope]:
    return [Threshold(), Rise(), Slope(8, 1000), Slope(16, 80)]


class Kind(Protocol):
    """A number that grows behind a block, and the marks at which it could be called one."""

    name: str
    marks: tuple[int, ...]

    def value(self, one: rig.Rig) -> float: ...


class Pressures:
    """What is left before a stroke, in Pa."""

    name = "threshold"
    marks = (18000, 20000, 22000, 25000, 30000, 40000, 55000, 69000)

    def value(self, one: rig.Rig) -> float:
        return one.line.stroke.pre_stroke_pa


class Slopes:
    """The rise over eight strokes, in Pa a stroke."""

    name = "slope"
    marks = (50, 100, 200, 300, 500, 700, 1000, 1500)

    def __init__(self) -> None:
        self._slope = Slope(8, 0)

    def value(self, one: rig.Rig) -> float:
        return self._slope.slope(one.line.stroke.pre_stroke_pa)


class Sums(rig.monitor.detector.Detector):
    """The pump's own sum in percent of its mark, never taken for a block; without level and absolute limit."""

    name = "sequential"
    marks = (20, 35, 50, 65, 80, 100, 150, 200)

    def __init__(self, one: rig.Rig) -> None:
        super().__init__()
        self.alarm_rise_pa = 1 << 28
        self.set_interval(one.quiet_ms)
        self.restart()
        self._percent = 0

    def value(self, one: rig.Rig) -> float:
        self.update(one.line.stroke, False)
        return self._percent

    def _decide(self, pre_stroke_pa: int, partial: bool) -> bool:
        sum_pa, lasting_pa = self.sum_pa, self._lasting_pa
        super()._decide(pre_stroke_pa, partial)
        self.sum_pa, self._lasting_pa = sum_pa, lasting_pa
        stiff = self.rise.pa >= rig.monitor.detector.AMBIENT_PA
        self._percent = 100 * (min(sum_pa, 2 * lasting_pa) if stiff else sum_pa) // self.mark_pa
        return False


class Curve:
    """Each kind at each of its marks: strokes until it was first reached, and how often."""

    def __init__(self, one: rig.Rig) -> None:
        self._kinds: list[Kind] = [Pressures(), Slopes(), Sums(one)]
        self.first: dict[str, list[int | None]] = {kind.name: [None] * len(kind.marks) for kind in self._kinds}
        self.times = {kind.name: [0] * len(kind.marks) for kind in self._kinds}
        self._above = {kind.name: [False] * len(kind.marks) for kind in self._kinds}
        self._strokes = -1

    def begin(self) -> None:
        """The line is shut now."""
        self._strokes = 0

    def look(self, one: rig.Rig) -> None:
        """Before each stroke."""
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
