"""The table of transitions: every state with every bit and pair of bits, and what each request may do."""

from pump import defs, supervisor

_BITS = [getattr(defs, name) for name in dir(defs) if name.startswith("BIT_")]
_STATES = [getattr(defs, name) for name in dir(defs) if name.startswith("STATE_")]
_REQUESTS = [bit for bit in _BITS if bit & defs.REQUESTS]
_ENDS_MOTION = (
    defs.BIT_INTERNAL_ERROR, defs.BIT_DRIVE_FAULT, defs.BIT_PRESSURE_HIGH, defs.BIT_OCCLUDED, defs.BIT_RESERVOIR_EMPTY,
)  # fmt: skip
_HOLDS_START = _ENDS_MOTION[2:] + (
    defs.BIT_ALARM_HOLDS, defs.BIT_PLAN_MISSING, defs.BIT_CONTENTS_UNKNOWN, defs.BIT_FLUID_WRONG,
)  # fmt: skip


def _in(state):
    pump = supervisor.Supervisor()
    pump.state = state
    return pump


def test_begins_in_the_self_test_without_motion():
    pump = supervisor.Supervisor()
    assert pump.state == defs.STATE_SELF_TEST
    assert not pump.may_move()
    assert pump.next(0) == defs.STATE_SELF_TEST
    assert pump.next(defs.BIT_TESTED) == defs.STATE_STANDBY


def test_only_infusing_moves():
    assert [state for state in sorted(_STATES) if _in(state).may_move()] == [defs.STATE_INFUSING]


def test_without_a_bit_every_state_stays():
    for state in _STATES:
        assert _in(state).next(0) == state


def test_every_state_with_every_pair_of_bits_gives_a_state_and_faults_end_motion():
    ends = 0
    for bit in _ENDS_MOTION:
        ends |= bit
    for state in _STATES:
        pump = _in(state)
        for one in _BITS:
            for two in _BITS:
                target = pump.next(one | two)
                assert target in _STATES
                if (one | two) & ends:
                    assert not _in(target).may_move(), (state, one, two)
                if (one | two) & (defs.BIT_INTERNAL_ERROR | defs.BIT_DRIVE_FAULT):
                    assert target == defs.STATE_FAULT, (state, one, two)


def test_fault_is_left_by_nothing():
    pump = _in(defs.STATE_FAULT)
    for one in _BITS:
        for two in _BITS:
            assert pump.next(one | two) == defs.STATE_FAULT


def test_facts_that_only_inform_move_nothing():
    for bit in (
        defs.BIT_RESERVOIR_LOW, defs.BIT_RESERVOIR_DISAGREES, defs.BIT_PRESSURE_BLIND, defs.BIT_LEVEL_BLIND,
        defs.BIT_PHASE_OVER, defs.BIT_LATE, defs.BIT_ALARM_HOLDS, defs.BIT_PLAN_MISSING,
    ):  # fmt: skip
        for state in _STATES:
            assert _in(state).next(bit) == state


def test_delivery_begins_only_by_a_request_of_a_person():
    """No fact alone, nor two, nor the going away of one, makes the pump move (D12)."""
    facts = [bit for bit in _BITS if not bit & defs.REQUESTS]
    for state in _STATES:
        if state == defs.STATE_INFUSING:
            continue
        for one in facts:
            for two in facts:
                assert not _in(_in(state).next(one | two)).may_move()


def test_what_holds_a_start_and_a_resume():
    for state, request in (
        (defs.STATE_STANDBY, defs.BIT_ASK_START),
        (defs.STATE_PAUSED, defs.BIT_ASK_RESUME),
        (defs.STATE_STOPPED_ALARM, defs.BIT_ASK_RESUME),
    ):
        pump = _in(state)
        assert pump.held_by(request, 0) == 0
        assert pump.next(request) == defs.STATE_INFUSING
        for one in _HOLDS_START:
            assert pump.held_by(request, one) == one
            assert not _in(pump.next(request | one)).may_move()
            for two in _HOLDS_START:
                assert pump.held_by(request, one | two) == one | two


def test_what_no_row_knows_is_held_by_nothing_and_changes_nothing():
    pump = _in(defs.STATE_REFILLING)
    assert pump.held_by(defs.BIT_ASK_START, defs.BIT_OCCLUDED) == 0
    assert pump.next(defs.BIT_ASK_START) == defs.STATE_REFILLING


def test_a_stop_ends_every_motion_whatever_else_is_asked():
    for other in _BITS:
        assert not _in(_in(defs.STATE_INFUSING).next(defs.BIT_ASK_STOP | other)).may_move()


def test_a_request_is_granted_once():
    """The judge may look twice while a request is set; the second look must not carry the pump further."""
    for state in _STATES:
        for request in _REQUESTS:
            target = _in(state).next(request)
            assert _in(target).next(request) == target, (state, request)


def test_the_most_dangerous_row_is_first():
    pump = _in(defs.STATE_INFUSING)
    assert pump.next(defs.BIT_OCCLUDED | defs.BIT_ASK_STOP) == defs.STATE_STOPPED_ALARM
    assert pump.next(defs.BIT_OCCLUDED | defs.BIT_ASK_PAUSE) == defs.STATE_STOPPED_ALARM
    assert pump.next(defs.BIT_OCCLUDED | defs.BIT_DRIVE_FAULT) == defs.STATE_FAULT


def test_a_stopping_alarm_is_left_by_a_stop_only_when_nothing_holds():
    pump = _in(defs.STATE_STOPPED_ALARM)
    assert pump.next(defs.BIT_ASK_STOP | defs.BIT_ALARM_HOLDS) == defs.STATE_STOPPED_ALARM
    assert pump.next(defs.BIT_ASK_STOP) == defs.STATE_STANDBY


def test_every_state_but_fault_is_reached_and_can_be_left():
    for state in _STATES:
        targets = {_in(state).next(one | two) for one in _BITS for two in _BITS}
        assert (len(targets) == 1) == (state == defs.STATE_FAULT), state
    reached = {target for _, _, _, target in defs.TRANSITIONS}
    assert reached == set(_STATES) - {defs.STATE_SELF_TEST}
