"""Single faults of parts, from docs/faults.md: the excess dose is bounded, an alarm comes, delivery goes on if safe."""

from collections.abc import Callable

import pytest
from pumpctl import errors
from pumpctl.testing import Bench, Evidence

REQUIREMENTS = ("D4", "D11", "D13", "O3", "A4", "S5", "S6", "S7")
pytestmark = pytest.mark.needs("fresh", "world", "jumps", "exact_time", "part_faults", "valves")

MakeBench = Callable[..., Bench]
STROKE_NL = 250
STROKE_MS = 21_600
BEFORE_STROKES = 10
EXACT_DRIVE = {"drive_error_ppm": 0, "drive_drift_ppm_day": 0, "drive_random_ppm": 0}
DRIVES = ("stepper", "valves")


@pytest.fixture(params=DRIVES)
def bench(request: pytest.FixtureRequest, make_bench: MakeBench) -> Bench:
    """A pump with each drive in turn, at 1 mL/day for ten strokes and a half."""
    return begin(make_bench, request.param)


def begin(make_bench: MakeBench, drive: str) -> Bench:
    """At 1 mL/day for ten strokes and a half."""
    bench = make_bench(drive=drive, **EXACT_DRIVE)
    bench.infuse(1000)
    bench.wait(ms=BEFORE_STROKES * STROKE_MS + STROKE_MS // 2)
    assert bench.status.strokes == BEFORE_STROKES
    return bench


def extra_nl(bench: Bench, strokes: int) -> int:
    """Volume pumped since `begin` beyond this many strokes."""
    return bench.truth()["pumped_nl"] - (BEFORE_STROKES + strokes) * STROKE_NL


@pytest.mark.quick
@pytest.mark.parametrize("action", ["inlet_open", "inlet_shut", "outlet_open", "outlet_shut"])
def test_stuck_valve_is_found_within_one_stroke(make_bench: MakeBench, evidence: Evidence, action: str) -> None:
    bench = begin(make_bench, "valves")
    bench.do(action)
    bench.wait(ms=STROKE_MS)
    assert bench.state == "fault"
    assert bench.alarms[0] in ("count_mismatch", "drive_fault")
    evidence.record(f"faults.{action}_extra_nl", extra_nl(bench, 1), None, STROKE_NL, "nL")
    moved_nl = bench.truth()["pumped_nl"]
    bench.wait(hours=1)
    assert bench.truth()["pumped_nl"] == moved_nl


@pytest.mark.parametrize(("action", "inside"), [("inlet_open", "inlet"), ("outlet_open", "outlet")])
def test_valve_that_sticks_open_within_its_phase_never_meets_the_other_one_open(
    make_bench: MakeBench, action: str, inside: str
) -> None:
    bench = begin(make_bench, "valves")
    bench.wait(ms=STROKE_MS // 2 + {"inlet": 40, "outlet": 140}[inside])  # halfway through the valve's phase
    assert bench.truth()["sense"] == {"inlet": 1, "outlet": 2}[inside]
    bench.do(action)
    for _ in range(40):
        bench.dut.run(10)
        assert bench.truth()["free_flow"] == 0
    bench.wait(seconds=30)
    assert bench.state == "fault"
    assert extra_nl(bench, 1) <= 0


@pytest.mark.quick
@pytest.mark.parametrize("action", ["off", "garbage", "slow", "delayed"])
def test_drive_that_fails_gives_one_stroke_too_much_at_most(
    make_bench: MakeBench, evidence: Evidence, action: str
) -> None:
    bench = begin(make_bench, "stepper")
    bench.do(f"drive_{action}")
    bench.wait(ms=2 * STROKE_MS)
    assert bench.state == "fault"
    assert bench.alarms[0] in ("count_mismatch", "drive_fault")
    evidence.record(f"faults.drive_{action}_extra_nl", extra_nl(bench, 1), None, STROKE_NL, "nL")


def test_valves_with_scattering_volume_give_at_most_one_extra_stroke_per_stroke(make_bench: MakeBench) -> None:
    bench = begin(make_bench, "valves")
    bench.do("drive_garbage")
    for stroke in range(1, 20):
        before_nl = bench.truth()["pumped_nl"]
        bench.wait(ms=STROKE_MS)
        assert bench.truth()["pumped_nl"] - before_nl <= 2 * STROKE_NL, stroke


@pytest.mark.quick
@pytest.mark.parametrize("action", ["off", "stuck", "garbage", "wrong"])
def test_counter_that_fails_stops_the_pump_within_a_stroke(bench: Bench, evidence: Evidence, action: str) -> None:
    bench.do(f"counter_{action}")
    bench.wait(ms=STROKE_MS)
    assert bench.state == "fault"
    assert bench.alarms[0] == "count_mismatch"
    evidence.record(f"faults.counter_{action}_extra_nl", extra_nl(bench, 1), None, 0, "nL")


def test_drive_with_half_more_volume_per_step_is_found_by_the_level_sensor(bench: Bench, evidence: Evidence) -> None:
    bench.do("drive_wrong")
    bench.wait(hours=8)
    assert bench.state == "stopped_alarm"
    assert bench.alarms == ["over_infusion"]
    over_nl = bench.truth()["pumped_nl"] - bench.status.delivered_nl
    # The fault begins soon after the fill, before the level's mean is known; detection takes half an hour longer then.
    evidence.record("faults.drive_wrong_over_nl", over_nl, STROKE_NL, 100_000, "nL")


@pytest.mark.parametrize(("ul_day", "first"), [(250, "free_flow"), (1000, "over_infusion")])
def test_a_slow_free_flow_is_found_by_the_level_sensor_and_called_so(
    make_bench: MakeBench, evidence: Evidence, ul_day: int, first: str
) -> None:
    bench = make_bench(free_flow_nl_s=5, **EXACT_DRIVE)
    bench.infuse(ul_day)
    bench.wait(hours=1)
    before_nl = bench.truth()["pumped_nl"] - bench.status.delivered_nl
    bench.do("free_flow", 1)
    bench.run_until(lambda: bench.state == "stopped_alarm", 4 * 3600, what="the stop", step_s=60)
    assert bench.alarms[0] == first
    over_nl = bench.truth()["pumped_nl"] - bench.status.delivered_nl - before_nl
    evidence.record(f"faults.free_flow_at_{ul_day}_over_nl", over_nl, STROKE_NL, 40_000, "nL")
    bench.run_until(lambda: "free_flow" in bench.alarms, 4 * 3600, what="its name", step_s=60)


def test_calibration_that_is_as_wrong_as_a_command_can_make_it_is_found_by_the_level(
    make_bench: MakeBench, evidence: Evidence
) -> None:
    bench = make_bench(**EXACT_DRIVE)
    bench.pump.param_set("pl_per_step", 2000)  # a fifth less: strokes come a quarter more often
    with pytest.raises(errors.Refused, match="a user at the pump"):
        bench.pump.param_set("pl_per_step", 1999)
    bench.infuse(1000)
    bench.run_until(lambda: bench.state == "stopped_alarm", 24 * 3600, what="the level's alarm", step_s=600)
    assert bench.alarms == ["over_infusion"]
    over_nl = bench.truth()["pumped_nl"] - bench.status.delivered_nl
    evidence.record("faults.calibration_over_nl", over_nl, STROKE_NL, 150_000, "nL")


def test_calibration_that_is_wrong_gives_a_quarter_more_at_most_without_a_level(make_bench: MakeBench) -> None:
    bench = make_bench(**EXACT_DRIVE)
    bench.pump.param_set("pl_per_step", 2000)
    bench.infuse(1000)
    bench.do("level_off")
    bench.wait(hours=12)
    assert bench.truth()["pumped_nl"] * 4 <= bench.status.delivered_nl * 5
    assert "level_sensor" in bench.alarms


def test_backlash_at_its_end_gives_a_stroke_more_at_most_and_less_than_was_relieved(make_bench: MakeBench) -> None:
    bench = make_bench(**EXACT_DRIVE)
    bench.pump.param_set("backlash_steps", 100)
    bench.infuse(1000)
    bench.wait(minutes=20)
    bench.do("block")
    bench.wait(minutes=5)
    assert bench.state == "stopped_alarm"
    bench.do("unblock")
    bench.wait(minutes=5)
    bench.pump.ack()
    before_nl, before_strokes = bench.truth()["pumped_nl"], bench.status.strokes
    bench.pump.resume()
    bench.wait(ms=STROKE_MS + 1000)
    made = bench.status.strokes - before_strokes
    assert made >= 1
    assert made * STROKE_NL < bench.truth()["pumped_nl"] - before_nl <= (made + 1) * STROKE_NL
    assert bench.truth()["pumped_nl"] <= bench.status.delivered_nl


@pytest.mark.parametrize(
    ("fault", "alarm"),
    [
        ("pressure_off", "pressure_sensor"),
        ("pressure_intermittent", "pressure_sensor"),
        ("level_off", "level_sensor"),
        ("level_open", "level_sensor"),
        ("level_garbage", "level_sensor"),
        ("level_intermittent", "level_sensor"),
        ("level_wrong", "reservoir_disagreement"),
        ("supply_open", "supply_sensor"),
        ("supply_garbage", "supply_sensor"),
        ("supply_intermittent", "supply_sensor"),
        ("temperature_garbage", "temperature_sensor"),
        ("temperature_intermittent", "temperature_sensor"),
        ("temperature_wrong", "temperature"),
    ],
)
def test_failed_sensor_raises_an_alarm_and_stops_nothing(bench: Bench, fault: str, alarm: str) -> None:
    bench.do(fault)
    bench.wait(minutes=15)
    assert alarm in bench.alarms
    bench.wait(hours=2)
    assert bench.state == "infusing"
    assert not {"occlusion", "over_infusion", "reservoir_empty", "supply_out"} & set(bench.alarms)
    due = bench.running_ms() // STROKE_MS
    assert bench.status.strokes == due
    assert abs(bench.truth()["pumped_nl"] - due * STROKE_NL) <= STROKE_NL


@pytest.mark.parametrize("fault", ["pressure_stuck", "pressure_garbage"])
def test_wrong_pressure_is_no_occlusion(bench: Bench, fault: str) -> None:
    bench.do(fault)
    bench.wait(hours=2)
    assert bench.state == "infusing"
    assert bench.status.strokes == bench.running_ms() // STROKE_MS


@pytest.mark.quick
@pytest.mark.needs("set_line")
@pytest.mark.parametrize("drive", DRIVES)
def test_one_bad_pressure_reading_in_17_leaves_the_absolute_limit_on(make_bench: MakeBench, drive: str) -> None:
    bench = make_bench(drive=drive, line_compliance_pl_pa=20)  # a stroke behind a block: 12.5 kPa
    bench.do("pressure_glitches", 17)
    bench.set_up()
    bench.pump.param_set("pressure_limit_pa", 35_000)
    bench.pump.param_set("occlusion_rise_pa", 40_000)  # the detector would be as fast
    bench.pump.start()
    bench.wait(ms=10 * STROKE_MS)
    assert bench.state == "infusing"
    assert bench.alarms in ([], ["pressure_sensor"])
    bench.do("block")
    strokes = bench.status.strokes
    bench.wait(ms=3 * STROKE_MS)
    assert bench.state == "stopped_alarm"
    assert bench.alarms[0] == "pressure_limit"
    assert bench.status.strokes - strokes <= 2


@pytest.mark.quick
@pytest.mark.parametrize(
    ("action", "nth"),
    [
        ("drive_flips", 3),
        ("drive_late", 2),
        ("pressure_flips", 50),
        ("pressure_late", 50),
        ("level_flips", 5),
        ("level_late", 5),
        ("supply_late", 5),
        ("temperature_late", 5),
        ("bus_held_ms", 500),
    ],
)
def test_disturbed_exchanges_are_counted_and_end_nothing(bench: Bench, action: str, nth: int) -> None:
    before = {row.name: row.disturbed for row in bench.pump.exchanges()}
    bench.do(action, nth)
    bench.wait(hours=3)
    assert bench.alarms == []
    assert bench.state == "infusing"
    assert bench.status.strokes == bench.running_ms() // STROKE_MS
    part = {"bus": "pressure"}.get(action.split("_")[0], action.split("_")[0])
    after = {row.name: row.disturbed for row in bench.pump.exchanges()}
    assert after[part] > before[part]
    assert all(after[other] == before[other] for other in after if other != part)


@pytest.mark.quick
@pytest.mark.parametrize("part", ["supply", "temperature"])
def test_inverted_bit_in_every_fifth_reading_without_a_checksum_ends_no_delivery(bench: Bench, part: str) -> None:
    bench.do(f"{part}_flips", 5)
    bench.wait(hours=3)
    assert bench.state == "infusing"


@pytest.mark.quick
def test_driver_that_was_reset_is_a_fault_before_it_moves(make_bench: MakeBench) -> None:
    bench = begin(make_bench, "stepper")
    steps = bench.truth()["steps_counted"]
    bench.do("drive_reset")
    bench.wait(ms=2 * STROKE_MS)
    assert (bench.state, bench.alarms[0]) == ("fault", "drive_fault")
    assert bench.truth()["steps_counted"] == steps


@pytest.mark.quick
def test_bus_that_stays_held_is_an_alarm_of_the_pressure_sensor_and_ends_with_it(bench: Bench) -> None:
    bench.do("bus_held")
    bench.wait(minutes=10)
    assert (bench.state, bench.alarms) == ("infusing", ["pressure_sensor"])
    bench.do("bus_works")
    bench.wait(minutes=10)
    bench.pump.ack()
    assert (bench.state, bench.alarms) == ("infusing", [])


def test_one_bad_pressure_reading_in_17_is_an_alarm_of_the_sensor(bench: Bench) -> None:
    bench.do("pressure_glitches", 17)
    bench.wait(minutes=30)
    assert bench.alarms == ["pressure_sensor"]
    assert bench.state == "infusing"


def test_supply_that_falls_warns_then_stops(bench: Bench) -> None:
    bench.do("supply", 3800)
    bench.wait(seconds=15)
    assert bench.alarms == ["supply_low"]
    assert bench.state == "infusing"
    bench.do("supply", 3600)
    bench.wait(seconds=15)
    assert bench.alarms[0] == "supply_out"
    assert bench.state == "stopped_alarm"


def test_supply_that_is_low_and_steady_warns_and_ends_no_therapy(bench: Bench) -> None:
    """Between both marks; in this time several sectors of flash are erased."""
    bench.do("supply", 3800)
    bench.wait(hours=6)
    assert bench.alarms == ["supply_low"]
    assert bench.state == "infusing"


def test_supply_that_stands_still_is_found_within_70_minutes(bench: Bench) -> None:
    bench.do("supply_stuck")
    bench.wait(minutes=70)
    assert bench.alarms == ["supply_sensor"]
    assert bench.state == "infusing"


@pytest.mark.parametrize("action", ["off", "stuck", "garbage", "delayed", "intermittent"])
def test_failed_flash_prevents_every_stroke(make_bench: MakeBench, evidence: Evidence, action: str) -> None:
    bench = begin(make_bench, "stepper")
    bench.do(f"store_{action}")
    bench.wait(ms=10 * STROKE_MS)
    assert bench.state == "stopped_alarm"
    assert bench.alarms[0] == "journal_unfit"
    evidence.record(f"faults.store_{action}_extra_nl", extra_nl(bench, 10), None, 0, "nL")


@pytest.mark.parametrize("fault", ["off", "stuck", "garbage", "wrong", "slow", "delayed", "intermittent"])
def test_link_that_fails_changes_nothing(bench: Bench, fault: str) -> None:
    bench.do(f"link_{fault}")
    bench.transport.write(b'{"id":1,"cmd":"pause","x":"\xff' * 200 + b"\n")
    for stroke in range(1, 6):
        bench.dut.run(STROKE_MS)
        assert bench.truth()["pumped_nl"] == (BEFORE_STROKES + stroke) * STROKE_NL
    bench.do("link_works")
    bench.dut.run(10_000)
    assert bench.state == "infusing"
    assert "late" not in bench.alarms
