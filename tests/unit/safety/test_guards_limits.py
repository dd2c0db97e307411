"""The limits of an hour and a day hold for every request, and are exact to the nanolitre (D8)."""

import dose_rig
from dose_rig import DAY, HOUR, MINUTE
from pump import defs
from pump.core import ticks
from pump.safety import dose_limits

REQUIREMENTS = ("D8",)


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
    times = _times(rig, 5, HOUR)
    keep_open = 200 * 1000 // 24 // 250 + 2
    assert 400 <= _most_in(times, HOUR) <= 400 + keep_open
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
    assert 2000 <= _most_in(times, DAY) <= 2000 + 200 * 4 + 2
    assert rig.guards.day_nl() <= 500000 + 200 * 1011


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


def test_a_prime_of_an_empty_line_counts_against_no_limit():
    rig = dose_rig.Rig()
    rig.limits(hour_nl=50000)
    rig.prime(400, 24000, False)
    rig.run(HOUR)
    assert rig.state == defs.MOTION_NONE
    assert (rig.guards.hour_nl(), rig.guards.moved_ul, rig.account.primed.ul) == (0, 100, 100)
    rig.prime(100, 24000, True)
    rig.run(HOUR // 2)
    assert (rig.guards.hour_nl(), rig.guards.moved_ul, rig.account.delivered.ul) == (25000, 125, 25)


def test_after_a_prime_the_limits_count_again():
    rig = dose_rig.Rig()
    rig.prime(10, 24000, False)
    rig.run(HOUR)
    rig.plan(24000)
    rig.run(10 * MINUTE)
    assert rig.guards.hour_nl() == rig.account.strokes * 250 > 0


def test_a_limit_holds_what_it_says_and_not_a_nanolitre_more():
    hour = dose_limits.Sliding(60, MINUTE, 1)
    hour.limit_nl = 1000
    hour.add(500)
    assert hour.has_room()
    hour.add(1)
    assert not hour.has_room()
    assert hour.holds(499) and not hour.holds(500)
    beyond_nl = 61 * 1000  # 1,440 uL/day for 61 buckets of a minute
    assert hour.holds_beyond(499 + beyond_nl, 1440) and not hour.holds_beyond(500 + beyond_nl, 1440)


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
            hour.limit_nl = peak_nl - 1
            assert not hour.room_for(volume_nl, basal, bolus)
            hour.limit_nl = peak_nl + 3 * max(basal, bolus, past_ul_day) * 1000 // 1440 + 100
            assert hour.room_for(volume_nl, basal, bolus), (basal, past_ul_day, volume_nl, bolus)


def test_a_bucket_counts_whole_until_all_of_it_is_past():
    hour = dose_limits.Sliding(60, MINUTE, 1)
    hour.advance(59999)
    hour.add(500)
    hour.advance(HOUR)
    assert hour.used_nl == 500
    hour.advance(1)
    assert hour.used_nl == 0
