"""The plan: phases, their fluids and times, and refills that follow it or not."""

import fakes
from pump import conditions, defs, therapy, uptime


def _make(profile=defs.PROFILE_INTRAHEPATIC, phase_h=336, cycles=2, fluid=defs.FLUID_SALINE):
    facts = conditions.Conditions(defs.BIT_PLAN_MISSING)
    time = uptime.Uptime(0)
    plan = therapy.Therapy(facts, time)
    plan.set(profile, phase_h, cycles, fluid)
    return facts, time, plan


def test_without_a_plan():
    facts = conditions.Conditions(0)
    plan = therapy.Therapy(facts, uptime.Uptime(0))
    assert plan.profile == -1
    assert plan.fluid() == plan.next_fluid() == defs.FLUID_NONE
    assert plan.left_s() == -1
    plan.look()
    assert facts.word == 0


def test_intrahepatic_is_saline_then_drug_and_saline_in_turn():
    facts, _, plan = _make(cycles=2)
    assert not facts.has(defs.BIT_PLAN_MISSING)
    fluids = []
    for _ in range(plan.phases):
        fluids.append(plan.fluid())
        following = plan.next_fluid()
        plan.advance()
        assert following == (plan.fluid() if len(fluids) < plan.phases else defs.FLUID_NONE)
    assert fluids == [defs.FLUID_SALINE, defs.FLUID_DRUG, defs.FLUID_SALINE, defs.FLUID_DRUG, defs.FLUID_SALINE]


def test_continuous_has_one_fluid_and_no_end():
    facts, time, plan = _make(defs.PROFILE_CONTINUOUS, fluid=defs.FLUID_DRUG)
    plan.begin()
    time.s = 10 * 365 * 86400
    plan.look()
    assert (plan.fluid(), plan.next_fluid(), plan.left_s()) == (defs.FLUID_DRUG, defs.FLUID_NONE, -1)
    assert not facts.has(defs.BIT_PHASE_OVER)


def test_a_phase_runs_from_its_first_start():
    facts, time, plan = _make()
    time.s = 5000
    assert plan.left_s() == -1
    plan.look()
    assert not facts.has(defs.BIT_PHASE_OVER)
    assert plan.begin()
    time.s += 100
    assert not plan.begin()
    assert plan.left_s() == 336 * 3600 - 100
    time.s += 336 * 3600 - 101
    plan.look()
    assert not facts.has(defs.BIT_PHASE_OVER)
    time.s += 1
    plan.look()
    assert facts.has(defs.BIT_PHASE_OVER)
    time.s += 86400
    assert plan.left_s() == 0


def test_a_phase_that_begins_at_uptime_0_has_begun():
    _, _, plan = _make()
    assert plan.begin()
    assert not plan.begin()
    assert plan.left_s() == 336 * 3600


def test_the_next_phase_begins_with_the_next_start():
    facts, time, plan = _make()
    plan.begin()
    time.s = 336 * 3600
    plan.look()
    plan.advance()
    assert not facts.has(defs.BIT_PHASE_OVER)
    assert (plan.phase, plan.left_s()) == (1, -1)
    assert plan.begin()


def test_a_new_plan_forgets_the_old_one():
    facts, time, plan = _make()
    plan.begin()
    time.s = 336 * 3600
    plan.look()
    plan.advance()
    plan.set(defs.PROFILE_CONTINUOUS, 1, 1, defs.FLUID_DRUG)
    assert (plan.phase, plan.phases, plan.left_s()) == (0, 0, -1)
    assert not facts.has(defs.BIT_PHASE_OVER)


# ---- the plan of a whole pump -------------------------------------------------------------------------------------


def _planned(**more):
    pump = fakes.Pump()
    fakes.infuse(pump, 24000, profile="intrahepatic", phase_h=1, cycles=1, **more)
    return pump


def test_the_flow_goes_on_when_the_phase_is_over():
    pump = _planned()
    pump.run(fakes.HOUR + 2 * fakes.MINUTE)
    assert defs.ALARM_REFILL_DUE in [row[0] for row in pump.app.alarms.rows()]
    assert pump.app.supervisor.state == defs.STATE_INFUSING
    assert pump.ask("therapy")["phase_left_s"] == 0
    assert pump.app.delivery.strokes == fakes.strokes_due([(24000, fakes.HOUR + 2 * fakes.MINUTE)])


def test_the_refill_with_the_next_fluid_goes_on_to_the_next_phase():
    pump = _planned()
    pump.run(fakes.HOUR + fakes.MINUTE)
    assert fakes.fill(pump, fluid="drug")["phase"] == 1
    assert pump.app.supervisor.state == defs.STATE_STANDBY
    pump.do("start")
    assert not pump.app.conditions.has(defs.BIT_PHASE_OVER)
    plan = pump.ask("therapy")
    assert (plan["phase"], plan["fluid"], plan["next_fluid"]) == (1, "drug", "saline")
    assert pump.logged(defs.EVENT_PHASE) == [[0, defs.FLUID_SALINE], [1, defs.FLUID_DRUG]]


def test_the_next_fluid_before_its_time_needs_early():
    pump = _planned()
    pump.run(fakes.MINUTE)
    pump.do("refill_begin")
    before = pump.app.reservoir.ledger_nl()
    assert pump.refused("refill_finish", volume_nl=10000000, fluid="drug") == defs.REFUSE_PHASE_NOT_OVER
    assert pump.app.reservoir.ledger_nl() == before
    assert pump.app.supervisor.state == defs.STATE_REFILLING
    assert pump.do("refill_finish", volume_nl=10000000, fluid="drug", early=True)["phase"] == 1


def test_the_next_fluid_of_a_plan_that_has_not_begun_is_the_wrong_one():
    pump = _planned()
    pump.do("stop")
    pump.do("therapy_set", profile="intrahepatic", rate_ul_day=24000)
    pump.do("refill_begin")
    assert pump.refused("refill_finish", volume_nl=10000000, fluid="drug") == defs.REFUSE_WRONG_FLUID
    pump.do("refill_finish", volume_nl=10000000, fluid="drug", early=True)


def test_a_fluid_that_the_plan_does_not_name_is_refused():
    pump = fakes.infuse(fakes.Pump())
    pump.do("refill_begin")
    assert pump.refused("refill_finish", volume_nl=10000000, fluid="drug") == defs.REFUSE_WRONG_FLUID
    assert pump.refused("refill_finish", volume_nl=10000000, fluid="drug", early=True) == defs.REFUSE_WRONG_FLUID
    assert pump.app.reservoir.fluid == defs.FLUID_SALINE


def test_the_same_fluid_again_stays_in_the_phase():
    pump = _planned()
    pump.run(10 * fakes.MINUTE)
    assert fakes.fill(pump)["phase"] == 0
    pump.do("start")
    assert pump.ask("therapy")["phase_left_s"] == 50 * 60
    assert pump.logged(defs.EVENT_PHASE) == [[0, defs.FLUID_SALINE]]


def test_a_plan_for_another_fluid_holds_the_start_until_the_refill():
    pump = fakes.Pump()
    pump.run(0)
    fakes.fill(pump, fluid="drug")
    pump.do("therapy_set", profile="intrahepatic", rate_ul_day=1000)
    answer = pump.ask("start")
    assert (answer["refused"], answer["bits"]) == (defs.REFUSE_HELD, defs.BIT_FLUID_WRONG)
    fakes.fill(pump, fluid="saline")
    pump.do("start")


def test_a_plan_for_the_present_fluid_ends_the_hold():
    pump = fakes.Pump()
    pump.run(0)
    fakes.fill(pump, fluid="drug")
    pump.do("therapy_set", profile="intrahepatic", rate_ul_day=1000)
    pump.do("therapy_set", profile="continuous", rate_ul_day=1000, fluid="drug")
    pump.do("start")


def test_the_last_phase_names_no_next_fluid():
    pump = _planned()
    fakes.fill(pump, fluid="drug", early=True)
    fakes.fill(pump, fluid="saline", early=True)
    plan = pump.ask("therapy")
    assert (plan["phase"], plan["phases"], plan["next_fluid"]) == (2, 3, None)
    pump.do("refill_begin")
    assert pump.refused("refill_finish", volume_nl=1, fluid="drug", early=True) == defs.REFUSE_WRONG_FLUID


def test_a_stop_and_a_start_leave_the_time_of_the_phase():
    pump = _planned()
    pump.run(10 * fakes.MINUTE)
    pump.do("stop")
    pump.run(10 * fakes.MINUTE)
    pump.do("start")
    assert pump.ask("therapy")["phase_left_s"] == 40 * 60
