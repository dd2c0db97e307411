"""A volume as whole microlitres and picolitres, so that a running total stays below 2^30 (small integers)."""

from micropython import const

_PL_PER_UL = const(1000000)


class Volume:
    """`ul` + `pl`, with 0 <= pl < 1,000,000; `ul` is negative for a volume below zero."""

    def __init__(self) -> None:
        self.ul = 0
        self.pl = 0

    def set_nl(self, nl: int) -> None:
        """So many nanolitres."""
        self.ul = nl // 1000
        self.pl = nl % 1000 * 1000

    def add(self, pl: int) -> None:
        """Adds so many picolitres, at most 10^9; a negative number subtracts."""
        pl += self.pl
        ul = pl // _PL_PER_UL
        self.ul += ul
        self.pl = pl - ul * _PL_PER_UL

    def clear(self) -> None:
        """Nothing."""
        self.ul = 0
        self.pl = 0

    def nl(self) -> int:
        """In nanolitres, rounded down."""
        return self.ul * 1000 + self.pl // 1000
