"""A reset is never silent, an internal error is in flash at once, and what hangs again and again stays stopped."""

import pump_rig
from persistence_rig import again, new
from pump import defs

REQUIREMENTS = ("D12", "S3", "A2", "A5", "C8")
_BY_FAULT = (defs.RESET_WATCHDOG, defs.RESET_FAULT)


def _infusing(policy, minutes=60):
    pump = new()
    pump.run(0)
    pump.change("param_set", name="resume_policy", value=policy)
    pump_rig.infuse(pump, 1000)
    pump.run(minutes * pump_rig.MINUTE)
    return pump


def _restarted(pump, cause):
    """The pump after a reset with this cause, before its first step."""
    after = pump_rig.Pump(store=pump.board.store, reset_cause=cause)
    after.board.level.full_nl = pump.board.level.full_nl - pump.board.drive.moved_nl()
    return after


def _reset(pump, cause, span_ms=100):
    """The pump after a reset with this cause, so long afterwards."""
    after = _restarted(pump, cause)
    after.run(span_ms)
    return after


def _alarms(pump):
    """[number, stands] of each alarm, the highest priority first."""
    return [row[:2] for row in pump.controller.alarms.rows()]


# ---- delivery that does not go on ---------------------------------------------------------------------------------


def test_a_delivery_that_a_reset_ends_is_a_latched_medium_alarm_with_light_and_sound():
    for cause in (defs.RESET_POWER_ON, defs.RESET_BROWN_OUT, defs.RESET_REQUEST):
        pump = _reset(_infusing(0), cause)
        assert _alarms(pump) == [[defs.ALARM_DELIVERY_STOPPED, 1]]
        light, tone = pump.board.annunciator.light, pump.board.annunciator.tone
        assert (light, tone) == (defs.PRIORITY_MEDIUM, defs.PRIORITY_MEDIUM)
        pump.do("start")
        assert _alarms(pump) == [[defs.ALARM_DELIVERY_STOPPED, 0]]
        pump.do("ack")
        assert _alarms(pump) == []


def test_that_alarm_is_there_after_further_resets_and_comes_again_when_it_was_acknowledged():
    pump = _reset(_infusing(0), defs.RESET_POWER_ON)
    pump.do("ack")
    for _ in range(3):
        pump = again(pump)
        assert _alarms(pump) == [[defs.ALARM_DELIVERY_STOPPED, 1]]
        assert pump.board.annunciator.tone == defs.PRIORITY_MEDIUM


def test_a_delivery_that_resumes_after_a_power_loss_is_no_alarm():
    pump = _reset(_infusing(1), defs.RESET_POWER_ON)
    assert pump.controller.supervisor.state == defs.STATE_INFUSING
    assert _alarms(pump) == []


def test_a_delivery_whose_resume_is_held_is_an_alarm():
    pump = _infusing(1)
    after = pump_rig.Pump(store=pump.board.store)
    after.board.level.full_nl = pump.board.level.full_nl - pump.board.drive.moved_nl()
    after.controller.conditions.set(defs.BIT_FLUID_WRONG)
    after.run(100)
    assert after.logged(defs.EVENT_RESUMED) == [[defs.BIT_FLUID_WRONG, 0]]
    assert [defs.ALARM_DELIVERY_STOPPED, 1] in _alarms(after)


def test_a_reset_of_a_pump_that_did_not_deliver_is_no_alarm():
    pump = new()
    pump.run(pump_rig.MINUTE)
    assert _alarms(_reset(pump, defs.RESET_POWER_ON)) == []
    pump = _infusing(0)
    pump.do("stop")
    assert _alarms(_reset(pump, defs.RESET_POWER_ON)) == []


def test_a_prime_that_a_reset_ends_is_an_alarm_once_the_line_has_carried_flow():
    pump = new()
    pump.run(0)
    pump_rig.fill(pump)
    pump.change("prime", volume_nl=100000, purpose="prime")
    pump.run(1000)
    assert [defs.ALARM_DELIVERY_STOPPED, 1] not in _alarms(_reset(pump, defs.RESET_POWER_ON))
    pump = _infusing(0)
    pump.do("stop")
    pump.change("prime", volume_nl=100000, purpose="bridge")
    pump.run(1000)
    assert [defs.ALARM_DELIVERY_STOPPED, 1] in _alarms(_reset(pump, defs.RESET_POWER_ON))


# ---- standby after delivery ---------------------------------------------------------------------------------------


def test_a_pump_that_has_delivered_and_is_not_started_again_is_a_medium_alarm():
    pump = _infusing(0)
    pump.do("stop")
    pump.run(899 * 1000)
    assert _alarms(pump) == []
    pump.run(1000)
    assert _alarms(pump) == [[defs.ALARM_DELIVERY_STOPPED, 1]]
    assert pump.controller.alarms.priority == defs.PRIORITY_MEDIUM


def test_a_pump_that_has_never_delivered_is_reminded_of_by_a_low_alarm():
    pump = new()
    pump.run(pump_rig.HOUR)
    assert _alarms(pump) == [[defs.ALARM_STANDBY_LONG, 1]]
    assert pump.controller.alarms.priority == defs.PRIORITY_LOW


def test_a_stop_by_an_alarm_that_was_acknowledged_is_called_to_mind():
    pump = _infusing(0)
    pump.controller.conditions.set(defs.BIT_UPSTREAM_BLOCKED)
    pump.run(0)
    pump.controller.conditions.clear(defs.BIT_UPSTREAM_BLOCKED)
    pump.run(0)
    pump.do("ack")
    assert (pump.controller.supervisor.state, _alarms(pump)) == (defs.STATE_STOPPED_ALARM, [])
    pump.run(900 * 1000)
    assert _alarms(pump) == [[defs.ALARM_DELIVERY_STOPPED, 1]]


def test_nothing_that_withholds_delivery_or_prolongs_a_drug_is_a_low_alarm():
    ranks = {row[0]: row[3] for row in defs.ALARMS}
    for alarm in (
        defs.ALARM_DELIVERY_STOPPED, defs.ALARM_PAUSE_LONG, defs.ALARM_INPUT_AWAITED, defs.ALARM_REFILL_DUE,
        defs.ALARM_RESET_BY_FAULT,
    ):  # fmt: skip
        assert ranks[alarm] == defs.PRIORITY_MEDIUM, alarm
    assert ranks[defs.ALARM_RESETS_REPEAT] == defs.PRIORITY_HIGH
    assert all(row[4] for row in defs.ALARMS if 140 <= row[0] <= 142)  # latched


# ---- resets by the watchdog or after a fatal error -----------------------------------------------------------------


def test_every_reset_by_a_fault_is_a_latched_alarm_whether_delivery_resumes_or_not():
    for cause in _BY_FAULT:
        for policy, state in ((0, defs.STATE_STANDBY), (1, defs.STATE_INFUSING)):
            pump = _reset(_infusing(policy), cause)
            assert pump.controller.supervisor.state == state
            assert [defs.ALARM_RESET_BY_FAULT, 0] in _alarms(pump)
            assert pump.controller.alarms.priority == defs.PRIORITY_MEDIUM
            assert pump.board.annunciator.tone == defs.PRIORITY_MEDIUM
            assert pump.logged(defs.EVENT_RESETS_COUNTED) == [[1, 0]]
            pump.run(pump_rig.HOUR)
            assert [defs.ALARM_RESET_BY_FAULT, 0] in _alarms(pump)


def test_a_reset_by_a_fault_in_standby_is_an_alarm_too():
    pump = new()
    pump.run(pump_rig.MINUTE)
    assert _alarms(_reset(pump, defs.RESET_WATCHDOG)) == [[defs.ALARM_RESET_BY_FAULT, 0]]


def test_the_second_reset_in_ten_minutes_is_a_high_alarm_and_the_third_ends_the_automatic_resume():
    pump = _infusing(1)
    states, priorities = [], []
    for _ in range(6):
        pump = _reset(pump, defs.RESET_WATCHDOG, 12000)
        states.append(pump.controller.supervisor.state)
        priorities.append(pump.controller.alarms.priority)
    assert states == [defs.STATE_INFUSING] * 2 + [defs.STATE_STANDBY] * 4
    assert priorities == [defs.PRIORITY_MEDIUM] + [defs.PRIORITY_HIGH] * 5
    assert [defs.ALARM_DELIVERY_STOPPED, 1] in _alarms(pump)
    assert pump.logged(defs.EVENT_RESETS_COUNTED)[:3] == [[1, 0], [2, 0], [3, 1]]
    pump.do("ack")
    pump.do("start")
    pump.run(pump_rig.HOUR)
    assert pump.controller.supervisor.state == defs.STATE_INFUSING


def test_resets_that_are_ten_minutes_apart_are_medium_alarms_and_resume():
    pump = _infusing(1)
    for _ in range(6):
        pump = _reset(pump, defs.RESET_WATCHDOG, 100)
        pump.do("ack")
        pump.run(11 * pump_rig.MINUTE)
        assert pump.controller.supervisor.state == defs.STATE_INFUSING
    assert pump.logged(defs.EVENT_RESETS_COUNTED) == [[1, 0]] * 6


def test_a_reset_is_counted_although_the_next_comes_before_the_first_step_is_over():
    pump = _infusing(1)
    for count in (1, 2, 3):
        pump = pump_rig.Pump(store=pump.board.store, reset_cause=defs.RESET_WATCHDOG)  # it hangs at once
        assert pump.controller.resets.count == count
    assert [defs.ALARM_RESETS_REPEAT, 0] in _alarms(pump)
    pump.run(1000)
    assert pump.controller.supervisor.state == defs.STATE_STANDBY


def test_a_pump_that_cannot_save_its_count_does_not_resume():
    pump = _infusing(1)
    pump.board.store.refusals = 1000
    after = pump_rig.Pump(store=pump.board.store, reset_cause=defs.RESET_WATCHDOG)
    after.run(1000)
    assert after.board.drive.strokes == 0
    assert after.controller.supervisor.state != defs.STATE_INFUSING


# ---- an internal error --------------------------------------------------------------------------------------------


def _raise(*_):
    raise ValueError("defect")


def test_a_job_that_raises_in_every_step_leaves_fault_and_alarm_in_flash_before_anything_else():
    count = len(_infusing(1, 1).app.scheduler.jobs)
    for at in range(count):
        pump = _infusing(1, 1)
        job = pump.app.scheduler.jobs[at]
        job.run = _raise
        job.at(pump.board.clock.now)
        pump.main(0)  # the first failure, and what follows it at once
        after = _reset(pump, defs.RESET_WATCHDOG)
        assert after.controller.supervisor.state == defs.STATE_STANDBY, at
        assert [defs.ALARM_INTERNAL_ERROR, 0] in _alarms(after), at
        assert after.controller.alarms.priority == defs.PRIORITY_HIGH
        after.run(pump_rig.HOUR)
        assert after.board.drive.strokes == 0, at
        assert after.refused("start") == defs.REFUSE_HELD


def test_an_error_in_what_a_fault_needs_done_does_not_keep_fault_and_alarm_from_flash():
    for breaks in ("stop", "show", "report", "write"):
        pump = _infusing(1, 1)
        part = {"stop": pump.board.drive, "show": pump.board.annunciator, "report": pump.board}.get(breaks)
        setattr(part or pump.app.journal, breaks, _raise)
        if breaks == "write":
            pump.app.controller.reminders._journal = pump.app.journal
        pump.app.scheduler.jobs[3].run = _raise
        pump.app.scheduler.jobs[3].at(pump.board.clock.now)
        try:
            pump.main(0)
        except ValueError:
            assert breaks == "stop"  # only at the end of the test's own main loop
        after = _reset(pump, defs.RESET_WATCHDOG)
        assert after.controller.supervisor.state == defs.STATE_STANDBY, breaks
        assert [defs.ALARM_INTERNAL_ERROR, 0] in _alarms(after), breaks


def test_a_fault_is_in_flash_although_the_rest_of_its_step_hangs():
    fault = (defs.BIT_COUNT_WRONG, defs.ALARM_COUNT_MISMATCH, defs.STATE_FAULT)
    for bit, alarm, state in (fault, (defs.BIT_OCCLUDED, defs.ALARM_OCCLUSION, defs.STATE_STOPPED_ALARM)):
        pump = _infusing(1, 1)
        pump.controller.saving.run = pump.app.port.job.run = pump.controller.alarms.player.run = lambda now: None
        pump.controller.conditions.set(bit)
        pump.app.step()
        after = _restarted(pump, defs.RESET_WATCHDOG)
        assert after.controller.persistence.saved_state() == state
        after.run(100)
        assert after.controller.supervisor.state == defs.STATE_STANDBY
        assert [alarm, 0] in _alarms(after)
        after.run(pump_rig.HOUR)
        assert after.board.drive.strokes == 0


def _faults(pump):
    """The events in the ring that holds faults only."""
    events = []
    row = pump.app.journal._faults.following(0)
    while row:
        events.append(row[3])
        row = pump.app.journal._faults.following(row[0] + 1)
    return events


def test_what_only_a_fault_leaves_behind_is_in_the_ring_of_faults():
    pump = _infusing(0, 1)
    pump.change("bolus", volume_nl=50000)
    pump.run(pump_rig.MINUTE)
    after = _reset(pump, defs.RESET_WATCHDOG)
    after.app.dispatcher._methods["status"] = _raise
    after.ask("status")
    kept = _faults(after)
    for event in (defs.EVENT_RESETS_COUNTED, defs.EVENT_BOLUS_CUT, defs.EVENT_QUERY_FAILED):
        assert kept.count(event) == 1, event
    assert defs.EVENT_RECOVERED not in kept  # nothing was damaged
    assert defs.EVENT_STATE not in kept
    ring = after.app.journal._snapshot_ring
    after.board.store.data[ring.place_of(ring.head, ring.slot - 1) + 20] ^= 1
    damaged = _reset(after, defs.RESET_POWER_ON)
    assert damaged.logged(defs.EVENT_RECOVERED)[-1][0] == 1
    assert _faults(damaged).count(defs.EVENT_RECOVERED) == 1


def test_a_fault_that_could_not_be_saved_is_saved_when_the_flash_works_again():
    pump = _infusing(1, 1)
    pump.controller.evaluate = pump.controller.before_motion.run = _raise  # nothing else saves the state
    pump.board.store.refusals = 1 << 20
    pump.main(500)
    pump.board.store.refusals = 0
    pump.main(500)
    after = _restarted(pump, defs.RESET_WATCHDOG)
    assert after.controller.persistence.saved_state() == defs.STATE_FAULT
    assert [defs.ALARM_INTERNAL_ERROR, 0] in _alarms(after)


def test_the_drive_is_stopped_before_the_fault_is_written():
    pump = _infusing(1, 1)
    pump.run_until(pump.board.drive.moving)
    moving = []
    program, erase = pump.board.store.program, pump.board.store.erase

    def programmed(at, page):
        moving.append(pump.board.drive.moving())
        program(at, page)

    def erased(at):
        moving.append(pump.board.drive.moving())
        erase(at)

    pump.board.store.program, pump.board.store.erase = programmed, erased
    pump.app.scheduler.jobs[0].run = _raise
    pump.app.scheduler.jobs[0].at(pump.board.clock.now)
    pump.main(0)
    assert moving and not any(moving)


def test_the_state_in_flash_is_the_fault_or_the_stop_by_an_alarm_at_once():
    pump = _infusing(1, 1)
    pump.app.scheduler.jobs[0].run = _raise
    pump.app.scheduler.jobs[0].at(pump.board.clock.now)
    pump.main(0)
    assert _restarted(pump, defs.RESET_WATCHDOG).controller.persistence.saved_state() == defs.STATE_FAULT
    for bit, state in ((defs.BIT_UPSTREAM_BLOCKED, defs.STATE_STOPPED_ALARM), (defs.BIT_COUNT_WRONG, defs.STATE_FAULT)):
        pump = _infusing(1, 1)
        pump.controller.saving.run = pump.app.port.job.run = pump.controller.alarms.player.run = lambda now: None
        pump.controller.conditions.set(bit)
        pump.app.step()
        assert _restarted(pump, defs.RESET_WATCHDOG).controller.persistence.saved_state() == state


def test_a_job_that_fails_in_every_step_ends_in_the_fault_state_with_light_and_sound():
    count = len(_infusing(1, 1).app.scheduler.jobs)
    for at in range(count):
        pump = _infusing(1, 1)
        job = pump.app.scheduler.jobs[at]
        job.run = _raise
        job.at(pump.board.clock.now)
        pump.main(1000)
        assert pump.controller.supervisor.state == defs.STATE_FAULT, at
        assert pump.board.annunciator.light == pump.board.annunciator.tone == defs.PRIORITY_HIGH, at


# ---- errors in queries and telemetry ------------------------------------------------------------------------------


def test_an_error_in_a_query_is_answered_and_delivery_goes_on():
    here = 1 << defs.STATE_INFUSING
    queries = [name for name, row in defs.COMMANDS.items() if not row[1] and row[3] & here and name != "stop"]
    assert len(queries) > 10
    for name in queries:
        pump = _infusing(0, 1)
        pump.app.dispatcher._methods[name] = _raise
        fields = {
            "journal_read": {"at": 0}, "telemetry": {"period_s": 0},
            "session_open": {"name": "a", "role": "view", "nonce": "00" * 16},
        }.get(name, {})  # fmt: skip
        for _ in range(3):
            answer = pump.ask(name, **fields)
            assert (answer["refused"], answer["cmd"]) == (defs.REFUSE_QUERY_FAILED, name)
        assert pump.logged(defs.EVENT_QUERY_FAILED) == [[defs.COMMANDS[name][0], 0]]
        assert len(pump.board.errors) == 1
        pump.run(pump_rig.MINUTE)
        assert pump.controller.supervisor.state == defs.STATE_INFUSING
        assert pump.controller.alarms.rows() == []


def test_an_error_in_telemetry_turns_it_off_and_delivery_goes_on():
    pump = _infusing(0, 1)
    pump.do("telemetry", period_s=10)
    pump.app.port._status = _raise
    pump.run(pump_rig.HOUR)
    assert pump.logged(defs.EVENT_QUERY_FAILED) == [[0, 0]]
    assert pump.controller.supervisor.state == defs.STATE_INFUSING
    assert pump.do("status")["state"] == defs.STATE_INFUSING


def test_an_error_in_an_event_leaves_that_event_out():
    pump = _infusing(0, 1)
    pump.do("status")
    read = pump.app.journal.read
    bad = pump.app.journal.next

    def broken(sequence):
        return _raise() if sequence == bad else read(sequence)

    pump.app.journal.read = broken
    pump.do("silence")
    pump.run(1000)
    pump.app.journal.read = read
    pump.do("pause")
    pump.run(1000)
    assert pump.controller.supervisor.state == defs.STATE_PAUSED
    assert pump.logged(defs.EVENT_QUERY_FAILED) == [[0, 0]]


def test_memory_that_has_gone_bad_is_a_fault_also_when_a_query_finds_it():
    pump = _infusing(0, 1)
    pump.controller.supervisor.word._value ^= 4
    pump.board.link.waiting.extend(pump.frame("status"))
    pump.app.scheduler.take((pump.app.port.job,))
    pump.main(1)
    assert pump.controller.conditions.has(defs.BIT_INTERNAL_ERROR)


def test_an_error_in_a_command_that_operates_is_a_fault():
    pump = _infusing(0, 1)
    pump.app.dispatcher._methods["pause"] = _raise
    pump.board.link.waiting.extend(pump.frame("pause"))
    pump.main(1000)
    assert pump.controller.supervisor.state == defs.STATE_FAULT
