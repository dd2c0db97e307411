"""What really moved against what was commanded and programmed: steps (S5, D13), windows (D4, D5), limits (D8)."""

import dose_rig
from dose_rig import DAY, HOUR, MINUTE
from pump import defs, guards, hal, limits, ticks

REQUIREMENTS = ("D4", "D5", "D8", "D13", "S5")
_FAULT = defs.BIT_COUNT_WRONG


def _moved_too_much(rig):
    return rig.moved_steps() - rig.delivery.strokes * 100


# ---- steps ---------------------------------------------------------------------------------------------------------


def test_all_is_well_for_days_and_the_count_is_the_book():
    for ul_day, span_ms in ((50, 2 * DAY), (1000, DAY), (24000, HOUR)):
        rig = dose_rig.Rig()
        rig.plan(ul_day)
        rig.run(span_ms)
        rig.rest()
        rig.run(MINUTE)
        assert rig.conditions.word == 0 and rig.conditions.notes == 0
        assert rig.guards.moved_ul == rig.delivery.book_ul
        assert rig.delivery.strokes == dose_rig.strokes_due([(ul_day, span_ms)])
        assert not rig.journal.rows


def test_a_drive_that_moves_on_is_stopped_before_a_stroke_too_much():
    for more in (100, 1000, 10000):
        for ul_day in (1000, 24000):
            rig = dose_rig.Rig()
            rig.drive.more = more
            rig.plan(ul_day)
            rig.run(HOUR)
            assert rig.has(_FAULT) and rig.drive.stops
            assert rig.delivery.strokes == 1
            assert 0 < _moved_too_much(rig) <= 100, (more, ul_day, _moved_too_much(rig))
            assert len(rig.journal.of(defs.EVENT_UNCOMMANDED)) == 1


def test_a_few_steps_too_many_in_each_stroke_add_up():
    rig = dose_rig.Rig()
    rig.drive.more = 5
    rig.plan(1000)
    rig.run(HOUR)
    assert rig.has(_FAULT)
    assert rig.delivery.strokes == 5
    assert _moved_too_much(rig) == 25


def test_a_counter_that_stands_still_is_found_with_the_first_stroke():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.run(HOUR - 1)
    strokes = rig.delivery.strokes
    rig.counter.stuck = True
    rig.run(HOUR)
    assert rig.has(_FAULT)
    assert rig.delivery.strokes == strokes + 1
    assert rig.journal.of(defs.EVENT_UNCOMMANDED) == [[0, 100]]


def test_a_counter_that_counts_twice_is_found_with_the_first_stroke():
    rig = dose_rig.Rig()
    rig.counter.times = 2
    rig.plan(1000)
    rig.run(HOUR)
    assert rig.has(_FAULT)
    assert rig.delivery.strokes == 1


def test_steps_at_rest_that_nobody_commanded():
    rig = dose_rig.Rig()
    rig.run(MINUTE)
    rig.counter.extra += 24
    rig.run(MINUTE)
    assert not rig.has(_FAULT)
    rig.counter.extra += 1
    rig.run(MINUTE)
    assert rig.has(_FAULT)
    assert rig.journal.of(defs.EVENT_UNCOMMANDED) == [[25, 0]]


def test_a_counter_that_fails_three_times():
    rig = dose_rig.Rig()
    rig.run(MINUTE)
    rig.counter.off = True
    rig.step()
    rig.step()
    assert not rig.has(_FAULT)
    rig.counter.off = False
    rig.step()
    rig.counter.off = True
    rig.step()
    rig.step()
    assert not rig.has(_FAULT)
    rig.step()
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
    look = _Look(rig)
    for _ in range(10):
        assert not rig.has(_FAULT)
        look.motion(100, 90)
    assert rig.has(_FAULT)


class _NoJob:
    due = -1

    def at(self, due):
        self.due = due


class _Look:
    """Guards alone with a counter that is set by hand."""

    def __init__(self, rig):
        self.guards = guards.Guards(self, rig.conditions, rig.journal)
        self.guards.job = _NoJob()
        self.guards.configure(2500, 100, 1200000, 25000000, 200)
        self.steps = 0
        self.now = 0
        self.guards.run(0)

    def count(self):
        return self.steps & 0x3FFFFFFF

    def motion(self, commanded, steps, idle=0):
        self.guards.command(commanded, idle, 200, self.now)
        self.steps += steps
        self.wait(10000)

    def wait(self, span_ms):
        while span_ms:
            part_ms = min(5000, span_ms)
            self.now = ticks.add(self.now, part_ms)
            self.guards.run(self.now)
            span_ms -= part_ms


def test_clean_strokes_forgive_single_steps():
    rig = dose_rig.Rig()
    look = _Look(rig)
    for _ in range(200):
        look.motion(100, 101)
        look.motion(100, 100)
        look.motion(100, 99)
        look.motion(100, 100)
    assert not rig.has(_FAULT)


def test_a_stroke_that_was_cut_is_no_fault_and_steps_after_it_are_one():
    rig = dose_rig.Rig()
    look = _Look(rig)
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
    look = _Look(rig)
    look.motion(300, 300, idle=300)
    assert look.guards.moved_ul == 0
    look.motion(104, 104, idle=4)
    for _ in range(3):
        look.motion(100, 100)
    assert look.guards.moved_ul == 1
    assert not rig.has(_FAULT)


def test_a_valve_of_one_step_a_stroke():
    rig = dose_rig.Rig()
    look = _Look(rig)
    look.guards.configure(500000, 1, 1200000, 25000000, 200)
    for _ in range(10):
        look.motion(1, 1)
    assert look.guards.moved_ul == 5 and not rig.has(_FAULT)
    look.steps += 1
    look.wait(5000)
    assert rig.has(_FAULT)


# ---- the windows ---------------------------------------------------------------------------------------------------


def _give(look, strokes, period_ms, good=lambda number: 1):
    for number in range(strokes):
        for _ in range(good(number)):
            look.guards.command(100, 0, 200, look.now)
            look.steps += 100
            look.guards.run(look.now)
        look.wait(period_ms)


def test_a_programme_given_exactly_is_neither_over_nor_under():
    for ul_day, period_ms in ((1000, 21600), (24000, 900), (50, 432000)):
        rig = dose_rig.Rig()
        look = _Look(rig)
        look.guards.rate(ul_day, look.now)
        _give(look, 2100 if ul_day > 1000 else 200, period_ms)
        assert not rig.conditions.word and not rig.conditions.notes, ul_day


def test_over_infusion_within_a_window():
    for ul_day, period_ms in ((1000, 21600), (24000, 900), (50, 432000)):
        for extra in (2, 5):  # one stroke too many in so many
            rig = dose_rig.Rig()
            look = _Look(rig)
            look.guards.rate(ul_day, look.now)
            strokes = max(25, 900000 // period_ms * 5 // 4 + 1)
            _give(look, 100, period_ms)
            assert not rig.has(defs.BIT_OVER_INFUSION)
            _give(look, strokes, period_ms, lambda number, extra=extra: 2 if number % extra == 0 else 1)
            assert rig.has(defs.BIT_OVER_INFUSION), (ul_day, extra)
            look.guards.rate(0, look.now)
            assert rig.has(defs.BIT_OVER_INFUSION)
            look.wait(5000)
            assert not rig.has(defs.BIT_OVER_INFUSION)


def test_under_infusion_is_noted_and_goes_away():
    for ul_day, period_ms in ((1000, 21600), (24000, 900), (50, 432000)):
        rig = dose_rig.Rig()
        look = _Look(rig)
        look.guards.rate(ul_day, look.now)
        strokes = max(25, 900000 // period_ms * 5 // 4 + 1)
        _give(look, strokes, period_ms, lambda number: 0 if number % 5 == 0 else 1)
        assert rig.conditions.noted(defs.NOTE_UNDER_INFUSION), ul_day
        _give(look, 2 * strokes, period_ms)
        assert not rig.conditions.noted(defs.NOTE_UNDER_INFUSION), ul_day
        assert not rig.conditions.word


def test_pauses_and_changes_of_rate_give_no_false_alarm():
    rig = dose_rig.Rig()
    rig.plan(1000)
    for turn in range(120):
        if turn % 3 == 0:
            rig.rest()
            rig.run(turn % 7 * 60007)
            if turn % 2:
                rig.delivery.resume(rig.clock.now)
                rig.state = defs.MOTION_PLAN
            else:
                rig.plan((1000, 50, 24000, 7300)[turn % 4])
        else:
            rig.delivery.set_rate((24000, 1000, 50, 4001)[turn % 4], rig.clock.now)
        rig.tell()
        rig.run((turn * 7919) % 400009)
        assert not rig.conditions.word and not rig.conditions.notes, turn


# ---- the limits ----------------------------------------------------------------------------------------------------


def _most_in(times, span_ms):
    """Most strokes in any span of this length, from the starts of strokes in ms."""
    most = first = 0
    for last in range(len(times)):
        while times[last] - times[first] >= span_ms:
            first += 1
        most = max(most, last - first + 1)
    return most


def _times(rig, spans, span_ms):
    """Runs on and gives when each stroke began."""
    times = []
    started = rig.drive.times = []
    at = rig.clock.now
    total = 0
    for _ in range(spans):
        rig.run(span_ms)
        for began in started:
            times.append(total + ticks.diff(began, at))
        started.clear()
        total += span_ms
        at = rig.clock.now
    return times


def test_the_limit_of_the_hour_holds_for_every_hour_and_the_line_stays_open():
    rig = dose_rig.Rig()
    rig.limits(hour_nl=100000)
    rig.plan(7300)
    times = _times(rig, 5, HOUR)
    keep_open = 200 * 1000 // 24 // 250 + 2
    assert 400 <= _most_in(times, HOUR) <= 400 + keep_open
    # A stroke that was refused is not made up: one period of each rate.
    assert max(later - earlier for earlier, later in zip(times, times[1:])) <= 108000 + 2959
    assert not rig.has(defs.CUTS) and not rig.conditions.notes


def test_no_more_than_two_alarms_of_a_limit_in_ten_minutes():
    rig = dose_rig.Rig()
    rig.limits(hour_nl=50000)
    rig.plan(24000)
    limited = []
    was = False
    for second in range(3 * 3600):
        rig.run(1000)
        now = rig.has(defs.BIT_DOSE_LIMITED)
        if now and not was:
            limited.append(second)
        was = now
    assert len(limited) == 3
    assert all(third - first > 600 for first, third in zip(limited, limited[2:])), limited


def test_the_limit_of_the_day_holds_for_every_day():
    rig = dose_rig.Rig()
    rig.limits(day_nl=500000)
    rig.plan(2000)
    times = _times(rig, 50, HOUR)
    assert 2000 <= _most_in(times, DAY) <= 2000 + 200 * 4 + 2
    assert rig.guards.day_nl() <= 500000 + 200 * 1011


def test_without_keep_open_the_limit_is_a_hard_stop():
    rig = dose_rig.Rig()
    rig.limits(hour_nl=50000)
    rig.plan(24000)
    rig.run(10 * MINUTE)
    rig.state = defs.MOTION_NONE  # nobody reacts: the delivery goes on asking
    rig.delivery.resume(rig.clock.now)
    rig.tell()
    strokes = rig.delivery.strokes
    rig.run(20 * MINUTE)
    assert rig.delivery.strokes == strokes
    assert rig.guards.hour_nl() <= 50000 + 2000


def test_a_prime_of_an_empty_line_counts_against_no_limit():
    rig = dose_rig.Rig()
    rig.limits(hour_nl=50000)
    rig.prime(400, 24000, False)
    rig.run(HOUR)
    assert rig.state == defs.MOTION_NONE
    assert (rig.guards.hour_nl(), rig.guards.moved_ul, rig.delivery.primed_ul) == (0, 100, 100)
    rig.prime(100, 24000, True)
    rig.run(HOUR // 2)
    assert (rig.guards.hour_nl(), rig.guards.moved_ul, rig.delivery.book_ul) == (25000, 125, 25)


def test_after_a_prime_the_limits_count_again():
    rig = dose_rig.Rig()
    rig.prime(10, 24000, False)
    rig.run(HOUR)
    rig.plan(24000)
    rig.run(10 * MINUTE)
    assert rig.guards.hour_nl() == rig.delivery.strokes * 250 > 0


def test_a_limit_holds_what_it_says_and_not_a_nanolitre_more():
    hour = limits.Sliding(60, MINUTE, 1)
    hour.limit_nl = 1000
    hour.add(500)
    assert hour.has_room()
    hour.add(1)
    assert not hour.has_room()
    assert hour.holds(499) and not hour.holds(500)
    beyond_nl = 61 * 1000  # 1,440 uL/day for 61 buckets of a minute
    assert hour.holds_beyond(499 + beyond_nl, 1440) and not hour.holds_beyond(500 + beyond_nl, 1440)


def _peak(past, volume_nl, basal, bolus, span_ms, bucket_ms):
    """Most in any span from now on, by brute force in buckets."""
    per_day = DAY // bucket_ms
    count = span_ms // bucket_ms
    row = list(past)
    left = volume_nl
    for _ in range(2 * count):
        now = min(left, bolus * 1000 // per_day)
        left -= now
        row.append(now + basal * 1000 // per_day)
    return max(sum(row[at : at + count]) for at in range(len(past) - count, len(row) - count + 1))


def test_room_for_a_bolus_is_never_granted_beyond_the_limit_and_not_refused_far_below():
    for basal, past_ul_day in ((1000, 1000), (20000, 20000), (1000, 24000), (24000, 0)):
        past = [past_ul_day * 1000 // 1440] * 60
        for volume_nl, bolus in ((100000, 12000), (1000000, 24000), (30000, 50), (500, 4000)):
            peak_nl = _peak(past, volume_nl, basal, bolus, HOUR, MINUTE)
            hour = limits.Sliding(60, MINUTE, 1)
            for nl in past:
                hour.advance(MINUTE)
                hour.add(nl)
            hour.limit_nl = peak_nl - 1
            assert not hour.room_for(volume_nl, basal, bolus)
            hour.limit_nl = peak_nl + 3 * max(basal, bolus, past_ul_day) * 1000 // 1440 + 100
            assert hour.room_for(volume_nl, basal, bolus), (basal, past_ul_day, volume_nl, bolus)


def test_a_bucket_counts_whole_until_all_of_it_is_past():
    hour = limits.Sliding(60, MINUTE, 1)
    hour.advance(59999)
    hour.add(500)
    hour.advance(HOUR)
    assert hour.used_nl == 500
    hour.advance(1)
    assert hour.used_nl == 0


def test_an_error_of_the_counter_is_the_parts_own():
    class Broken:
        def count(self):
            raise hal.PartError(defs.FAULT_NO_ANSWER)

    rig = dose_rig.Rig()
    look = guards.Guards(Broken(), rig.conditions, rig.journal)
    look.job = _NoJob()
    look.run(0)
    assert look.job.due == 100
