"""A stop of an operator is a latch: nothing begins until an operator begins it, in no state and over no reset."""

import pump_rig
from persistence_rig import again, new
from pump import defs

REQUIREMENTS = ("D9", "D12", "O5")
_BEGINS = (defs.STATE_INFUSING, defs.STATE_KEEP_OPEN, defs.STATE_PRIMING)


def _blocked(pump):
    """A pump that an occlusion has just stopped, with automatic restarts allowed."""
    pump.run(0)
    pump.change("param_set", name="occlusion_retries", value=3)
    pump_rig.infuse(pump, 1000)
    pump.run(20 * pump_rig.MINUTE)
    pump.board.pressure.block()
    pump.run_until(lambda: pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM)
    return pump


def _stays_stopped(pump):
    """Nothing is delivered for four hours."""
    strokes = pump.controller.account.strokes
    for _ in range(48):
        pump.run(5 * pump_rig.MINUTE)
        assert pump.controller.supervisor.state not in _BEGINS
    assert pump.controller.account.strokes == strokes


def test_without_a_stop_the_pump_restarts_when_the_line_is_free():
    pump = _blocked(pump_rig.Pump())
    pump.run(pump_rig.MINUTE)
    pump.board.pressure.unblock()
    pump.run(pump_rig.MINUTE)
    assert pump.controller.supervisor.state == defs.STATE_INFUSING


def test_a_stop_after_an_occlusion_holds_the_automatic_restart():
    for wait_ms in (0, 1000, 3000):  # from the measurement to the reverse
        pump = _blocked(pump_rig.Pump())
        pump.run(wait_ms)
        pump.do("stop")
        pump.board.pressure.unblock()
        _stays_stopped(pump)
        assert pump.logged(defs.EVENT_RETRY) == []
        assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM  # its alarm is not acknowledged


def test_a_stop_in_the_reverse_holds_the_automatic_restart_too():
    pump = _blocked(pump_rig.Pump())
    pump.run_until(lambda: pump.board.drive._back)
    pump.do("stop")
    pump.board.pressure.unblock()
    _stays_stopped(pump)


def test_a_stopped_alarm_that_was_stopped_is_standby_once_acknowledged_and_goes_on_by_a_start():
    pump = _blocked(pump_rig.Pump())
    pump.do("stop")
    pump.board.pressure.unblock()
    pump.run(pump_rig.MINUTE)
    pump.do("ack")
    assert pump.controller.supervisor.state == defs.STATE_STANDBY
    pump.do("start")
    assert not pump.controller.conditions.has(defs.BIT_STOPPED)
    pump.run(pump_rig.MINUTE)
    assert pump.controller.supervisor.state == defs.STATE_INFUSING


def _rebooted(pump):
    """The pump after a reset, before its first step."""
    after = pump_rig.Pump(store=pump.board.store)
    after.board.level.full_nl = pump.board.level.full_nl - pump.board.drive.moved_nl()
    return after


def _with_policy(policy=1):
    pump = new()
    pump.run(0)
    pump.change("param_set", name="resume_policy", value=policy)
    pump_rig.infuse(pump, 1000)
    pump.run(pump_rig.HOUR)
    return pump


def test_a_stop_in_the_self_test_prevents_the_automatic_resume():
    pump = _rebooted(_with_policy())
    pump.board.drive.not_ready = 5
    pump.app.step()
    assert pump.controller.supervisor.state == defs.STATE_SELF_TEST
    assert pump.say(b"stop!\n")[0]["ok"]
    _stays_stopped(pump)
    assert pump.logged(defs.EVENT_RESUMED) == [[defs.BIT_STOPPED, 0]]


def test_a_stop_outlasts_resets_until_an_operator_starts():
    pump = _with_policy()
    pump.do("stop")
    for _ in range(3):
        pump = again(pump)
        assert pump.controller.conditions.has(defs.BIT_STOPPED)
        assert pump.controller.supervisor.state == defs.STATE_STANDBY
    pump.do("start")
    pump.run(pump_rig.MINUTE)
    pump = again(pump)
    assert pump.controller.supervisor.state == defs.STATE_INFUSING


def test_a_stop_in_the_self_test_outlasts_a_reset_in_the_self_test():
    pump = _rebooted(_with_policy())
    pump.board.drive.not_ready = 5
    pump.app.step()
    pump.say(b"stop\n")
    assert pump.controller.supervisor.state == defs.STATE_SELF_TEST
    pump = again(pump)
    assert pump.controller.supervisor.state == defs.STATE_STANDBY
    _stays_stopped(pump)


def test_a_reset_in_the_self_test_forgets_neither_the_resume_nor_that_delivery_was_interrupted():
    for policy, state in ((1, defs.STATE_INFUSING), (0, defs.STATE_STANDBY)):
        pump = _rebooted(_with_policy(policy))
        pump.board.drive.not_ready = 5
        pump.app.step()
        assert pump.controller.supervisor.state == defs.STATE_SELF_TEST
        pump = again(pump)
        assert pump.controller.supervisor.state == state
        assert (pump.controller.alarms.top == defs.ALARM_DELIVERY_STOPPED) == (policy == 0)


def test_a_stop_discards_the_change_that_waits():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    answer = pump.do("bolus", volume_nl=10000)
    pump.do("stop")
    assert pump.ask("confirm", draft=answer["draft"], code=answer["code"])["refused"] == defs.REFUSE_NO_DRAFT
    assert pump.logged(defs.EVENT_DRAFT_DROPPED) == [[answer["draft"], defs.DROP_REASON_PERSON]]
    pump.do("start")
    answer = pump.do("rate", ul_day=2000)
    pump.say(b"stop now\n")
    assert pump.ask("confirm", draft=answer["draft"], code=answer["code"])["refused"] == defs.REFUSE_NO_DRAFT


def test_while_the_pump_is_stopped_no_phase_ends_and_the_start_gives_it_the_rest_of_its_time():
    rows = [[defs.FLUID_SALINE, 1000, 0, 1], [defs.FLUID_SALINE, 2000, 1, 0]]
    pump = pump_rig.infuse(
        pump_rig.Pump(), fields={"profile": "continuous", "rows": rows, "override": "soft_rate"}
    )
    pump.run(pump_rig.MINUTE)
    pump.do("stop")
    pump.run(3 * pump_rig.HOUR)
    assert (pump.do("therapy")["phase"], pump.do("status")["rate_ul_day"]) == (0, 1000)
    pump.do("start")
    pump.run(pump_rig.HOUR - 2 * pump_rig.MINUTE)
    assert (pump.do("therapy")["phase"], pump.do("status")["rate_ul_day"]) == (0, 1000)
    pump.run(2 * pump_rig.MINUTE)
    assert (pump.do("therapy")["phase"], pump.do("status")["rate_ul_day"]) == (1, 2000)


def test_a_stop_is_logged_once_with_its_state():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    for _ in range(200):
        pump.say(b"stop\n")
    assert pump.logged(defs.EVENT_STOPPED) == [[defs.STATE_INFUSING, 0]]
    assert pump.logged(defs.EVENT_POWER_ON) == [[0, 0]]


def test_a_prime_and_a_resume_of_an_operator_are_possible_after_a_stop():
    pump = pump_rig.infuse(pump_rig.Pump(), 1000)
    pump.do("stop")
    pump.change("prime", volume_nl=1000, purpose="prime")
    assert pump.controller.supervisor.state == defs.STATE_PRIMING
    pump.do("stop")
    assert pump.controller.supervisor.state == defs.STATE_STANDBY
    pump.do("start")
    pump.do("pause")
    pump.do("resume")
    assert pump.controller.supervisor.state == defs.STATE_INFUSING


def test_a_stop_in_the_fault_state_and_in_a_refill_is_kept():
    pump = new()
    pump_rig.infuse(pump, 1000)
    pump.do("refill_begin")
    pump.do("stop")
    assert pump.controller.supervisor.state == defs.STATE_REFILLING
    pump.do("refill_cancel")
    _stays_stopped(pump)
    pump.do("start")
    pump.controller.conditions.set(defs.BIT_DRIVE_FAULT)
    pump.run(0)
    pump.do("stop")
    after = again(pump)
    assert after.controller.conditions.has(defs.BIT_STOPPED)
