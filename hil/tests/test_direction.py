"""A drive that moves backwards, from power-on or later, draws little and stops the pump, whatever the counter says."""

from collections.abc import Callable

import pytest
from pumpctl.testing import Bench, Evidence

REQUIREMENTS = ("D10",)
pytestmark = pytest.mark.needs("fresh", "world", "jumps", "set_line")

MakeBench = Callable[..., Bench]
STROKE_NL = 250
DAY_MS = 86_400_000


def stopped_after(bench: Bench, rate_ul_day: int, strokes: int) -> int:
    """The nL that were drawn back until the pump has stopped, with the alarm of this cause."""
    before_nl = bench.truth()["pumped_nl"]
    stroke_ms = DAY_MS * STROKE_NL // (rate_ul_day * 1000)
    for _ in range(strokes):
        bench.wait(ms=stroke_ms)
        if bench.state != "infusing":
            break
    assert bench.state == "stopped_alarm"
    assert bench.alarms[0] == "reverse_flow"
    return before_nl - bench.truth()["pumped_nl"]


@pytest.mark.parametrize("rate_ul_day", [pytest.param(1000, marks=pytest.mark.quick), 50, 24000])
def test_drive_that_is_inverted_from_power_on_stops_within_five_strokes(
    make_bench: MakeBench, evidence: Evidence, rate_ul_day: int
) -> None:
    bench = make_bench(drive_inverted=1)
    bench.infuse(rate_ul_day)
    drawn_nl = stopped_after(bench, rate_ul_day, 6)
    evidence.record(f"direction.drawn_{rate_ul_day}_nl", drawn_nl, 1, 5 * STROKE_NL, "nL")
    bench.wait(minutes=30)
    assert bench.state == "stopped_alarm"


@pytest.mark.needs("valves", "part_faults")
@pytest.mark.parametrize("drive", ["stepper", "valves"])
@pytest.mark.parametrize("forward", [1, 30, 100])
def test_drive_that_turns_round_later_stops_within_eight_strokes(
    make_bench: MakeBench, evidence: Evidence, drive: str, forward: int
) -> None:
    bench = make_bench(drive=drive)
    bench.infuse(1000)
    bench.wait(ms=forward * 21_600 + 10_800)
    bench.do("drive_invert", 1)
    drawn_nl = stopped_after(bench, 1000, 10)
    evidence.record(f"direction.turned_{drive}_{forward}_nl", drawn_nl, 1, 8 * STROKE_NL, "nL")


def test_in_a_line_too_soft_for_it_the_rising_level_stops_the_pump(make_bench: MakeBench, evidence: Evidence) -> None:
    bench = make_bench(drive_inverted=1, line_compliance_pl_pa=2000, line_tau_ms=2000)
    bench.infuse(1000)
    drawn_nl = stopped_after(bench, 1000, 400)
    evidence.record("direction.drawn_soft_nl", drawn_nl, 1, 80_000, "nL")


def test_after_an_acknowledgement_a_drive_that_is_right_goes_on_and_one_that_is_not_stops_again(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(drive_inverted=1)
    bench.infuse(1000)
    stopped_after(bench, 1000, 6)
    bench.pump.ack()
    bench.pump.resume()
    stopped_after(bench, 1000, 6)
    bench.do("drive_invert", 0)
    bench.pump.ack()
    bench.pump.resume()
    bench.wait(hours=6)
    assert bench.state == "infusing"
    assert bench.alarms == []


def test_strokes_that_neither_pressure_nor_level_has_seen_are_an_alarm(make_bench: MakeBench) -> None:
    bench = make_bench(line_compliance_pl_pa=2000, line_tau_ms=2000)
    bench.do("block_upstream")
    bench.infuse(1000)
    bench.wait(hours=8)
    assert "motion_unverified" in bench.alarms
    assert "reverse_flow" not in bench.alarms


@pytest.mark.parametrize(("rate_ul_day", "hours"), [(50, 10), (1000, 10), (24000, 2)])
def test_sound_pump_in_the_softest_line_says_nothing(make_bench: MakeBench, rate_ul_day: int, hours: int) -> None:
    bench = make_bench(line_compliance_pl_pa=2000, line_tau_ms=2000, level_noise_nl=30000)
    bench.infuse(rate_ul_day)
    bench.wait(hours=hours)
    assert not {"reverse_flow", "motion_unverified"} & set(bench.alarms)
    assert bench.state == "infusing"
