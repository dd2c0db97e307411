"""The plan after a reset: each number has its place in flash, and the phase continues with its remaining time."""

from pump import defs
from pump.core import conditions, ticks, uptime
from pump.therapy import plan as therapy_plan

REQUIREMENTS = ("L2",)
SALINE, DRUG = defs.FLUID_SALINE, defs.FLUID_DRUG
_AT = 3  # index of the first number here
_COUNT = 13  # their count
_OTHER = -7  # the values around them
_EIGHT = []  # the fastest and the longest
for _turn in range(4):
    _EIGHT += [[SALINE, 24000, 2200 * _turn, 40], [DRUG, 51, 2200 * _turn + 40, 2160]]

_phases = []  # the ticks at which a plan has advanced by itself


class _Job:
    def __init__(self):
        self.due = None

    def at(self, due):
        self.due = due


def _plan():
    condition_bits = conditions.Conditions(defs.BIT_PLAN_MISSING)
    time = uptime.Uptime(0)
    plan = therapy_plan.TherapyPlan(condition_bits, time, _phases.append)
    plan.job = _Job()
    return condition_bits, time, plan


def _set(profile, rows, cycles=1, repeat_from=0, volume_nl=0):
    condition_bits, time, plan = _plan()
    fields = {"profile": profile, "rows": rows, "cycles": cycles, "repeat_from": repeat_from, "volume_nl": volume_nl}
    plan.set(fields)
    return condition_bits, time, plan


def _at(time, s, ms=0):
    time.s, time.ms = s, ms
    time.now = ticks.add(0, (s % 100000) * 1000 + ms)


def _kept(plan):
    numbers = [_OTHER] * (_AT + _COUNT + 2)
    assert plan.save_to(numbers, _AT) == _AT + _COUNT
    assert numbers[:_AT] == [_OTHER] * _AT and numbers[_AT + _COUNT :] == [_OTHER] * 2
    assert all(number >= -1 for number in numbers[_AT : _AT + _COUNT])  # persistence refuses smaller numbers
    return numbers


def _again(numbers, s=0, ms=0):
    condition_bits, time, plan = _plan()
    _at(time, s, ms)
    assert plan.load_from(numbers, _AT) == _AT + _COUNT
    return condition_bits, time, plan


def _all(plan):
    kept = [plan.profile, plan.rows, plan.cycles, plan.repeat_from, plan.volume_nl, plan.phase, plan.phases]
    told = [plan.fluid(), plan.next_fluid(), plan.rate_ul_day(), plan.next_rate_ul_day(), plan.volume_left_nl()]
    return kept + told + [plan.left_s()]


def test_a_plan_of_each_profile_is_the_same_after_a_reset():
    turns = [[SALINE, 1000, 0, 336], [DRUG, 900, 336, 337], [SALINE, 1100, 673, 338]]
    for plan_of, phase in (
        ((defs.PROFILE_CONTINUOUS, [[DRUG, 500, 0, 12], [DRUG, 50, 12, 0]]), 1),
        ((defs.PROFILE_INTRAHEPATIC, turns, 5, 1), 4),
        ((defs.PROFILE_INTRAHEPATIC, turns, 2, 2), 0),
        ((defs.PROFILE_INTRAHEPATIC, _EIGHT, 100, 7), 107),
        ((defs.PROFILE_TIMED, [[DRUG, 2400, 0, 0]], 1, 0, 1234567), 0),
    ):
        for began in (False, True):
            _, time, plan = _set(*plan_of)
            for _ in range(phase):
                plan.advance()
            if began:
                plan.begin()
            condition_bits, _, after = _again(_kept(plan))
            assert _all(after) == _all(plan), plan_of
            assert not condition_bits.has(defs.BIT_PLAN_MISSING)


def test_each_number_has_its_place_so_that_another_version_finds_it():
    _, time, plan = _set(defs.PROFILE_TIMED, [[DRUG, 2400, 0, 5], [DRUG, 50, 5, 6]], 3, 1, 2000000)
    plan.advance()
    plan.begin()
    plan.took(250001)
    _at(time, 77)
    place = 2 + 100 * (1 + 8 * 1)  # three cycles from row 1 on, in phase 1
    rows = [(DRUG << 15 | 2400) << 12 | 5, (DRUG << 15 | 50) << 12 | 6]
    assert _kept(plan)[_AT : _AT + _COUNT] == [3 + 4 * place, 2000000, 77, 1999, 749999] + rows + [0] * 6


def test_a_phase_goes_on_after_a_reset_with_the_time_that_it_had_left():
    _, time, plan = _set(defs.PROFILE_TIMED, [[DRUG, 2400, 0, 8]])
    _at(time, 5000)
    plan.begin()
    _at(time, 5000 + 3600)
    for began_s in (0, 9000):
        condition_bits, later, after = _again(_kept(plan), began_s, 400)
        assert after.job.due == later.now and not after.begin()
        assert after.left_s() == 7 * 3600
        _at(later, began_s + 7 * 3600, 399)
        after.run(later.now)
        assert not condition_bits.has(defs.BIT_PLAN_DONE)
        _at(later, began_s + 7 * 3600, 400)
        after.run(later.now)
        assert condition_bits.has(defs.BIT_PLAN_DONE)


def test_a_phase_that_had_not_begun_begins_after_the_reset_and_one_that_had_does_not():
    _, time, plan = _set(defs.PROFILE_CONTINUOUS, [[DRUG, 500, 0, 0]])
    _at(time, 100)
    _, _, after = _again(_kept(plan))
    assert after.job.due is None and after.begin()
    plan.begin()
    for s in (100, 101, 0x20000000 + 100, 0x20000000 + 200):  # the longest is 17 years
        _at(time, s)
        _, _, after = _again(_kept(plan))
        assert not after.begin(), s


def test_a_phase_may_begin_at_any_second():
    for s in (0, 1, 0x1FFFFFFF, 0x20000000, 0x20000001):
        _, time, plan = _set(defs.PROFILE_CONTINUOUS, [[DRUG, 500, 0, 0]])
        _at(time, s)
        assert plan.begin() and not plan.begin()


def test_a_plan_by_volume_gives_the_rest_to_the_picolitre():
    for given in (1, 3, 7):
        condition_bits, _, plan = _set(defs.PROFILE_TIMED, [[DRUG, 2400, 0, 0]], volume_nl=3000)
        plan.begin()
        for _ in range(given):
            plan.took(333333)
        condition_bits, _, after = _again(_kept(plan))
        assert after.volume_left_nl() == plan.volume_left_nl()
        while not condition_bits.has(defs.BIT_PLAN_DONE):
            after.took(333333)
            given += 1
        assert given == 9


def test_no_plan_is_no_plan_after_a_reset():
    _, _, plan = _plan()
    condition_bits, _, after = _again(_kept(plan))
    assert condition_bits.has(defs.BIT_PLAN_MISSING)
    assert (after.profile, after.rows, after.fluid(), after.left_s()) == (-1, [], defs.FLUID_NONE, -1)


def test_numbers_that_make_no_plan_are_refused_and_change_nothing():
    for profile in (defs.PROFILE_CONTINUOUS, defs.PROFILE_TIMED):
        for place, number in (
            (0, profile + 1 + 4 * 100),  # repeats from a row that it has not
            (5, 0),  # no rows
            (5, (3 << 15 | 500) << 12 | 8),  # a fluid that is none
            (5, (DRUG << 15 | 49) << 12 | 8),  # too slow
            (6, (DRUG << 15 | 500) << 12 | 2161),  # too long
        ):
            _, _, plan = _set(profile, [[DRUG, 500, 0, 8]])
            numbers = _kept(plan)
            numbers[_AT + place] = number
            condition_bits, _, other = _set(defs.PROFILE_INTRAHEPATIC, _EIGHT[:3], 4, 2)
            other.begin()
            before = _all(other)
            try:
                other.load_from(numbers, _AT)
                raise AssertionError(f"{place}: {number} was taken")
            except ValueError:
                assert _all(other) == before and condition_bits.word == 0
