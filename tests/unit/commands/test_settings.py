"""Parameters beside the plan, acknowledging, clearing the log, resetting: what is refused, and what is answered."""

import persistence_rig
import pump_rig
import state_rig
from pump import defs


def _standing(ul_day=1000, **board):
    """A pump with a plan, in standby."""
    pump = pump_rig.infuse(pump_rig.Pump(**board), ul_day)
    pump.do("stop")
    return pump


def test_a_keep_open_rate_up_to_the_rate_is_accepted_and_without_a_plan_any():
    pump = _standing(300)
    assert pump.do("param_set", name="keep_open_ul_day", value=300)["new"] == {"keep_open_ul_day": 300}
    answer = pump.ask("param_set", name="keep_open_ul_day", value=301)
    assert (answer["refused"], answer["value"], answer["max"]) == (defs.REFUSE_ABOVE_RATE, 301, 300)
    pump = pump_rig.Pump()
    pump.run(0)
    pump.change("param_set", name="keep_open_ul_day", value=301)


def test_a_stroke_is_accepted_up_to_half_of_its_period_at_the_rate():
    # 10 steps in 1001 ms; 225 nL with the lowest trim, so 9710 uL/day at most.
    for ul_day, accepted in ((9710, True), (9711, False)):
        pump = _standing(ul_day, pl_per_step=25000, steps_per_stroke=10, backlash_steps=0, low_time_h=1)
        answer = pump.ask("param_set", name="step_interval_us", value=100000)
        assert answer["ok"] is accepted
        if not accepted:
            assert (answer["refused"], answer["value"]) == (defs.REFUSE_STROKE_TOO_SLOW, ul_day)


def test_an_acknowledgement_counts_what_it_acknowledges_and_what_still_stands():
    pump = _standing()
    assert (pump.do("ack")["acknowledged"], pump.do("ack")["standing"]) == (0, 0)
    assert pump.refused("ack", alarm=defs.ALARM_LEVEL_SENSOR) == defs.REFUSE_NO_SUCH_ALARM
    for note in (defs.NOTE_LEVEL_BLIND, defs.NOTE_RESERVOIR_LOW, defs.NOTE_PRESSURE_BLIND):
        pump.controller.conditions.note(note, True)
    pump.run(0)
    pump.controller.conditions.note(defs.NOTE_PRESSURE_BLIND, False)
    pump.run(0)
    answer = pump.do("ack", alarm=defs.ALARM_LEVEL_SENSOR)
    assert (answer["acknowledged"], answer["standing"]) == (1, 2)
    answer = pump.do("ack")
    assert (answer["acknowledged"], answer["standing"]) == (2, 2)


def test_the_reminder_of_an_alarm_that_stopped_the_pump_waits_anew_after_an_acknowledgement_but_not_that_of_a_pause():
    for state, begins_again in ((defs.STATE_STOPPED_ALARM, True), (defs.STATE_PAUSED, False)):
        pump = state_rig.REACH[state](pause_reminder_s=100)
        begin_ms = pump.app.uptime.s * 1000 + pump.app.uptime.ms
        pump.run(60000)
        pump.do("ack")
        while not pump.logged(defs.EVENT_REMINDER):
            pump.run(1000)
        took_ms = pump.app.uptime.s * 1000 + pump.app.uptime.ms - begin_ms
        assert took_ms // 1000 == (160 if begins_again else 100), state


def test_only_the_acknowledgement_of_a_refill_that_differs_lets_the_pump_start():
    pump = _standing()
    pump_rig.fill(pump, withdrawn_nl=15000000)
    pump.controller.conditions.note(defs.NOTE_LEVEL_BLIND, True)
    pump.run(0)
    held = defs.BIT_REFILL_UNSETTLED
    for alarm, holds in ((defs.ALARM_LEVEL_SENSOR, True), (defs.ALARM_REFILL_MISMATCH, False)):
        pump.do("ack", alarm=alarm)
        assert pump.controller.conditions.has(held) is holds
    pump.do("start")


def test_the_log_is_cleared_once_at_a_time():
    pump = pump_rig.Pump()
    pump.run(0)
    assert pump.refused("journal_clear") == defs.REFUSE_NOTHING_TO_DO  # there is no flash
    pump = persistence_rig.new()
    pump.run(0)
    answer = pump.do("journal_clear")
    assert (answer["old"], answer["new"]) == ({"area": "blank"}, {"area": "blank"})
    lines = (pump.frame("confirm", draft=answer["draft"], code=answer["code"]), pump.frame("journal_clear"))
    done, again = (dict(pump.app.dispatcher.answer(line.rstrip(), pump.board.clock.now)) for line in lines)
    assert (done["done"], again["refused"]) == ("journal_clear", defs.REFUSE_NOTHING_TO_DO)
    pump.run(10000)
    assert pump.do("journal_clear")["draft"] is not None


_CONFIRMED = (defs.STATE_INFUSING, defs.STATE_KEEP_OPEN, defs.STATE_PRIMING, defs.STATE_REFILLING)
_RESUMED = (defs.STATE_INFUSING, defs.STATE_KEEP_OPEN)


def test_a_reset_is_confirmed_where_it_interrupts_something_and_tells_whether_delivery_resumes():
    for state, reach in enumerate(state_rig.REACH):
        for policy in (0, 1):
            pump = reach(resume_policy=policy)
            answer = pump.do("reset")
            assert answer["old"] == {"state": state}
            assert (answer["draft"] is not None) == (state in _CONFIRMED), state
            assert answer["new"] == {"resumes": 1 if policy and state in _RESUMED else 0}, state
