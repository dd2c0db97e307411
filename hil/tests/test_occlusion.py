"""Occlusion: alarm, relief, acknowledgement or automatic restart; and no false alarm on a healthy line."""

from collections.abc import Callable

import pytest
from pumpctl import errors
from pumpctl.testing import Bench, Evidence, alarm

REQUIREMENTS = ("O1", "O3", "O4", "O5", "O6", "O7", "A2")
pytestmark = pytest.mark.needs("fresh", "world", "block_line")

MakeBench = Callable[..., Bench]
OCCLUSION = alarm("occlusion")
LOOKED_S = 60  # the relief is over by then


def block_and_wait(bench: Bench, within_s: float) -> tuple[float, float]:
    """Blocks the line and waits for the alarm: (seconds until the alarm, missing volume in nL)."""
    booked_nl, delivered_nl = bench.status.delivered_nl, bench.truth()["delivered_nl"]
    bench.do("block")
    took_s = bench.run_until(lambda: bench.state == "stopped_alarm", within_s, what="a stop by an alarm")
    missing_nl = bench.status.delivered_nl - booked_nl - (bench.truth()["delivered_nl"] - delivered_nl)
    return took_s, missing_nl


@pytest.mark.needs("valves")
@pytest.mark.parametrize("drive", ["stepper", "valves"])
@pytest.mark.parametrize("seed", range(1, 5))
def test_sudden_block_alarms_within_strokes(make_bench: MakeBench, evidence: Evidence, seed: int, drive: str) -> None:
    bench = make_bench(seed, drive=drive)
    bench.infuse(1000)
    bench.wait(hours=2, seconds=seed * 3)
    strokes = bench.status.strokes
    took_s, missing_nl = block_and_wait(bench, 900)
    evidence.record("occlusion.alarm_after_strokes", bench.status.strokes - strokes, 1, 5, "strokes")
    evidence.record("occlusion.alarm_after_s", took_s, 0, 900, "s")  # O1: 15 min
    evidence.record("occlusion.missing_nl", missing_nl, 0, 10_000, "nL")  # O1: 10 uL
    assert bench.alarms[0] == "occlusion"


@pytest.mark.needs("valves")
@pytest.mark.parametrize("drive", ["stepper", "valves"])
@pytest.mark.parametrize(("rate_ul_day", "left_thousandths"), [(1000, 40), (1000, 10), (5000, 40), (24000, 10)])
def test_a_stroke_of_62_or_250_kpa_behind_a_hard_kink_is_the_last_one(
    make_bench: MakeBench, evidence: Evidence, drive: str, rate_ul_day: int, left_thousandths: int
) -> None:
    bench = make_bench(drive=drive)
    bench.infuse(rate_ul_day)
    bench.wait(seconds=60.5 * 21600 / rate_ul_day)
    strokes = bench.status.strokes
    bench.do("kink_near", left_thousandths)
    bench.wait(seconds=4 * 21600 / rate_ul_day)
    assert bench.state == "stopped_alarm"
    assert bench.alarms[0] == "pressure_limit"
    name = f"occlusion.hard_kink.{drive}.{rate_ul_day}.{left_thousandths}_strokes"
    evidence.record(name, bench.status.strokes - strokes, 0, 1, "strokes")


def test_nothing_moves_after_the_relief(bench: Bench) -> None:
    bench.infuse(1000)
    bench.wait(hours=1)
    block_and_wait(bench, 900)
    bench.wait(seconds=LOOKED_S)
    steps = bench.truth()["steps_counted"]
    bench.wait(hours=3)
    assert bench.truth()["steps_counted"] == steps


@pytest.mark.quick
def test_resume_is_refused_until_the_line_is_relieved_and_the_alarm_acknowledged(bench: Bench) -> None:
    bench.infuse(1000)
    bench.wait(hours=1)
    block_and_wait(bench, 900)
    with pytest.raises(errors.Refused, match="occluded"):
        bench.pump.resume()
    assert bench.pump.ack(OCCLUSION).standing == 1
    with pytest.raises(errors.Refused, match="occluded"):
        bench.pump.resume()
    bench.do("unblock")
    bench.wait(seconds=LOOKED_S)
    assert bench.alarms == []
    bench.pump.resume()
    assert bench.state == "infusing"


def test_alarm_waits_for_its_acknowledgement_after_the_line_has_opened(bench: Bench) -> None:
    bench.infuse(1000)
    bench.wait(hours=1)
    block_and_wait(bench, 900)
    bench.do("unblock")
    bench.wait(seconds=30)
    assert bench.alarms == ["occlusion"]
    with pytest.raises(errors.Refused, match="alarm_holds"):
        bench.pump.resume()
    bench.pump.ack(OCCLUSION)
    bench.pump.resume()
    strokes = bench.status.strokes
    bench.wait(hours=1)
    assert bench.status.strokes - strokes in (166, 167)
    assert bench.alarms == []


@pytest.mark.needs("valves")
@pytest.mark.parametrize("drive", ["stepper", "valves"])
def test_pressure_is_relieved_and_little_is_released_when_the_line_opens(
    make_bench: MakeBench, evidence: Evidence, drive: str
) -> None:
    bench = make_bench(drive=drive)
    bench.infuse(1000)
    bench.wait(hours=1)
    blocked_pa = bench.truth()["line_pressure_pa"]
    block_and_wait(bench, 900)
    raised_pa = bench.truth()["line_pressure_pa"] - blocked_pa
    bench.wait(seconds=LOOKED_S)
    left_pa = bench.truth()["line_pressure_pa"] - blocked_pa
    evidence.record("occlusion.left_after_relief_pa", left_pa, -2500, raised_pa // 2, "Pa")
    assert len(bench.events("relief")) == 1
    before_nl = bench.truth()["delivered_nl"]
    bench.do("unblock")
    bench.wait(minutes=1)
    released_nl = bench.truth()["delivered_nl"] - before_nl
    evidence.record("occlusion.released_nl", released_nl, -500, 5000, "nL")  # O4


def retries(bench: Bench) -> list[int]:
    return [row.a for row in bench.events("retry")]


def test_a_kink_that_opens_by_itself_costs_one_automatic_restart(bench: Bench) -> None:
    bench.set_up(1000)
    bench.pump.param_set("occlusion_retries", 3)
    bench.pump.start()
    bench.wait(hours=1)
    bench.do("kink", 4)
    bench.wait(hours=1)
    assert retries(bench)[0] == 1
    assert bench.state == "infusing"
    assert bench.alarms == ["occlusion"]  # until it is acknowledged
    bench.pump.ack()
    assert bench.alarms == []


@pytest.mark.parametrize("rate_ul_day", [pytest.param(200, marks=pytest.mark.quick), 1000])
def test_a_block_that_stays_is_tried_three_times_at_most(bench: Bench, evidence: Evidence, rate_ul_day: int) -> None:
    bench.set_up(rate_ul_day)
    bench.pump.param_set("occlusion_retries", 3)
    bench.pump.start()
    bench.wait(hours=3)
    bench.do("block")
    bench.wait(hours=5)
    evidence.record(f"occlusion.retries.{rate_ul_day}", len(retries(bench)), 2, 3, "retries")  # O5
    assert bench.state == "stopped_alarm"
    steps = bench.truth()["steps_counted"]
    bench.wait(hours=3)
    assert bench.truth()["steps_counted"] == steps
    with pytest.raises(errors.Refused):
        bench.pump.resume()
    bench.do("unblock")
    bench.pump.ack()
    bench.wait(seconds=LOOKED_S)
    bench.pump.resume()
    bench.wait(hours=1)
    assert bench.state == "infusing"
    assert bench.alarms == []


def test_the_traces_of_the_last_strokes_come_with_the_alarm(bench: Bench) -> None:
    bench.infuse(1000)
    bench.wait(hours=2)
    block_and_wait(bench, 900)
    bench.wait(hours=3)
    trace = bench.pump.trace()
    assert trace.alarm == OCCLUSION
    found = [sample.pa for sample in trace.samples if sample.stroke == 0]
    before = [sample.pa for sample in trace.samples if sample.stroke == 15]
    assert len(found) == 33  # all of them, as a block is suspected
    assert 9 <= len(before) <= 33
    assert sum(found) // len(found) - sum(before) // len(before) > 2 * 2000


def test_a_block_that_comes_again_is_found_again(bench: Bench) -> None:
    bench.infuse(1000)
    bench.wait(hours=1)
    for _ in range(3):
        block_and_wait(bench, 900)
        bench.do("unblock")
        bench.wait(seconds=30)
        bench.pump.ack()
        bench.pump.resume()
        bench.wait(minutes=30)
        assert bench.state == "infusing"


@pytest.mark.needs("set_line")
def test_softest_line_is_stopped_by_the_absolute_limit(make_bench: MakeBench, evidence: Evidence) -> None:
    bench = make_bench(line_compliance_pl_pa=2000, line_tau_ms=20000)
    bench.infuse(24000)
    bench.wait(hours=1)
    _, missing_nl = block_and_wait(bench, 3600)
    assert bench.alarms[0] in ("pressure_limit", "occlusion")
    evidence.record("occlusion.softest_line_missing_nl", missing_nl, 0, 2000 * 69, "nL")  # 69 kPa times 2 uL/kPa


@pytest.mark.parametrize(("rate_ul_day", "hours"), [(50, 8), (1000, 8), (24000, 1)])
def test_block_is_found_at_every_rate(bench: Bench, evidence: Evidence, rate_ul_day: int, hours: int) -> None:
    bench.infuse(rate_ul_day)
    bench.wait(hours=hours)
    _, missing_nl = block_and_wait(bench, 8 * 3600)
    evidence.record(f"occlusion.missing_nl.{rate_ul_day}", missing_nl, 0, 10_000, "nL")


@pytest.mark.long("a week")
@pytest.mark.parametrize("seed", [11])  # more of them: make bench ONLY=occlusion, make campaign
def test_healthy_line_raises_no_occlusion_in_a_week(make_bench: MakeBench, evidence: Evidence, seed: int) -> None:
    bench = make_bench(seed)
    bench.infuse(1000)
    bench.wait(days=7)
    false_alarms = len(bench.events("alarm_raised", OCCLUSION))
    evidence.record("occlusion.false_alarms_week", false_alarms, 0, 0, "alarms")


@pytest.mark.needs("set_line", "valves")
@pytest.mark.parametrize("drive", ["stepper", "valves"])
def test_posture_changes_in_a_soft_line_are_not_taken_for_a_block(
    make_bench: MakeBench, evidence: Evidence, drive: str
) -> None:
    bench = make_bench(drive=drive, line_compliance_pl_pa=526, line_tau_ms=8400, posture_shortest_s=20)
    bench.infuse(1500)
    bench.wait(hours=12)
    evidence.record(f"occlusion.false_alarms_postures.{drive}", len(bench.events("alarm_raised")), 0, 0, "alarms")
