"""The plan of a whole pump: refills that follow it or not, and conditions that prevent a start."""

import pump_rig
from pump import defs

REQUIREMENTS = ("D6", "V6")


def _planned():
    return pump_rig.infuse(pump_rig.Pump(), fields=pump_rig.alternating(24000, hours=1))


def test_the_flow_goes_on_when_the_phase_is_over():
    pump = _planned()
    pump.run(pump_rig.HOUR + 2 * pump_rig.MINUTE)
    assert defs.ALARM_REFILL_DUE in [row[0] for row in pump.controller.alarms.rows()]
    assert pump.controller.supervisor.state == defs.STATE_INFUSING
    assert pump.ask("therapy")["phase_left_s"] == 0
    assert pump.controller.account.strokes == pump_rig.strokes_due([(24000, pump_rig.HOUR + 2 * pump_rig.MINUTE)])


def test_the_refill_with_the_next_fluid_goes_on_to_the_next_phase():
    pump = _planned()
    pump.run(pump_rig.HOUR + pump_rig.MINUTE)
    assert pump_rig.fill(pump, fluid="drug")["new"]["phase"] == 1
    assert pump.controller.supervisor.state == defs.STATE_STANDBY
    pump.do("start")
    assert not pump.app.conditions.noted(defs.NOTE_PHASE_OVER)
    plan = pump.ask("therapy")
    assert (plan["phase"], plan["fluid"], plan["next_fluid"]) == (1, "drug", "saline")
    assert pump.logged(defs.EVENT_PHASE) == [[0, defs.FLUID_SALINE], [1, defs.FLUID_DRUG]]


def test_the_next_fluid_before_its_time_needs_early():
    pump = _planned()
    pump.run(pump_rig.MINUTE)
    pump.do("refill_begin")
    before = pump.controller.reservoir.ledger_nl()
    assert pump.refused("refill_finish", volume_nl=10000000, fluid="drug") == defs.REFUSE_PHASE_NOT_OVER
    assert pump.controller.reservoir.ledger_nl() == before
    assert pump.controller.supervisor.state == defs.STATE_REFILLING
    pump.do("refill_withdrawn", volume_nl=before)
    pump.change("refill_finish", volume_nl=10000000, fluid="drug", early=True)
    assert pump.controller.plan.phase == 1


def test_the_next_fluid_of_a_plan_that_has_not_begun_is_the_wrong_one():
    pump = _planned()
    pump.do("stop")
    pump.change("therapy_set", **pump_rig.alternating(24000, hours=1))
    ledger_nl = pump.do("refill_begin")["ledger_nl"]
    assert pump.refused("refill_finish", volume_nl=10000000, fluid="drug") == defs.REFUSE_WRONG_FLUID
    pump.do("refill_withdrawn", volume_nl=ledger_nl)
    pump.change("refill_finish", volume_nl=10000000, fluid="drug", early=True)


def test_a_fluid_that_the_plan_does_not_name_is_refused():
    pump = pump_rig.infuse(pump_rig.Pump())
    pump.do("refill_begin")
    assert pump.refused("refill_finish", volume_nl=10000000, fluid="drug") == defs.REFUSE_WRONG_FLUID
    assert pump.refused("refill_finish", volume_nl=10000000, fluid="drug", early=True) == defs.REFUSE_WRONG_FLUID
    assert pump.controller.reservoir.fluid == defs.FLUID_SALINE


def test_the_same_fluid_again_stays_in_the_phase():
    pump = _planned()
    pump.run(10 * pump_rig.MINUTE)
    assert pump_rig.fill(pump)["new"]["phase"] == 0
    pump.do("start")
    assert pump.ask("therapy")["phase_left_s"] == 50 * 60
    assert pump.logged(defs.EVENT_PHASE) == [[0, defs.FLUID_SALINE]]


def test_a_plan_for_another_fluid_holds_the_start_until_the_refill():
    pump = pump_rig.Pump()
    pump.run(0)
    pump_rig.fill(pump, fluid="drug")
    pump.change("therapy_set", **pump_rig.alternating())
    answer = pump.ask("start")
    assert (answer["refused"], answer["bits"]) == (defs.REFUSE_HELD, defs.BIT_FLUID_WRONG)
    pump_rig.fill(pump, fluid="saline")
    pump.do("start")


def test_a_plan_for_the_present_fluid_ends_the_hold():
    pump = pump_rig.Pump()
    pump.run(0)
    pump_rig.fill(pump, fluid="drug")
    pump.change("therapy_set", **pump_rig.alternating())
    pump.change("therapy_set", **pump_rig.plan(fluid="drug"))
    pump.do("start")


def test_the_last_phase_names_no_next_fluid():
    pump = _planned()
    pump_rig.fill(pump, fluid="drug", early=True)
    pump_rig.fill(pump, fluid="saline", early=True)
    plan = pump.ask("therapy")
    assert (plan["phase"], plan["phases"], plan["next_fluid"]) == (2, 3, None)
    pump.do("refill_begin")
    assert pump.refused("refill_finish", volume_nl=1, fluid="drug", early=True) == defs.REFUSE_WRONG_FLUID


def test_a_stop_and_a_start_leave_the_time_of_the_phase():
    pump = _planned()
    pump.run(10 * pump_rig.MINUTE)
    pump.do("stop")
    pump.run(10 * pump_rig.MINUTE)
    pump.do("start")
    assert pump.ask("therapy")["phase_left_s"] == 40 * 60
