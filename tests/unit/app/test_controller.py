"""What the controller makes of notes, alarms, requests and the supply in one step."""

import pump_rig
from persistence_rig import again, new
from pump import defs

REQUIREMENTS = ("D7", "D12", "S6")

_ONCE = (
    defs.NOTE_LATE,
    defs.NOTE_DOSE_UNCERTAIN,
    defs.NOTE_SETTINGS_OLD,
    defs.NOTE_RECORDS_DAMAGED,
    defs.NOTE_BOLUS_CANCELLED,
    defs.NOTE_RESET_BY_FAULT,
)


def _standby():
    """A pump that has all it needs to start."""
    pump = new()
    pump.run(0)
    pump_rig.fill(pump)
    pump.change("therapy_set", **pump_rig.plan(24000))
    return pump


def test_what_happens_at_one_moment_is_noted_for_one_step_and_its_alarm_stays():
    for note in _ONCE:
        pump = pump_rig.Pump()
        pump.run(1000)
        pump.app.conditions.note(note, True)
        pump.run(0)
        assert not pump.app.conditions.notes & note, note
        assert pump.controller.alarms.rows(), note
    pump = pump_rig.Pump()
    pump.run(1000)
    pump.app.conditions.note(defs.NOTE_RESERVOIR_LOW, True)
    pump.controller.evaluate(pump.board.clock.now)
    assert pump.app.conditions.notes & defs.NOTE_RESERVOIR_LOW


def test_a_pump_that_could_start_waits_for_the_request_also_after_a_reset():
    for policy in (0, 1):
        pump = _standby()
        pump.change("param_set", name="resume_policy", value=policy)
        pump.app.conditions.clear(defs.BIT_STOPPED)
        pump.run(pump_rig.MINUTE)
        after = again(pump)
        after.run(10 * pump_rig.MINUTE)
        assert after.controller.supervisor.state == defs.STATE_STANDBY
        assert after.board.drive.strokes == 0 and after.logged(defs.EVENT_STATE)[-1][1] == defs.STATE_STANDBY


def test_delivery_would_resume_after_a_reset_only_by_its_policy_and_while_it_runs():
    pump = _standby()
    for policy in (0, 1):
        pump.change("param_set", name="resume_policy", value=policy)
        assert not pump.controller.resumes_after_reset()
        pump.do("start")
        assert pump.controller.resumes_after_reset() == (policy == 1)
        pump.do("stop")
        assert not pump.controller.resumes_after_reset()


def test_a_bolus_goes_on_at_an_alarm_of_low_priority_and_ends_at_a_higher_one():
    for note, ends in ((defs.NOTE_RESERVOIR_LOW, False), (defs.NOTE_LEVEL_BLIND, True)):
        pump = pump_rig.infuse(pump_rig.Pump(), 1000)
        pump.change("bolus", volume_nl=50000)
        pump.run(10000)
        assert pump.controller.delivery.bolus_left
        pump.app.conditions.note(note, True)
        pump.controller.evaluate(pump.board.clock.now)
        priority = pump.controller.alarms.priority
        assert (priority > defs.PRIORITY_LOW) == ends and priority >= defs.PRIORITY_LOW
        assert bool(pump.controller.delivery.bolus_left) != ends


def test_a_start_begins_a_period_and_a_resume_keeps_the_part_that_was_due():
    period_ms = 21600  # at 1 mL/day
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.run(period_ms * 3 // 4)
    assert pump.controller.account.strokes == 0
    pump.do("pause")
    pump.run(1000)
    pump.do("resume")
    pump.run(period_ms // 2)
    assert pump.controller.account.strokes == 1
    pump.do("stop")
    pump.run(1000)
    pump.do("start")
    pump.run(period_ms - 1000)
    assert pump.controller.account.strokes == 1
    pump.run(2000)
    assert pump.controller.account.strokes == 2


def test_only_a_request_that_begins_delivery_ends_the_stop_of_an_operator():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.do("stop")
    assert pump.app.conditions.has(defs.BIT_STOPPED)
    pump.do("refill_begin")
    assert pump.app.conditions.has(defs.BIT_STOPPED)
    pump.do("refill_withdrawn", volume_nl=15999000)
    pump.change("refill_finish", volume_nl=16000000, fluid="saline")
    assert pump.app.conditions.has(defs.BIT_STOPPED)
    pump.do("start")
    assert not pump.app.conditions.has(defs.BIT_STOPPED)


def test_flash_is_erased_only_with_a_supply_that_neither_falls_nor_is_out():
    pump = _standby()
    controller = pump.controller
    for falls, out in ((False, False), (True, False), (False, True), (True, True)):
        controller.environment.supply_falls = falls
        pump.app.conditions.put(defs.BIT_SUPPLY_OUT, out)
        controller.wants_erase()
        assert controller.journal.supply_good == (not falls and not out)
    asked = []
    told = []
    controller.environment.is_supply_good = lambda: asked.append(1) or False
    controller.persistence.tend = lambda quiet_ms, good: told.append(good) or False
    for good, quiet_ms in ((False, 60000), (True, 0), (True, 60000)):
        controller.journal.supply_good = good
        controller.tend_journal(quiet_ms)
    assert told == [False, True, False]
    assert len(asked) == 1  # right before an erase, when there is time for it


def test_a_drive_that_cannot_reverse_is_never_asked_to():
    for reverses in (False, True):
        pump = pump_rig.Pump(reverses=reverses)
        pump.run(100)
        assert (pump.controller.response._stroke_steps > 0) == reverses
        assert pump.controller.response._stroke_steps >= 0


def test_a_relief_that_is_in_the_log_is_not_due_again():
    for relieved in (False, True):
        pump = _standby()
        pump.do("start")
        pump.run(pump_rig.MINUTE)
        pump.controller.persistence.run = lambda slack_steps: None  # the power fails before the state is saved
        pump.controller.journal.write(defs.EVENT_ALARM_RAISED, defs.ALARM_OCCLUSION)
        if relieved:
            pump.controller.journal.write(defs.EVENT_RELIEF, 100, 14000)
        after = pump_rig.Pump(store=pump.board.store)
        assert after.controller.response.was_due != relieved
