"""Counted steps against commanded steps (S5, D13)."""

import dose_rig
import guard_rig
from dose_rig import DAY, HOUR, MINUTE
from pump import defs, hal
from pump.safety import guards

REQUIREMENTS = ("D4", "D13", "S5")
_FAULT = defs.BIT_COUNT_WRONG


def _moved_too_much(rig):
    return rig.moved_steps() - rig.account.strokes * 100


def test_all_is_well_for_days_and_the_count_is_the_delivered_total():
    for ul_day, span_ms in ((50, 2 * DAY), (1000, DAY), (24000, HOUR)):
        rig = dose_rig.Rig()
        rig.plan(ul_day)
        rig.run(span_ms)
        rig.rest()
        rig.run(MINUTE)
        assert rig.conditions.word == 0 and rig.conditions.notes == 0
        assert rig.guards.moved_ul == rig.account.delivered.ul
        assert rig.account.strokes == dose_rig.strokes_due([(ul_day, span_ms)])
        assert not rig.journal.rows


def test_a_drive_that_moves_on_is_stopped_before_a_stroke_too_much():
    for more in (100, 1000, 10000):
        for ul_day in (1000, 24000):
            rig = dose_rig.Rig()
            rig.drive.more = more
            rig.plan(ul_day)
            rig.run(HOUR)
            assert rig.has(_FAULT) and rig.drive.stops
            assert rig.account.strokes == 1
            assert 0 < _moved_too_much(rig) <= 100, (more, ul_day, _moved_too_much(rig))
            assert len(rig.journal.of(defs.EVENT_UNCOMMANDED)) == 1


def test_a_few_steps_too_many_in_each_stroke_add_up():
    rig = dose_rig.Rig()
    rig.drive.more = 5
    rig.plan(1000)
    rig.run(HOUR)
    assert rig.has(_FAULT)
    assert rig.account.strokes == 5
    assert _moved_too_much(rig) == 25


def test_a_counter_that_stands_still_is_found_with_the_first_stroke():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.run(HOUR - 1)
    strokes = rig.account.strokes
    rig.counter.stuck = True
    rig.run(HOUR)
    assert rig.has(_FAULT)
    assert rig.account.strokes == strokes + 1
    assert rig.journal.of(defs.EVENT_UNCOMMANDED) == [[0, 100]]


def test_a_counter_that_counts_twice_is_found_with_the_first_stroke():
    rig = dose_rig.Rig()
    rig.counter.times = 2
    rig.plan(1000)
    rig.run(HOUR)
    assert rig.has(_FAULT)
    assert rig.account.strokes == 1


def test_steps_at_rest_that_was_not_commanded():
    rig = dose_rig.Rig()
    rig.run(MINUTE)
    rig.counter.extra += 24
    rig.run(MINUTE)
    assert not rig.has(_FAULT)
    rig.counter.extra += 1
    rig.run(MINUTE)
    assert rig.has(_FAULT)
    assert rig.journal.of(defs.EVENT_UNCOMMANDED) == [[25, 0]]


def test_a_counter_that_fails_for_more_than_a_second():
    rig = dose_rig.Rig()
    rig.run(MINUTE)
    rig.counter.off = True
    rig.run(1000)
    assert not rig.has(_FAULT)
    rig.counter.off = False
    rig.run(MINUTE)
    rig.counter.off = True
    rig.run(1000)
    assert not rig.has(_FAULT)
    rig.run(5500)  # the longest wait of the loop, and a second
    assert rig.has(_FAULT)


def test_garbage_of_the_counter_is_a_fault_and_nothing_else():
    for jump in (0x20000000, 0x3FFFFFF0, 1000):
        rig = dose_rig.Rig()
        rig.plan(1000)
        rig.run(HOUR)
        rig.counter.extra += jump
        rig.run(HOUR)
        assert rig.has(_FAULT)
        assert rig.guards.moved_ul < 100


def test_missing_steps_add_up_to_a_stroke():
    rig = dose_rig.Rig()
    look = guard_rig.Look(rig)
    for _ in range(10):
        assert not rig.has(_FAULT)
        look.motion(100, 90)
    assert rig.has(_FAULT)


def test_clean_strokes_clear_single_steps():
    rig = dose_rig.Rig()
    look = guard_rig.Look(rig)
    for _ in range(200):
        look.motion(100, 101)
        look.motion(100, 100)
        look.motion(100, 99)
        look.motion(100, 100)
    assert not rig.has(_FAULT)


def test_a_stroke_that_was_cut_is_no_fault_and_steps_after_it_are_one():
    rig = dose_rig.Rig()
    look = guard_rig.Look(rig)
    for _ in range(20):
        look.guards.command(100, 0, 200, look.now)
        look.steps += 30
        look.guards.cut(look.now)
        look.wait(10000)
    assert not rig.has(_FAULT)
    assert look.guards.moved_ul == 20 * 30 * 2500 // 1000000
    look.guards.command(100, 0, 200, look.now)
    look.guards.cut(look.now)
    look.steps += 25
    look.wait(5000)
    assert rig.has(_FAULT)


def test_steps_of_a_reverse_and_of_the_slack_move_nothing():
    rig = dose_rig.Rig()
    look = guard_rig.Look(rig)
    look.motion(300, 300, idle=300)
    assert look.guards.moved_ul == 0
    look.motion(104, 104, idle=4)
    for _ in range(3):
        look.motion(100, 100)
    assert look.guards.moved_ul == 1
    assert not rig.has(_FAULT)


def test_a_valve_of_one_step_a_stroke():
    rig = dose_rig.Rig()
    look = guard_rig.Look(rig)
    look.guards.configure(500000, 1, 1200000, 25000000, 200)
    for _ in range(10):
        look.motion(1, 1)
    assert look.guards.moved_ul == 5 and not rig.has(_FAULT)
    look.steps += 1
    look.wait(5000)
    assert rig.has(_FAULT)


def test_an_error_of_the_counter_is_the_parts_own():
    class Broken:
        def count(self):
            raise hal.PartError(defs.FAULT_NO_ANSWER)

    rig = dose_rig.Rig()
    look = guards.Guards(Broken(), rig.conditions, rig.journal)
    look.job = guard_rig.Job()
    look.run(0)
    assert look.job.due == 100
