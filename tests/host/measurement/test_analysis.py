"""The analysis by IEC 60601-2-24, against its formulas term by term in exact fractions, and known flows."""

from __future__ import annotations

import random
import sys
import time
from fractions import Fraction
from itertools import pairwise

import pytest
from pumpctl import errors
from pumpctl.measurement import analysis, sampling
from pumpctl.measurement.weights import Weight

RATE_UL_H = 1000 / 24
DENSITY_G_ML = 0.9982


def at_rate(hours: float, step_ms: int, ul_h: float = RATE_UL_H) -> list[Weight]:
    """Weights of a constant flow, to the microgram."""
    count = round(hours * 3_600_000) // step_ms + 1
    return [Weight(at * step_ms, round(ul_h * at * step_ms / 3_600_000 * DENSITY_G_ML * 1000)) for at in range(count)]


def in_strokes(hours: float, step_ms: int, stroke_ul: Fraction, rate_ul_h: Fraction) -> list[Weight]:
    """Weights of a pump that delivers in strokes, each when the volume for it is due."""
    rows = []
    for at in range(round(hours * 3_600_000) // step_ms + 1):
        due = rate_ul_h * at * step_ms / 3_600_000 // stroke_ul
        rows.append(Weight(at * step_ms, int(due * stroke_ul * 1000)))
    return rows


def by_hand(weights: list[Weight], interval_min: int, rate: Fraction, density: Fraction, window_min: int) -> tuple:
    """Ep(max), Ep(min), A and m, summed term by term with the standard's formulas."""
    grams = [Fraction(row.mass_ug, 1000) for row in weights]  # W_i in mg, one each interval
    flow = [60 * (after - before) / (interval_min * density) for before, after in pairwise(grams)]
    length = window_min // interval_min
    count = (len(flow) * interval_min - window_min) // interval_min + 1
    errors_percent = []
    for j in range(count):
        total = sum(100 * (flow[i] - rate) / rate for i in range(j, j + length))
        errors_percent.append(Fraction(interval_min, window_min) * total)
    mean = 60 * (grams[-1] - grams[0]) / (len(flow) * interval_min * density)
    return max(errors_percent), min(errors_percent), 100 * (mean - rate) / rate, count


def test_the_analysis_is_that_of_the_formulas_computed_term_by_term() -> None:
    chance = random.Random(7)
    mass_ug, rows = 0, [Weight(0, 0)]
    for at in range(1, 101):
        mass_ug += chance.randint(5_000, 16_000)
        rows.append(Weight(at * 900_000, mass_ug))
    flows = analysis.flows(rows, 15, DENSITY_G_ML)
    windows = analysis.trumpet(flows, RATE_UL_H, (15, 60, 150, 330, 570, 930))
    assert [window.minutes for window in windows] == [15, 60, 150, 330, 570, 930]
    for window in windows:
        rate = Fraction(1000, 24)
        highest, lowest, overall, count = by_hand(rows, 15, rate, Fraction("0.9982"), int(window.minutes))
        assert window.highest_percent == pytest.approx(float(highest), abs=1e-9)
        assert window.lowest_percent == pytest.approx(float(lowest), abs=1e-9)
        assert window.count == count
        assert analysis.overall_percent(flows, RATE_UL_H, DENSITY_G_ML) == pytest.approx(float(overall), abs=1e-9)


def test_an_example_worked_out_on_paper() -> None:
    # 10, 20, 12, 14, 10 mg in intervals of 15 min, density 1: 40, 80, 48, 56, 40 uL/h; against 50 uL/h
    # that is -20, +60, -4, +12, -20 %. Over 30 min: 20, 28, 4, -4 %. The mean is 52.8 uL/h, 5.6 %.
    rows = [Weight(at * 900_000, mass_ug) for at, mass_ug in enumerate([0, 10_000, 30_000, 42_000, 56_000, 66_000])]
    flows = analysis.flows(rows, 15, 1)
    assert flows.ul_h.tolist() == pytest.approx([40, 80, 48, 56, 40])
    first, second = analysis.trumpet(flows, 50, (15, 30))
    assert (first.highest_percent, first.lowest_percent, first.count) == pytest.approx((60, -20, 5))
    assert (second.highest_percent, second.lowest_percent, second.count) == pytest.approx((28, -4, 4))
    assert analysis.overall_percent(flows, 50, 1) == pytest.approx(5.6)


def test_a_constant_flow_gives_no_error() -> None:
    found = analysis.analyse(at_rate(49, 900_000), RATE_UL_H, DENSITY_G_ML, sampling.continuous())
    assert found.overall_percent == pytest.approx(0, abs=1e-4)
    assert [(window.minutes, window.count) for window in found.trumpet] == [
        (15, 100), (60, 97), (150, 91), (330, 79), (570, 63), (930, 39),
    ]  # fmt: skip
    for window in found.trumpet:
        assert (window.highest_percent, window.lowest_percent) == pytest.approx((0, 0), abs=0.01)
    assert (found.start_up_min, found.missing) == (0, 0)


@pytest.mark.parametrize("stroke_ul", [Fraction(1, 4), Fraction(1, 2)])
def test_single_strokes_give_at_most_the_error_of_one_stroke_in_the_window(stroke_ul: Fraction) -> None:
    rate_ul_h = Fraction(777, 24)
    rows = in_strokes(49, 900_000, stroke_ul, rate_ul_h)
    found = analysis.analyse(rows, float(rate_ul_h), 1, sampling.continuous())
    for window in found.trumpet:
        most_percent = 100 * float(stroke_ul) * 60 / (float(rate_ul_h) * window.minutes)
        assert 0 < max(abs(window.highest_percent), abs(window.lowest_percent)) <= most_percent * 1.0001


def test_over_the_end_of_a_piece_and_where_no_weight_was_taken_there_is_no_flow() -> None:
    rows = at_rate(10, 900_000)
    rows[20:] = [Weight(row.time_ms, row.mass_ug - 50_000, 2) for row in rows[20:]]
    del rows[30]
    flows = analysis.flows(rows, 15, DENSITY_G_ML)
    unknown = [at for at, flow in enumerate(flows.ul_h.tolist()) if flow != flow]
    assert unknown == [19, 29, 30]
    assert analysis.overall_percent(flows, RATE_UL_H, DENSITY_G_ML) == pytest.approx(0, abs=1e-3)
    (window,) = analysis.trumpet(flows, RATE_UL_H, (60,))
    assert window.count == (19 - 3) + (29 - 20 - 3) + (40 - 31 - 3)
    assert window.worst_percent == pytest.approx(0, abs=0.1)


def test_a_weight_taken_late_counts_with_its_time_and_one_taken_much_too_late_not_at_all() -> None:
    rows = at_rate(2, 1000)
    late = [row for row in rows if row.time_ms % 900_000 == 30_000 or row.time_ms == 0]
    assert analysis.flows(late, 15, DENSITY_G_ML).ul_h.tolist() == pytest.approx([RATE_UL_H] * 7, rel=1e-3)
    later = [row for row in rows if row.time_ms % 900_000 == 100_000 or row.time_ms == 0]
    assert all(flow != flow for flow in analysis.flows(later, 15, DENSITY_G_ML).ul_h.tolist())


def test_start_up_ends_with_the_last_interval_outside_ten_percent() -> None:
    def after(*percent: float) -> float | None:
        mass_ug, rows = 0.0, [Weight(0, 0)]
        for at, error in enumerate(percent, 1):
            mass_ug += 10_000 * (1 + error / 100)
            rows.append(Weight(at * 900_000, round(mass_ug)))
        return analysis.start_up_min(analysis.flows(rows, 15, 1), 40)

    assert after(-100, -50, 5, -12, 9, -9) == 60
    assert after(0, 0) == 0
    assert after(0, -11) is None


def test_weights_that_are_too_few_give_no_figure() -> None:
    for rows in ([], [Weight(0, 0)], at_rate(0.2, 60_000)):
        found = analysis.analyse(rows, RATE_UL_H, DENSITY_G_ML, sampling.continuous())
        assert (found.overall_percent, found.start_up_min, found.trumpet) == (None, None, ())
    found = analysis.analyse(at_rate(30, 900_000), RATE_UL_H, DENSITY_G_ML, sampling.continuous())
    assert [window.minutes for window in found.trumpet] == [15, 60, 150, 330]


def test_a_day_of_weights_every_half_minute_is_analysed_within_a_second() -> None:
    rows = at_rate(25, 30_000)
    analysis.numpy()
    began_s = time.process_time()
    found = analysis.analyse(rows, RATE_UL_H, DENSITY_G_ML, sampling.with_periods(sampling.volumetric(), 60, 24 * 60))
    assert time.process_time() - began_s < 1
    assert len(found.settled.ul_h) == 2880


def test_without_numpy_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(errors.ReportExtraMissing, match=r"pumpctl\[report\]"):
        analysis.flows(at_rate(1, 900_000), 15, 1)


def test_sampling_by_strokes_takes_whole_shot_cycles_of_half_a_minute_or_more() -> None:
    assert sampling.strokes(7.2).interval_min == 7.2
    found = sampling.strokes(0.36)
    assert found.interval_min == pytest.approx(0.72)
    assert found.windows_min == pytest.approx([0.72 * count for count in (1, 2, 5, 11, 19, 31)])
    assert found.period_min == pytest.approx(72)
    assert sampling.named("continuous").run_ms == 49 * 3_600_000
    for kind, shot_min in (("strokes", 0), ("none", 1)):
        with pytest.raises(errors.UsageProblem):
            sampling.named(kind, shot_min)
