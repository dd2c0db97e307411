"""Counts the exchanges with a part, and the disturbed ones: no answer, a damaged one, or an impossible value."""

from micropython import const

_MOST = const(1 << 29)  # then both counts are halved: their ratio stays, and they stay small integers


class Tally:
    """`exchanges` since power-on, and `disturbed` of them. Allocates nothing."""

    def __init__(self) -> None:
        self.exchanges = 0
        self.disturbed = 0

    def add(self, good: bool) -> None:
        """One exchange more."""
        self.exchanges += 1
        if not good:
            self.disturbed += 1
        if self.exchanges == _MOST:
            self.exchanges >>= 1
            self.disturbed >>= 1
