"""Time since power-on: exact across wraps and for intervals of any length."""

from pump.core import ticks, uptime

_START = ticks.add(0, -5000)


def test_begins_with_nothing():
    up = uptime.Uptime(_START)
    up.update(_START)
    assert (up.s, up.ms) == (0, 0)


def test_odd_pieces_lose_nothing_across_the_wrap():
    up = uptime.Uptime(_START)
    now, total = _START, 0
    for turn in range(3000):
        piece = (turn * 7919) % 5001
        now = ticks.add(now, piece)
        total += piece
        up.update(now)
        assert (up.s, up.ms) == divmod(total, 1000)


def test_ten_years_in_pieces_of_six_days():
    up = uptime.Uptime(_START)
    now = _START
    for _ in range(609):
        now = ticks.add(now, 518400001)
        up.update(now)
    assert (up.s, up.ms) == divmod(609 * 518400001, 1000)
