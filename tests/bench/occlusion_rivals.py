"""The detectors that lost, judging the same strokes as the pump's own."""

from __future__ import annotations

from collections import deque

import occlusion_rig as rig


class Threshold:
    """The absolute limit alone, as most pumps have it."""

    name = "threshold 69 kPa"

    def judge(self, before_pa: int, word: int) -> bool:
        return bool(word & rig.defs.BIT_PRESSURE_HIGH)


class Rise:
    """What is left before a stroke lies 6 kPa above its average over 32 strokes, twice running."""

    name = "rise of 6 kPa"

    def __init__(self) -> None:
        self._level_pa: float | None = None
        self._above = 0

    def judge(self, before_pa: int, word: int) -> bool:
        if self._level_pa is None:
            self._level_pa = before_pa
        excess_pa = before_pa - self._level_pa
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

    def judge(self, before_pa: int, word: int) -> bool:
        self._last.append(before_pa)
        if len(self._last) < len(self._arms):
            return False
        slope_pa = sum(arm * pa for arm, pa in zip(self._arms, self._last, strict=True)) / self._norm
        return slope_pa >= self._slope_pa


def rivals() -> list[Threshold | Rise | Slope]:
    return [Threshold(), Rise(), Slope(8, 1000), Slope(16, 80)]
