"""The reservoir: its content, and what the pump draws from it, also when it is empty or closed."""

from plant.arithmetic import volume


class Reservoir:
    """All fluid filled in is still there or was pumped, exactly. When it is empty, the pump draws air."""

    def __init__(self, config: dict[str, int]) -> None:
        self.capacity_nl = config["reservoir_capacity_nl"]
        self._most_ul = self.capacity_nl // 1000 * 21 // 20
        self.content = volume.Volume()
        self.added = volume.Volume()  # all that was filled in, less what was drained
        self.air = volume.Volume()
        self._yield_nl = config["inlet_yield_nl"]
        self.shut = False  # the outlet, between reservoir and pump
        self.vacuum_pl = 0  # drawn from the closed inlet; the reservoir replaces it when the inlet opens
        self.fill(config["reservoir_nl"])

    def fill(self, volume_nl: int) -> None:
        """Sets the content, as after emptying and filling; ValueError when it exceeds the capacity."""
        if not 0 <= volume_nl <= self.capacity_nl:
            raise ValueError("the reservoir takes 0..%d nL, not %d" % (self.capacity_nl, volume_nl))
        self.added.ul += volume_nl // 1000 - self.content.ul
        self.added.add(volume_nl % 1000 * 1000 - self.content.pl)
        self.content.ul = volume_nl // 1000
        self.content.pl = volume_nl % 1000 * 1000

    def drain(self, volume_nl: int) -> None:
        """Removes this much, or everything when there is less."""
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
        """Whether it accepts no more backflow: it is 5 % above its capacity, or its closed inlet is full."""
        if self.shut:
            return self.vacuum_pl <= -1000 * self._yield_nl
        return self.content.ul >= self._most_ul

    def draw(self, pl: int) -> int:
        """The pump draws this much, or returns it when negative. Returns the pL of fluid; the rest is air."""
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
        """Closes the inlet: the pump draws only what the inlet tube yields."""
        self.shut = True

    def open_inlet(self) -> None:
        """Opens the inlet: its vacuum fills from the reservoir. Volume that was not drawn is not drawn later."""
        self.shut = False
        came_pl = self.draw(self.vacuum_pl)
        self.vacuum_pl -= came_pl

    def suck(self, pl: int) -> int:
        """What the pump gets when it draws this much from the closed inlet: less with each draw."""
        if pl < 0:
            pl = max(pl, -1000 * self._yield_nl - self.vacuum_pl)
        else:
            rest_pl = max(0, 1000 * self._yield_nl - self.vacuum_pl)
            thousandths = min(1000, rest_pl // self._yield_nl)
            pl = min(rest_pl, pl // 1000 * thousandths + pl % 1000 * thousandths // 1000)
        self.vacuum_pl += pl
        return pl
