"""The dead volume of the line: after a change of fluid the old fluid leaves first; how much of it remains."""

from micropython import const

from pump import defs
from pump.core import volume

_FLUIDS = const(3)  # kinds of fluid, with none
_SECONDS_PER_DAY = const(86400)


class DeadVolume:
    """`tip_fluid` is the fluid at the catheter tip: the one before the change until the dead volume has passed (V4).

    When the fluid changes again before the first change has reached the tip, the whole dead volume is counted again.
    """

    def __init__(self) -> None:
        self.tip_fluid = defs.FLUID_NONE
        self._fluid = defs.FLUID_NONE  # in the reservoir
        self._volume_nl = 0  # of the line
        self._left = volume.Volume()  # of the old fluid

    def configure(self, volume_nl: int) -> None:
        """The dead volume in nL; a change of fluid under way is not affected."""
        self._volume_nl = volume_nl

    def change(self, fluid: int) -> None:
        """The reservoir holds another fluid from now on, or the same one, which changes nothing."""
        if fluid == self._fluid:
            return
        self._fluid = fluid
        self._left.set_nl(self._volume_nl)

    def pass_on(self, volume_pl: int) -> None:
        """A stroke goes through the line."""
        if self.tip_fluid == self._fluid:
            return
        self._left.add(-volume_pl)
        if self._left.ul < 0:
            self.tip_fluid = self._fluid
            self._left.clear()

    def save_to(self, numbers: "list[int]", at: int) -> int:
        """Puts its numbers from this place on, and returns the place after them."""
        numbers[at] = self._left.ul
        numbers[at + 1] = self._left.pl
        return at + 2

    def load_from(self, numbers: "list[int]", at: int) -> int:
        """Takes what `save_to` has put."""
        self._left.ul, self._left.pl = numbers[at : at + 2]
        return at + 2

    def fluids(self) -> int:
        """Both fluids as one number, to be saved."""
        return self.tip_fluid + _FLUIDS * self._fluid

    def load_fluids(self, fluids: int) -> None:
        """Takes what `fluids` has given."""
        self.tip_fluid = fluids % _FLUIDS
        self._fluid = fluids // _FLUIDS

    def left_nl(self) -> int:
        """Volume of the old fluid that is still in the line, 0 for none."""
        return 0 if self.tip_fluid == self._fluid else self._left.nl()

    def left_after_nl(self, fluid: int) -> int:
        """What `left_nl` would be if the reservoir held this fluid from now on."""
        return self.left_nl() if fluid == self._fluid else self._volume_nl

    def old_fluid_s(self, ul_day: int) -> int:
        """Seconds at this rate until the new fluid reaches the catheter tip."""
        return self.left_nl() * _SECONDS_PER_DAY // (ul_day * 1000)
