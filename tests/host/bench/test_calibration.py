"""The volume per step: the line through the points, its uncertainty, a simulated pump with too large strokes."""

from __future__ import annotations

import random

import pytest
from pumpctl import errors
from pumpctl.bench import calibration, stand
from pumpctl.measurement import fluid
from pumpctl.protocol.changes import always_agree

WEIGHED_G_ML = fluid.weighed_g_ml(fluid.water_g_ml(20))


def test_an_example_worked_out_on_paper() -> None:
    # Steps 0, 1, 2, 3 and volumes 0, 3, 4, 7: slope 2.2, distances -0.2, 0.6, -0.6, 0.2, their squares 0.8;
    # standard error sqrt(0.8 / 2 / 5) = 0.28284.
    found = calibration.fit([(0, 0), (1, 3), (2, 4), (3, 7)])
    assert found.pl_per_step == pytest.approx(2.2)
    assert found.uncertainty_pl == pytest.approx(2 * 0.282843, rel=1e-5)
    assert found.table()[1] == ["1", "0.000", "+0.000"]


def test_the_uncertainty_holds_the_true_value_in_about_95_of_100_calibrations() -> None:
    chance = random.Random(3)
    inside = 0
    for _ in range(300):
        points = [(at * 10_000, at * 25_000_000 + chance.gauss(0, 30_000)) for at in range(21)]
        found = calibration.fit(points)
        inside += abs(found.pl_per_step - 2500) <= found.uncertainty_pl
    assert 0.90 <= inside / 300 <= 0.985


@pytest.mark.parametrize("points", [[(0, 0.0), (1, 1.0)], [(0, 0.0), (0, 1.0), (0, 2.0)]])
def test_points_without_a_slope_are_told(points: list[calibration.Point]) -> None:
    with pytest.raises(errors.NoReaction):
        calibration.fit(points)


def test_a_drive_that_gives_five_percent_too_much_is_found() -> None:
    on = stand.SimulatedStand("sim:drive_error_ppm=50000,drive_drift_ppm_day=0")
    try:
        on.prepare(24_000, always_agree)
        on.pump.start()
        on.wait_ms(60_000)
        found = calibration.fit(calibration.measure(on, WEIGHED_G_ML, 40, 4))
    finally:
        on.close()
    assert found.pl_per_step == pytest.approx(2625, rel=0.005)
    assert 0 < found.uncertainty_pl < 20
