"""The guards with a counter that is set by the test: the limits of volume, and over- and under-infusion in a window."""

import guard_rig
from guard_rig import BIG_NL
from pump import defs

_PL = 250000


# ---- limits --------------------------------------------------------------------------------------------------------


def test_a_stroke_may_be_given_up_to_the_limit_of_the_hour_and_of_the_day():
    for hour_nl, day_nl in ((250, BIG_NL), (BIG_NL, 250)):
        rig = guard_rig.Rig(hour_nl=hour_nl, day_nl=day_nl)
        assert rig.guards.may(_PL) and not rig.conditions.word
        assert not rig.guards.may(_PL + 1)
        assert rig.conditions.word == defs.BIT_DOSE_LIMITED


def test_what_has_moved_and_is_not_counted_yet_counts_for_the_limit():
    rig = guard_rig.Rig(pl_per_step=250001, steps=1, hour_nl=500)
    rig.motion(1)
    assert rig.guards.hour_nl() == 250
    assert rig.guards.may(249999) and not rig.guards.may(250000)
    for moves in (0, 1):  # a motion under way, and a part of a stroke at rest
        for hour_nl, may in ((502, True), (501, False)):
            rig = guard_rig.Rig(pl_per_step=250001, steps=1, hour_nl=hour_nl)
            if moves:
                rig = guard_rig.Rig(pl_per_step=83337, steps=3, hour_nl=hour_nl + 1)  # 250,011 pL
                rig.motion(1, 1)
            else:
                rig.guards.command(1, 0, 10, rig.now)
            assert rig.guards.may(rig.guards.stroke_pl) == may or moves and hour_nl == 501, (moves, hour_nl)


def test_a_stroke_under_way_counts_for_the_limit_with_its_own_nanolitres():
    for pl, hour_nl in ((250000, 500), (250001, 502), (249001, 500)):
        for less, may in ((0, True), (1, False)):
            rig = guard_rig.Rig(pl_per_step=pl, steps=1, hour_nl=hour_nl - less)
            rig.guards.command(1, 0, 10, rig.now)
            assert rig.guards.may(pl) == may, (pl, less)


def test_what_counts_outlasts_a_reset_and_a_stroke_under_way_with_it():
    rig = guard_rig.Rig()
    rig.motion(100)
    rig.motion(100)
    rig.guards.command(100, 0, 10, rig.now)
    numbers = [7] * 14
    assert rig.guards.save_to(numbers, 1) == 13 and numbers[0] == numbers[13] == 7
    assert numbers[2:7] == numbers[8:13] == [750, 0, 0, 0, 0]
    after = guard_rig.Rig()
    assert after.guards.load_from(numbers, 1) == 13
    assert (after.guards.hour_nl(), after.guards.day_nl()) == (750, 750)
    rig.wait(10, 100)
    rig.wait(210)
    rig.guards.save_to(numbers, 1)
    assert (numbers[2], numbers[8]) == (750, 750)


def test_a_limit_leaves_the_keep_open_rate_its_volume_and_no_rate_passes_it():
    # 200 uL/day give 8,472 nL in 61 minutes and 202,088 nL in 97 quarters of an hour, rounded up.
    for hour_nl, day_nl, own_nl in ((50000, BIG_NL, 8480), (BIG_NL, 1000000, 202088)):
        limit_nl = min(hour_nl, day_nl)
        rig = guard_rig.Rig(hour_nl=hour_nl, day_nl=day_nl)
        for ul_day, most_nl in ((201, limit_nl - own_nl), (24000, limit_nl - own_nl), (200, limit_nl), (50, limit_nl)):
            rig.conditions.clear(defs.BIT_DOSE_LIMITED)
            rig.guards.rate(ul_day, rig.now)
            assert rig.guards.may(most_nl * 1000) and not rig.conditions.word, ul_day
            assert not rig.guards.may(most_nl * 1000 + 1)
            assert rig.conditions.word == defs.BIT_DOSE_LIMITED


def test_the_keep_open_rate_is_never_above_a_third_of_what_a_limit_gives():
    for hour_nl, day_nl, ul_day in (
        (BIG_NL, BIG_NL, 1000), (50000, BIG_NL, 393), (BIG_NL, 100000, 32), (50000, 100000, 32),
    ):  # fmt: skip
        assert guard_rig.Rig(hour_nl=hour_nl, day_nl=day_nl, keep_open_ul_day=1000).guards.keep_open_ul_day == ul_day


def test_a_limit_is_left_when_half_an_hour_s_or_an_eighth_of_a_day_s_is_free():
    for hour_nl, day_nl, span_ms, most in ((2000, BIG_NL, 60000, 10), (BIG_NL, 2000, 900000, 17)):
        for count, left in ((most, True), (most + 1, False)):
            rig = guard_rig.Rig(pl_per_step=1000, steps=100, hour_nl=hour_nl, day_nl=day_nl, keep_open_ul_day=0)
            for _ in range(count):
                rig.motion(100)
            rig.conditions.set(defs.BIT_DOSE_LIMITED)
            rig.wait(1)
            assert rig.conditions.has(defs.BIT_DOSE_LIMITED) != left, (count, span_ms)


def test_hour_and_day_end_with_their_last_bucket():
    for bucket_ms, count, used_nl in ((60000, 61, "hour_nl"), (900000, 97, "day_nl")):
        rig = guard_rig.Rig()
        rig.guards.command(100, 0, 10, rig.now)
        rig.wait(0, 100)
        rig.wait(bucket_ms * count - 1)
        assert getattr(rig.guards, used_nl)() == 250
        rig.wait(1)
        assert getattr(rig.guards, used_nl)() == 0


def test_a_bolus_has_room_beside_a_stroke_that_is_under_way():
    # 24,000 uL/day give the bolus within the first bucket; 8 nL are added against the rounding.
    for pl, nl in ((250000, 250), (250001, 251), (250999, 251)):
        for hour_nl, day_nl in ((1000 + nl + 8, BIG_NL), (BIG_NL, 1000 + nl + 8)):
            rig = guard_rig.Rig(pl_per_step=pl, steps=1, hour_nl=hour_nl, day_nl=day_nl, keep_open_ul_day=0)
            assert rig.guards.room_for(1000, 0, 24000)
            assert not rig.guards.room_for(1001, 0, 24000)


# ---- over- and under-infusion --------------------------------------------------------------------------------------


def _quarter(rig, strokes):
    """225 s with this many strokes, completed."""
    for _ in range(strokes):
        rig.guards.command(100, 0, 1, rig.now)
        rig.wait(0, 100)
    rig.wait(225000)


def test_a_tenth_more_than_programmed_is_too_much_and_a_tenth_less_too_little():
    # 8,640 uL/day are 100 nL/s, 90 strokes in a quarter of the window.
    for fourth, over, under in ((99, False, False), (100, True, False)):
        rig = guard_rig.Rig()
        rig.guards.rate(8640, rig.now)
        for strokes in (99, 99, 99):
            _quarter(rig, strokes)
        assert not rig.conditions.word and not rig.conditions.notes
        _quarter(rig, fourth)
        assert rig.conditions.has(defs.BIT_OVER_INFUSION) == over
        assert rig.conditions.noted(defs.NOTE_UNDER_INFUSION) == under
    for fourth, under in ((81, False), (80, True)):
        rig = guard_rig.Rig()
        rig.guards.rate(8640, rig.now)
        for strokes in (81, 81, 81):
            _quarter(rig, strokes)
        assert not rig.conditions.word and not rig.conditions.notes
        _quarter(rig, fourth)
        assert rig.conditions.noted(defs.NOTE_UNDER_INFUSION) == under
        assert not rig.conditions.word
        for _ in range(4):
            _quarter(rig, 90)
        assert not rig.conditions.notes


def test_a_quarter_is_over_at_its_last_millisecond_however_many_strokes_it_had():
    for strokes, too_much in ((120, True), (60, False)):
        rig = guard_rig.Rig()
        rig.guards.rate(8640, rig.now)
        for _ in range(3):
            _quarter(rig, strokes)
        for _ in range(strokes):
            rig.guards.command(100, 0, 1, rig.now)
            rig.wait(0, 100)
        rig.wait(224999)
        assert not rig.conditions.word and not rig.conditions.notes
        rig.wait(1)
        assert rig.conditions.has(defs.BIT_OVER_INFUSION) == too_much
        assert rig.conditions.noted(defs.NOTE_UNDER_INFUSION) != too_much


def test_a_change_of_rate_begins_the_window_of_too_little_anew_and_the_same_rate_does_not():
    for ul_day, noted in ((8640, True), (8641, False)):
        rig = guard_rig.Rig()
        rig.guards.rate(8640, rig.now)
        for _ in range(3):
            _quarter(rig, 0)
        rig.guards.rate(ul_day, rig.now)
        _quarter(rig, 0)
        assert rig.conditions.noted(defs.NOTE_UNDER_INFUSION) == noted


def test_at_rest_both_findings_end():
    rig = guard_rig.Rig()
    rig.guards.rate(8640, rig.now)
    for _ in range(4):
        _quarter(rig, 120)
    assert rig.conditions.has(defs.BIT_OVER_INFUSION)
    rig.guards.rate(0, rig.now)
    rig.wait(1)
    assert not rig.conditions.has(defs.BIT_OVER_INFUSION)
    rig.guards.rate(8640, rig.now)
    for _ in range(3):
        _quarter(rig, 120)
        assert not rig.conditions.has(defs.BIT_OVER_INFUSION)
    rig = guard_rig.Rig()
    rig.guards.rate(8640, rig.now)
    for _ in range(4):
        _quarter(rig, 0)
    assert rig.conditions.noted(defs.NOTE_UNDER_INFUSION)
    rig.guards.rate(0, rig.now)
    rig.wait(1)
    assert not rig.conditions.notes


def test_nothing_is_evaluated_in_the_middle_of_a_motion():
    rig = guard_rig.Rig()
    rig.guards.rate(8640, rig.now)
    for _ in range(3):
        _quarter(rig, 0)
    rig.guards.command(100, 0, 400000, rig.now)
    rig.wait(225000)
    assert not rig.conditions.notes
    rig.wait(0, 100)
    assert rig.conditions.noted(defs.NOTE_UNDER_INFUSION)


def test_what_is_programmed_is_summed_without_rounding_whatever_the_pieces():
    for ul_day, pieces_ms in (
        (50, (1, 2, 3, 4999)),
        (24000, (4900, 7)),
        (7300, (86400000, 3)),
        (24000, (8000, 8001, 1)),
        (7301, (215,)),  # a 432nd below a picolitre
    ):
        rig = guard_rig.Rig()
        rig.guards.rate(ul_day, rig.now)
        total_ms = 0
        for turn in range(20):
            span_ms = pieces_ms[turn % len(pieces_ms)]
            rig.guards.command(1, 0, 100000000, rig.now)  # nothing is evaluated during a motion
            rig.wait(span_ms)
            total_ms += span_ms
            rig.guards._flow._take_in()
            for window in (rig.guards._flow._over, rig.guards._flow._under):
                assert window.programmed_pl == ul_day * total_ms * 5 // 432, (ul_day, total_ms)
                assert window.moved_pl == 0
    rig = guard_rig.Rig()
    for number in range(1, 5):
        rig.motion(100)
        for window in (rig.guards._flow._over, rig.guards._flow._under):
            assert (window.moved_pl, window.programmed_pl) == (number * _PL, 0)
