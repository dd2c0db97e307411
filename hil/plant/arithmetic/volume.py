"""A volume that is summed up, as a pair of uL and pL, which stays within 30 bits for decades."""

_PL_PER_UL = 1000000


class Volume:
    """`ul` may be negative, `pl` is always 0..999,999: 2^30 uL is 122 years at 24 mL/day."""

    def __init__(self) -> None:
        self.ul = 0
        self.pl = 0

    def add(self, pl: int) -> None:
        """Adds up to 10^9 pL; subtracts when negative."""
        pl += self.pl
        if 0 <= pl < _PL_PER_UL:
            self.pl = pl
        else:
            self.ul += pl // _PL_PER_UL
            self.pl = pl % _PL_PER_UL

    def nl(self) -> int:
        """Whole nL, rounded down; within 30 bits up to 1 L."""
        return self.ul * 1000 + self.pl // 1000

    def rest_pl(self) -> int:
        """The pL that `nl` leaves out, 0..999."""
        return self.pl % 1000
