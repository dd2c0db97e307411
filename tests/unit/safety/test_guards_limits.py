"""The limits of an hour and a day hold for every request, and are exact to the nanolitre (D8)."""

import dose_rig
from dose_rig import DAY, HOUR, MINUTE
from pump import defs
from pump.core import ticks
from pump.safety import dose_limits

REQUIREMENTS = ("D8",)
LONG = {
    "test_a_slower_programme_is_held_to_its_own_limits_and_to_no_others": "a day in steps of seconds",
}


def _most_in(times, span_ms):
    """The largest number of strokes in any span of this length, from their starts in ms."""
    most = first = 0
    for last in range(len(times)):
        while times[last] - times[first] >= span_ms:
            first += 1
        most = max(most, last - first + 1)
    return most


def _times(rig, spans, span_ms):
    """Runs on; returns the start of each stroke."""
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
    times = _times(rig, 3, HOUR)
    # 8.5 of the 100 uL are left to the keep-open rate, which needs 42 minutes of it after 18 minutes of the plan.
    assert 380 <= _most_in(times, HOUR) <= 400
    # A refused stroke is not made up: one period of each rate.
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
    assert rig.guards.keep_open_ul_day == 164  # a third of 500 uL in 97 of 96 quarters of an hour
    assert 1850 <= _most_in(times, DAY) <= 2000
    assert rig.guards.day_nl() <= 500000
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    assert max(gaps) <= DAY // (164 * 4) + DAY // (2000 * 4) + 2  # and the line stays open


def test_no_keep_open_rate_gets_around_a_limit():
    rig = dose_rig.Rig()
    rig.keep_open_ul_day = 1000
    rig.limits(day_nl=100000)
    rig.plan(2000)
    times = _times(rig, 100, HOUR)
    assert rig.guards.keep_open_ul_day == 32
    assert 380 <= _most_in(times, DAY) <= 400


def test_a_basal_rate_that_a_limit_just_holds_is_not_held_up_by_what_is_left_to_the_keep_open_rate():
    for day_nl, limited in ((1015000, False), (1009000, True)):
        rig = dose_rig.Rig()
        rig.limits(day_nl=day_nl)
        rig.guards.programme(1000, 0x3FFFFFFF, 0x3FFFFFFF)
        rig.plan(1000)
        rig.run(3 * DAY)
        assert (rig.account.strokes < 12000) == limited, day_nl
        assert rig.guards.day_nl() <= day_nl


def test_the_limits_follow_from_what_the_programme_can_need():
    rig = dose_rig.Rig()
    rig.guards.programme(1000, 100000, 2000000)
    assert (rig.guards.hour_limit_nl(), rig.guards.day_limit_nl()) == (100000, 2000000)
    rig.guards.programme(24000, 2000000, 30000000)
    assert (rig.guards.hour_limit_nl(), rig.guards.day_limit_nl()) == (1200000, 25000000)
    rig.limits(hour_nl=50000, day_nl=300000)
    assert (rig.guards.hour_limit_nl(), rig.guards.day_limit_nl()) == (50000, 300000)


def test_a_slower_programme_is_held_to_its_own_limits_and_to_no_others():
    """For a day after a faster one no bolus and no bridge is granted; strokes at the slower rate are not delayed."""
    rig = dose_rig.Rig()
    rig.guards.programme(24000, 2000000, 30000000)
    rig.plan(24000)
    rig.run(3 * HOUR)  # 3 mL, more than the slower programme may give in a day
    rig.guards.programme(1000, 100000, 2000000)
    rig.delivery.set_rate(1000, rig.clock.now)
    rig.tell()
    strokes = rig.account.strokes
    assert not rig.guards.room_for(1000, 1000, 12000)
    rig.run(DAY)
    assert rig.account.strokes - strokes == 4000 and not rig.has(defs.BIT_DOSE_LIMITED)
    assert rig.guards.room_for(1000, 1000, 12000)
    rig.delivery.set_rate(24000, rig.clock.now)  # by a fault, not confirmed
    rig.tell()
    rig.run(2 * HOUR)
    assert rig.has(defs.BIT_DOSE_LIMITED)
    assert rig.guards.hour_nl() <= 100000 and rig.guards.day_nl() <= 2000000


def test_without_keep_open_the_limit_is_a_hard_stop():
    rig = dose_rig.Rig()
    rig.limits(hour_nl=50000)
    rig.plan(24000)
    rig.run(10 * MINUTE)
    rig.state = defs.MOTION_NONE  # nothing reacts, so delivery asks again and again
    rig.delivery.resume(rig.clock.now)
    rig.tell()
    strokes = rig.account.strokes
    rig.run(20 * MINUTE)
    assert rig.account.strokes == strokes
    assert rig.guards.hour_nl() <= 50000 + 2000


def test_a_prime_counts_like_any_other_motion_forward_and_ends_at_the_limit():
    for dose in (False, True):
        rig = dose_rig.Rig()
        rig.limits(hour_nl=50000)
        rig.prime(400, 24000, dose)
        rig.run(HOUR // 2)
        assert rig.state == defs.MOTION_NONE and rig.has(defs.BIT_DOSE_LIMITED)
        moved_nl = rig.guards.hour_nl()
        assert 41000 <= moved_nl <= 50000 - 200 * 1000 // 24  # the rest is left to the keep-open rate
        assert moved_nl == (rig.account.delivered if dose else rig.account.primed).nl()
        assert rig.delivery.prime_left == 0


def test_a_prime_and_the_plan_after_it_count_together():
    rig = dose_rig.Rig()
    rig.prime(10, 24000, False)
    rig.run(HOUR // 2)
    rig.plan(24000)
    rig.run(10 * MINUTE)
    assert rig.guards.hour_nl() == (rig.account.strokes + 10) * 250 > 2500


def test_a_limit_holds_what_it_says_and_not_a_nanolitre_more():
    hour = dose_limits.Sliding(60, MINUTE, 1)
    hour.limit(1000)
    hour.add(500)
    assert hour.has_room()
    hour.add(1)
    assert not hour.has_room()
    for basal in (False, True):
        for more in (False, True):
            assert hour.holds(499, basal, more) and not hour.holds(500, basal, more)


def _peak(past, volume_nl, basal, bolus, span_ms, bucket_ms):
    """The largest volume in any span from now on, computed bucket by bucket."""
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
            hour = dose_limits.Sliding(60, MINUTE, 1)
            for nl in past:
                hour.advance(MINUTE)
                hour.add(nl)
            hour.limit(peak_nl - 1)
            assert not hour.room_for(volume_nl, basal, bolus)
            hour.limit(peak_nl + 3 * max(basal, bolus, past_ul_day) * 1000 // 1440 + 100)
            assert hour.room_for(volume_nl, basal, bolus), (basal, past_ul_day, volume_nl, bolus)


def test_a_bucket_counts_whole_until_all_of_it_is_past():
    hour = dose_limits.Sliding(60, MINUTE, 1)
    hour.advance(59999)
    hour.add(500)
    hour.advance(HOUR)
    assert hour.used_nl == 500
    hour.advance(1)
    assert hour.used_nl == 0
