"""The dead volume of the line: after a change of fluid the old one goes first, and this says how much of it is left."""

from micropython import const

from pump import defs

_PL_PER_UL = const(1000000)
_SECONDS_PER_DAY = const(86400)


class DeadSpace:
    """`tip_fluid` is what leaves the line's end: the fluid before the change until the dead volume has passed (V4).

    When the fluid changes again before the first change has reached the tip, the whole dead volume is counted anew.
    """

    def __init__(self) -> None:
        self.tip_fluid = defs.FLUID_NONE
        self._fluid = defs.FLUID_NONE
        self._volume_nl = 0
        self._ul = 0
        self._pl = 0

    def configure(self, volume_nl: int) -> None:
        """The dead volume in nL; what is under way already is left as it is."""
        self._volume_nl = volume_nl

    def change(self, fluid: int) -> None:
        """The reservoir holds another fluid from now on, or the same again, which changes nothing."""
        if fluid == self._fluid:
            return
        self._fluid = fluid
        self._ul = self._volume_nl // 1000
        self._pl = self._volume_nl % 1000 * 1000

    def pass_on(self, volume_pl: int) -> None:
        """A stroke goes through the line."""
        if self.tip_fluid == self._fluid:
            return
        pl = self._pl - volume_pl
        if pl < 0:
            pl += _PL_PER_UL
            self._ul -= 1
        self._pl = pl
        if self._ul < 0:
            self.tip_fluid = self._fluid
            self._ul = 0
            self._pl = 0

    def keep(self, numbers: "list[int]", at: int) -> int:
        """Puts what outlasts a reset from this place on, and returns the place behind it."""
        numbers[at] = self.tip_fluid
        numbers[at + 1] = self._fluid
        numbers[at + 2] = self._ul
        numbers[at + 3] = self._pl
        return at + 4

    def restore(self, numbers: "list[int]", at: int) -> int:
        """Takes what `keep` has put."""
        self.tip_fluid, self._fluid, self._ul, self._pl = numbers[at : at + 4]
        return at + 4

    def left_nl(self) -> int:
        """Volume of the old fluid that is still in the line, 0 for none."""
        return 0 if self.tip_fluid == self._fluid else self._ul * 1000 + self._pl // 1000

    def left_after_nl(self, fluid: int) -> int:
        """What `left_nl` would be if the reservoir held this fluid from now on."""
        return self.left_nl() if fluid == self._fluid else self._volume_nl

    def hold_over_s(self, ul_day: int) -> int:
        """Seconds at this rate until the new fluid reaches the line's end."""
        return self.left_nl() * _SECONDS_PER_DAY // (ul_day * 1000)
