"""Arithmetic on the clock's circle of 2^30 milliseconds, within the Pico's small integers.

A Pico's ticks_ms wraps after 12.43 days, before a reservoir of two weeks is empty. The usual sums leave the small
integers (and allocate) just there; these do not. `diff` is right for spans up to 6.2 days either way.
"""

from micropython import const

_HALF = const(0x20000000)
_MASK = const(0x3FFFFFFF)


def add(ticks: int, span_ms: int) -> int:
    """The tick that lies span_ms after (or, negative, before) this one; |span_ms| below 2^29."""
    return ((ticks - _HALF + span_ms) & _MASK) ^ _HALF


def diff(later: int, earlier: int) -> int:
    """Milliseconds from earlier to later, negative when later lies before."""
    span = (later - earlier) & _MASK
    return span - _HALF - _HALF if span >= _HALF else span
