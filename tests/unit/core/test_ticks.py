"""Ticks modulo 2^30 ms: sums and spans across the wrap and at the limits, in small integers."""

from pump.core import ticks

_TOP = (1 << 30) - 1
_PLACES = (0, 1, 5000, (1 << 29) - 1, 1 << 29, (1 << 29) + 1, _TOP - 5000, _TOP)
_SPANS = (0, 1, 999, 5000, 86400000, (1 << 29) - 1)


def test_add_wraps():
    assert ticks.add(_TOP, 1) == 0
    assert ticks.add(0, -1) == _TOP
    assert ticks.add(0, -5000) == (1 << 30) - 5000
    assert ticks.add(_TOP - 10, 5000) == 4989


def test_add_is_the_remainder_everywhere():
    for place in _PLACES:
        for span in _SPANS:
            assert ticks.add(place, span) == (place + span) % (1 << 30)
            assert ticks.add(place, -span) == (place - span) % (1 << 30)


def test_diff_undoes_add():
    for place in _PLACES:
        for span in _SPANS:
            assert ticks.diff(ticks.add(place, span), place) == span
            assert ticks.diff(ticks.add(place, -span), place) == -span


def test_diff_is_negative_for_what_lies_before():
    assert ticks.diff(_TOP, 0) == -1
    assert ticks.diff(0, _TOP) == 1
    assert ticks.diff(1 << 29, 0) == -(1 << 29)
