"""The plan: phases, their fluids, rates and times, and refills that follow it or not."""

from pump import defs
from pump.core import conditions, ticks, uptime
from pump.therapy import plan as therapy_plan

SALINE, DRUG = defs.FLUID_SALINE, defs.FLUID_DRUG
_H = 3600

_phases = []  # the ticks at which a plan has advanced by itself


class _Job:
    def __init__(self):
        self.due = None

    def at(self, due):
        self.due = due


def _make(profile, rows, cycles=1, repeat_from=0, volume_nl=0):
    condition_bits = conditions.Conditions(defs.BIT_PLAN_MISSING)
    time = uptime.Uptime(0)
    plan = therapy_plan.TherapyPlan(condition_bits, time, _phases.append)
    plan.job = _Job()
    fields = {"profile": profile, "rows": rows, "cycles": cycles, "repeat_from": repeat_from, "volume_nl": volume_nl}
    assert plan.check(fields, 20000000, 500000) is None
    plan.set(fields)
    return condition_bits, time, plan


def _intrahepatic(phase_h=336, cycles=2):
    rows = [[SALINE, 1000, 0, phase_h], [DRUG, 900, phase_h, phase_h], [SALINE, 1100, 2 * phase_h, phase_h]]
    return _make(defs.PROFILE_INTRAHEPATIC, rows, cycles, 1)


def _at(time, s, ms=0):
    time.s, time.ms = s, ms
    time.now = ticks.add(0, (s % 100000) * 1000 + ms)


def test_without_a_plan():
    condition_bits = conditions.Conditions(0)
    plan = therapy_plan.TherapyPlan(condition_bits, uptime.Uptime(0), _phases.append)
    assert plan.profile == -1
    assert plan.fluid() == plan.next_fluid() == defs.FLUID_NONE
    assert (plan.left_s(), plan.rate_ul_day(), plan.next_rate_ul_day(), plan.volume_left_nl()) == (-1, 0, 0, -1)
    assert (plan.rows, plan.cycles, plan.repeat_from, plan.phase, plan.phases) == ([], 1, 0, 0, 0)
    plan.run(0)
    assert not _phases
    plan.took(250000)
    assert condition_bits.word == 0


def test_intrahepatic_is_saline_then_drug_and_saline_in_turn():
    condition_bits, _, plan = _intrahepatic(cycles=2)
    assert not condition_bits.has(defs.BIT_PLAN_MISSING)
    fluids = []
    for _ in range(plan.phases):
        fluids.append((plan.fluid(), plan.rate_ul_day()))
        following = (plan.next_fluid(), plan.next_rate_ul_day())
        plan.advance()
        more = len(fluids) < plan.phases
        assert following == ((plan.fluid(), plan.rate_ul_day()) if more else (defs.FLUID_NONE, 0))
    assert fluids == [(SALINE, 1000), (DRUG, 900), (SALINE, 1100), (DRUG, 900), (SALINE, 1100)]


def test_twelve_cycles_are_25_phases():
    _, _, plan = _intrahepatic(cycles=12)
    assert plan.phases == 25


def test_what_repeats_may_be_of_any_length():
    _, _, plan = _make(defs.PROFILE_CONTINUOUS, [[DRUG, 500, 0, 0]])
    rows = [[SALINE, rate, 0, 1] for rate in (100, 200, 300, 400)]
    plan.set({"profile": 0, "rows": rows, "cycles": 2, "repeat_from": 1, "volume_nl": 0})
    rates = []
    for _ in range(plan.phases):
        rates.append(plan.rate_ul_day())
        plan.advance()
    assert rates == [100, 200, 300, 400, 200, 300, 400]


def test_a_phase_holds_no_more_than_the_reservoir_has_above_the_empty_mark():
    condition_bits = conditions.Conditions(0)
    plan = therapy_plan.TherapyPlan(condition_bits, uptime.Uptime(0), _phases.append)
    fields = {"profile": defs.PROFILE_TIMED, "rows": [[DRUG, 1000, 0, 0]], "cycles": 1, "repeat_from": 0}
    fields["volume_nl"] = 14000000
    assert plan.check(fields, 14500000, 500000) is None
    assert plan.check(fields, 14500000, 500001) is not None


def test_a_phase_that_begins_at_power_on_begins_once():
    _, _, plan = _intrahepatic()
    assert plan.begin()
    assert not plan.begin()


def test_continuous_has_one_fluid_and_no_end():
    condition_bits, time, plan = _make(defs.PROFILE_CONTINUOUS, [[DRUG, 500, 0, 0]])
    plan.begin()
    _at(time, 10 * 365 * 86400)
    plan.run(0)
    assert not _phases
    assert (plan.fluid(), plan.next_fluid(), plan.left_s()) == (DRUG, defs.FLUID_NONE, -1)
    assert condition_bits.notes == 0


def test_a_phase_runs_from_its_first_start_and_ends_on_the_millisecond():
    condition_bits, time, plan = _intrahepatic()
    _at(time, 5000, 400)
    assert plan.left_s() == -1
    assert plan.begin()
    assert not plan.begin()
    end_s = 5000 + 336 * _H
    for s, ms, left_s in ((5000, 401, 336 * _H), (5001, 399, 336 * _H), (5001, 400, 336 * _H - 1)):
        _at(time, s, ms)
        assert plan.left_s() == left_s
    _at(time, end_s - 1, 0)
    plan.run(time.now)
    assert not _phases
    assert plan.job.due == ticks.add(time.now, 1000)
    _at(time, end_s, 399)
    plan.run(time.now)
    assert not _phases
    assert not condition_bits.noted(defs.NOTE_PHASE_OVER)
    assert plan.job.due == ticks.add(time.now, 1)
    _at(time, end_s, 400)
    plan.run(time.now)
    assert not _phases
    assert condition_bits.noted(defs.NOTE_PHASE_OVER)
    for s, ms in ((end_s, 401), (end_s + 5, 401), (end_s + 86400, 0)):
        _at(time, s, ms)
        assert plan.left_s() == 0


def test_the_job_sleeps_until_the_end_but_never_longer_than_a_minute():
    _, time, plan = _intrahepatic(phase_h=1)
    plan.begin()
    looks = 0
    while plan.left_s():
        plan.run(time.now)
        wait_s = min(60, plan.left_s() - 1) or 1  # a last look when a second is left, and at the end
        assert ticks.diff(plan.job.due, time.now) == wait_s * 1000
        total_ms = time.s * 1000 + time.ms + ticks.diff(plan.job.due, time.now)
        _at(time, total_ms // 1000, total_ms % 1000)
        looks += 1
    assert (time.s, time.ms) == (_H, 0)
    assert looks < 64


def test_the_next_phase_begins_with_the_next_start():
    condition_bits, time, plan = _intrahepatic()
    plan.begin()
    _at(time, 336 * _H)
    plan.run(time.now)
    plan.advance()
    assert not condition_bits.noted(defs.NOTE_PHASE_OVER)
    assert (plan.phase, plan.left_s()) == (1, -1)


def test_a_phase_with_the_same_fluid_follows_by_itself():
    condition_bits, time, plan = _make(defs.PROFILE_CONTINUOUS, [[SALINE, 400, 0, 12], [SALINE, 1000, 12, 0]])
    plan.begin()
    _at(time, 12 * _H)
    plan.run(time.now)
    assert _phases == [time.now]
    _phases.clear()
    assert (plan.phase, plan.rate_ul_day()) == (1, 1000)
    assert condition_bits.notes == 0


def test_a_timed_plan_ends_by_time():
    condition_bits, time, plan = _make(defs.PROFILE_TIMED, [[DRUG, 2400, 0, 8]])
    plan.begin()
    _at(time, 8 * _H - 1, 999)
    plan.run(time.now)
    assert not condition_bits.has(defs.BIT_PLAN_DONE)
    _at(time, 8 * _H)
    plan.run(time.now)
    assert condition_bits.has(defs.BIT_PLAN_DONE)


def test_a_timed_plan_ends_by_volume_and_never_gives_more():
    for volume_nl, stroke_pl in ((1000, 250000), (1100, 250000), (1234, 333333), (2999999, 250001)):
        condition_bits, _, plan = _make(defs.PROFILE_TIMED, [[DRUG, 2400, 0, 0]], volume_nl=volume_nl)
        for _ in range(9):
            plan.took(stroke_pl)
        assert plan.volume_left_nl() == volume_nl, "a bridge before the start takes nothing of it"
        plan.begin()
        given = 0
        while not condition_bits.has(defs.BIT_PLAN_DONE):
            plan.took(stroke_pl)
            given += 1
        assert given == volume_nl * 1000 // stroke_pl
        assert plan.volume_left_nl() == (volume_nl * 1000 - given * stroke_pl) // 1000
        for _ in range(9):  # at the keep-open rate
            plan.took(stroke_pl)
            assert plan.volume_left_nl() == 0


def test_a_plan_that_is_passed_by_a_picolitre_has_nothing_left():
    condition_bits, _, plan = _make(defs.PROFILE_TIMED, [[DRUG, 2400, 0, 0]], volume_nl=1)
    plan.begin()
    plan.took(1001)
    assert condition_bits.has(defs.BIT_PLAN_DONE) and plan.volume_left_nl() == 0


def test_a_new_plan_forgets_the_end_of_the_old_one():
    condition_bits, time, plan = _make(defs.PROFILE_TIMED, [[DRUG, 2400, 0, 8]])
    plan.begin()
    _at(time, 8 * _H)
    plan.run(time.now)
    plan.set({"profile": 0, "rows": [[SALINE, 1000, 0, 0]], "cycles": 1, "repeat_from": 0, "volume_nl": 0})
    assert condition_bits.word == 0
    assert (plan.left_s(), plan.volume_left_nl(), plan.phases) == (-1, -1, 1)


def test_the_time_of_a_phase_stands_still_while_nothing_is_delivered():
    condition_bits, time, plan = _intrahepatic(phase_h=1)
    _at(time, 100, 700)
    plan.begin()
    _at(time, 700, 300)
    plan.hold()
    left_s = plan.left_s()
    assert left_s == _H - 599  # 599.6 s have passed
    for s in (800, 5000, 90000):
        _at(time, s, 900)
        plan.hold()
        plan.run(time.now)
        assert plan.left_s() == left_s and not condition_bits.noted(defs.NOTE_PHASE_OVER)
    assert not plan.begin(), "it goes on"
    _at(time, 90000 + _H - 600, 900 + 399)
    plan.run(time.now)
    assert plan.left_s() == 1 and not condition_bits.noted(defs.NOTE_PHASE_OVER)
    _at(time, 90000 + _H - 599, 300)
    plan.run(time.now)
    assert plan.left_s() == 0 and condition_bits.noted(defs.NOTE_PHASE_OVER)


def test_a_plan_is_done_when_its_last_phase_is_over_and_no_next_fluid_is_due():
    condition_bits, time, plan = _make(defs.PROFILE_INTRAHEPATIC, [[SALINE, 1000, 0, 1], [DRUG, 1000, 1, 1]])
    plan.begin()
    plan.advance()
    plan.begin()
    _at(time, _H)
    plan.run(time.now)
    assert condition_bits.has(defs.BIT_PLAN_DONE) and not condition_bits.noted(defs.NOTE_PHASE_OVER)


def test_a_rate_holds_until_the_next_phase_begins():
    _, time, plan = _intrahepatic(phase_h=2)
    assert plan.rate_holds_s() == 2 * _H, "from its start on"
    plan.begin()
    _at(time, 600)
    assert plan.rate_holds_s() == plan.left_s() == 2 * _H - 600
    while plan.next_fluid() != defs.FLUID_NONE:
        plan.advance()
    assert plan.rate_holds_s() == -1
    assert _make(defs.PROFILE_CONTINUOUS, [[DRUG, 500, 0, 0]])[2].rate_holds_s() == -1


def test_a_plan_with_less_than_a_stroke_left_is_done_before_the_stroke():
    condition_bits, _, plan = _make(defs.PROFILE_TIMED, [[DRUG, 2400, 0, 0]], volume_nl=400)
    plan.end_below(400000)
    assert not condition_bits.has(defs.BIT_PLAN_DONE)
    plan.end_below(400001)
    assert condition_bits.has(defs.BIT_PLAN_DONE)
