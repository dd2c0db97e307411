"""Volume per step from strokes and weights, or from the rounds of the pump's flow sensor; with its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import groupby
from statistics import mean, stdev
from typing import NamedTuple

from pumpctl import errors
from pumpctl.bench.stand import Stand
from pumpctl.frozen import frozen

_READINGS = 5  # whose mean is a weight
_LONGEST_MS = 12 * 3_600_000  # from one point to the next
_POLL_MS = 1000
_COVERAGE = 2  # standard errors: about 95 %
_ROUND_MS = 14 * 3_600_000  # twice what a round takes, and some windows that are left out (firmware/pump/flow/trim.py)
_ROUND_POLL_MS = 60_000
_PPM = 1_000_000


class Point(NamedTuple):
    """Steps and volume in pL, both since the first point of the piece; an interruption begins another piece."""

    steps: int
    volume_pl: float
    piece: int = 1


class Round(NamedTuple):
    """A round of the flow sensor: the trim under which it measured, and the flow's excess over the rate, in ppm."""

    trim_ppm: int
    excess_ppm: int


@frozen
class Fit:
    """The volume per step with its expanded uncertainty (k = 2), by the scatter of what was measured alone."""

    pl_per_step: float
    uncertainty_pl: float
    columns: tuple[str, ...]
    table: list[list[str]]


def fit(points: Sequence[Point]) -> Fit:
    """Return the slope of the lines of least squares through the pieces, which share it.

    Raises NoReaction unless there are three points, and one more for each further piece, with different steps.
    """
    pieces = [list(rows) for _, rows in groupby(points, key=lambda point: point.piece)]
    middles = [(mean(row.steps for row in rows), mean(row.volume_pl for row in rows)) for rows in pieces]
    around = [
        (row, row.steps - steps, row.volume_pl - volume_pl)
        for rows, (steps, volume_pl) in zip(pieces, middles, strict=True)
        for row in rows
    ]
    spread = sum(steps**2 for _, steps, _ in around)
    freedom = len(points) - len(pieces) - 1
    if freedom < 1 or not spread:
        raise errors.NoReaction("A calibration needs three points with different numbers of steps.")
    slope = sum(steps * volume_pl for _, steps, volume_pl in around) / spread
    rest = sum((volume_pl - slope * steps) ** 2 for _, steps, volume_pl in around)
    table = [
        [str(row.piece), str(row.steps), f"{row.volume_pl / 1e6:.3f}", f"{(volume_pl - slope * steps) / 1e6:+.3f}"]
        for row, steps, volume_pl in around
    ]
    columns = ("piece", "steps", "volume µL", "off the line µL")
    return Fit(slope, _COVERAGE * math.sqrt(rest / freedom / spread), columns, table)


def of_rounds(pl_per_step: int, rounds: Sequence[Round]) -> Fit:
    """Return the mean of the rounds under a calibration; raises NoReaction with less than two.

    The true stroke is the trimmed one times what the sensor saw: pl_per_step (1 + trim) (1 + excess).
    """
    if len(rounds) < 2:
        raise errors.NoReaction("A calibration needs two rounds of the flow sensor.")
    found = [pl_per_step * (1 + row.trim_ppm / _PPM) * (1 + row.excess_ppm / _PPM) for row in rounds]
    uncertainty_pl = _COVERAGE * stdev(found) / math.sqrt(len(found))
    table = [
        [str(number), f"{row.trim_ppm / 1e4:+.2f} %", f"{row.excess_ppm / 1e4:+.2f} %", f"{pl:.2f}"]
        for number, (row, pl) in enumerate(zip(rounds, found, strict=True), 1)
    ]
    return Fit(mean(found), uncertainty_pl, ("round", "trim", "flow above the rate", "pL per step"), table)


def measure(
    stand: Stand, weighed_g_ml: float, strokes: int, count: int, points: list[Point], keep: Callable[[], None]
) -> None:
    """Add points, each some strokes after the one before, until there are `count`, while the pump delivers.

    Points that are there already belong to earlier pieces. `keep` is called after each point. Raises NoReaction when
    the strokes don't come, BalanceLost and BalanceUnfit.
    """
    steps_per_stroke = _param(stand, "steps_per_stroke")
    piece = points[-1].piece + 1 if points else 1
    first_strokes = stand.pump.status().strokes
    first_ug = _mass_ug(stand)
    points.append(Point(0, 0.0, piece))
    number = 0
    while len(points) < count or number < 1:
        number += 1
        done = _wait_for_strokes(stand, first_strokes + number * strokes) - first_strokes
        volume_pl = (_mass_ug(stand) - first_ug) / weighed_g_ml * 1000
        points.append(Point(done * steps_per_stroke, volume_pl, piece))
        keep()


def follow(stand: Stand, count: int, rounds: list[Round], keep: Callable[[], None]) -> None:
    """Add rounds of the flow sensor until there are `count`, while the pump delivers; `keep` is called after each.

    Raises UsageProblem without a sensor or with its trim off, and NoReaction when the sensor gives no round.
    """
    pump = stand.pump
    if not any(row.name == "flow" for row in pump.exchanges()):
        raise errors.UsageProblem("The pump has no flow sensor; calibrate with --from balance.")
    if not _param(stand, "flow_trim"):
        raise errors.UsageProblem("The flow sensor may not trim (flow_trim is 0), so it shows no rounds; set it to 1.")
    status, trim_ppm = pump.status(), pump.dose().trim_ppm
    following, until_ms = status.log_next, stand.now_ms() + _ROUND_MS
    while len(rounds) < count:
        if "flow_off" in status.note_names:
            raise errors.NoReaction("The flow is more than 10 % off the rate; calibrate with --from balance first.")
        if stand.now_ms() > until_ms:
            raise errors.NoReaction("The flow sensor gave no round of measurements in 14 hours; see `pumpctl alarms`.")
        stand.wait_ms(_ROUND_POLL_MS)
        status = pump.status()
        if status.log_next == following:
            continue
        for row in pump.log(following):
            if row.name == "trim" and not row.a and not row.b:
                raise errors.NoReaction("The level sensor contradicts the flow sensor; calibrate with a balance.")
            if row.name == "trim":
                rounds.append(Round(trim_ppm, row.b))
                trim_ppm, until_ms = row.a, stand.now_ms() + _ROUND_MS
                keep()
        following = status.log_next


def _param(stand: Stand, name: str) -> int:
    return next(row.value for row in stand.pump.params() if row.name == name)


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
