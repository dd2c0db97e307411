"""Measurements by weight on a simulated bench: error and trumpet curve, cost of the analysis, size of a run's file."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from figures import Figure, Group, span
from pumpctl.bench import calibration, stand, weighing
from pumpctl.measurement import analysis, result, sampling
from pumpctl.measurement.weights import Weight
from pumpctl.protocol.changes import always_agree
from pumpctl.session import measurements

_RATE_UL_DAY = 1000
_PERFECT = "sim:drive_error_ppm=0,drive_drift_ppm_day=0,drive_random_ppm=0"
_CALIBRATED_RATES = {50: span(24, 1), 1000: span(24, 1), 24_000: span(12, 1)}  # hours; 16 mL last 16 h at the last
_SETTLING_MIN = span(24 * 60, 0)
_PERIOD_MIN = span(25 * 60, 60)


def accuracy() -> list[Figure]:
    """The error of a run by IEC 60601-2-24 with the drive's errors; the baseline is that of a drive without them."""
    found, _ = _weighed("sim:", _SETTLING_MIN, _PERIOD_MIN)
    perfect, file_mb = _weighed(_PERFECT, 0, _PERIOD_MIN)
    rows = [
        Figure("weighed.overall_percent", _worst(found), "%, 1 mL/day, world's drive errors on", _worst(perfect), 2),
        Figure("weighed.perfect_percent", _worst(perfect), "%, without drive errors", None, span(0.1, 5)),
        Figure("weighed.file_mb", file_mb, "MB, a run's session", None, 5),
    ]
    windows = {window.minutes: abs(window.worst_percent) for window in found.analysis.trumpet} if found.analysis else {}
    for minutes, limit in ((15, 10), (60, 5), (930, 2)):
        worst = round(windows.get(minutes, 0.0), 3)
        rows.append(Figure(f"weighed.trumpet_{minutes}_percent", worst, f"%, over {minutes} min", None, limit))
    return rows


def calibrated() -> list[Figure]:
    """What a pump whose strokes are 5 % too large gives after a calibration, at three rates, by the world's truth."""
    with_errors = _after_calibration("sim:drive_error_ppm=50000")
    without = _after_calibration("sim:drive_error_ppm=50000,drive_drift_ppm_day=0,drive_random_ppm=0")
    rows = []
    for rate_ul_day, hours in _CALIBRATED_RATES.items():
        name, text = f"calibrated.error_{rate_ul_day}_percent", f"%, {hours} h at {rate_ul_day / 1000:g} mL/day"
        bare = without[rate_ul_day]
        rows.append(Figure(name, with_errors[rate_ul_day], f"{text}, drift and scatter of the drive on", bare, 2))
        rows.append(Figure(f"calibrated.steady_{rate_ul_day}_percent", bare, f"{text}, off", None, span(0.1, 5)))
    return rows


def _after_calibration(port: str) -> dict[int, float]:
    """The magnitude of the error in percent at each rate, after a calibration with the simulated balance."""
    on = stand.SimulatedStand(port)
    found = {}
    try:
        on.prepare(24_000, always_agree)
        on.pump.start()
        on.wait_ms(60_000)
        points: list[calibration.Point] = []
        density_g_ml = result.Conditions(24_000).weighed_g_ml
        calibration.measure(on, density_g_ml, span(100, 20), span(11, 4), points, lambda: None)
        on.pump.stop()
        on.pump.param_set("pl_per_step", round(calibration.fit(points).pl_per_step))
        for rate_ul_day, hours in _CALIBRATED_RATES.items():
            on.prepare(rate_ul_day, always_agree)
            on.pump.start()
            on.wait_ms(span(3_600_000, 60_000))
            began_ms, before_nl = _at_a_stroke(on)
            for _ in range(hours):  # a pump that makes a stroke a second takes long for many at once
                on.wait_ms(3_600_000)
            ended_ms, after_nl = _at_a_stroke(on)
            due_nl = rate_ul_day * 1000 * (ended_ms - began_ms) / 86_400_000
            found[rate_ul_day] = round(abs(100 * ((after_nl - before_nl) / due_nl - 1)), 3)
            on.pump.stop()
    finally:
        on.close()
    return found


def _at_a_stroke(on: stand.SimulatedStand) -> tuple[int, int]:
    """The time of the next stroke, and the volume that was pumped until after it.

    From stroke to stroke no part of one is counted: at 0.05 mL/day one is 0.5 % of a day.
    """
    on.wait_ms(on.pump.status().stroke_in_ms or 0)
    time_ms = on.now_ms()
    on.wait_ms(600)  # its motion takes 200 ms
    return time_ms, on.truth()["pumped_nl"]


def analysed() -> list[Figure]:
    """The time of the analysis of a day at a weight every half minute."""
    rows = [Weight(at * 30_000, at * 347) for at in range(25 * 120 + 1)]
    day = sampling.with_periods(sampling.volumetric(), 60, 24 * 60)
    analysis.numpy()
    began_s = time.perf_counter()
    analysis.analyse(rows, _RATE_UL_DAY / 24, 1, day)
    return [Figure("weighed.analysis_s", round(time.perf_counter() - began_s, 4), "s, a day at 0.5 min", None, 1)]


def _weighed(port: str, settling_min: float, period_min: float) -> tuple[result.Result, float]:
    """Return a run's result and the size of its file in MB."""
    wanted = result.Conditions(_RATE_UL_DAY, settling_min=settling_min, period_min=period_min)
    on = stand.SimulatedStand(port)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "run.session")
        try:
            on.prepare(_RATE_UL_DAY, always_agree)
            on.balance.tare()
            on.pump.start()
            with measurements.Record(path, wanted) as kept:
                run = weighing.Weighing(on, kept, on.now_ms(), wanted.weighed_g_ml)
                plan = wanted.plan()
                run.run(plan.interval_ms, plan.run_ms, lambda done_ms, end_ms, weight: None)
                found = result.of_weights("run", kept.weights, wanted)
                kept.end({})
        finally:
            on.close()
        return found, round(path.stat().st_size / 1e6, 3)


def _worst(found: result.Result) -> float:
    return round(abs(found.figures["overall_percent"] or 0), 3)


GROUPS = [
    Group(
        (
            "weighed.overall_percent", "weighed.perfect_percent", "weighed.file_mb", "weighed.trumpet_15_percent",
            "weighed.trumpet_60_percent", "weighed.trumpet_930_percent",
        ),
        "49 and 25 hours on a simulated balance",
        accuracy,
    ),
    Group(
        (
            "calibrated.error_50_percent", "calibrated.steady_50_percent", "calibrated.error_1000_percent",
            "calibrated.steady_1000_percent", "calibrated.error_24000_percent", "calibrated.steady_24000_percent",
        ),
        "calibrations, then 60 hours, on a simulated balance",
        calibrated,
    ),
    Group(("weighed.analysis_s",), "the analysis of a day's weights", analysed),
]  # fmt: skip
