"""The reservoir: how much is in it, and what comes when it is empty."""

from plant.arithmetic import volume


class Reservoir:
    """What was put in is still there or was pumped, to the last pL; past empty the pump draws air."""

    def __init__(self, config: dict[str, int]) -> None:
        self.capacity_nl = config["reservoir_capacity_nl"]
        self._most_ul = self.capacity_nl // 1000 * 21 // 20
        self.content = volume.Volume()
        self.added = volume.Volume()  # all that was ever put in, less what was drained
        self.air = volume.Volume()
        self._yield_nl = config["inlet_yield_nl"]
        self.shut = False  # between the reservoir and the pump
        self.vacuum_pl = 0  # what the pump drew from the shut inlet, and has yet to come from the reservoir
        self.fill(config["reservoir_nl"])

    def fill(self, volume_nl: int) -> None:
        """The content becomes this, as after emptying and filling; ValueError when it does not fit."""
        if not 0 <= volume_nl <= self.capacity_nl:
            raise ValueError("the reservoir takes 0..%d nL, not %d" % (self.capacity_nl, volume_nl))
        self.added.ul += volume_nl // 1000 - self.content.ul
        self.added.add(volume_nl % 1000 * 1000 - self.content.pl)
        self.content.ul = volume_nl // 1000
        self.content.pl = volume_nl % 1000 * 1000

    def drain(self, volume_nl: int) -> None:
        """Lets this much out, or all when there is less."""
        if volume_nl < 0:
            raise ValueError("drain takes 0 nL or more")
        left_nl = self.content.nl() - volume_nl
        if left_nl < 0:
            self.fill(0)
            return
        self.added.ul -= volume_nl // 1000
        self.added.add(-(volume_nl % 1000 * 1000))
        self.content.ul -= volume_nl // 1000
        self.content.add(-(volume_nl % 1000 * 1000))

    def is_bursting(self) -> bool:
        """Whether it takes nothing more back: a twentieth above its capacity, or an inlet that is shut and full."""
        if self.shut:
            return self.vacuum_pl <= -1000 * self._yield_nl
        return self.content.ul >= self._most_ul

    def draw(self, pl: int) -> int:
        """Takes this much for the pump (or takes it back, when negative); the fluid that came, the rest was air."""
        content = self.content
        content.add(-pl)
        if content.ul >= 0:
            return pl
        missing_pl = -(content.ul * 1000000 + content.pl)
        content.ul = 0
        content.pl = 0
        self.air.add(missing_pl)
        return pl - missing_pl

    def shut_inlet(self) -> None:
        """From now on the pump draws against what the inlet yields."""
        self.shut = True

    def open_inlet(self) -> None:
        """The vacuum fills up from the reservoir; what the pump could not draw isn't made up."""
        self.shut = False
        came_pl = self.draw(self.vacuum_pl)
        self.vacuum_pl -= came_pl

    def suck(self, pl: int) -> int:
        """What comes when the pump draws this much from the shut inlet: the less, the more it has drawn before."""
        if pl < 0:
            pl = max(pl, -1000 * self._yield_nl - self.vacuum_pl)
        else:
            rest_pl = max(0, 1000 * self._yield_nl - self.vacuum_pl)
            thousandths = min(1000, rest_pl // self._yield_nl)
            pl = min(rest_pl, pl // 1000 * thousandths + pl % 1000 * thousandths // 1000)
        self.vacuum_pl += pl
        return pl
