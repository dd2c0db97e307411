"""Sample interval, periods and observation windows of a measurement, by kind of pump.

Source: IEC 60601-2-24:2012, clause 201.12.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from pumpctl import errors
from pumpctl.frozen import frozen

_SHORTEST_SHOT_MIN = 0.5
_STROKE_WINDOWS = (1, 2, 5, 11, 19, 31)  # in sample intervals


@frozen
class Sampling:
    """All in minutes: the interval S, the time T1 before the analysis, the analysis period T2, the windows P."""

    kind: str
    interval_min: float
    settling_min: float
    period_min: float
    windows_min: tuple[float, ...]

    @property
    def interval_ms(self) -> int:
        """The interval between two weights."""
        return round(self.interval_min * 60_000)

    @property
    def run_ms(self) -> int:
        """How long a complete run takes."""
        return round((self.settling_min + self.period_min) * 60_000)


def continuous(_shot_min: float = 0) -> Sampling:
    """Ambulatory pumps whose flow is continuous (type 1)."""
    return Sampling("continuous", 15, 24 * 60, 25 * 60, (15, 60, 150, 330, 570, 930))


def strokes(shot_min: float) -> Sampling:
    """Ambulatory pumps that deliver in single shots (type 2); `shot_min` is the mean of 20 shot cycles."""
    if not shot_min > 0:
        raise errors.UsageProblem(
            "Sampling by strokes needs the time from one stroke to the next; give it with --shot."
        )
    interval_min = shot_min * max(1, math.ceil(_SHORTEST_SHOT_MIN / shot_min))
    windows = tuple(count * interval_min for count in _STROKE_WINDOWS)
    return Sampling("strokes", interval_min, 24 * 60, 100 * interval_min, windows)


def volumetric(_shot_min: float = 0) -> Sampling:
    """Volumetric pumps, for comparison only: these windows are too short for a pump of very low flow."""
    return Sampling("volumetric", 0.5, 60, 60, (2, 5, 11, 19, 31))


KINDS: dict[str, Callable[[float], Sampling]] = {
    "continuous": continuous,
    "strokes": strokes,
    "volumetric": volumetric,
}


def named(kind: str, shot_min: float = 0) -> Sampling:
    """Return the sampling of a kind; raises UsageProblem."""
    if kind not in KINDS:
        raise errors.UsageProblem(f"There is no sampling {kind!r}; there are {', '.join(KINDS)}.")
    return KINDS[kind](shot_min)


def with_periods(of: Sampling, settling_min: float | None, period_min: float | None) -> Sampling:
    """Return a sampling with other periods T1 and T2, each unless None."""
    return replace(
        of,
        settling_min=of.settling_min if settling_min is None else settling_min,
        period_min=of.period_min if period_min is None else period_min,
    )
