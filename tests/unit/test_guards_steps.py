"""The guards with a counter that is told what to show: every limit to the step, millisecond and nanolitre."""

from pump import conditions, defs, guards, hal, ticks

_START = ticks.add(0, -100000)  # soon before the wrap
_PL = 250000
_BIG_NL = 100000000


class _Counter:
    def __init__(self):
        self.steps = 0
        self.fails = False

    def count(self):
        if self.fails:
            raise hal.PartError(defs.FAULT_NO_ANSWER)
        return self.steps & 0x3FFFFFFF


class _Job:
    due = None

    def at(self, due):
        self.due = due


class _Journal:
    def __init__(self):
        self.rows = []

    def write(self, event, a=0, b=0):
        self.rows.append((event, a, b))


class _Rig:
    def __init__(
        self, pl_per_step=2500, steps=100, hour_nl=_BIG_NL, day_nl=_BIG_NL, keep_open_ul_day=200, first=0, fails=False
    ):
        self.counter = _Counter()
        self.counter.steps, self.counter.fails = first, fails
        self.facts = conditions.Conditions(0)
        self.journal = _Journal()
        self.look = guards.Guards(self.counter, self.facts, self.journal)
        self.look.job = _Job()
        self.look.configure(pl_per_step, steps, hour_nl, day_nl, keep_open_ul_day)
        self.now = _START
        self.steps = steps
        self.wait(0)

    def wait(self, span_ms, moves=0):
        self.counter.steps += moves
        self.now = ticks.add(self.now, span_ms)
        self.look.run(self.now)

    def motion(self, moves, steps=None, idle=0):
        """A motion of 10 ms that moves so many steps, and the end of its time."""
        self.look.command(self.steps if steps is None else steps, idle, 10, self.now)
        self.wait(10, moves)
        self.wait(210)

    def due_in_ms(self):
        return ticks.diff(self.look.job.due, self.now)

    def stopped(self):
        return self.facts.has(defs.BIT_COUNT_WRONG)


# ---- steps ---------------------------------------------------------------------------------------------------------


def test_begins_with_nothing_moved_nothing_wrong_and_the_time_of_its_first_look():
    rig = _Rig()
    look = rig.look
    assert (look.moved_ul, look.rate_ul_day, look.hour_nl(), look.day_nl()) == (0, 0, 0, 0)
    assert look.stroke_pl == _PL and look.job.due is None
    assert rig.facts.word == rig.facts.notes == 0 and not rig.journal.rows
    rig = _Rig(first=7000)  # whatever the counter shows first is where it begins
    rig.wait(1000)
    assert rig.look.moved_ul == 0 and not rig.stopped()
    rig.wait(1000, 24)
    assert not rig.stopped()


def test_steps_count_for_a_stroke_also_when_nobody_has_commanded_any():
    rig = _Rig()
    rig.wait(10, 20)
    rig.motion(80, 80)
    assert rig.look.hour_nl() == 250
    rig.motion(99, 99)
    assert rig.look.hour_nl() == 250


def test_the_looks_are_in_the_middle_and_at_the_end_of_a_motion():
    rig = _Rig()
    rig.look.command(100, 0, 201, rig.now)
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
    rig.look.job.due = None
    rig.wait(1000)
    assert rig.look.job.due is None
    assert len(rig.journal.rows) == 1


def test_a_quarter_of_a_stroke_that_nobody_commanded_stops():
    for steps, most in ((100, 24), (8, 1), (7, 0), (4, 0), (1, 0)):
        rig = _Rig(steps=steps)
        rig.wait(10, most)
        assert not rig.stopped(), steps
        rig.wait(10, 1)
        assert rig.stopped(), steps
        assert rig.journal.rows == [(defs.EVENT_UNCOMMANDED, most + 1, 0)]


def test_the_record_tells_what_was_seen_and_commanded():
    rig = _Rig()
    rig.motion(100)
    rig.motion(125)
    assert rig.journal.rows == [(defs.EVENT_UNCOMMANDED, 125, 100)]


def test_missing_steps_add_up_and_a_clean_motion_forgives_one():
    for last, stops in ((2, False), (1, True)):
        rig = _Rig()
        rig.motion(98)
        rig.motion(100)
        rig.motion(last)
        assert rig.stopped() == stops
    for last, stops in ((1, False), (0, True)):
        rig = _Rig()
        rig.motion(100)  # nothing to forgive
        rig.motion(last)
        assert rig.stopped() == stops


def test_steps_too_many_add_up_and_a_clean_motion_forgives_one():
    for last, stops in ((123, False), (124, True)):
        rig = _Rig()
        rig.motion(102)
        rig.motion(100)
        rig.motion(last)
        assert rig.stopped() == stops
    rig = _Rig()
    rig.motion(102)
    rig.motion(0)  # more before does not make up for what is missing
    assert rig.stopped()
    for more, stops in ((24, False), (25, True)):
        rig = _Rig()
        rig.motion(99)
        rig.wait(10, more)
        assert rig.stopped() == stops
    for last, stops in ((124, False), (125, True)):
        rig = _Rig()
        rig.motion(100)
        rig.motion(last)
        assert rig.stopped() == stops


def test_a_motion_that_is_followed_by_the_next_is_settled_first():
    rig = _Rig()
    rig.look.command(100, 0, 10, rig.now)
    rig.wait(10, 1)
    rig.look.command(100, 0, 10, rig.now)
    rig.wait(10, 99)
    assert not rig.stopped()
    rig.wait(210)
    assert rig.stopped()  # 99 and 1 are missing


def test_what_a_cut_motion_lacks_is_no_fault_and_what_comes_later_is():
    rig = _Rig()
    rig.look.command(100, 4, 10, rig.now)
    rig.wait(5, 50)
    rig.look.cut(rig.now)
    rig.wait(5, 24)
    rig.wait(1000)
    assert not rig.stopped()
    rig.wait(5, 1)
    assert rig.stopped()


def test_idle_steps_move_nothing_and_what_is_left_of_them_ends_with_their_motion():
    rig = _Rig()
    for _ in range(30):
        rig.motion(104, 104, 4)
    assert rig.look.hour_nl() == 30 * 250
    rig = _Rig()
    rig.motion(0, 20, 20)  # 20 are missing
    rig.motion(100)
    assert rig.look.hour_nl() == 250 and not rig.stopped()
    rig = _Rig()
    rig.look.command(20, 20, 10, rig.now)
    rig.look.cut(rig.now)
    rig.motion(100)
    assert rig.look.hour_nl() == 250


def test_strokes_add_up_to_microlitres_and_parts_of_strokes_to_strokes():
    rig = _Rig()
    for number in range(1, 41):
        rig.motion(100)
        assert rig.look.moved_ul == number // 4
        assert rig.look.hour_nl() == rig.look.day_nl() == 250 * number
    rig = _Rig()
    for number in range(1, 41):
        rig.motion(10, 10)
        assert rig.look.hour_nl() == number // 10 * 250


def test_parts_of_a_microlitre_are_kept():
    rig = _Rig(pl_per_step=333333, steps=1)
    for number in range(1, 10):
        rig.motion(1)
        assert rig.look.moved_ul == number * 333333 // 1000000


def test_parts_of_a_nanolitre_are_kept():
    rig = _Rig(pl_per_step=250333, steps=1)
    for number in range(1, 20):
        rig.motion(1)
        assert rig.look.hour_nl() == rig.look.day_nl() == number * 250333 // 1000


def test_garbage_counts_as_a_hundred_strokes_at_most():
    rig = _Rig(pl_per_step=5000)
    rig.wait(10, 1000000)
    assert rig.stopped() and rig.look.moved_ul == 50
    rig.wait(10, 100)
    assert rig.look.moved_ul == 50
    rig.wait(10, 100)
    assert rig.look.moved_ul == 51
    assert rig.look.hour_nl() == 50000  # behind the stop nothing counts for a limit
    assert len(rig.journal.rows) == 1


def test_three_reads_in_a_row_that_fail_stop_the_pump():
    rig = _Rig()
    for _ in range(5):
        rig.counter.fails = True
        rig.wait(10)
        assert rig.due_in_ms() == 100
        rig.wait(10)
        rig.counter.fails = False
        rig.wait(10)
    assert not rig.stopped()
    rig.counter.fails = True
    rig.wait(10)
    rig.wait(10)
    assert not rig.stopped()
    rig.wait(10)
    assert rig.stopped()
    rig = _Rig(fails=True)
    rig.wait(10)
    assert not rig.stopped()
    rig.wait(10)
    assert rig.stopped()


# ---- volume --------------------------------------------------------------------------------------------------------


def test_the_trim_is_so_many_millionths_and_ten_percent_at_most():
    for pl_per_step, steps in ((2500, 100), (5000, 100), (333, 1000), (123457, 1)):
        nominal_pl = pl_per_step * steps
        rig = _Rig(pl_per_step, steps)
        for ppm in (0, 1, 999, 1000, 1001, 12345, 99999, 100000, 100001, 999999, -1, -1000, -12345, -100000, -100001):
            rig.look.trim(ppm)
            within = max(-100000, min(ppm, 100000))
            assert rig.look.stroke_pl == nominal_pl + nominal_pl * within // 1000000, ppm


def test_another_calibration_drops_trim_and_part_and_the_same_one_keeps_them():
    for pl_per_step, steps, kept in ((2500, 100, True), (5000, 50, False), (2500, 50, False), (5000, 100, False)):
        rig = _Rig()
        rig.look.trim(10000)
        rig.motion(99, 99)
        rig.look.configure(pl_per_step, steps, _BIG_NL, _BIG_NL, 200)
        nominal_pl = pl_per_step * steps
        assert rig.look.stroke_pl == (nominal_pl + nominal_pl // 100 if kept else nominal_pl)
        rig.motion(1, 1)
        assert rig.look.hour_nl() == (252 if kept else 0)


# ---- limits --------------------------------------------------------------------------------------------------------


def test_a_stroke_may_be_given_up_to_the_limit_of_the_hour_and_of_the_day():
    for hour_nl, day_nl in ((250, _BIG_NL), (_BIG_NL, 250)):
        rig = _Rig(hour_nl=hour_nl, day_nl=day_nl)
        assert rig.look.may(_PL) and not rig.facts.word
        assert not rig.look.may(_PL + 1)
        assert rig.facts.word == defs.BIT_DOSE_LIMITED


def test_what_has_moved_and_is_not_counted_yet_counts_for_the_limit():
    rig = _Rig(pl_per_step=250001, steps=1, hour_nl=500)
    rig.motion(1)
    assert rig.look.hour_nl() == 250
    assert rig.look.may(249999) and not rig.look.may(250000)
    for moves in (0, 1):  # a motion under way, and a part of a stroke at rest
        for hour_nl, may in ((502, True), (501, False)):
            rig = _Rig(pl_per_step=250001, steps=1, hour_nl=hour_nl)
            if moves:
                rig = _Rig(pl_per_step=83337, steps=3, hour_nl=hour_nl + 1)  # 250,011 pL
                rig.motion(1, 1)
            else:
                rig.look.command(1, 0, 10, rig.now)
            assert rig.look.may(rig.look.stroke_pl) == may or moves and hour_nl == 501, (moves, hour_nl)


def test_a_stroke_under_way_counts_for_the_limit_with_its_own_nanolitres():
    for pl, hour_nl in ((250000, 500), (250001, 502), (249001, 500)):
        for less, may in ((0, True), (1, False)):
            rig = _Rig(pl_per_step=pl, steps=1, hour_nl=hour_nl - less)
            rig.look.command(1, 0, 10, rig.now)
            assert rig.look.may(pl) == may, (pl, less)


def test_a_prime_may_be_given_whatever_the_limit():
    rig = _Rig(hour_nl=0)
    rig.look.dose(False)
    assert rig.look.may(_PL)
    rig.motion(100)
    assert (rig.look.hour_nl(), rig.look.day_nl()) == (0, 0)
    rig.look.dose(True)
    assert not rig.look.may(_PL)


def test_a_motion_counts_as_what_it_was_when_it_began():
    rig = _Rig()
    rig.look.command(100, 0, 10, rig.now)
    rig.look.dose(False)
    rig.wait(10, 100)
    assert rig.look.hour_nl() == 250


def test_beyond_a_limit_only_the_keep_open_rate_is_given_and_not_at_once():
    rig = _Rig(hour_nl=249)
    rig.look.rate(200, rig.now)
    assert not rig.look.may(_PL)
    assert rig.look.may(_PL)
    rig.look.rate(201, rig.now)
    assert not rig.look.may(_PL)
    rig.look.rate(200, rig.now)
    # Its own volume in 61 minutes, of which each has 138 nL.
    assert rig.look.may((249 + 61 * 138) * 1000)
    assert not rig.look.may((249 + 61 * 138) * 1000 + 1)
    rig = _Rig(day_nl=249)
    rig.look.rate(200, rig.now)
    rig.look.may(_PL)
    # 97 quarters of an hour with 2,083 nL each.
    assert rig.look.may((249 + 97 * 2083) * 1000)
    assert not rig.look.may((249 + 97 * 2083) * 1000 + 1)


def test_a_limit_is_left_when_half_an_hour_s_or_an_eighth_of_a_day_s_is_free():
    for hour_nl, day_nl, span_ms, most in ((2000, _BIG_NL, 60000, 10), (_BIG_NL, 2000, 900000, 17)):
        for count, left in ((most, True), (most + 1, False)):
            rig = _Rig(pl_per_step=1000, steps=100, hour_nl=hour_nl, day_nl=day_nl)
            for _ in range(count):
                rig.motion(100)
            rig.facts.set(defs.BIT_DOSE_LIMITED)
            rig.wait(1)
            assert rig.facts.has(defs.BIT_DOSE_LIMITED) != left, (count, span_ms)


def test_hour_and_day_end_with_their_last_bucket():
    for bucket_ms, count, used_nl in ((60000, 61, "hour_nl"), (900000, 97, "day_nl")):
        rig = _Rig()
        rig.look.command(100, 0, 10, rig.now)
        rig.wait(0, 100)
        rig.wait(bucket_ms * count - 1)
        assert getattr(rig.look, used_nl)() == 250
        rig.wait(1)
        assert getattr(rig.look, used_nl)() == 0


def test_a_bolus_has_room_beside_a_stroke_that_is_under_way():
    # 24,000 uL/day give the bolus within the first bucket; 8 nL are added against the rounding.
    for pl, nl in ((250000, 250), (250001, 251), (250999, 251)):
        for hour_nl, day_nl in ((1000 + nl + 8, _BIG_NL), (_BIG_NL, 1000 + nl + 8)):
            rig = _Rig(pl_per_step=pl, steps=1, hour_nl=hour_nl, day_nl=day_nl)
            assert rig.look.room_for(1000, 0, 24000)
            assert not rig.look.room_for(1001, 0, 24000)


# ---- over and under ------------------------------------------------------------------------------------------------


def _quarter(rig, strokes):
    """225 s with so many strokes and their end."""
    for _ in range(strokes):
        rig.look.command(100, 0, 1, rig.now)
        rig.wait(0, 100)
    rig.wait(225000)


def test_a_tenth_more_than_programmed_is_too_much_and_a_tenth_less_too_little():
    # 8,640 uL/day are 100 nL/s, 90 strokes in a quarter of the window.
    for fourth, over, under in ((99, False, False), (100, True, False)):
        rig = _Rig()
        rig.look.rate(8640, rig.now)
        for strokes in (99, 99, 99):
            _quarter(rig, strokes)
        assert not rig.facts.word and not rig.facts.notes
        _quarter(rig, fourth)
        assert rig.facts.has(defs.BIT_OVER_INFUSION) == over
        assert rig.facts.noted(defs.NOTE_UNDER_INFUSION) == under
    for fourth, under in ((81, False), (80, True)):
        rig = _Rig()
        rig.look.rate(8640, rig.now)
        for strokes in (81, 81, 81):
            _quarter(rig, strokes)
        assert not rig.facts.word and not rig.facts.notes
        _quarter(rig, fourth)
        assert rig.facts.noted(defs.NOTE_UNDER_INFUSION) == under
        assert not rig.facts.word
        for _ in range(4):
            _quarter(rig, 90)
        assert not rig.facts.notes


def test_a_quarter_is_over_at_its_last_millisecond_however_many_strokes_it_had():
    for strokes, too_much in ((120, True), (60, False)):
        rig = _Rig()
        rig.look.rate(8640, rig.now)
        for _ in range(3):
            _quarter(rig, strokes)
        for _ in range(strokes):
            rig.look.command(100, 0, 1, rig.now)
            rig.wait(0, 100)
        rig.wait(224999)
        assert not rig.facts.word and not rig.facts.notes
        rig.wait(1)
        assert rig.facts.has(defs.BIT_OVER_INFUSION) == too_much
        assert rig.facts.noted(defs.NOTE_UNDER_INFUSION) != too_much


def test_a_change_of_rate_begins_the_window_of_too_little_anew_and_the_same_rate_does_not():
    for ul_day, noted in ((8640, True), (8641, False)):
        rig = _Rig()
        rig.look.rate(8640, rig.now)
        for _ in range(3):
            _quarter(rig, 0)
        rig.look.rate(ul_day, rig.now)
        _quarter(rig, 0)
        assert rig.facts.noted(defs.NOTE_UNDER_INFUSION) == noted


def test_at_rest_both_findings_end():
    rig = _Rig()
    rig.look.rate(8640, rig.now)
    for _ in range(4):
        _quarter(rig, 120)
    assert rig.facts.has(defs.BIT_OVER_INFUSION)
    rig.look.rate(0, rig.now)
    rig.wait(1)
    assert not rig.facts.has(defs.BIT_OVER_INFUSION)
    rig.look.rate(8640, rig.now)
    for _ in range(3):
        _quarter(rig, 120)
        assert not rig.facts.has(defs.BIT_OVER_INFUSION)
    rig = _Rig()
    rig.look.rate(8640, rig.now)
    for _ in range(4):
        _quarter(rig, 0)
    assert rig.facts.noted(defs.NOTE_UNDER_INFUSION)
    rig.look.rate(0, rig.now)
    rig.wait(1)
    assert not rig.facts.notes


def test_nothing_is_judged_in_the_middle_of_a_motion():
    rig = _Rig()
    rig.look.rate(8640, rig.now)
    for _ in range(3):
        _quarter(rig, 0)
    rig.look.command(100, 0, 400000, rig.now)
    rig.wait(225000)
    assert not rig.facts.notes
    rig.wait(0, 100)
    assert rig.facts.noted(defs.NOTE_UNDER_INFUSION)


def test_what_is_programmed_is_summed_without_rounding_whatever_the_pieces():
    for ul_day, pieces_ms in (
        (50, (1, 2, 3, 4999)),
        (24000, (4900, 7)),
        (7300, (86400000, 3)),
        (24000, (8000, 8001, 1)),
        (7301, (215,)),  # a 432nd below a picolitre
    ):
        rig = _Rig()
        rig.look.rate(ul_day, rig.now)
        total_ms = 0
        for turn in range(20):
            span_ms = pieces_ms[turn % len(pieces_ms)]
            rig.look.command(1, 0, 100000000, rig.now)  # while it lasts nothing is judged
            rig.wait(span_ms)
            total_ms += span_ms
            for window in (rig.look._over, rig.look._under):
                assert window.programmed_pl == ul_day * total_ms * 5 // 432, (ul_day, total_ms)
                assert window.moved_pl == 0
    rig = _Rig()
    for number in range(1, 5):
        rig.motion(100)
        for window in (rig.look._over, rig.look._under):
            assert (window.moved_pl, window.programmed_pl) == (number * _PL, 0)
