"""Motions to the millisecond: when they are polled, when they become a fault, and the limits of a reverse."""

import dose_rig
from dose_rig import HOUR, MINUTE
from pump import defs
from pump.core import ticks
from pump.dose import stroke_motion

REQUIREMENTS = ("D3", "D10")
_PERIOD = 21600  # of strokes of 250 nL at 1,000 uL/day
_STROKE_MS = 201


def _next_ms(rig):
    return ticks.diff(rig.delivery.job.due, rig.clock.now)


def test_the_time_of_a_motion_is_rounded_up_and_polled_when_it_is_over():
    for interval_us, stroke_ms in ((2000, 201), (1999, 200), (2009, 201), (2010, 202), (999, 100), (10, 2)):
        rig = dose_rig.Rig(interval_us=interval_us)
        rig.plan(1000)
        rig.run(_PERIOD)
        assert rig.drive.moving()
        assert _next_ms(rig) == stroke_ms, interval_us


def test_a_drive_with_its_own_speed_gets_its_time_at_every_interval():
    for cycle_ms in (181, 321):
        rig = dose_rig.Rig()
        rig.drive.cycle_ms = cycle_ms
        rig.limits(250000, 1)
        rig.delivery.set_stroke(1, 250000, 2000, 0)
        rig.plan(1000)
        rig.run(_PERIOD)
        assert rig.drive.moving() and _next_ms(rig) == cycle_ms
        assert rig.monitor.quiet_ms == _PERIOD - cycle_ms
        rig.drive.stuck = True
        rig.run(2 * cycle_ms + 99)
        assert not rig.has(defs.BIT_DRIVE_FAULT)
        rig.run(1)
        assert rig.has(defs.BIT_DRIVE_FAULT)


def test_a_motion_that_does_not_end_is_polled_and_becomes_a_fault_in_time():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.drive.stuck = True
    rig.run(_PERIOD)
    assert _next_ms(rig) == _STROKE_MS
    rig.run(_STROKE_MS)
    assert _next_ms(rig) == 100
    rig.run(100)
    assert _next_ms(rig) == 100
    rig.run(100)
    assert _next_ms(rig) == 100
    rig.run(100)
    assert _next_ms(rig) == 1 and not rig.conditions.word  # twice the time of a stroke, and 100 ms
    rig.run(1)
    assert rig.has(defs.BIT_DRIVE_FAULT) and not rig.has(defs.BIT_COUNT_WRONG)
    assert rig.journal.of(defs.EVENT_STROKE_CUT) == [[0, 100]]


def test_a_stuck_motion_that_is_not_cut_is_polled_on_and_on():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.drive.stuck = True
    rig.run(_PERIOD)
    rig.state = defs.MOTION_NONE
    rig.run(502)
    assert rig.has(defs.BIT_DRIVE_FAULT) and _next_ms(rig) == 100
    rig.drive.stuck = False
    rig.run(100)
    assert not rig.drive.moving() and rig.journal.open == 0


def test_a_drive_that_refuses_is_named_and_its_stroke_stays_accounted():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.drive.refuses = True
    rig.run(_PERIOD)
    assert rig.has(defs.BIT_DRIVE_FAULT) and rig.account.strokes == 1
    assert rig.journal.of(defs.EVENT_PART_FAILED) == [[defs.PART_DRIVE, defs.FAULT_FAULT]]
    assert rig.journal.of(defs.EVENT_STROKE_CUT) == [] and rig.journal.open == 1
    rig.run(HOUR)
    assert not rig.has(defs.BIT_COUNT_WRONG)


def test_a_drive_whose_driver_is_disturbed_starts_its_stroke_within_half_a_second():
    for disturbed in (1, 2, 10, 49):
        rig = dose_rig.Rig()
        rig.plan(1000)
        rig.drive.disturbed_starts = disturbed
        rig.drive.times = []
        rig.run(3 * _PERIOD + 1000)
        assert ticks.diff(rig.drive.times[1], rig.drive.times[0]) == _PERIOD - 10 * disturbed
        assert not rig.conditions.word and rig.account.strokes == rig.drive.strokes == 3
        assert rig.journal.of(defs.EVENT_PART_FAILED) == [] and rig.journal.open == 0
        tally = rig.delivery.tally
        assert (tally.exchanges, tally.disturbed) == (3 + disturbed, disturbed)


def test_a_drive_whose_driver_stays_disturbed_is_a_fault_before_a_second_is_over():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.drive.disturbed_starts = 1000
    rig.run(_PERIOD + 489)
    assert not rig.has(defs.BIT_DRIVE_FAULT)
    rig.run(1)
    assert rig.has(defs.BIT_DRIVE_FAULT)
    assert rig.journal.of(defs.EVENT_PART_FAILED) == [[defs.PART_DRIVE, defs.FAULT_BAD_CHECKSUM]]
    assert rig.drive.strokes == 0 and rig.account.strokes == 1 and rig.journal.open == 1
    rig.run(HOUR)
    assert rig.drive.strokes == 0 and not rig.has(defs.BIT_COUNT_WRONG)


def test_a_stroke_that_waits_for_its_driver_is_not_made_after_a_stop():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.drive.disturbed_starts = 5
    rig.run(_PERIOD + 25)
    rig.delivery.hold(rig.clock.now)
    rig.run(HOUR)
    assert rig.drive.strokes == 0 and rig.account.strokes == 1
    assert rig.journal.of(defs.EVENT_STROKE_CUT) == [[0, 100]]
    assert not rig.conditions.word


def test_a_booked_stroke_that_waits_for_its_driver_counts_in_what_is_saved_of_the_limits():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.drive.disturbed_starts = 5
    rig.run(_PERIOD + 25)
    assert rig.account.strokes == 1 and rig.drive.strokes == 0 and rig.guards.hour_nl() == 0
    numbers = [0] * 12
    rig.guards.save_to(numbers, 0)
    assert numbers[1] == numbers[7] == 250
    rig.delivery.hold(rig.clock.now)
    rig.guards.save_to(numbers, 0)
    assert numbers[1] == numbers[7] == 0


def test_slack_that_a_disturbed_stroke_takes_up_counts_once():
    rig = dose_rig.Rig()
    rig.delivery.set_stroke(100, 2500, 2000, 40)
    rig.delivery.relieve(40, rig.clock.now)
    rig.run(1000)
    rig.plan(1000)
    before_nl = rig.guards.hour_nl()
    rig.drive.disturbed_starts = 5
    rig.run(_PERIOD + 1000)
    assert rig.drive.strokes == 2 and not rig.conditions.word
    assert rig.guards.hour_nl() - before_nl == 250 + 100


def test_a_cut_at_rest_stops_the_drive_and_writes_nothing():
    rig = dose_rig.Rig()
    rig.delivery.cut(rig.clock.now)
    assert rig.drive.stops == 1 and rig.journal.rows == []


def test_a_reverse_is_polled_after_its_time_and_none_is_begun_while_it_runs():
    rig = dose_rig.Rig()
    assert rig.delivery.relieve(300, rig.clock.now)
    assert _next_ms(rig) == 601
    assert not rig.delivery.relieve(300, rig.clock.now)
    rig.run(600)
    rig.plan(1000)
    rig.run(_PERIOD + 300)
    assert rig.account.strokes == 1 and rig.journal.open == 0
    assert not rig.delivery.relieve(300, rig.clock.now)  # while delivery goes on
    rig.rest()
    assert rig.delivery.relieve(300, rig.clock.now)


def test_a_reverse_is_as_long_as_it_is_asked_up_to_ten_microlitres_and_twenty_thousand_steps():
    for pl_per_step, asked, made in ((2500, 4000, 4000), (2500, 4001, 4000), (400, 30000, 20000), (3000, 9999, 3333)):
        rig = dose_rig.Rig(steps=100, pl_per_step=pl_per_step)
        motions = rig.drive.motions = []
        assert rig.delivery.relieve(asked, rig.clock.now)
        assert motions == [-made]


def test_a_reverse_may_be_a_single_step_and_none_is_no_reverse():
    rig = dose_rig.Rig()
    motions = rig.drive.motions = []
    assert not rig.delivery.relieve(0, rig.clock.now) and motions == []
    assert rig.delivery.relieve(1, rig.clock.now) and motions == [-1]


def test_a_reverse_that_the_drive_refuses_is_not_begun():
    rig = dose_rig.Rig()
    rig.drive.refuses = True
    assert rig.delivery.relieve(300, rig.clock.now) is False
    assert rig.has(defs.BIT_DRIVE_FAULT) and not rig.delivery.job.armed


def test_slack_is_never_more_than_a_reverse_has_moved_nor_than_a_stroke():
    for backlash_steps, reversed_steps, slack_steps in (
        (4, 1, 1), (4, 3, 3), (4, 4, 4), (4, 300, 4), (100, 60, 60), (1000, 100, 100), (1000, 60, 60),
        (1000, 1000, 100),
    ):  # fmt: skip
        rig = dose_rig.Rig(backlash_steps=backlash_steps)
        rig.drive.motions = []
        assert rig.delivery.relieve(reversed_steps, rig.clock.now)
        rig.run(MINUTE)
        rig.plan(1000)
        rig.run(3 * _PERIOD + 1000)
        assert rig.drive.motions == [-reversed_steps, 100 + slack_steps, 100, 100]
        assert rig.guards.hour_nl() == 3 * 250 + slack_steps * 25 // 10
        assert rig.account.strokes == 3


def test_reverses_one_after_the_other_leave_the_slack_of_all_of_them():
    rig = dose_rig.Rig(backlash_steps=50)
    rig.drive.motions = []
    for _ in range(3):
        assert rig.delivery.relieve(20, rig.clock.now)
        rig.run(MINUTE)
    rig.plan(1000)
    rig.run(_PERIOD + 1000)
    assert rig.drive.motions == [-20, -20, -20, 150]


def test_slack_beyond_the_longest_motion_waits_for_the_next_stroke():
    rig = dose_rig.Rig(steps=19998, pl_per_step=10, interval_us=100, backlash_steps=5)
    motions = rig.drive.motions = []
    rig.delivery.relieve(10, rig.clock.now)
    rig.run(HOUR)
    rig.plan(100)
    rig.run(4 * 172800)
    assert motions == [-10, 20000, 20000, 19999, 19998]
    assert rig.guards.hour_nl() > 0 and not rig.conditions.word


def test_after_a_reset_the_slack_that_was_saved_is_taken_up_unless_a_stroke_has_come_since():
    for stroke_since, steps in ((False, 104), (True, 100)):
        before = dose_rig.Rig()
        before.delivery.relieve(300, before.clock.now)
        before.run(MINUTE)
        numbers = [0] * 10
        before.delivery.save_to(numbers, 1)
        rig = dose_rig.Rig()
        motions = rig.drive.motions = []
        rig.delivery.load_from(numbers, 1)
        if stroke_since:
            rig.delivery.took_up_slack()
        rig.plan(1000)
        rig.run(2 * _PERIOD)
        assert motions == [steps, 100]


def test_a_motion_returns_its_next_poll_time_until_it_is_over():
    rig = dose_rig.Rig()
    mover = stroke_motion.StrokeMotion(rig.drive, rig.conditions, rig.journal, rig.guards)
    mover.configure(100, 2500, 2000, 4)
    for begin, lasts_ms in ((mover.stroke, _STROKE_MS), (lambda now: mover.relieve(300, now), 601)):
        assert begin(rig.clock.now) == lasts_ms
        assert mover.poll(rig.clock.now) == 100
        assert mover.relieve(300, rig.clock.now) == -1
        rig.clock.wait_ms(lasts_ms)
        assert mover.poll(rig.clock.now) == 0 and not mover.moving
