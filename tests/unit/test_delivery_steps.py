"""Delivery and motion to the millisecond: when they look, what they tell the other rooms, what they write down."""

import dose_rig
from dose_rig import HOUR
from pump import defs, ticks

REQUIREMENTS = ("D2", "D10")
_PERIOD = 21600  # of strokes of 250 nL at 1,000 uL/day
_STROKE_MS = 201


class _Trim:
    def __init__(self):
        self.changed = False
        self.trim_ppm = 0
        self.told = []
        self.rests = self.drops = 0

    def expect(self, due, period_ms, ul_day):
        self.told.append((due, period_ms, ul_day))

    def rest(self, now):
        self.rests += 1

    def drop(self):
        self.drops += 1


def _late(rig, span_ms):
    """The loop comes so long after it was due."""
    rig.clock.now = ticks.add(rig.clock.now, span_ms)
    rig.step()


def _next_ms(rig):
    return ticks.diff(rig.delivery.job.due, rig.clock.now)


def test_begins_with_nothing_given():
    delivery = dose_rig.Rig().delivery
    assert (delivery.running, delivery.rate_ul_day, delivery.flow_ul_day) == (False, 0, 0)
    assert (delivery.strokes, delivery.book_ul, delivery.book_pl) == (0, 0, 0)
    assert (delivery.primed_ul, delivery.primed_pl, delivery.prime_left, delivery.bolus_left) == (0, 0, 0, 0)
    assert delivery.stroke_pl == 250000 and not delivery.job.armed


def test_a_stroke_may_begin_a_second_late_and_no_more():
    for late_ms, told in ((1000, False), (1001, True)):
        rig = dose_rig.Rig()
        rig.plan(1000)
        _late(rig, _PERIOD + late_ms)
        assert rig.drive.strokes == 1
        assert rig.conditions.noted(defs.NOTE_LATE) == told


def test_strokes_that_fell_due_while_nobody_looked_come_one_after_the_other():
    rig = dose_rig.Rig()
    rig.plan(1000)
    _late(rig, 3 * _PERIOD + 5)
    assert (rig.drive.strokes, rig.delivery.strokes) == (1, 1)
    rig.run(_STROKE_MS)
    assert rig.drive.strokes == 2
    rig.run(_STROKE_MS)
    assert rig.drive.strokes == 3
    rig.run(_PERIOD - 2 * _STROKE_MS - 6)
    assert rig.drive.strokes == 3
    rig.run(1)
    assert rig.drive.strokes == 4


def test_the_line_and_the_trim_are_told_when_a_stroke_comes_and_how_long_it_is_quiet():
    rig = dose_rig.Rig()
    trim = rig.delivery.trim = _Trim()
    rig.plan(1000)
    first = ticks.add(rig.clock.now, _PERIOD)
    assert rig.line.due == first and rig.line.quiet_ms == _PERIOD - _STROKE_MS
    assert trim.told == [(first, _PERIOD, 1000)]
    assert rig.delivery.stroke_in_ms(rig.clock.now) == _PERIOD
    rig.run(_PERIOD - 1)
    assert len(trim.told) == 1
    rig.run(1)
    assert trim.told[1:] == [(ticks.add(first, _PERIOD), _PERIOD, 1000)]
    rig.line.quiet_ms = 0
    rig.delivery.set_rate(2000, rig.clock.now)
    assert rig.line.quiet_ms == _PERIOD // 2 - _STROKE_MS
    rig.line.quiet_ms = 0
    rig.delivery.bolus(4, 2000, rig.clock.now)
    assert rig.line.quiet_ms == _PERIOD // 4 - _STROKE_MS and trim.told[-1][1:] == (_PERIOD // 4, 4000)
    rests = rig.line.rests
    rig.rest()
    assert (rig.line.rests, trim.rests) == (rests + 1, 1)


def test_the_line_is_told_of_another_pace_and_of_no_other_thing():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.line.quiet_ms = -1
    rig.delivery.end_bolus(rig.clock.now)
    rig.delivery.resume(rig.clock.now)
    rig.run(2 * _PERIOD)
    assert rig.line.quiet_ms == -1


def test_a_trim_that_is_asked_for_counts_from_the_next_stroke_on():
    rig = dose_rig.Rig()
    trim = rig.delivery.trim = _Trim()
    rig.plan(1000)
    trim.trim_ppm, trim.changed = 12345, True
    rig.run(_PERIOD)
    assert rig.delivery.book_pl == 250000
    assert rig.delivery.stroke_pl == rig.guards.stroke_pl == 253086 and not trim.changed
    rig.run(_PERIOD + 300)
    assert rig.delivery.book_pl == 503086
    for ppm in (1, 999, 1000, 99999, -1, -999, -1001, -99999):
        rig.delivery.set_trim(ppm)
        assert rig.delivery.stroke_pl == rig.guards.stroke_pl == 250000 + 250000 * ppm // 1000000
    assert trim.drops == 0
    rig.delivery.set_stroke(100, 2501, 2000, 4)
    assert trim.drops == 1 and rig.delivery.stroke_pl == 250100


def test_a_trimmed_stroke_is_exact_for_every_size():
    for steps, pl_per_step in ((100, 2500), (100, 5000), (1000, 333), (1, 123457)):
        rig = dose_rig.Rig(steps, pl_per_step)
        nominal_pl = steps * pl_per_step
        for ppm in (1, 7, 8, 9, 333, 999, 1000, 1001, 12345, 54321, 99999, 100000, -1, -8, -9, -12345, -100000):
            rig.delivery.set_trim(ppm)
            assert rig.delivery.stroke_pl == rig.guards.stroke_pl == nominal_pl + nominal_pl * ppm // 1000000


def test_volumes_are_written_down_as_the_strokes_give_them():
    rig = dose_rig.Rig()
    rig.delivery.set_trim(1335)  # 250,333 pL
    rig.plan(1000)
    rig.delivery.bolus(40, 2000, rig.clock.now)
    assert rig.delivery.bolus_left == 40
    assert rig.journal.of(defs.EVENT_BOLUS) == [[10013, 2000]]
    rig.run(5 * _PERIOD)
    given = 40 - rig.delivery.bolus_left
    assert given == 9
    assert rig.delivery.end_bolus(rig.clock.now) == given
    assert rig.journal.of(defs.EVENT_BOLUS_ENDED) == [[9 * 250333 // 1000, 10013]]
    assert rig.delivery.end_bolus(rig.clock.now) == given
    assert len(rig.journal.of(defs.EVENT_BOLUS_ENDED)) == 1
    rig.delivery.set_trim(3996)  # 250,999 pL
    rig.delivery.bolus(1000, 2000, rig.clock.now)
    assert rig.journal.of(defs.EVENT_BOLUS)[1:] == [[250999, 2000]]
    rig.delivery.end_bolus(rig.clock.now)
    assert rig.delivery.flow_ul_day == 1000


def test_a_bolus_ends_at_its_last_stroke_and_the_flow_falls_back_then():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.delivery.bolus(3, 9000, rig.clock.now)
    assert rig.delivery.flow_ul_day == 10000
    rig.run(7199)
    assert (rig.delivery.bolus_left, rig.delivery.flow_ul_day) == (1, 10000)
    rig.run(1)
    assert (rig.delivery.bolus_left, rig.delivery.flow_ul_day) == (0, 1000)
    assert rig.journal.of(defs.EVENT_BOLUS_ENDED) == [[750, 750]]
    rig.run(_PERIOD - 7200 - 1)
    assert rig.delivery.strokes == 3
    rig.run(1)
    assert rig.delivery.strokes == 4


def test_at_rest_nothing_flows_and_nothing_is_due():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.run(1000)
    rig.rest()
    assert (rig.delivery.running, rig.delivery.flow_ul_day, rig.delivery.job.armed) == (False, 0, False)
    rig.run(HOUR)
    assert rig.drive.strokes == 0
    rig.delivery.set_rate(24000, rig.clock.now)
    assert rig.delivery.flow_ul_day == 0 and not rig.delivery.job.armed
    rig.delivery.set_rate(1000, rig.clock.now)
    rig.delivery.resume(rig.clock.now)
    assert _next_ms(rig) == _PERIOD - 1000


def test_keep_open_flows_with_the_lesser_rate():
    for ul_day, flow in ((199, 199), (200, 200), (201, 200)):
        rig = dose_rig.Rig()
        rig.plan(ul_day)
        rig.delivery.keep_open(200, rig.clock.now)
        assert rig.delivery.flow_ul_day == flow


def test_a_prime_ends_after_its_last_stroke_is_over():
    rig = dose_rig.Rig()
    rig.prime(2, 24000, False)
    assert (rig.delivery.prime_left, rig.delivery.flow_ul_day) == (2, 24000)
    rig.run(1800)
    assert (rig.delivery.prime_left, rig.drive.strokes) == (0, 2)
    rig.run(_STROKE_MS - 1)
    assert rig.state == defs.MOTION_PRIME and not rig.has(defs.BIT_PRIME_DONE)
    rig.run(1)
    assert rig.state == defs.MOTION_NONE and not rig.delivery.running
    assert (rig.delivery.primed_ul, rig.delivery.primed_pl) == (0, 500000)
    assert rig.journal.of(defs.EVENT_PRIME_ENDED) == [[500, 500]]
    rig.prime(3, 24000, False)
    rig.rest()
    assert rig.delivery.prime_left == 0 and rig.journal.of(defs.EVENT_PRIME_ENDED)[1] == [0, 750]
    rig.prime(6, 24000, False)
    rig.run(6000)
    assert (rig.delivery.primed_ul, rig.delivery.primed_pl) == (2, 0)
    assert rig.delivery.strokes == 0


def test_a_stroke_that_the_guards_refuse_is_neither_given_nor_made_up():
    rig = dose_rig.Rig()
    rig.limits(hour_nl=0)
    rig.state = defs.MOTION_NONE  # nobody reacts to the limit
    rig.delivery.set_rate(1000, rig.clock.now)
    rig.delivery.start(rig.clock.now)
    rig.run(3 * _PERIOD + 1000)
    assert (rig.drive.strokes, rig.delivery.strokes, rig.journal.intents) == (0, 0, 0)
    rig.limits()
    rig.run(_PERIOD)
    assert rig.drive.strokes == 1


# ---- motion --------------------------------------------------------------------------------------------------------


def test_the_time_of_a_motion_is_rounded_up_and_looked_at_when_it_is_over():
    for interval_us, stroke_ms in ((2000, 201), (1999, 200), (2009, 201), (2010, 202), (999, 100), (10, 2)):
        rig = dose_rig.Rig(interval_us=interval_us)
        rig.plan(1000)
        rig.run(_PERIOD)
        assert rig.drive.moving()
        assert _next_ms(rig) == stroke_ms, interval_us


def test_a_motion_that_does_not_end_is_looked_at_and_becomes_a_fault_in_time():
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
    assert _next_ms(rig) == 1 and not rig.conditions.word  # two strokes' time and 100 ms
    rig.run(1)
    assert rig.has(defs.BIT_DRIVE_FAULT) and not rig.has(defs.BIT_COUNT_WRONG)
    assert rig.journal.of(defs.EVENT_STROKE_CUT) == [[0, 100]]


def test_a_stuck_motion_that_nobody_cuts_is_looked_at_on_and_on():
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


def test_a_drive_that_refuses_is_named_and_its_stroke_stays_booked():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.drive.refuses = True
    rig.run(_PERIOD)
    assert rig.has(defs.BIT_DRIVE_FAULT) and rig.delivery.strokes == 1
    assert rig.journal.of(defs.EVENT_PART_FAILED) == [[defs.PART_DRIVE, defs.FAULT_FAULT]]
    assert rig.journal.of(defs.EVENT_STROKE_CUT) == [] and rig.journal.open == 1
    rig.run(HOUR)
    assert not rig.has(defs.BIT_COUNT_WRONG)


def test_a_cut_at_rest_stops_the_drive_and_writes_nothing():
    rig = dose_rig.Rig()
    rig.delivery.cut(rig.clock.now)
    assert rig.drive.stops == 1 and rig.journal.rows == []


def test_a_reverse_is_looked_at_after_its_time_and_none_is_begun_while_it_runs():
    rig = dose_rig.Rig()
    assert rig.delivery.relieve(300, rig.clock.now)
    assert _next_ms(rig) == 601
    assert not rig.delivery.relieve(300, rig.clock.now)
    rig.run(600)
    rig.plan(1000)
    rig.run(_PERIOD + 300)
    assert rig.delivery.strokes == 1 and rig.journal.open == 0
    assert not rig.delivery.relieve(300, rig.clock.now)  # while delivery goes on
    rig.rest()
    assert rig.delivery.relieve(300, rig.clock.now)


def test_a_reverse_is_as_long_as_it_is_asked_up_to_ten_microlitres_and_twenty_thousand_steps():
    for pl_per_step, asked, made in ((2500, 4000, 4000), (2500, 4001, 4000), (400, 30000, 20000), (3000, 9999, 3333)):
        rig = dose_rig.Rig(steps=100, pl_per_step=pl_per_step)
        motions = rig.drive.motions = []
        assert rig.delivery.relieve(asked, rig.clock.now)
        assert motions == [-made]


def test_a_reverse_that_the_drive_refuses_is_not_begun():
    rig = dose_rig.Rig()
    rig.drive.refuses = True
    assert rig.delivery.relieve(300, rig.clock.now) is False
    assert rig.has(defs.BIT_DRIVE_FAULT) and not rig.delivery.job.armed


def test_slack_beyond_the_longest_motion_waits_for_the_next_stroke():
    rig = dose_rig.Rig(steps=19998, pl_per_step=10, interval_us=100, backlash_steps=5)
    motions = rig.drive.motions = []
    rig.delivery.relieve(10, rig.clock.now)
    rig.run(HOUR)
    rig.plan(100)
    rig.run(4 * 172800)
    assert motions == [-10, 20000, 20000, 19999, 19998]
    assert rig.guards.hour_nl() > 0 and not rig.conditions.word


# ---- what outlasts a reset -----------------------------------------------------------------------------------------


def test_its_numbers_are_kept_in_their_places_and_taken_back():
    rig = dose_rig.Rig()
    delivery = rig.delivery
    delivery.strokes, delivery.book_ul, delivery.book_pl, delivery.primed_ul, delivery.primed_pl = 11, 12, 13, 14, 15
    delivery.set_rate(1600, rig.clock.now)
    for at in (0, 3):
        numbers = [-1] * 20
        assert delivery.keep(numbers, at) == at + 7
        assert numbers == [-1] * at + [11, 12, 13, 14, 15, 1600, 1] + [-1] * (13 - at)
        other = dose_rig.Rig().delivery
        assert other.restore(numbers, at) == at + 7
        taken = (other.strokes, other.book_ul, other.book_pl, other.primed_ul, other.primed_pl, other.rate_ul_day)
        assert taken == (11, 12, 13, 14, 15, 1600)
    for dose in (False, True):
        rig.prime(1, 24000, dose)
        delivery.keep(numbers, 0)
        assert numbers[6] == (1 if dose else 0)
        rig.rest()
    for dose in (0, 1):
        numbers[6] = 2 * 7 + dose
        other.restore(numbers, 0)
        assert other.slack_steps == 7
        other.keep(numbers, 0)
        assert numbers[6] == 2 * 7 + 1  # what is dose is not taken back: a prime has ended


def test_strokes_that_were_found_are_booked_with_those_before():
    delivery = dose_rig.Rig().delivery
    for turn in range(1, 4):
        delivery.book(2, 3, 700000, True)
        delivery.book(5, 1, 400000, False)
        assert delivery.strokes == 2 * turn
        assert delivery.book_ul * 1000000 + delivery.book_pl == 3700000 * turn
        assert delivery.primed_ul * 1000000 + delivery.primed_pl == 1400000 * turn
        assert delivery.book_pl < 1000000 and delivery.primed_pl < 1000000
