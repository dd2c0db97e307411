"""The plan of a whole pump: refills that follow it or not, and conditions that prevent a start."""

import pump_rig
from pump import defs

REQUIREMENTS = ("C1", "D6", "V6")


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
    early = {"volume_nl": 10000000, "fluid": "drug", "early": True}
    assert pump.refused("refill_finish", **early) == defs.REFUSE_PHASE_NOT_BEGUN
    pump.change("refill_finish", volume_nl=10000000, fluid="saline")
    pump.do("start")
    pump.do("refill_begin")
    pump.do("refill_withdrawn", volume_nl=10000000)
    pump.change("refill_finish", **early)


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
    pump.do("start")
    pump_rig.fill(pump, fluid="saline", early=True)
    plan = pump.ask("therapy")
    assert (plan["phase"], plan["phases"], plan["next_fluid"]) == (2, 3, None)
    pump.do("refill_begin")
    assert pump.refused("refill_finish", volume_nl=1, fluid="drug", early=True) == defs.REFUSE_WRONG_FLUID


def test_the_time_of_a_phase_is_held_in_a_pause_in_standby_and_during_a_refill():
    pump = _planned()
    pump.run(10 * pump_rig.MINUTE)
    for hold, go_on in ((("pause",), "resume"), (("stop",), "start"), (("refill_begin", "refill_cancel"), "start")):
        for command in hold:
            pump.do(command)
            pump.run(7 * pump_rig.MINUTE)
        assert pump.ask("therapy")["phase_left_s"] == 50 * 60
        pump.do(go_on)
    pump.run(50 * pump_rig.MINUTE - 1)
    assert defs.ALARM_REFILL_DUE not in [row[0] for row in pump.controller.alarms.rows()]
    pump.run(1)
    assert defs.ALARM_REFILL_DUE in [row[0] for row in pump.controller.alarms.rows()]


def test_the_read_back_of_a_rate_tells_how_long_it_holds():
    pump = _planned()
    pump.run(10 * pump_rig.MINUTE)
    assert pump.do("rate", ul_day=900)["new"]["holds_s"] == 50 * 60
    assert pump_rig.infuse(pump_rig.Pump()).do("rate", ul_day=900)["new"]["holds_s"] is None


def test_a_timed_volume_below_a_stroke_is_refused_and_a_larger_stroke_later_ends_it_before_it_begins():
    pump = pump_rig.Pump()
    pump.run(0)
    pump_rig.fill(pump, fluid="drug")
    fields = pump_rig.plan(fluid="drug", profile="timed", hours=0)
    answer = pump.ask("therapy_set", **dict(fields, volume_nl=249))
    assert (answer["refused"], answer["field"], answer["min"]) == (defs.REFUSE_OUT_OF_RANGE, "volume_nl", 250)
    pump.change("therapy_set", **dict(fields, volume_nl=250))
    pump.change("param_set", name="steps_per_stroke", value=101)
    pump.do("start")
    pump.run(pump_rig.MINUTE)
    assert pump.controller.supervisor.state == defs.STATE_KEEP_OPEN and pump.board.drive.strokes == 0


def test_after_the_last_phase_the_line_is_kept_open_and_no_next_fluid_is_due():
    rows = [[1, 1000, 0, 1], [2, 1000, 1, 1]]
    pump = pump_rig.infuse(pump_rig.Pump(), fields={"profile": "intrahepatic", "rows": rows})
    pump.run(pump_rig.HOUR)
    pump_rig.fill(pump, fluid="drug")
    pump.do("start")
    pump.run(pump_rig.HOUR)
    assert pump.controller.supervisor.state == defs.STATE_KEEP_OPEN
    assert [row[0] for row in pump.controller.alarms.rows()] == [defs.ALARM_INFUSION_COMPLETE]


def test_the_time_of_a_phase_goes_on_while_a_limit_keeps_the_line_open():
    pump = pump_rig.infuse(
        pump_rig.Pump(hour_limit_nl=50000, low_time_h=1), fields=pump_rig.plan(2000, profile="timed", hours=10)
    )
    while pump.controller.supervisor.state != defs.STATE_KEEP_OPEN:
        pump.run(pump_rig.MINUTE)
    left_s = pump.do("therapy")["phase_left_s"]
    pump.run(10 * pump_rig.MINUTE)
    assert pump.controller.supervisor.state == defs.STATE_KEEP_OPEN
    assert pump.do("therapy")["phase_left_s"] == left_s - 600


def test_a_higher_rate_raises_the_low_mark_with_it():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.do("stop")
    pump_rig.fill(pump, 3000000)
    pump.do("start")
    pump.run(pump_rig.MINUTE)
    assert not pump.controller.conditions.noted(defs.NOTE_RESERVOIR_LOW)  # 2 mL are 48 h
    pump.change("rate", ul_day=2000)
    pump.run(pump_rig.MINUTE)
    assert pump.controller.conditions.noted(defs.NOTE_RESERVOIR_LOW)  # 4 mL are 48 h
