"""The volume per step: the line through the points, its uncertainty, a simulated pump with too large strokes."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest
from pumpctl import errors
from pumpctl.bench import calibration, stand
from pumpctl.bench.calibration import Point, Round
from pumpctl.measurement import fluid
from pumpctl.protocol.changes import always_agree

WEIGHED_G_ML = fluid.weighed_g_ml(fluid.water_g_ml(20))


def test_an_example_worked_out_on_paper() -> None:
    # Steps 0, 1, 2, 3 and volumes 0, 3, 4, 7: slope 2.2, distances -0.2, 0.6, -0.6, 0.2, their squares 0.8;
    # standard error sqrt(0.8 / 2 / 5) = 0.28284.
    found = calibration.fit([Point(0, 0), Point(1, 3), Point(2, 4), Point(3, 7)])
    assert found.pl_per_step == pytest.approx(2.2)
    assert found.uncertainty_pl == pytest.approx(2 * 0.282843, rel=1e-5)
    assert found.table[1] == ["1", "1", "0.000", "+0.000"]


def test_the_uncertainty_holds_the_true_value_in_about_95_of_100_calibrations() -> None:
    chance = random.Random(3)
    inside = 0
    for _ in range(300):
        points = [Point(at * 10_000, at * 25_000_000 + chance.gauss(0, 30_000)) for at in range(21)]
        found = calibration.fit(points)
        inside += abs(found.pl_per_step - 2500) <= found.uncertainty_pl
    assert 0.90 <= inside / 300 <= 0.985


@pytest.mark.parametrize(
    "points", [[(0, 0.0), (1, 1.0)], [(0, 0.0), (0, 1.0), (0, 2.0)], [(0, 0, 1), (1, 1, 1), (0, 0, 2)]]
)
def test_points_without_a_slope_are_told(points: list[tuple[int, float]]) -> None:
    with pytest.raises(errors.NoReaction):
        calibration.fit([Point(*point) for point in points])


def test_a_drive_that_gives_five_percent_too_much_is_found() -> None:
    on = stand.SimulatedStand("sim:drive_error_ppm=50000,drive_drift_ppm_day=0")
    try:
        on.prepare(24_000, always_agree)
        on.pump.start()
        on.wait_ms(60_000)
        points: list[Point] = []
        calibration.measure(on, WEIGHED_G_ML, 40, 3, points, lambda: None)
        on.balance.tare()  # another piece: its weights have nothing to do with those before
        on.wait_ms(5_000)
        calibration.measure(on, WEIGHED_G_ML, 40, 5, points, lambda: None)
        found = calibration.fit(points)
    finally:
        on.close()
    assert [point.piece for point in points] == [1, 1, 1, 2, 2]
    assert found.pl_per_step == pytest.approx(2625, rel=0.005)
    assert 0 < found.uncertainty_pl < 20


def test_rounds_of_the_flow_sensor_worked_out_on_paper() -> None:
    # 2500 (1 + 0) (1 + 0.05) = 2625; 2500 (1 + 0.01) (1 + 0.04) = 2626: mean 2625.5, s = 0.7071, 2 s / sqrt(2) = 1.
    found = calibration.of_rounds(2500, [Round(0, 50_000), Round(10_000, 40_000)])
    assert (found.pl_per_step, found.uncertainty_pl) == (pytest.approx(2625.5), pytest.approx(1.0))
    with pytest.raises(errors.NoReaction):
        calibration.of_rounds(2500, [Round(0, 50_000)])


class FlowStand:
    """A pump whose flow sensor ends a round in each hour, and the records of its log."""

    def __init__(self, rows: list[tuple[int, int]], sensor: bool = True, trims: int = 1, note: int = 0) -> None:
        self.pump = self
        self._rows, self._sensor, self._trims, self._note = rows, sensor, trims, note
        self._hours = 0

    def exchanges(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="flow" if self._sensor else "level")]

    def params(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="flow_trim", value=self._trims)]

    def status(self) -> SimpleNamespace:
        return SimpleNamespace(log_next=10 + min(self._hours, len(self._rows)), note_names=("flow_off",) * self._note)

    def dose(self) -> SimpleNamespace:
        return SimpleNamespace(trim_ppm=2_000)

    def log(self, first: int) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="trim", a=a, b=b) for a, b in self._rows[first - 10 : self._hours]]

    def now_ms(self) -> int:
        return self._hours * 3_600_000

    def wait_ms(self, ms: int) -> None:
        self._hours += 1


def test_rounds_are_followed_and_each_is_kept_under_the_trim_that_it_measured() -> None:
    rounds: list[Round] = [Round(1, 2)]  # of before an interruption
    kept: list[int] = []
    on: Any = FlowStand([(12_000, 48_000), (22_000, 38_000)])
    calibration.follow(on, 3, rounds, lambda: kept.append(len(rounds)))
    assert rounds == [Round(1, 2), Round(2_000, 48_000), Round(12_000, 38_000)]
    assert kept == [2, 3]


@pytest.mark.parametrize(
    ("on", "text"),
    [
        (FlowStand([], sensor=False), "no flow sensor"),
        (FlowStand([], trims=0), "flow_trim is 0"),
        (FlowStand([], note=1), "more than 10 %"),
        (FlowStand([]), "no round of measurements"),
        (FlowStand([(0, 0)]), "contradicts"),
    ],
)
def test_a_flow_sensor_that_can_not_calibrate_is_told(on: Any, text: str) -> None:
    with pytest.raises((errors.NoReaction, errors.UsageProblem), match=text):
        calibration.follow(on, 2, [], lambda: None)
