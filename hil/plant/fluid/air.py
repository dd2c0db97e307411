"""Air bubbles in the line: where they are, and how much of the outflow is air."""

_MOST = 8  # bubbles; further air joins the last one


class Bubbles:
    """Fluid and air alternately, listed from the far end; the fluid behind the last bubble isn't listed."""

    def __init__(self, dead_pl: int) -> None:
        self._dead_pl = dead_pl
        self._near_pl = dead_pl >> 6  # two bubbles with less fluid than this in between are joined
        self._fluid_pl = [0] * _MOST  # before each bubble
        self._air_pl = [0] * _MOST
        self._first = 0
        self._count = 0
        self._row_pl = 0  # volume of all listed fluid and air
        self.total_pl = 0

    def capacity_pl(self) -> int:
        """How much more air the line can hold."""
        return max(0, self._dead_pl - self.total_pl)

    def enter(self, pl: int) -> None:
        """Air enters at the pump's end."""
        gap_pl = self._dead_pl - self._row_pl
        self.total_pl += pl
        self._row_pl += pl
        if self._count and (gap_pl < self._near_pl or self._count == _MOST):
            self._air_pl[(self._first + self._count - 1) % _MOST] += pl
            return
        gap_pl = max(0, gap_pl)
        at = (self._first + self._count) % _MOST
        self._count += 1
        self._fluid_pl[at] = gap_pl
        self._air_pl[at] = pl
        self._row_pl += gap_pl

    def return_by(self, pl: int) -> int:
        """This much flows out at the pump's end. Returns the pL of air: 0, unless the last bubble is still there."""
        if pl <= 0 or not self._count or self._dead_pl - self._row_pl > self._near_pl:
            return 0
        at = (self._first + self._count - 1) % _MOST
        air_pl = min(pl, self._air_pl[at])
        self._air_pl[at] -= air_pl
        self._row_pl -= air_pl
        self.total_pl -= air_pl
        if not self._air_pl[at]:
            self._row_pl -= self._fluid_pl[at]
            self._count -= 1
        return air_pl

    def flow_out(self, pl: int) -> int:
        """This much flows out at the far end, or in when negative. Returns the pL of air in it."""
        if pl < 0:
            most_pl = self._dead_pl - self._fluid_pl[self._first]
            back_pl = max(0, min(-pl, most_pl))  # bubbles don't move beyond the pump's end
            self._fluid_pl[self._first] += back_pl
            self._row_pl += back_pl
            return 0
        air_pl = 0
        while pl and self._count:
            at = self._first
            fluid_pl = min(pl, self._fluid_pl[at])
            self._fluid_pl[at] -= fluid_pl
            gone_pl = min(pl - fluid_pl, self._air_pl[at])
            self._air_pl[at] -= gone_pl
            self._row_pl -= fluid_pl + gone_pl
            air_pl += gone_pl
            pl -= fluid_pl + gone_pl
            if not self._air_pl[at]:
                self._first = (at + 1) % _MOST
                self._count -= 1
        self.total_pl -= air_pl
        return air_pl
