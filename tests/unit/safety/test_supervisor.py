"""The table of transitions: every state with every bit and pair of bits, and every request."""

from pump import defs
from pump.safety import supervisor

REQUIREMENTS = ("D4", "D6", "D9", "D12", "O2", "O3", "A6", "S6")
_BITS = [getattr(defs, name) for name in dir(defs) if name.startswith("BIT_")]
_STATES = [getattr(defs, name) for name in dir(defs) if name.startswith("STATE_")]
_REQUESTS = [getattr(defs, name) for name in dir(defs) if name.startswith("REQUEST_")]
_MOVING = (defs.STATE_INFUSING, defs.STATE_KEEP_OPEN, defs.STATE_PRIMING)
_FAULTS = (defs.BIT_INTERNAL_ERROR, defs.BIT_DRIVE_FAULT, defs.BIT_PART_FAILED, defs.BIT_COUNT_WRONG)
_STOPS = (
    defs.BIT_OVER_INFUSION, defs.BIT_PRESSURE_HIGH, defs.BIT_OCCLUDED, defs.BIT_UPSTREAM_BLOCKED, defs.BIT_LINE_OPEN,
    defs.BIT_RESERVOIR_EMPTY, defs.BIT_SUPPLY_OUT, defs.BIT_ALARM_REPEATS, defs.BIT_JOURNAL_UNFIT,
    defs.BIT_REVERSED, defs.BIT_FREE_FLOW,
)  # fmt: skip
_HOLDS_PRIME = _STOPS + (
    defs.BIT_ALARM_HOLDS, defs.BIT_CONTENTS_UNKNOWN, defs.BIT_REFILL_UNSETTLED, defs.BIT_STOPPED,
)  # fmt: skip
_HOLDS_RESUME = _HOLDS_PRIME + (defs.BIT_PLAN_MISSING, defs.BIT_FLUID_WRONG)
_HOLDS_RETRY = [bit for bit in _HOLDS_RESUME if bit != defs.BIT_ALARM_HOLDS]  # its own alarm doesn't stop it
_HOLDS_START = _HOLDS_RESUME + (defs.BIT_PLAN_DONE,)
_ENDS_PRIME = (defs.BIT_PRIME_DONE, defs.BIT_DOSE_LIMITED)
_GRANTS = (  # (state, request, next state, conditions that prevent it)
    (defs.STATE_STANDBY, defs.REQUEST_START, defs.STATE_INFUSING, _HOLDS_START),
    (defs.STATE_STANDBY, defs.REQUEST_CONTINUE, defs.STATE_INFUSING, _HOLDS_RESUME),
    (defs.STATE_PAUSED, defs.REQUEST_RESUME, defs.STATE_INFUSING, _HOLDS_RESUME),
    (defs.STATE_STOPPED_ALARM, defs.REQUEST_RESUME, defs.STATE_INFUSING, _HOLDS_RESUME),
    (defs.STATE_STOPPED_ALARM, defs.REQUEST_RETRY, defs.STATE_INFUSING, _HOLDS_RETRY),
    (defs.STATE_STANDBY, defs.REQUEST_PRIME, defs.STATE_PRIMING, _HOLDS_PRIME + _ENDS_PRIME),
)


def _in(state):
    pump = supervisor.Supervisor()
    pump.state = state
    return pump


def _settle(state, word, request=0):
    """The final state of the evaluation, which repeats until nothing changes; it must not alternate between states."""
    for _ in _STATES:
        after = _in(state).next(word, request)
        if after == state:
            return state
        state = after
    raise AssertionError((state, word))


def _words():
    """No bit, every bit, every pair of bits."""
    yield 0
    for one in _BITS:
        for two in _BITS:
            if one <= two:
                yield one | two


def _first(state, word, request):
    """The first row that applies."""
    for row in defs.TRANSITIONS:
        if row[0] >> state & 1 and word & row[1] == row[1] and not word & row[2] and row[3] in (0, request):
            return row
    return None


def _mask(bits):
    word = 0
    for bit in bits:
        word |= bit
    return word


def test_begins_in_the_self_test_without_motion():
    pump = supervisor.Supervisor()
    assert pump.state == defs.STATE_SELF_TEST
    assert not pump.may_move()
    assert pump.next(0) == defs.STATE_SELF_TEST
    assert pump.next(defs.BIT_TESTED) == defs.STATE_STANDBY


def test_what_may_move_and_how():
    assert [state for state in sorted(_STATES) if _in(state).may_move()] == sorted(_MOVING)
    motions = {defs.STATE_INFUSING: defs.MOTION_PLAN, defs.STATE_KEEP_OPEN: defs.MOTION_KEEP_OPEN,
               defs.STATE_PRIMING: defs.MOTION_PRIME}  # fmt: skip
    for state in _STATES:
        assert defs.MOTIONS[state] == motions.get(state, defs.MOTION_NONE)


def test_without_a_bit_every_state_stays_but_keep_open():
    for state in _STATES:
        assert _in(state).next(0) == (defs.STATE_INFUSING if state == defs.STATE_KEEP_OPEN else state)


def test_every_state_with_every_pair_of_bits_settles_and_what_is_wrong_ends_motion():
    faults = _mask(_FAULTS)
    ends = _mask(_STOPS) | faults
    for state in _STATES:
        for word in _words():
            for request in [0] + _REQUESTS:
                target = _settle(state, word, request)
                assert target in _STATES
                if word & (ends | defs.BIT_STOPPED):
                    assert not _in(target).may_move(), (state, word, request)
                if word & faults:
                    assert target == defs.STATE_FAULT, (state, word, request)


def test_each_fault_and_each_stop_leads_to_its_state_from_every_motion_whatever_else_is_so():
    for state in _MOVING:
        for bit in _STOPS:
            for other in _BITS:
                for request in [0] + _REQUESTS:
                    target = _in(state).next(bit | other, request)
                    assert target == (defs.STATE_FAULT if other in _FAULTS else defs.STATE_STOPPED_ALARM), (bit, other)


def test_what_cuts_a_stroke_is_a_fault_or_a_stop():
    assert defs.CUTS & ~_mask(_FAULTS + _STOPS) == 0
    assert _mask(_FAULTS) & ~defs.CUTS == 0
    assert not defs.CUTS & defs.BIT_RESERVOIR_EMPTY  # it may wait for the end of a stroke


def test_fault_is_left_by_nothing():
    for word in _words():
        for request in [0] + _REQUESTS:
            assert _in(defs.STATE_FAULT).next(word, request) == defs.STATE_FAULT


def test_conditions_that_only_prevent_requests_cause_no_transition():
    for bit in (
        defs.BIT_ALARM_HOLDS, defs.BIT_PLAN_MISSING, defs.BIT_CONTENTS_UNKNOWN, defs.BIT_FLUID_WRONG,
        defs.BIT_REFILL_UNSETTLED,
    ):  # fmt: skip
        for state in _STATES:
            assert _in(state).next(bit) == _in(state).next(0)


def test_motion_begins_only_by_a_request_of_a_user():
    """Neither a condition, nor a pair, nor the end of one starts motion (D12)."""
    for state in _STATES:
        if state in _MOVING:
            continue
        for one in _BITS:
            for two in _BITS:
                rest = _settle(state, one | two)
                assert not _in(rest).may_move()
                assert not _in(_settle(rest, two)).may_move()
                assert not _in(_settle(rest, 0)).may_move()


def test_a_limit_gives_the_keep_open_rate_for_as_long_as_it_holds():
    limits = (defs.BIT_DOSE_LIMITED, defs.BIT_PLAN_DONE)
    for bit in limits:
        assert _in(defs.STATE_INFUSING).next(bit) == defs.STATE_KEEP_OPEN
        assert _in(defs.STATE_KEEP_OPEN).next(bit) == defs.STATE_KEEP_OPEN
        for state in _STATES:
            if state not in _MOVING:
                assert _in(state).next(bit) == state
    assert _in(defs.STATE_KEEP_OPEN).next(0) == defs.STATE_INFUSING
    assert _in(defs.STATE_PRIMING).next(defs.BIT_PLAN_DONE) == defs.STATE_PRIMING


def test_a_limit_ends_a_prime_and_lets_none_begin():
    assert _in(defs.STATE_PRIMING).next(defs.BIT_DOSE_LIMITED) == defs.STATE_STANDBY
    assert _in(defs.STATE_STANDBY).next(defs.BIT_DOSE_LIMITED, defs.REQUEST_PRIME) == defs.STATE_STANDBY


def test_each_request_is_prevented_by_exactly_the_listed_conditions():
    for state, request, target, holds in _GRANTS:
        pump = _in(state)
        assert pump.held_by(request, 0) == 0
        for one in _BITS:
            held = pump.held_by(request, one)
            assert held == (one if one in holds else 0)
            if one in holds:
                assert not _in(pump.next(one, request)).may_move()
            elif one not in _FAULTS:
                assert pump.next(one, request) == target, (state, one)
            for two in holds:
                assert pump.held_by(request, one | two) == two | (one if one in holds else 0)


def test_motion_is_asked_for_only_where_it_is_granted():
    granted = [(state, request) for state, request, _, _ in _GRANTS]
    for state in _STATES:
        for request in _REQUESTS:
            if state not in _MOVING and (state, request) not in granted:
                assert not _in(_settle(state, 0, request)).may_move(), (state, request)


def test_an_unknown_request_is_prevented_by_nothing_and_changes_nothing():
    pump = _in(defs.STATE_REFILLING)
    assert pump.held_by(defs.REQUEST_START, defs.BIT_OCCLUDED) == 0
    assert pump.next(0, defs.REQUEST_START) == defs.STATE_REFILLING


def test_a_request_is_granted_once():
    """The evaluation repeats until nothing changes; a request must be granted only once."""
    for origin in _STATES:
        for request in _REQUESTS:
            for condition in [0] + _BITS:
                state = origin
                granted = 0
                while _in(state).next(condition, request) != state and granted < 2:
                    row = _first(state, condition, request)
                    granted += row[3] == request
                    state = row[4]
                assert granted <= 1, (origin, request, condition)


def test_the_most_dangerous_row_is_first():
    pump = _in(defs.STATE_INFUSING)
    assert pump.next(defs.BIT_OCCLUDED | defs.BIT_STOPPED) == defs.STATE_STOPPED_ALARM
    assert pump.next(defs.BIT_OCCLUDED, defs.REQUEST_PAUSE) == defs.STATE_STOPPED_ALARM
    assert pump.next(defs.BIT_OCCLUDED | defs.BIT_DRIVE_FAULT) == defs.STATE_FAULT


def test_a_stopping_alarm_is_left_by_a_stop_only_when_nothing_holds():
    pump = _in(defs.STATE_STOPPED_ALARM)
    assert pump.next(defs.BIT_ALARM_HOLDS | defs.BIT_STOPPED) == defs.STATE_STOPPED_ALARM
    assert pump.next(defs.BIT_STOPPED) == defs.STATE_STANDBY


def test_a_stop_ends_every_motion_and_while_it_stands_no_request_begins_one():
    for state in _STATES:
        for word in [0] + _BITS:
            for request in [0] + _REQUESTS:
                target = _settle(state, word | defs.BIT_STOPPED, request)
                assert not _in(target).may_move(), (state, word, request)
    for state in _MOVING + (defs.STATE_PAUSED,):
        assert _in(state).next(defs.BIT_STOPPED) == defs.STATE_STANDBY


def test_a_prime_ends_in_standby():
    assert _in(defs.STATE_PRIMING).next(defs.BIT_PRIME_DONE) == defs.STATE_STANDBY
    assert _in(defs.STATE_PRIMING).next(0, defs.REQUEST_PAUSE) == defs.STATE_PRIMING


def test_every_row_is_used():
    """Each row is the first that applies for some state and some bits."""
    for row in defs.TRANSITIONS:
        origins, must, must_not, request, _ = row
        assert must & must_not == 0
        taken = 0
        for state in _STATES:
            if not origins >> state & 1:
                continue
            taken += _first(state, must, request) is row
        assert taken, row


def test_every_state_is_reached_from_the_self_test_and_can_be_left_but_for_fault():
    reached = {defs.STATE_SELF_TEST}
    for _ in _STATES:
        for state in list(reached):
            for word in _words():
                for request in [0] + _REQUESTS:
                    reached.add(_in(state).next(word, request))
    assert reached == set(_STATES)
    for state in _STATES:
        targets = {_in(state).next(word, request) for word in _words() for request in [0] + _REQUESTS}
        assert (len(targets) == 1) == (state == defs.STATE_FAULT), state


def test_a_state_is_known_by_one_bit_of_a_mask():
    assert sorted(_STATES) == list(range(len(_STATES)))
    assert len(defs.MOTIONS) == len(_STATES)
