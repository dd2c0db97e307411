"""Volume per step from strokes and weights: a straight line through the points, and its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from pumpctl import errors
from pumpctl.bench.stand import Stand

_READINGS = 5  # whose mean is a weight
_LONGEST_MS = 12 * 3_600_000  # from one point to the next
_POLL_MS = 1000
_COVERAGE = 2  # standard errors: about 95 %

Point = tuple[int, float]  # steps since the first point, volume in pL since then


@dataclass(frozen=True)
class Fit:
    """The slope with its expanded uncertainty (k = 2), by the scatter of the points alone."""

    pl_per_step: float
    uncertainty_pl: float
    points: tuple[Point, ...]

    def table(self) -> list[list[str]]:
        """Return each point with its volume and its distance from the line."""
        return [
            [str(steps), f"{volume_pl / 1e6:.3f}", f"{(volume_pl - self._at(steps)) / 1e6:+.3f}"]
            for steps, volume_pl in self.points
        ]

    def _at(self, steps: int) -> float:
        middle_steps = mean(point[0] for point in self.points)
        return mean(point[1] for point in self.points) + self.pl_per_step * (steps - middle_steps)


COLUMNS = ("steps", "volume µL", "off the line µL")


def fit(points: Sequence[Point]) -> Fit:
    """Return the line of least squares through at least three points; raises NoReaction when the steps don't differ."""
    middle_steps, middle_pl = mean(point[0] for point in points), mean(point[1] for point in points)
    spread = sum((steps - middle_steps) ** 2 for steps, _ in points)
    if len(points) < 3 or not spread:
        raise errors.NoReaction("A calibration needs three points with different numbers of steps.")
    slope = sum((steps - middle_steps) * (volume_pl - middle_pl) for steps, volume_pl in points) / spread
    rest = sum((volume_pl - middle_pl - slope * (steps - middle_steps)) ** 2 for steps, volume_pl in points)
    return Fit(slope, _COVERAGE * math.sqrt(rest / (len(points) - 2) / spread), tuple(points))


def measure(stand: Stand, weighed_g_ml: float, strokes: int, count: int) -> list[Point]:
    """Return `count` points, each some strokes after the one before, while the pump delivers.

    Raises NoReaction when the strokes don't come, BalanceLost and BalanceUnfit.
    """
    steps_per_stroke = next(row.value for row in stand.pump.params() if row.name == "steps_per_stroke")
    first_strokes = stand.pump.status().strokes
    first_ug = _mass_ug(stand)
    points: list[Point] = [(0, 0.0)]
    for number in range(1, count):
        done = _wait_for_strokes(stand, first_strokes + number * strokes) - first_strokes
        volume_pl = (_mass_ug(stand) - first_ug) / weighed_g_ml * 1000
        points.append((done * steps_per_stroke, volume_pl))
    return points


def _wait_for_strokes(stand: Stand, wanted: int) -> int:
    """Return the number of strokes when it is at least `wanted`."""
    until_ms = stand.now_ms() + _LONGEST_MS
    while (done := stand.pump.status().strokes) < wanted:
        if stand.now_ms() > until_ms:
            raise errors.NoReaction("The pump made too few strokes in 12 hours; see `pumpctl alarms`.")
        stand.wait_ms(_POLL_MS)
    return done


def _mass_ug(stand: Stand) -> float:
    return mean(stand.balance.read().mass_ug for _ in range(_READINGS))
