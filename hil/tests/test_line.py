"""Other findings from the line's pressure: partial, open, upstream occlusion, air; a bad sensor is none of these."""

from collections.abc import Callable

import pytest
from pumpctl.testing import Bench, Evidence

REQUIREMENTS = ("O1", "O2")
pytestmark = pytest.mark.needs("fresh", "world", "jumps", "block_line")

MakeBench = Callable[..., Bench]
STROKE_MS = 21_600


def begin(bench: Bench) -> Bench:
    """A pump after two hours at 1 mL/day: the detector has learned the line."""
    bench.infuse(1000)
    bench.wait(hours=2)
    assert bench.alarms == []
    return bench


def strokes_until(bench: Bench, name: str, most: int) -> int:
    """The number of strokes that begin before this alarm."""
    before = bench.status.strokes
    bench.run_until(lambda: name in bench.alarms, most * STROKE_MS / 1000, what=name, step_s=5)
    return bench.status.strokes - before


def resume(bench: Bench) -> None:
    """Acknowledges, resumes, and expects three hours without an alarm."""
    bench.pump.ack()
    bench.pump.resume()
    bench.wait(hours=3)
    assert bench.alarms == []
    assert bench.state == "infusing"


def test_narrowed_line_warns_and_delivery_goes_on(bench: Bench, evidence: Evidence) -> None:
    begin(bench)
    bench.do("narrow", 1000)
    evidence.record("line.narrow_after_strokes", strokes_until(bench, "line_narrow", 60), 1, 50, "strokes")
    bench.wait(hours=6)
    assert bench.alarms == ["line_narrow"]
    assert bench.state == "infusing"
    bench.do("narrow", 100)
    bench.wait(hours=2)
    assert bench.alarms == []


def test_block_upstream_stops_and_is_not_taken_for_one_downstream(bench: Bench, evidence: Evidence) -> None:
    begin(bench)
    bench.do("block_upstream")
    evidence.record("line.upstream_after_strokes", strokes_until(bench, "upstream_occlusion", 40), 1, 40, "strokes")
    assert bench.state == "stopped_alarm"
    assert bench.alarms == ["upstream_occlusion"]
    bench.do("unblock_upstream")
    resume(bench)


def test_disconnected_line_stops_delivery(bench: Bench, evidence: Evidence) -> None:
    begin(bench)
    bench.do("disconnect")
    evidence.record("line.open_after_strokes", strokes_until(bench, "line_open", 5), 1, 3, "strokes")
    assert bench.state == "stopped_alarm"
    assert bench.alarms == ["line_open"]
    bench.do("connect")
    bench.wait(minutes=2)
    bench.pump.ack()
    bench.pump.resume()
    bench.wait(hours=3)
    assert bench.alarms == []


def test_large_leak_stops_delivery(bench: Bench) -> None:
    begin(bench)
    bench.do("leak", 150)
    strokes_until(bench, "line_open", 45)  # longer than a faint, which lowers the pressure as much
    assert bench.state == "stopped_alarm"


def test_air_alarms_and_delivery_goes_on(bench: Bench, evidence: Evidence) -> None:
    begin(bench)
    bench.do("air", 30_000)
    evidence.record("line.air_after_strokes", strokes_until(bench, "air_in_line", 40), 1, 40, "strokes")
    bench.wait(hours=1)
    assert "occlusion" not in bench.alarms
    assert bench.state == "infusing"


@pytest.mark.needs("sensor_faults")
@pytest.mark.parametrize("fault", ["off", "stuck", "garbage", "wrong", "slow", "delayed", "intermittent"])
def test_faulty_sensor_is_reported_as_such_and_delivery_goes_on(bench: Bench, fault: str) -> None:
    begin(bench)
    strokes = bench.status.strokes
    bench.do(f"pressure_{fault}")
    bench.wait(hours=4)
    assert bench.state == "infusing"
    assert bench.status.strokes - strokes in (666, 667)
    raised = {row.a for row in bench.events("alarm_raised")}
    assert raised <= {107}, fault
    if fault != "delayed":
        assert raised == {107}, fault


@pytest.mark.needs("sensor_faults")
def test_repaired_sensor_finds_a_block_again(bench: Bench) -> None:
    begin(bench)
    bench.do("pressure_off")
    bench.wait(minutes=10)
    assert bench.pump.status().pressure_pa is None
    assert bench.alarms == ["pressure_sensor"]
    bench.do("pressure_works")
    bench.wait(minutes=10)
    bench.pump.ack()
    assert bench.alarms == []
    assert bench.status.pressure_pa is not None
    bench.do("block")
    bench.wait(minutes=15)
    assert bench.alarms == ["occlusion"]


@pytest.mark.needs("flow")
def test_block_is_found_in_a_bolus_at_keep_open_and_with_the_trim(make_bench: MakeBench) -> None:
    bench = make_bench(flow=True)
    begin(bench)
    bench.pump.bolus(20_000)
    bench.wait(minutes=5)
    bench.do("block")
    bench.wait(minutes=15)
    assert bench.alarms == ["occlusion"]


@pytest.mark.needs("flow")
def test_flow_sensor_finds_a_block_that_the_pressure_does_not_show(make_bench: MakeBench, evidence: Evidence) -> None:
    bench = make_bench(flow=True)
    begin(bench)
    bench.do("pressure_off")
    bench.wait(minutes=10)
    assert bench.alarms == ["pressure_sensor"]
    before = bench.truth()
    bench.do("block")
    bench.run_until(lambda: "occlusion" in bench.alarms, 1800, what="occlusion", step_s=5)
    after = bench.truth()
    missing_nl = after["pumped_nl"] - before["pumped_nl"] - (after["delivered_nl"] - before["delivered_nl"])
    evidence.record("line.flow_missing_nl", missing_nl, 1000, 10_000, "nL")
    assert bench.state == "stopped_alarm"
    bench.do("unblock")
    bench.do("pressure_works")
    bench.wait(minutes=2)
    resume(bench)


@pytest.mark.needs("sensor_faults")
def test_pressure_level_of_a_wrong_sensor_is_cleared_with_its_alarm(bench: Bench) -> None:
    bench.infuse(200)  # no stroke falls into the minute that a line needs to settle after a resume
    bench.wait(hours=4)
    bench.do("pressure_wrong")
    bench.wait(hours=1)
    bench.pump.ack()
    bench.wait(hours=1)
    bench.do("pressure_works")
    bench.wait(hours=1)
    assert bench.alarms == ["line_open"]  # a disconnected line has the same pressure
    resume(bench)


def test_a_patient_who_walks_and_coughs_gets_the_dose(bench: Bench) -> None:
    begin(bench)
    for action, value in (("walk", 120), ("cough", 3), ("strain", 3000), ("heart_rate", 1500), ("posture", 1000)):
        bench.do(action, value)
        bench.wait(minutes=5)
    assert abs(bench.over_accounted_nl()) <= 500
    assert 12000 <= bench.truth()["vessel_slow_pa"] <= 16000  # the posture of 1 kPa, and the plain one of 2 kPa
