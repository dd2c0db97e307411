"""The reservoir: two estimates, low and empty marks, and refills that a user enters."""

import pytest
from pumpctl import errors
from pumpctl.testing import Bench, Evidence

REQUIREMENTS = ("V1", "V2", "V3", "V4")
pytestmark = pytest.mark.needs("fresh", "world")

ML = 1_000_000


def test_ledger_follows_the_strokes(bench: Bench, evidence: Evidence) -> None:
    bench.infuse(1000, 16 * ML)
    bench.wait(days=2)
    status = bench.status
    assert status.ledger_nl == 16 * ML - status.strokes * 250
    assert status.level_nl is not None
    error_nl = status.level_nl - bench.truth()["reservoir_nl"]
    evidence.record("reservoir.level_error_nl", error_nl, -500_000, 500_000, "nL")


def test_low_comes_at_48_hours_or_2_ml_and_does_not_stop(bench: Bench) -> None:
    bench.infuse(4000, 8_400_000)  # 48 h at 4 mL/day are 8 mL
    bench.wait(hours=2, minutes=22)
    assert bench.alarms == []
    bench.wait(minutes=4)
    assert bench.alarms == ["reservoir_low"]
    assert bench.status.priority_name == "low"
    assert bench.state == "infusing"


def test_empty_stops_before_air(bench: Bench, evidence: Evidence) -> None:
    bench.infuse(24000, 2 * ML)
    bench.wait(hours=3)
    assert bench.state == "stopped_alarm"
    assert bench.alarms[0] == "reservoir_empty"
    truth = bench.truth()
    assert truth["air_nl"] == 0
    evidence.record("reservoir.left_at_empty_nl", truth["reservoir_nl"], 400_000, 600_000, "nL")


def test_time_left_is_right_to_three_minutes(bench: Bench, evidence: Evidence) -> None:
    bench.infuse(24000, 2 * ML)
    bench.wait(minutes=10)
    promised_s = bench.status.left_s
    assert promised_s is not None
    took_s = bench.run_until(lambda: bench.state == "stopped_alarm", 3 * 3600, what="the empty mark", step_s=10)
    evidence.record("reservoir.time_left_error_s", took_s - promised_s, -180, 180, "s")  # V1


@pytest.mark.needs("drain")
def test_a_leak_makes_the_estimates_disagree(bench: Bench, evidence: Evidence) -> None:
    bench.infuse(1000, 16 * ML)
    bench.wait(hours=1)
    bench.do("drain", 700_000)
    took_s = bench.run_until(lambda: "reservoir_disagreement" in bench.alarms, 3600, what="the disagreement", step_s=30)
    evidence.record("reservoir.disagreement_after_s", took_s, 0, 900, "s")
    assert bench.state == "infusing"


@pytest.mark.needs("drain")
def test_level_sensor_stops_a_pump_whose_ledger_is_wrong(bench: Bench) -> None:
    bench.infuse(1000, 16 * ML)
    bench.wait(hours=1)
    bench.do("drain", 15_700_000)
    bench.run_until(lambda: bench.state == "stopped_alarm", 3600, what="the stop", step_s=30)
    assert "reservoir_empty" in bench.alarms
    assert bench.truth()["air_nl"] == 0


@pytest.mark.needs("sensor_faults")
@pytest.mark.quick
def test_without_its_level_sensor_the_ledger_alone_counts(bench: Bench) -> None:
    bench.infuse(1000, 16 * ML)
    bench.do("level_off")
    bench.wait(minutes=10)
    assert bench.alarms == ["level_sensor"]
    assert bench.status.level_nl is None
    assert bench.state == "infusing"
    bench.do("level_works")
    bench.wait(minutes=20)
    bench.pump.ack()
    assert bench.alarms == []


def test_a_cancelled_refill_leaves_the_ledger(bench: Bench) -> None:
    bench.infuse(1000, 16 * ML)
    bench.wait(days=1)
    before = bench.status
    assert bench.pump.refill_begin() == before.ledger_nl
    assert bench.state == "refilling"
    bench.pump.refill_cancel()
    after = bench.status
    assert (after.ledger_nl, after.fluid, after.state_name) == (before.ledger_nl, before.fluid, "standby")


def test_contents_are_unknown_once_a_withdrawal_was_entered(bench: Bench) -> None:
    bench.infuse(1000, 16 * ML)
    bench.wait(days=1)
    bench.pump.refill_begin()
    bench.pump.refill_withdrawn(bench.truth()["reservoir_nl"])
    bench.pump.refill_cancel()
    assert (bench.status.fluid, bench.alarms) == ("none", ["refill_incomplete"])
    with pytest.raises(errors.Refused, match="contents_unknown"):
        bench.pump.start()
    bench.refill(16 * ML, "saline")
    bench.pump.start()
    assert bench.alarms == []


def test_refill_is_refused_with_more_than_the_reservoir_holds(bench: Bench) -> None:
    bench.set_up()
    bench.pump.refill_begin()
    with pytest.raises(errors.Refused) as refusal:
        bench.pump.refill_finish(20_000_001, "saline")
    assert refusal.value.name == "over_capacity"
    assert bench.status.ledger_nl == 16 * ML


def test_delivery_continues_after_a_refill_of_an_empty_reservoir(bench: Bench) -> None:
    bench.infuse(24000, 2 * ML)
    bench.wait(hours=3)
    bench.refill(16 * ML, "saline")
    with pytest.raises(errors.Refused, match="alarm_holds"):
        bench.pump.start()
    bench.pump.ack()
    bench.pump.start()
    bench.wait(hours=1)
    assert bench.state == "infusing"
    assert bench.alarms == ["reservoir_low"]  # at 24 mL/day even a full reservoir lasts for less than 48 h


def test_plan_leads_from_saline_to_drug(bench: Bench) -> None:
    bench.set_up()
    bench.pump.therapy_set("intrahepatic", 1000, phase_h=24, cycles=1)
    bench.pump.start()
    bench.wait(hours=12)
    bench.pump.refill_begin()
    bench.pump.refill_withdrawn(bench.truth()["reservoir_nl"])
    for fluid, name in (("drug", "phase_not_over"), ("none", "unknown_name")):
        with pytest.raises(errors.Refused) as refusal:
            bench.pump.refill_finish(10 * ML, fluid)
        assert refusal.value.name == name
    bench.pump.refill_finish(bench.truth()["reservoir_nl"], "saline")  # the same fluid: the phase goes on
    bench.pump.start()
    bench.wait(hours=12, minutes=2)
    assert bench.alarms == ["refill_due"]
    assert bench.state == "infusing"  # delivery goes on with the present fluid, so that the line does not clot
    bench.refill(16 * ML, "drug")
    bench.pump.start()
    plan = bench.pump.therapy()
    assert plan is not None
    assert (plan.phase, plan.fluid, plan.next_fluid, plan.phase_left_s) == (1, "drug", "saline", 86400)
    assert bench.alarms == []
