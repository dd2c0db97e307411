"""Reverse strokes after an occlusion, and the number of automatic restarts."""

from pump.occlusion import relief

REQUIREMENTS = ("O5",)
TEN_STROKES_MS = 216000


def _taken(strokes, excess_pa, stroke_pa, backlash_pa=0, unit_pa=None):
    """The number of reverse strokes and the pressure left, in a line that follows each stroke."""
    line = relief.Relief()
    pa = 13000 + excess_pa
    line.begin(strokes, 13000, pa, stroke_pa if unit_pa is None else unit_pa)
    while line.wants(pa):
        pa -= stroke_pa - (backlash_pa if line.reversed_strokes == 1 else 0)
    return line.reversed_strokes, line.left_pa


def test_retained_volume_is_reversed_to_within_half_a_stroke():
    assert _taken(4, 10000, 2500) == (4, 0)
    assert _taken(40, 5000, 125) == (40, 0)
    assert _taken(10, 3000, 2500) == (1, 500)


def test_at_most_the_retained_strokes_and_at_most_forty_are_reversed():
    assert _taken(3, 10000, 2500) == (3, 2500)
    assert _taken(400, 100000, 2500, 0)[0] == 40


def test_nothing_is_taken_from_a_line_that_is_not_above_its_baseline():
    assert _taken(4, 0, 2500) == (0, 0)
    assert _taken(0, 9000, 2500) == (0, 9000)


def test_it_ends_at_the_first_reverse_stroke_that_lowers_nothing():
    assert _taken(10, 9000, 0, unit_pa=2500)[0] == 1
    assert _taken(10, 9000, 500, unit_pa=2500)[0] == 1


def test_it_ends_at_the_first_stroke_that_an_open_line_fills_up():
    line = relief.Relief()
    line.begin(10, 13000, 23000, 2500)
    assert line.wants(23000)
    assert line.wants(20500)
    assert not line.wants(19600)  # the block has opened meanwhile
    assert line.reversed_strokes == 2


def test_slack_in_the_drive_is_tolerated():
    strokes, left_pa = _taken(5, 10000, 2500, backlash_pa=1000)
    assert strokes == 4
    assert left_pa == 1000


def _tries(line, times):
    made = 0
    for now in times:
        if line.may_restart(3):
            line.restart(now)
            made += 1
    return made


def test_three_tries_and_then_none_until_acknowledged():
    line = relief.Relief()
    assert _tries(line, (0, 60000, 120000, 180000, 240000)) == 3
    assert line.exhausted
    line.drained(1000000, TEN_STROKES_MS)
    assert line.exhausted
    line.acknowledge()
    assert _tries(line, (1000000,)) == 1


def test_no_tries_where_none_are_wanted():
    assert not relief.Relief().may_restart(0)


def test_tries_are_forgotten_ten_strokes_later_if_the_line_drains():
    line = relief.Relief()
    assert _tries(line, (0, 50000)) == 2
    line.drained(TEN_STROKES_MS, TEN_STROKES_MS)
    assert line.restarts == 2
    line.drained(TEN_STROKES_MS + 1, TEN_STROKES_MS)
    assert line.restarts == 0
