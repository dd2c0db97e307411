"""What the controller makes of notes, alarms, requests and the supply in one step."""

import pump_rig
from persistence_rig import again, new
from pump import defs
from pump.core import ticks
from pump.journal import flash_area

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
    least_ms = flash_area.QUIET_MS
    for good, quiet_ms in ((False, least_ms), (True, least_ms - 1), (True, least_ms)):
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


class _Journal:
    """What a reset has found in flash."""

    recovered = True
    strokes_since = 3
    since_ul = 0
    since_pl = 750001

    def __init__(self):
        self.faults = []

    def fault(self, *record):
        self.faults.append(record)


def test_strokes_since_the_last_save_count_whole_and_in_the_least_time_that_they_took():
    controller = pump_rig.Pump().controller
    told = []
    controller.journal = _Journal()
    controller.guards.given = lambda *values: told.append(values)
    controller._book_since()
    assert told == [(751, 2 * 250000 // 278)]  # at 24 mL/day, with the first one at its beginning


def test_what_a_reset_has_ended_is_logged_with_the_volume_given_rounded_up():
    controller = pump_rig.Pump().controller
    for pl, given_nl in ((0, 0), (1, 1), (999001, 1000), (1000000, 1000), (2000001, 2000)):
        controller.journal = _Journal()
        controller.journal.since_pl = pl
        controller.delivery.cut_asked_nl = 2000
        controller.delivery.cut_given_nl = 0
        controller._record_cut()
        assert controller.journal.faults == [(defs.EVENT_BOLUS_CUT, given_nl, 2000)]


def test_a_relief_is_due_after_a_reset_by_an_alarm_of_the_line_or_the_state_that_follows_it():
    high = defs.ALARM_PRESSURE_LIMIT
    for event, a, b, due in (
        (defs.EVENT_ALARM_RAISED, defs.ALARM_OCCLUSION, 0, True),
        (defs.EVENT_ALARM_RAISED, high, 0, True),
        (defs.EVENT_ALARM_RAISED, defs.ALARM_RESERVOIR_LOW, 0, False),
        (defs.EVENT_ALARM_ACKNOWLEDGED, high, 0, False),
        (defs.EVENT_STATE, defs.STATE_INFUSING, defs.STATE_STOPPED_ALARM, True),
        (defs.EVENT_STATE, defs.STATE_INFUSING, defs.STATE_STANDBY, False),
        (defs.EVENT_RATE, 1000, defs.STATE_STOPPED_ALARM, False),
    ):
        pump = _standby()
        pump.do("start")
        pump.run(pump_rig.MINUTE)
        pump.controller.persistence.run = lambda slack_steps: None  # the power fails before the state is saved
        pump.controller.journal.write(event, a, b)
        assert pump_rig.Pump(store=pump.board.store).controller.response.was_due == due, (event, a, b)


def test_a_line_has_carried_flow_from_the_first_stroke_or_the_beginning_of_a_plan_on():
    pump = pump_rig.Pump()
    pump.run(pump_rig.MINUTE)
    assert not pump.controller._has_delivered()
    pump.controller.account.strokes = 1
    assert pump.controller._has_delivered()
    begun = pump_rig.infuse(pump_rig.Pump(), 50)
    assert begun.controller.account.strokes == 0 and begun.controller._has_delivered()


def test_a_requested_reset_comes_when_the_answer_has_left_and_no_stroke_is_under_way():
    pump = pump_rig.infuse(pump_rig.Pump(), 24000)
    controller = pump.controller
    found = []
    controller._reset_processor = lambda: found.append((pump.board.clock.now, controller.delivery.moving))
    pump.do("stop")
    pump.run(pump_rig.MINUTE)
    asked = controller.uptime.now
    controller.request_reset()
    pump.run(2000)
    assert found == [(ticks.add(asked, 500), False)]
    pump.do("start")
    pump.run_until(lambda: controller.delivery.moving)
    controller._reset(pump.board.clock.now)
    assert len(found) == 1
    pump.run(2000)
    assert len(found) == 2 and found[1][1] is False


def test_only_a_stop_by_an_alarm_or_a_fault_is_saved_at_once_and_only_once():
    pump = pump_rig.Pump()
    controller = pump.controller
    saved = []
    told = []
    controller.persistence.run = saved.append
    controller.guards.rate = lambda *values: told.append(values)
    now = pump.board.clock.now
    controller.evaluate(now)
    assert (saved, told) == ([], [])  # a pump that was just switched on has no flow
    for state, times in ((defs.STATE_STANDBY, 0), (defs.STATE_STOPPED_ALARM, 1), (defs.STATE_FAULT, 1)):
        saved.clear()
        controller._enter(state, now)
        controller.evaluate(now)
        controller.evaluate(now)
        assert len(saved) == times, state


def test_a_stop_by_an_alarm_of_the_line_begins_a_relief_and_nothing_else_does():
    for state, bit, begins in (
        (defs.STATE_STOPPED_ALARM, 0, False),
        (defs.STATE_STOPPED_ALARM, defs.BIT_OCCLUDED, True),
        (defs.STATE_STOPPED_ALARM, defs.BIT_PRESSURE_HIGH, True),
        (defs.STATE_STANDBY, defs.BIT_OCCLUDED, False),
    ):
        pump = pump_rig.infuse(pump_rig.Pump(), 1000)
        begun = []
        pump.controller.response.begin = lambda *values, begun=begun: begun.append(values)
        if bit:
            pump.app.conditions.set(bit)
        pump.controller._enter(state, pump.board.clock.now)
        assert bool(begun) == begins, (state, bit)


def test_a_relief_that_a_reset_has_prevented_begins_when_the_self_test_is_over_and_nothing_moves():
    for state, begins in (
        (defs.STATE_SELF_TEST, False),
        (defs.STATE_INFUSING, False),
        (defs.STATE_STANDBY, True),
        (defs.STATE_STOPPED_ALARM, True),
    ):
        controller = pump_rig.Pump().controller
        begun = []
        controller.supervisor.state = state
        controller.response.was_due = True
        controller.response.begin_late = begun.append
        controller.save(0)
        assert bool(begun) == begins, state


def test_a_phase_that_begins_by_itself_holds_its_clock_while_nothing_is_delivered():
    for running in (False, True):
        pump = pump_rig.infuse(pump_rig.Pump(), 1000)
        if not running:
            pump.do("stop")
        held = []
        pump.controller.plan.hold = lambda held=held: held.append(1)
        pump.controller._next_phase(pump.board.clock.now)
        assert bool(held) != running


def test_each_setting_is_counted_as_a_read_back_of_before_no_longer_holds():
    pump = pump_rig.Pump()
    assert pump.controller.settings_made == 0
    pump.controller.set_param(defs.PARAM_SILENCE_S, 60)
    assert pump.controller.settings_made == 1
    pump.controller.set_rate(1000, pump.board.clock.now)
    assert pump.controller.settings_made == 2
    pump.controller.finish_refill(16000000, defs.FLUID_SALINE, False, pump.board.clock.now)
    assert pump.controller.settings_made == 3


def test_a_withdrawal_is_logged_with_its_difference_from_the_ledger():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.do("stop")
    ledger_nl = pump.do("refill_begin")["ledger_nl"]
    pump.do("refill_withdrawn", volume_nl=ledger_nl - 12345)
    assert pump.logged(defs.EVENT_WITHDRAWN) == [[0, 0], [ledger_nl - 12345, -12345]]
