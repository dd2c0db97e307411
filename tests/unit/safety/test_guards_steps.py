"""The guards with a counter that is set by the test: every limit of steps, to the step and the millisecond."""

import guard_rig
from guard_rig import BIG_NL
from pump import defs

REQUIREMENTS = ("S5",)
_PL = 250000


# ---- steps ---------------------------------------------------------------------------------------------------------


def test_begins_with_nothing_moved_nothing_wrong_and_the_time_of_its_first_check():
    rig = guard_rig.Rig()
    look = rig.guards
    assert (look.moved_ul, look.rate_ul_day, look.hour_nl(), look.day_nl()) == (0, 0, 0, 0)
    assert look.stroke_pl == _PL and look.job.due is None
    assert rig.conditions.word == rig.conditions.notes == 0 and not rig.journal.rows
    rig = guard_rig.Rig(first=7000)  # the first reading of the counter is the start value
    rig.wait(1000)
    assert rig.guards.moved_ul == 0 and not rig.stopped()
    rig.wait(1000, 24)
    assert not rig.stopped()


def test_steps_count_for_a_stroke_also_when_none_was_commanded():
    rig = guard_rig.Rig()
    rig.wait(10, 20)
    rig.motion(80, 80)
    assert rig.guards.hour_nl() == 250
    rig.motion(99, 99)
    assert rig.guards.hour_nl() == 250


def test_the_checks_are_in_the_middle_and_at_the_end_of_a_motion():
    rig = guard_rig.Rig()
    rig.guards.command(100, 0, 201, rig.now)
    assert rig.due_in_ms() == 301
    rig.wait(300)
    assert rig.due_in_ms() == 1
    rig.wait(1)
    assert rig.due_in_ms() == 301
    rig.wait(300)
    assert not rig.stopped() and rig.due_in_ms() == 1
    rig.wait(1)
    assert rig.stopped()
    assert rig.journal.rows == [(defs.EVENT_UNCOMMANDED, 0, 100)]
    rig.guards.job.due = None
    rig.wait(1000)
    assert rig.guards.job.due is None
    assert len(rig.journal.rows) == 1


def test_a_motion_that_is_complete_in_its_middle_needs_no_check_of_its_own_at_its_end():
    rig = guard_rig.Rig()
    rig.guards.command(100, 0, 201, rig.now)
    rig.wait(201, 100)
    assert rig.due_in_ms() == 100, "one that does not end must be seen in its middle"
    rig.guards.job.due = None
    rig.wait(100)
    assert rig.guards.job.due is None
    rig.wait(4900, 24)
    assert not rig.stopped()
    rig.wait(0, 1)
    assert rig.stopped(), "a quarter of a stroke too much is found by any step"


def test_a_quarter_of_a_stroke_that_was_not_commanded_stops():
    for steps, most in ((100, 24), (8, 1), (7, 0), (4, 0), (1, 0)):
        rig = guard_rig.Rig(steps=steps)
        rig.wait(10, most)
        assert not rig.stopped(), steps
        rig.wait(10, 1)
        assert rig.stopped(), steps
        assert rig.journal.rows == [(defs.EVENT_UNCOMMANDED, most + 1, 0)]


def test_the_record_tells_what_was_seen_and_commanded():
    rig = guard_rig.Rig()
    rig.motion(100)
    rig.motion(125)
    assert rig.journal.rows == [(defs.EVENT_UNCOMMANDED, 125, 100)]


def test_missing_steps_add_up_and_a_clean_motion_clears_one():
    for last, stops in ((2, False), (1, True)):
        rig = guard_rig.Rig()
        rig.motion(98)
        rig.motion(100)
        rig.motion(last)
        assert rig.stopped() == stops
    for last, stops in ((1, False), (0, True)):
        rig = guard_rig.Rig()
        rig.motion(100)  # nothing to cancel
        rig.motion(last)
        assert rig.stopped() == stops


def test_steps_too_many_add_up_and_a_clean_motion_clears_one():
    for last, stops in ((123, False), (124, True)):
        rig = guard_rig.Rig()
        rig.motion(102)
        rig.motion(100)
        rig.motion(last)
        assert rig.stopped() == stops
    rig = guard_rig.Rig()
    rig.motion(102)
    rig.motion(0)  # extra steps before don't compensate missing ones
    assert rig.stopped()
    for more, stops in ((24, False), (25, True)):
        rig = guard_rig.Rig()
        rig.motion(99)
        rig.wait(10, more)
        assert rig.stopped() == stops
    for last, stops in ((124, False), (125, True)):
        rig = guard_rig.Rig()
        rig.motion(100)
        rig.motion(last)
        assert rig.stopped() == stops


def test_a_motion_that_is_followed_by_the_next_is_settled_first():
    rig = guard_rig.Rig()
    rig.guards.command(100, 0, 10, rig.now)
    rig.wait(10, 1)
    rig.guards.command(100, 0, 10, rig.now)
    rig.wait(10, 99)
    assert not rig.stopped()
    rig.wait(210)
    assert rig.stopped()  # 99 and 1 are missing


def test_what_a_cut_motion_lacks_is_no_fault_and_what_comes_later_is():
    rig = guard_rig.Rig()
    rig.guards.command(100, 4, 10, rig.now)
    rig.wait(5, 50)
    rig.guards.cut(rig.now)
    rig.wait(5, 24)
    rig.wait(1000)
    assert not rig.stopped()
    rig.wait(5, 1)
    assert rig.stopped()


def test_slack_that_a_stroke_takes_up_is_no_stroke_and_counts_as_given():
    rig = guard_rig.Rig()
    for _ in range(30):
        rig.motion(104, 104, 4)
    assert rig.guards.hour_nl() == 30 * (250 + 10)  # if the drive has no slack its four steps were dose
    assert rig.guards.moved_ul == 30 * 250 // 1000
    assert not rig.stopped()


def test_slack_of_a_whole_stroke_with_each_stroke_is_over_infusion():
    rig = guard_rig.Rig()
    rig.guards.rate(1000, rig.now)
    for _ in range(45):
        rig.motion(200, 200, 100)
        rig.wait(21400)
    assert rig.conditions.has(defs.BIT_OVER_INFUSION)


def test_what_is_left_of_idle_steps_ends_with_their_motion():
    rig = guard_rig.Rig()
    rig.motion(0, 20, 20)  # 20 are missing
    rig.motion(100)
    assert rig.guards.hour_nl() == 250 and not rig.stopped()
    rig = guard_rig.Rig()
    rig.guards.command(20, 20, 10, rig.now)
    rig.guards.cut(rig.now)
    rig.motion(100)
    assert rig.guards.hour_nl() == 250


def test_strokes_add_up_to_microlitres_and_parts_of_strokes_to_strokes():
    rig = guard_rig.Rig()
    for number in range(1, 41):
        rig.motion(100)
        assert rig.guards.moved_ul == number // 4
        assert rig.guards.hour_nl() == rig.guards.day_nl() == 250 * number
    rig = guard_rig.Rig()
    for number in range(1, 41):
        rig.motion(10, 10)
        assert rig.guards.hour_nl() == number // 10 * 250


def test_parts_of_a_microlitre_are_kept():
    rig = guard_rig.Rig(pl_per_step=333333, steps=1)
    for number in range(1, 10):
        rig.motion(1)
        assert rig.guards.moved_ul == number * 333333 // 1000000


def test_parts_of_a_nanolitre_are_kept():
    rig = guard_rig.Rig(pl_per_step=250333, steps=1)
    for number in range(1, 20):
        rig.motion(1)
        assert rig.guards.hour_nl() == rig.guards.day_nl() == number * 250333 // 1000


def test_garbage_counts_as_a_hundred_strokes_at_most():
    rig = guard_rig.Rig(pl_per_step=5000)
    rig.wait(10, 1000000)
    assert rig.stopped() and rig.guards.moved_ul == 50
    rig.wait(10, 100)
    assert rig.guards.moved_ul == 50
    rig.wait(10, 100)
    assert rig.guards.moved_ul == 51
    assert rig.guards.hour_nl() == 50000  # behind the stop nothing counts for a limit
    assert len(rig.journal.rows) == 1


def _stops_after_ms(rig, fails):
    """How long it takes until the pump stops, with a read every 10 ms of which `fails` says whether it fails."""
    for turn in range(1000):
        rig.counter.fails = fails(turn)
        rig.wait(10)
        if rig.stopped():
            return 10 * turn
    return -1


def test_a_counter_that_does_not_answer_stops_the_pump_after_a_second_and_a_half():
    assert _stops_after_ms(guard_rig.Rig(), lambda turn: True) == 1530
    assert _stops_after_ms(guard_rig.Rig(fails=True), lambda turn: True) == 1520


def test_a_counter_that_fails_every_other_time_stops_the_pump():
    for turns in (2, 3, 7, 50):
        assert _stops_after_ms(guard_rig.Rig(), lambda turn, turns=turns: turn % turns == 0) == 1530, turns


def test_answers_that_are_missing_for_a_second_are_no_fault_of_the_counter():
    rig = guard_rig.Rig()
    for _ in range(5):
        assert _stops_after_ms(rig, lambda turn: turn <= 100) == -1
    assert not rig.journal.rows


def test_a_counter_that_fails_in_more_than_a_third_of_the_time_stops_the_pump():
    assert _stops_after_ms(guard_rig.Rig(), lambda turn: turn % 204 == 0) == -1  # once in four spans
    assert 2000 < _stops_after_ms(guard_rig.Rig(), lambda turn: turn % 102 == 0) < 8000  # once in two


def test_after_a_failed_read_the_counter_is_read_again_soon_until_it_is_trusted():
    rig = guard_rig.Rig()
    rig.counter.fails = True
    rig.wait(10)
    assert rig.due_in_ms() == 100
    rig.counter.fails = False
    spans = 0
    while rig.guards.job.due is not None:
        rig.guards.job.due = None
        rig.wait(100)
        spans += 1
    assert spans == 3 * 6 and not rig.stopped()


# ---- volume --------------------------------------------------------------------------------------------------------


def test_the_trim_is_so_many_millionths_and_ten_percent_at_most():
    for pl_per_step, steps in ((2500, 100), (5000, 100), (333, 1000), (123457, 1)):
        nominal_pl = pl_per_step * steps
        rig = guard_rig.Rig(pl_per_step, steps)
        for ppm in (0, 1, 999, 1000, 1001, 12345, 99999, 100000, 100001, 999999, -1, -1000, -12345, -100000, -100001):
            rig.guards.trim(ppm)
            within = max(-100000, min(ppm, 100000))
            assert rig.guards.stroke_pl == nominal_pl + nominal_pl * within // 1000000, ppm


def test_another_calibration_drops_trim_and_part_and_the_same_one_keeps_them():
    for pl_per_step, steps, kept in ((2500, 100, True), (5000, 50, False), (2500, 50, False), (5000, 100, False)):
        rig = guard_rig.Rig()
        rig.guards.trim(10000)
        rig.motion(99, 99)
        rig.guards.configure(pl_per_step, steps, BIG_NL, BIG_NL, 200)
        nominal_pl = pl_per_step * steps
        assert rig.guards.stroke_pl == (nominal_pl + nominal_pl // 100 if kept else nominal_pl)
        rig.motion(1, 1)
        assert rig.guards.hour_nl() == (252 if kept else 0)
