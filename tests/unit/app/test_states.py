"""What must not happen: in every state, whatever is asked for, set, or comes and goes."""

import journal_store
import pump_rig
import state_rig
from pump import defs

REQUIREMENTS = ("D7", "D9", "D10", "D12", "O4", "O5", "L3")
_STATES = range(len(state_rig.REACH))
_STATE_NAMES = ("STANDBY", "INFUSING", "PAUSED", "REFILLING", "STOPPED_ALARM", "FAULT", "PRIMING", "KEEP_OPEN")
_STANDBY, _INFUSING, _PAUSED, _REFILLING, _STOPPED_ALARM, _FAULT, _PRIMING, _KEEP_OPEN = [
    getattr(defs, "STATE_" + name) for name in _STATE_NAMES
]
_MOVING = (_INFUSING, _PRIMING, _KEEP_OPEN)
_FAULTS = (defs.BIT_INTERNAL_ERROR, defs.BIT_DRIVE_FAULT, defs.BIT_PART_FAILED, defs.BIT_COUNT_WRONG)
_BITS = [getattr(defs, name) for name in dir(defs) if name.startswith("BIT_")]
_REQUESTS = [getattr(defs, name) for name in dir(defs) if name.startswith("REQUEST_")]
# Which command leads from which state to which. No other command leaves any state.
_LEADS = {
    "start": {_STANDBY: _INFUSING},
    "prime": {_STANDBY: _PRIMING},
    "pause": {_INFUSING: _PAUSED, _KEEP_OPEN: _PAUSED},
    "resume": {_PAUSED: _INFUSING, _STOPPED_ALARM: _INFUSING},
    "refill_begin": dict.fromkeys((_STANDBY, _INFUSING, _PAUSED, _STOPPED_ALARM, _KEEP_OPEN), _REFILLING),
    "refill_cancel": {_REFILLING: _STANDBY},
    "stop": dict.fromkeys((_INFUSING, _PAUSED, _STOPPED_ALARM, _PRIMING, _KEEP_OPEN), _STANDBY),
}
_REQUEST_LEADS = {
    defs.REQUEST_START: _LEADS["start"],
    defs.REQUEST_CONTINUE: {},  # an operator has stopped the pump
    defs.REQUEST_PRIME: _LEADS["prime"],
    defs.REQUEST_PAUSE: _LEADS["pause"],
    defs.REQUEST_RESUME: _LEADS["resume"],
    defs.REQUEST_RETRY: {_STOPPED_ALARM: _INFUSING},
    defs.REQUEST_REFILL: _LEADS["refill_begin"],
    defs.REQUEST_REFILL_END: _LEADS["refill_cancel"],
}


def _state(pump):
    return pump.controller.supervisor.state


def _motions(pump):
    """Begun motions, forward and in reverse, and those in reverse."""
    drive = pump.board.drive
    return drive.strokes, (drive.strokes - drive.net) // 2


def _rests(pump, state, where, span_ms=10 * pump_rig.MINUTE):
    """The pump stays in this state, and no motion begins in it."""
    before = _motions(pump)
    pump.run(span_ms)
    assert (_state(pump), _motions(pump)) == (state, before), where


def _settled(pump):
    """The pump after a stroke that was under way, and after a self-test."""
    pump.run(1000)
    return pump


def _ask(pump, command):
    """Asks, and confirms what has to be confirmed."""
    answer = pump.ask(command, **state_rig.FIELDS.get(command, {}))
    if answer["ok"] and answer.get("draft") is not None:
        pump.confirm(answer)


def test_each_state_is_left_by_the_commands_that_leave_it_and_moves_only_where_it_may():
    for state in _STATES:
        for command in defs.COMMANDS:
            pump = state_rig.REACH[state]()
            _ask(pump, command)
            follows = _LEADS.get(command, {}).get(state, state)
            assert _state(pump) == follows, (state, command)
            _settled(pump)
            if state == defs.STATE_SELF_TEST:
                follows = _STANDBY
            reversed_ = _motions(pump)[1]
            if follows in _MOVING:
                pump.run(2 * pump_rig.MINUTE)
                assert _motions(pump)[1] == reversed_ == 0, (state, command)
            else:
                _rests(pump, follows, (state, command))


def test_each_state_is_left_by_the_requests_that_leave_it_whoever_makes_them():
    for state in _STATES:
        for request in _REQUESTS:
            pump = state_rig.REACH[state]()
            pump.controller._prime = (40, 12000, False)  # as the command leaves it
            pump.controller.request(request, pump.board.clock.now)
            follows = _REQUEST_LEADS[request].get(state, state)
            assert _state(pump) == follows, (state, request)
            _settled(pump)
            if state == defs.STATE_SELF_TEST:
                follows = _STANDBY
            if follows not in _MOVING:
                _rests(pump, follows, (state, request), pump_rig.MINUTE)


def test_no_condition_that_comes_and_goes_begins_a_motion_where_none_may_be():
    for state in _STATES:
        if state in _MOVING or state == defs.STATE_SELF_TEST:
            continue
        for bit in _BITS:
            pump = _settled(state_rig.REACH[state]())
            before = _motions(pump)
            pump.controller.conditions.set(bit)
            pump.run(pump_rig.MINUTE)
            pump.controller.conditions.clear(bit)
            pump.run(pump_rig.MINUTE)
            assert not pump.controller.supervisor.may_move(), (state, bit)
            assert _motions(pump) == before, (state, bit)
            assert _state(pump) == _FAULT or bit not in _FAULTS, (state, bit)


def test_the_self_test_lasts_and_nothing_moves_before_it_is_over():
    pump = state_rig.self_test(store=journal_store.Flash(), resume_policy=1)
    pump_rig.infuse(_settled(pump), 24000)
    pump.run(pump_rig.MINUTE)
    after = state_rig.again(pump, 0)
    after.board.level.full_nl = 16000000
    for _ in range(state_rig.NOT_READY - 1):
        after.run(50)
        assert (_state(after), _motions(after)) == (defs.STATE_SELF_TEST, (0, 0))
        assert after.refused("start") == defs.REFUSE_WRONG_STATE
    after.run(100)
    assert _state(after) == _INFUSING


# ---- a relief and what ends it -------------------------------------------------------------------------------------


def _blocked(**board):
    """A pump that an occlusion has just stopped."""
    pump = pump_rig.infuse(state_rig.tested(**board), 1000)
    pump.run(20 * pump_rig.MINUTE)
    pump.board.pressure.block()
    pump.run_until(lambda: _state(pump) == _STOPPED_ALARM)
    return pump


def _fault(pump):
    pump.controller.conditions.set(defs.BIT_COUNT_WRONG)
    pump.app.step()


def _error(pump):
    """An unexpected error in a job; at its end the main loop has run for a moment."""

    def raises(now):
        raise ValueError

    pump.app.port.job.run = raises
    pump.main(1)


def _standby(pump):
    pump.do("ack")
    pump.board.pressure.unblock()
    pump.controller.conditions.clear(defs.BIT_OCCLUDED)
    pump.do("stop")


def _refill(pump):
    pump.do("refill_begin")


# What ends the state with the relief: the state that follows, and whether a reverse that is under way is cut.
_ENDS = ((_fault, _FAULT, True), (_error, _FAULT, True), (_standby, _STANDBY, False), (_refill, _REFILLING, False))


def test_no_reverse_begins_after_a_relief_was_ended_by_a_fault_a_stop_or_a_refill():
    for end, state, cuts in _ENDS:
        for wait_ms in (0, 2010, 2100, 2900, 8000):  # before, in and between the reverses
            pump = _blocked(occlusion_retries=3)
            pump.run(wait_ms)
            end(pump)
            assert _state(pump) == state, (end, wait_ms)
            assert not (cuts and pump.board.drive.moving()), wait_ms
            pump.board.pressure.unblock()
            pump.app.port.job.run = pump.app.port.run
            _rests(pump, state, (state, wait_ms))


def test_in_a_fault_that_comes_with_an_occlusion_nothing_is_reversed():
    for bit in _FAULTS:
        pump = pump_rig.infuse(state_rig.tested(), 1000)
        pump.run(20 * pump_rig.MINUTE)
        pump.board.pressure.block()
        pump.controller.conditions.set(bit | defs.BIT_OCCLUDED)
        pump.app.step()
        _rests(pump, _FAULT, bit)
        assert _motions(pump)[1] == 0


def test_only_the_relief_moves_in_stopped_alarm_and_only_in_reverse():
    for bit in [1 << at for at in range(30) if defs.CUTS >> at & 1 and 1 << at not in _FAULTS]:
        pump = pump_rig.infuse(state_rig.tested(), 1000)
        pump.run(pump_rig.HOUR)
        before = pump.controller.account.strokes
        pump.controller.conditions.set(bit)
        pump.app.step()
        strokes, net = pump.board.drive.strokes, pump.board.drive.net
        pump.board.pressure.pa += 10000 if bit in (defs.BIT_OCCLUDED, defs.BIT_PRESSURE_HIGH) else 0
        pump.run(pump_rig.HOUR)
        assert _state(pump) == _STOPPED_ALARM, bit
        assert pump.controller.account.strokes == before, bit
        assert pump.board.drive.strokes - strokes == net - pump.board.drive.net, bit
        if bit not in (defs.BIT_OCCLUDED, defs.BIT_PRESSURE_HIGH):
            assert pump.board.drive.strokes == strokes, bit


def test_a_prime_that_was_blocked_never_starts_the_plan():
    for purpose in ("prime", "bridge"):
        for opens_ms in (0, 3000, pump_rig.MINUTE):
            pump = state_rig.standby(occlusion_retries=3)
            pump.change("prime", volume_nl=100000, purpose=purpose)
            pump.run(20 * 900)
            pump.board.pressure.block()
            pump.run_until(lambda pump=pump: _state(pump) != _PRIMING)
            pump.run(opens_ms)
            pump.board.pressure.unblock()
            pump.run(pump_rig.MINUTE)
            _rests(pump, _STOPPED_ALARM, (purpose, opens_ms), pump_rig.HOUR)
            assert pump.logged(defs.EVENT_RETRY) == []


# ---- the drive first ---------------------------------------------------------------------------------------------


def _in_a_stroke():
    pump = pump_rig.infuse(state_rig.tested(), 1000)
    pump.run(21650)
    assert pump.board.drive.moving()
    return pump


def test_the_drive_is_stopped_before_guards_sensors_and_alarms_are_told():
    bits = [1 << at for at in range(30) if defs.CUTS >> at & 1]
    for bit in bits:
        pump = _in_a_stroke()
        told = []
        _watch(pump, pump.controller.guards, "rate", told)
        _watch(pump, pump.controller.monitor, "rest", told)
        _watch(pump, pump.controller.trim, "rest", told)
        _watch(pump, pump.controller.alarms, "update", told)
        _watch(pump, pump.controller.persistence, "run", told)
        pump.controller.conditions.set(bit)
        pump.app.step()
        names = [name for name, _ in told]
        assert {"rate", "rest", "update", "run"} <= set(names), (bit, names)
        assert not any(moves for _, moves in told), (bit, told)


def _watch(pump, part, name, told):
    """Notes each call, and whether the drive moves in it."""
    call = getattr(part, name)

    def watched(*arguments):
        told.append((name, pump.board.drive.moving()))
        return call(*arguments)

    if part in pump.controller.delivery._listeners:
        listeners = [_Listener(other, watched if other is part else other.rest) for other in _listeners(pump)]
        pump.controller.delivery._listeners = tuple(listeners)
    else:
        setattr(part, name, watched)


def _listeners(pump):
    return pump.controller.delivery._listeners


class _Listener:
    """A listener of the delivery, with another `rest`."""

    def __init__(self, part, rest):
        self.set_interval, self.adjust_interval = part.set_interval, part.adjust_interval
        self.expect, self.relearn, self.rest = part.expect, part.relearn, rest


def test_an_error_while_guards_or_alarms_are_told_leaves_the_drive_stopped():
    for name, method in (("guards", "rate"), ("alarms", "update"), ("reminders", "enter")):
        pump = _in_a_stroke()

        def raises(*arguments):
            raise ValueError

        setattr(getattr(pump.controller, name), method, raises)
        pump.controller.conditions.set(defs.BIT_DRIVE_FAULT)
        pump.main(1)
        assert pump.board.drive.stops > 0 and not pump.board.drive.moving(), name


# ---- resets --------------------------------------------------------------------------------------------------------


def test_nothing_resumes_on_settings_that_have_fallen_back_to_older_ones():
    pump = state_rig.tested(store=journal_store.Flash())
    pump.change("param_set", name="resume_policy", value=1)
    pump.change("param_set", name="low_volume_nl", value=3000000)
    pump.change("param_set", name="low_volume_nl", value=4000000)
    pump_rig.infuse(pump, 1000)
    pump.run(pump_rig.HOUR)
    ring = pump.app.journal._settings_ring
    pump.board.store.data[ring.place_of(ring.head, ring.slot - 1) + 9] ^= 4
    after = state_rig.again(pump)
    assert after.controller.params.get(defs.PARAM_RESUME_POLICY) == 1
    assert after.controller.params.get(defs.PARAM_LOW_VOLUME_NL) == 3000000
    _rests(after, _STANDBY, "fallen back", pump_rig.HOUR)
    assert after.logged(defs.EVENT_RESUMED) == []
    alarms = [row[0] for row in after.controller.alarms.rows()]
    assert defs.ALARM_SETTINGS_OLD in alarms and defs.ALARM_DELIVERY_STOPPED in alarms


def test_only_what_was_running_resumes_after_a_reset():
    for state in _STATES:
        pump = state_rig.REACH[state](store=journal_store.Flash(), resume_policy=1)
        _settled(pump)
        after = state_rig.again(pump)
        if state == _INFUSING or state == _KEEP_OPEN:
            assert _state(after) == state
        else:
            _rests(after, _STANDBY, state)


def test_a_lock_out_longer_than_a_day_is_as_long_over_a_reset():
    pump = state_rig.tested(store=journal_store.Flash())
    pump.change("param_set", name="bolus_lockout_min", value=10080)
    pump_rig.infuse(pump, 50)
    pump.change("bolus", volume_nl=10000)
    for hours in (0, 25, 40):
        pump.run(hours * pump_rig.HOUR)
        lockout_s = pump.do("dose")["lockout_s"]
        assert lockout_s > 0
        after = state_rig.again(pump)
        assert lockout_s <= after.do("dose")["lockout_s"] <= lockout_s + 60, hours
        after.do("ack")
        after.do("start")
        assert after.refused("bolus", volume_nl=10000) == defs.REFUSE_LOCKED_OUT
        pump = after


# ---- a reservoir that does not hold it -------------------------------------------------------------------------------


def test_no_bolus_and_no_prime_is_larger_than_what_the_reservoir_gives():
    settings = {"empty_volume_nl": 100000, "low_volume_nl": 500000, "low_time_h": 1, "bolus_max_nl": 1000000}
    for command, more in (("bolus", {"override": "soft_bolus"}), ("prime", {"purpose": "bridge"})):
        pump = state_rig.tested(**settings)
        pump_rig.infuse(pump, 1000)
        pump.do("stop")
        pump_rig.fill(pump, 600000)
        if command == "bolus":
            pump.do("start")
        answer = pump.ask(command, volume_nl=500250, **more)
        assert answer["refused"] == defs.REFUSE_OVER_RESERVOIR, (command, answer)
        assert answer["max"] == 500000
        assert pump.ask(command, volume_nl=500000, **more).get("refused", 0) != defs.REFUSE_OVER_RESERVOIR


def test_only_a_pump_that_delivers_names_the_time_of_its_next_stroke():
    for state in _STATES:
        told = state_rig.REACH[state]().do("status")["stroke_in_ms"]
        assert (told is not None) == (state in _MOVING), state
