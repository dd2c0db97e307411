"""Boluses, primes, limits, timed plans and changes of fluid, on each drive, against the ground truth."""

from collections.abc import Callable

import pytest
from pumpctl import errors
from pumpctl.testing import Bench, Evidence, strokes_due

REQUIREMENTS = ("C1", "C2", "D6", "D7", "D8", "V2", "V6")
pytestmark = pytest.mark.needs("fresh", "world", "jumps")

MakeBench = Callable[..., Bench]
STROKE_NL = 250


def refusal_of(request: Callable[[], object]) -> str:
    """The name of the refusal of a request that must be refused."""
    with pytest.raises(errors.Refused) as refused:
        request()
    return refused.value.name


@pytest.fixture(params=["stepper", pytest.param("valves", marks=pytest.mark.needs("valves"))])
def bench(request: pytest.FixtureRequest, make_bench: MakeBench) -> Bench:
    """A pump that was just switched on, with each drive in turn."""
    return make_bench(drive=request.param)


# ---- boluses (D7) ---------------------------------------------------------------------------------------------------


@pytest.mark.needs("exact_time")
def test_a_bolus_comes_on_top_and_leaves_the_basal_rate_as_it_was(bench: Bench) -> None:
    bench.infuse(1000)
    bench.wait(hours=1)
    change = bench.pump.bolus(40_100)
    assert change.new["volume_nl"] == 40_000  # whole strokes
    bench.wait(hours=3)
    assert bench.status.strokes == strokes_due(1000, bench.running_ms()) + 160
    assert [(row.a, row.b) for row in bench.events("bolus_ended")] == [(40_000, 40_000)]
    assert bench.alarms == []


def test_a_stop_cancels_the_rest_of_a_bolus(bench: Bench) -> None:
    bench.infuse(1000)
    bench.wait(minutes=10)
    bench.pump.bolus(50_000)
    bench.wait(minutes=2)
    bench.pump.stop()
    bench.wait(minutes=1)
    (ended,) = bench.events("bolus_ended")
    assert 0 < ended.a < 50_000 == ended.b
    bench.pump.start()
    bench.wait(hours=1)
    assert bench.pump.dose().bolus_left_nl == 0


def test_boluses_are_locked_out_and_counted(bench: Bench) -> None:
    bench.infuse(1000)
    bench.wait(minutes=10)
    for _ in range(4):
        bench.pump.bolus(1_000)
        assert refusal_of(lambda: bench.pump.bolus(1_000)) == "locked_out"
        bench.wait(hours=4, seconds=1)
    assert refusal_of(lambda: bench.pump.bolus(1_000)) == "locked_out"  # four in 24 h
    bench.wait(hours=8)
    bench.pump.bolus(1_000)


def test_a_large_bolus_needs_its_override_and_a_too_large_one_is_refused(bench: Bench) -> None:
    bench.infuse(1000)
    bench.wait(minutes=10)
    assert refusal_of(lambda: bench.pump.bolus(60_000)) == "soft_limit"
    assert refusal_of(lambda: bench.pump.bolus(100_250, override="soft_bolus")) == "out_of_range"
    bench.pump.bolus(60_000, override="soft_bolus")
    bench.wait(seconds=1)
    assert len(bench.events("override")) == 1


def test_no_bolus_while_an_alarm_is_active(bench: Bench) -> None:
    bench.infuse(1000, 1_900_000)
    bench.wait(minutes=10)
    assert bench.alarms == ["reservoir_low"]
    assert refusal_of(lambda: bench.pump.bolus(1_000)) == "alarm_stands"


# ---- limits and keep-open (D6, D8) ----------------------------------------------------------------------------------


def test_the_hours_limit_leaves_the_keep_open_rate_and_lets_the_set_rate_come_back(bench: Bench) -> None:
    bench.pump.param_set("hour_limit_nl", 50_000)
    bench.infuse(3600)  # 150 uL an hour
    took_s = bench.run_until(lambda: bench.state == "keep_open", 3600, what="the limit", step_s=10)
    assert 950 <= took_s <= 1100  # 50 uL take 1200 s, and 8.5 of them are left to the keep-open rate
    assert bench.alarms == ["dose_limit"]
    most_nl, booked = 0, []
    for _ in range(6 * 60):
        bench.wait(minutes=1)
        booked.append(bench.truth()["pumped_nl"])
        if len(booked) > 60:
            most_nl = max(most_nl, booked[-1] - booked[-61])
    assert most_nl <= 50_000 * 1003 // 1000 + STROKE_NL  # the world's drive pumps 0.2 % more
    states = {row.b for row in bench.events("state")}
    assert {2, 8} <= states
    bench.run_until(lambda: bench.state == "infusing", 7200, what="the set rate", step_s=10)


def test_a_bolus_that_would_pass_the_days_limit_is_refused(bench: Bench) -> None:
    bench.pump.param_set("day_limit_nl", 1_030_000)  # the check assumes the worst timing of the basal strokes
    bench.infuse(1000)
    bench.wait(hours=1)
    assert refusal_of(lambda: bench.pump.bolus(50_000)) == "dose_limit"
    bench.pump.bolus(5_000)


@pytest.mark.needs("power_cuts")
@pytest.mark.parametrize("purpose", ["prime", "bridge"])
def test_primes_in_a_row_meet_the_limit_of_the_day_and_a_reset_is_no_way_around_it(bench: Bench, purpose: str) -> None:
    bench.refill()  # without a plan two primes are all that a day needs
    before_nl = bench.truth()["pumped_nl"]
    for _ in range(2):
        bench.pump.prime(900_000, purpose)
        bench.run_until(lambda: bench.state == "standby", 4000, what="its end", step_s=10)
        bench.wait(minutes=80)  # the volume of the hour is below its limit again
        bench.do("power_cut", 60)
        bench.run_until(lambda: bench.state == "standby", 70, what="the self-test")
    assert refusal_of(lambda: bench.pump.prime(900_000, purpose)) == "dose_limit"
    assert 1_790_000 <= bench.truth()["pumped_nl"] - before_nl <= 1_810_000


def test_no_keep_open_rate_gets_around_the_limit_of_the_day(bench: Bench) -> None:
    bench.pump.param_set("day_limit_nl", 100_000)
    bench.pump.param_set("keep_open_ul_day", 1000)
    bench.infuse(2000)
    hours = []
    for _ in range(60):
        bench.wait(hours=1)
        hours.append(bench.truth()["pumped_nl"])
    assert max(later - earlier for earlier, later in zip(hours, hours[24:], strict=False)) <= 100_300 + STROKE_NL
    assert hours[-1] - hours[-25] >= 30_000  # and the line stays open


# ---- what is read back (C1) ------------------------------------------------------------------------------------------


def test_a_bolus_is_given_as_it_was_read_back_or_not_at_all(bench: Bench) -> None:
    bench.infuse(1000)
    bench.wait(minutes=10)

    def lower(change: object) -> bool:
        bench.pump.pause()
        bench.pump.param_set("bolus_rate_ul_day", 50)
        bench.pump.resume()
        return True

    assert refusal_of(lambda: bench.pump.bolus(40_000, agree=lower)) == "no_draft"  # the confirmed rate replaced it
    bench.wait(minutes=10)
    assert bench.pump.dose().bolus_left_nl == 0 and bench.events("bolus") == []


# ---- timed plans ----------------------------------------------------------------------------------------------------


@pytest.mark.needs("exact_time")
def test_a_timed_plan_gives_its_volume_and_then_keeps_the_line_open(bench: Bench, evidence: Evidence) -> None:
    bench.set_up()
    bench.pump.therapy_set("timed", 2400, fluid="saline", volume_nl=200_000)
    bench.pump.start()
    bench.run_until(lambda: bench.state == "keep_open", 3 * 3600, what="the end", step_s=1)
    assert bench.status.delivered_nl == 200_000
    assert bench.alarms == ["infusion_complete"]
    bench.wait(hours=24)
    evidence.record("therapy.keep_open_nl_day", bench.status.delivered_nl - 200_000, 199_000, 201_000, "nL")


def test_a_timed_plan_ends_by_its_time(bench: Bench) -> None:
    bench.set_up()
    bench.pump.therapy_set("timed", 2400, fluid="saline", hours=2)
    bench.pump.start()
    bench.wait(hours=2, seconds=1)
    assert bench.state == "keep_open"
    assert bench.status.strokes == strokes_due(2400, 2 * 3_600_000)


# ---- primes and the dead volume (V4, V6) ----------------------------------------------------------------------------


def test_a_prime_moves_what_was_confirmed_and_is_no_dose(bench: Bench) -> None:
    bench.set_up()
    before_nl = bench.truth()["pumped_nl"]
    ledger_nl = bench.status.ledger_nl
    bench.pump.prime(20_000)
    assert bench.state == "priming"
    bench.run_until(lambda: bench.state == "standby", 600, what="its end")
    assert bench.truth()["pumped_nl"] - before_nl in range(19_900, 20_200)
    assert ledger_nl - bench.status.ledger_nl == 20_000
    assert bench.status.delivered_nl == 0
    bench.wait(minutes=10)
    assert bench.truth()["pumped_nl"] - before_nl in range(19_900, 20_200)


def test_the_old_fluid_goes_first_and_the_pump_says_for_how_long(bench: Bench, evidence: Evidence) -> None:
    bench.set_up(1000)
    bench.pump.therapy_set("intrahepatic", 1000, phase_h=24, cycles=1)
    bench.pump.start()
    bench.wait(hours=24, minutes=2)
    assert bench.alarms == ["refill_due"]
    bench.refill(16_000_000, "drug")
    assert bench.state == "standby"  # a change of fluid waits for a start, and nothing is bridged by itself
    bench.wait(hours=1)
    assert bench.truth()["fluid_front_nl"] < 2 * STROKE_NL
    bench.pump.start()
    dose = bench.pump.dose()
    assert (dose.tip_fluid, dose.hold_over_s) == ("saline", 25_920)  # 0.3 mL at 1 mL/day
    bench.wait(seconds=25_920 - 120)
    assert bench.pump.dose().tip_fluid == "saline"
    bench.wait(seconds=240)
    assert bench.pump.dose().tip_fluid == "drug"
    evidence.record("therapy.dead_volume_nl", bench.truth()["fluid_front_nl"], 297_000, 304_000, "nL")


# ---- the second count and the flow loop (S5) ------------------------------------------------------------------------


WEAR = {"drive_error_ppm": 0, "drive_drift_ppm_day": -80_000 // 14, "flow_scale_ppm": 0, "flow_offset_pl_s": 0}
LATE_WEAR = {"drive_error_ppm": -30_000, "drive_drift_ppm_day": -10_000}  # 3 % worn at the start, 8 % after five days
DRIVES = ["stepper", pytest.param("valves", marks=pytest.mark.needs("valves"))]


def errors_ppm(bench: Bench, days: int) -> list[int]:
    """Each day's volume error at 1 mL/day; 1 nL is 1 ppm."""
    errors = []
    for _ in range(days):
        before_nl = bench.truth()["delivered_nl"]
        bench.wait(days=1)
        errors.append(bench.truth()["delivered_nl"] - before_nl - 1_000_000)
    return errors


@pytest.mark.long("days at a set rate")
@pytest.mark.needs("flow")
@pytest.mark.parametrize("drive", ["stepper"])  # only the stepper drive has a tube that wears
def test_a_worn_tube_is_compensated_by_the_flow_sensor(make_bench: MakeBench, evidence: Evidence, drive: str) -> None:
    bench = make_bench(drive=drive, flow=True, **WEAR)
    bench.infuse(1000)
    errors = errors_ppm(bench, 7)
    evidence.record(f"therapy.worn_tube_worst_day_ppm.{drive}", max(errors, key=abs), -10_000, 10_000, "ppm")
    evidence.record(f"therapy.worn_tube_error_ppm.{drive}", sum(errors) // 7, -10_000, 10_000, "ppm")
    assert bench.alarms == []


@pytest.mark.long("days at a set rate")
@pytest.mark.parametrize("drive", ["stepper"])  # only the stepper drive has a tube that wears
def test_a_worn_tube_is_reported_without_a_flow_sensor(
    make_bench: MakeBench, evidence: Evidence, drive: str
) -> None:
    bench = make_bench(drive=drive, **WEAR | LATE_WEAR)
    bench.pump.param_set("disagreement_nl", 200_000)  # the least, so that days are enough
    bench.infuse(1000)
    errors = errors_ppm(bench, 5)
    evidence.record(f"therapy.worn_tube_worst_day_ppm.without_sensor.{drive}", min(errors), -80_000, -70_000, "ppm")
    assert "reservoir_disagreement" in bench.alarms


@pytest.mark.long("days at a set rate")
@pytest.mark.needs("flow")
@pytest.mark.parametrize(("wrong_pl_s", "days"), [(-1000, 4), (800, 4)])  # 8.6 and 6.9 % of 1 mL/day
def test_a_flow_sensor_that_is_wrong_within_its_bound_is_found_by_the_level(
    make_bench: MakeBench, evidence: Evidence, wrong_pl_s: int, days: int
) -> None:
    bench = make_bench(flow=True, **{**WEAR, "drive_drift_ppm_day": 0})
    bench.infuse(1000)
    bench.do("flow_wrong", wrong_pl_s)
    errors = errors_ppm(bench, days)
    assert bench.alarms == ["trim_refuted"]
    assert bench.state == "infusing"
    assert bench.pump.dose().trim_ppm == 0
    name = f"therapy.wrong_flow_sensor_error_ppm.{'low' if wrong_pl_s < 0 else 'high'}"
    evidence.record(name, sum(errors) // days, -60_000, 60_000, "ppm")
    (error,) = errors_ppm(bench, 1)
    assert abs(error) < 5_000


@pytest.mark.needs("flow")
@pytest.mark.parametrize(
    ("fault", "alarm"),
    [("off", "flow_sensor"), ("intermittent", "flow_sensor"), ("stuck", "flow_sensor"), ("garbage", "flow_trim"),
     ("wrong", "flow_trim")],
)  # fmt: skip
def test_a_faulty_flow_sensor_is_reported_and_changes_no_trim(make_bench: MakeBench, fault: str, alarm: str) -> None:
    bench = make_bench(flow=True, drive_error_ppm=-20_000)
    bench.infuse(1000)
    bench.do("flow_" + fault)
    bench.wait(hours=7)  # one set of measurement windows
    assert bench.pump.dose().trim_ppm == 0
    assert bench.alarms == [alarm]
