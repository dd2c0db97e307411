"""Exactness of the dose: strokes against floor(rate * t / stroke), with == on fractions."""

from __future__ import annotations

from fractions import Fraction

from figures import Figure, Group, on_micropython, span
from pumpctl import sim
from pumpctl.pump import Pump

STROKE_PL = 250_000
DAY_MS = 86_400_000
RATES_UL_DAY = (50, 1000, 7300, 24000)
SPAN_MS = span(14 * 24, 1) * 3_600_000
YEARS10_MS = span(3652, 30) * DAY_MS
FILL_NL = 20_000_000


def due(rate_ul_day: int, ms: int) -> int:
    """Strokes due in a span: the floor of the fraction."""
    return int(Fraction(rate_ul_day * 1_000_000 * ms, DAY_MS * STROKE_PL))


def rounded(rate_ul_day: int, ms: int) -> int:
    """The baseline: strokes by a timer with a period of whole milliseconds."""
    return ms // (DAY_MS * STROKE_PL // (rate_ul_day * 1_000_000))


def fourteen_days_error(rate_ul_day: int) -> int:
    """Strokes too many or too few in 14 days of delivery. Refills split the days into runs, each counted separately."""
    longest_ms = (FILL_NL - 1_000_000) * (DAY_MS // 1000) // rate_ul_day
    error = 0
    with sim.Simulation(seed=1, native=True) as simulation, Pump.connect(simulation.transport()) as pump:
        pump.therapy_set("continuous", rate_ul_day, override="soft_rate")
        left_ms = SPAN_MS
        while left_ms:
            run_ms = min(left_ms, longest_ms)
            pump.refill_withdrawn(pump.refill_begin())
            simulation.do("refill", FILL_NL)
            pump.refill_finish(FILL_NL, "saline")
            before = pump.status().strokes
            pump.start()
            for part_ms in (run_ms // 3, run_ms - run_ms // 3):
                simulation.run(part_ms)
            error += abs(pump.status().strokes - before - due(rate_ul_day, run_ms))
            pump.stop()
            simulation.run(1000)
            left_ms -= run_ms
    return error


def schedule_strokes(rate_ul_day: int, ms: int) -> int:
    """Strokes of the schedule without the rest of the pump, on the interpreter of record."""
    return int(on_micropython("schedule.py", STROKE_PL, rate_ul_day, ms))


def exactness() -> list[Figure]:
    days = sum(fourteen_days_error(rate) for rate in RATES_UL_DAY)
    plain_days = sum(abs(rounded(rate, SPAN_MS) - due(rate, SPAN_MS)) for rate in RATES_UL_DAY)
    years = sum(abs(schedule_strokes(rate, YEARS10_MS) - due(rate, YEARS10_MS)) for rate in RATES_UL_DAY)
    plain_years = sum(abs(rounded(rate, YEARS10_MS) - due(rate, YEARS10_MS)) for rate in RATES_UL_DAY)
    return [
        Figure("dose.schedule_error_strokes", days, "strokes", plain_days, 0),
        Figure("dose.schedule10y_error_strokes", years, "strokes", plain_years, 0),
    ]


GROUPS = [
    Group(
        ("dose.schedule_error_strokes", "dose.schedule10y_error_strokes"),
        "14 days of strokes at 50, 1000, 7300, 24000 uL/day, and ten years of the schedule",
        exactness,
    )
]
