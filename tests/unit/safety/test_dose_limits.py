"""Limits of delivered volume: sliding sums in buckets, the volume a bolus may add, and windows of four quarters."""

from pump.safety import dose_limits, flow_guard

_MINUTE = 60000
_SLICE_MS = 225000
_STROKE_PL = 1000


def _hour(limit_nl=0):
    hour = dose_limits.Sliding(60, _MINUTE, 1)
    hour.limit_nl = limit_nl
    return hour


def test_a_sum_begins_with_nothing():
    hour = _hour()
    assert (hour.used_nl, hour.limit_nl) == (0, 0)
    assert dose_limits.Sliding(60, _MINUTE, 1).limit_nl == 0
    assert hour.holds(0) and not hour.holds(1) and hour.has_room()


def test_each_bucket_leaves_when_all_of_it_is_past():
    hour = _hour()
    for minute in range(200):
        hour.add(minute)
        assert hour.used_nl == sum(range(max(0, minute - 60), minute + 1))
        hour.advance(_MINUTE - 1)
        assert hour.used_nl == sum(range(max(0, minute - 60), minute + 1))
        hour.advance(1)
    hour.advance(61 * _MINUTE)
    assert hour.used_nl == 0


def test_room_comes_back_when_a_part_of_the_limit_is_free():
    for shift, most_nl in ((1, 500), (3, 875)):
        some = dose_limits.Sliding(60, _MINUTE, shift)
        some.limit_nl = 1000
        some.add(most_nl)
        assert some.has_room()
        some.add(1)
        assert not some.has_room()


def test_the_room_for_a_bolus_ends_at_the_limit_of_the_worst_time():
    # 1,440 uL/day are 1,000 nL a minute, and 8 nL are added to each against the rounding.
    for basal_ul_day, bolus_ul_day, volume_nl, most_nl in (
        (1440, 0, 0, 61008),
        (0, 1440, 1000000, 61016),
        (1440, 1440, 1000000, 122016),
        (0, 24000, 1251, 1259),
    ):
        assert _hour(most_nl).room_for(volume_nl, basal_ul_day, bolus_ul_day)
        assert not _hour(most_nl - 1).room_for(volume_nl, basal_ul_day, bolus_ul_day)


def test_what_leaves_meanwhile_makes_room_for_a_bolus():
    for minutes in (0, 30, 59, 60, 61, 100):
        hour = _hour()
        hour.advance(minutes * _MINUTE)
        hour.add(5000)
        hour.advance(_MINUTE)
        # It leaves after 60 minutes more, when the basal rate has made 60,008 nL.
        hour.limit_nl = 65008
        assert hour.room_for(0, 1440, 0), minutes
        hour.limit_nl = 65007
        assert not hour.room_for(0, 1440, 0), minutes
        hour = _hour(61008)
        hour.advance(minutes * _MINUTE)
        hour.add(1000)
        hour.advance(_MINUTE)
        assert hour.room_for(0, 1440, 0), minutes
        hour.limit_nl = 61007
        assert not hour.room_for(0, 1440, 0), minutes


def _reset(hour):
    """A power cut of no duration."""
    numbers = [0] * 8
    assert hour.save_to(numbers, 1, 0) == 7
    assert numbers[0] == numbers[7] == 0
    after = _hour(hour.limit_nl)
    assert after.load_from(numbers, 1) == 7
    assert after.used_nl == hour.used_nl
    return after


def test_nothing_leaves_early_over_resets_and_everything_within_a_quarter_more():
    for turns, apart_ms in ((1, 0), (61, _MINUTE), (7, 11 * _MINUTE), (200, 20999), (3, 40 * _MINUTE)):
        for before in (0, 14, 15, 60, 75):
            hour = _hour()
            hour.advance(before * _MINUTE)
            hour.add(5000)
            past_ms = 0
            for _ in range(turns):
                hour.advance(apart_ms)
                past_ms += apart_ms
                hour = _reset(hour)
                assert hour.used_nl == 5000 or past_ms >= 60 * _MINUTE, (turns, before, past_ms)
                assert hour.used_nl == 0 or past_ms < 76 * _MINUTE, (turns, before, past_ms)
            while past_ms < 60 * _MINUTE:
                assert hour.used_nl == 5000, (turns, before, past_ms)
                hour.advance(_MINUTE)
                past_ms += _MINUTE
            hour.advance(16 * _MINUTE)
            assert hour.used_nl == 0, (turns, before)


def test_over_a_reset_each_quarter_keeps_its_own_sum():
    hour = _hour()
    used_nl = []
    for minute in range(60):
        hour.add(1 << minute // 15)
        hour.advance(_MINUTE)
    hour = _reset(hour)
    for _ in range(76):
        used_nl.append(hour.used_nl)
        hour.advance(_MINUTE)
    assert used_nl[:15] == [15 * 15] * 15
    assert used_nl[15:] == [15 * 14] * 15 + [15 * 12] * 15 + [15 * 8] * 15 + [0] * 16


def test_a_part_of_a_bucket_that_is_past_stays_past_over_a_reset():
    hour = _hour()
    hour.add(7)
    for _ in range(61 * 4 - 1):
        hour.advance(_MINUTE // 4)
        hour = _reset(hour)
    assert hour.used_nl == 7


def _quarters(window, moved_pl, programmed_pl):
    """Runs a quarter of a window; returns whether it ended at its last millisecond and not before."""
    window.add(moved_pl, programmed_pl, _SLICE_MS - 1)
    early = window.closes(_STROKE_PL)
    window.add(0, 0, 1)
    return not early and window.closes(_STROKE_PL)


def test_a_quarter_takes_its_time_and_five_strokes_and_a_window_four_quarters():
    window = flow_guard.Window()
    for _ in range(2):
        for number in range(4):
            assert not window.full()
            assert _quarters(window, 5000 + number, 5000)
            assert window.full() == (number == 3)
            assert (window.moved_pl, window.programmed_pl) == (
                5000 * (number + 1) + sum(range(number + 1)),
                5000 * (number + 1),
            )
            if number < 3:
                window.turn()
        window.restart()
        assert (window.moved_pl, window.programmed_pl, window.full()) == (0, 0, False)


def test_a_quarter_waits_for_its_strokes():
    window = flow_guard.Window()
    window.add(0, 4999, 2 * _SLICE_MS)
    assert not window.closes(_STROKE_PL)
    window.add(0, 1, 0)
    assert window.closes(_STROKE_PL)


def test_the_oldest_quarter_leaves():
    window = flow_guard.Window()
    for number in range(20):
        assert _quarters(window, 5000 + 7 * number, 5000 + number)
        newest = range(max(0, number - 3), number + 1)
        assert window.moved_pl == sum(5000 + 7 * one for one in newest)
        assert window.programmed_pl == sum(5000 + one for one in newest)
        window.turn()
        assert window.full() == (number >= 3)
