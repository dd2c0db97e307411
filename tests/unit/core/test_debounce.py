"""Debouncing: when a fault counts, when it ends, and which readings don't make a fault."""

from pump.core import debounce

_ROW = (3, 1, 3, 4)  # three in a row, and four good ones


def _feed(fault, readings):
    """The results after each reading, given as letters: b for a bad one, g for a good one."""
    return [fault.update(letter == "b") for letter in readings]


def test_a_fault_counts_after_its_readings_in_a_row_and_ends_after_the_good_ones():
    fault = debounce.Debounce(_ROW)
    assert _feed(fault, "bbgbbb") == [False] * 5 + [True]
    assert _feed(fault, "gggbggg") == [True] * 7
    assert _feed(fault, "g") == [False] and fault.score == 0
    assert _feed(fault, "bb") == [False] * 2


def test_bad_readings_weigh_more_where_the_rule_says_so():
    fault = debounce.Debounce(debounce.SENSOR)
    assert _feed(fault, "bgbgbgb") == [False] * 6 + [False]
    fault.clear()
    assert _feed(fault, "bb" + "gb" * 2) == [False] * 3 + [False, False, True][:3]
    assert _feed(fault, "g" * 15) == [True] * 15
    assert _feed(fault, "g") == [False]


def test_one_that_fails_every_other_time_stays_a_fault():
    fault = debounce.Debounce(debounce.SENSOR)
    _feed(fault, "bbb")
    assert all(_feed(fault, "gb" * 100))


def test_an_interrupted_series_of_readings_starts_again():
    fault = debounce.Debounce(_ROW)
    _feed(fault, "bb")
    assert fault.changing()
    fault.restart()
    assert not fault.changing() and _feed(fault, "bbb") == [False, False, True]
    _feed(fault, "ggg")
    fault.restart()
    assert fault.active and _feed(fault, "gggg") == [True, True, True, False]


def test_it_can_be_set_and_cleared_at_once():
    fault = debounce.Debounce(_ROW)
    fault.activate()
    assert fault.active and _feed(fault, "ggg") == [True] * 3
    fault.clear()
    assert not fault.active and fault.score == 0
