"""The wall of the tube: a part of it follows the pressure within seconds, another within minutes, and it stiffens."""

from plant.arithmetic import decay, fraction, sine


class _Part:
    """A part of the wall: its volume, in pL, goes towards its share of the elastic volume."""

    def __init__(self, percent: int, tau_ms: int) -> None:
        self.share = percent * fraction.WHOLE // 100
        self.taken_pl = 0
        slowing = decay.Decay()
        slowing.tabulate(tau_ms)
        self._left = slowing.left

    def follow(self, elastic_pl: int, dt_ms: int) -> None:
        """Lets time pass at this elastic volume."""
        target_pl = (elastic_pl >> 15) * self.share + ((elastic_pl & 32767) * self.share >> 15)
        self.taken_pl = target_pl - self._left(target_pl - self.taken_pl, dt_ms)


class Wall:
    """Two slow volumes; what is stored less `taken_pl`, the sum of these volumes, makes the pressure."""

    def __init__(self, config: "dict[str, int]") -> None:
        self._slow = _Part(config["wall_slow_percent"], config["wall_slow_ms"])
        self._late = _Part(config["wall_late_percent"], config["wall_late_ms"])
        self.taken_pl = 0
        self.piece_ms = config["wall_slow_ms"] >> 2
        percent = config["wall_stiff_percent"]
        # The stretch, as a pressure of the soft wall, at which the compliance is half.
        self._half_pa = 100000 * (100 - percent) // percent if percent else 0

    @staticmethod
    def wanted(config: "dict[str, int]") -> bool:
        """Whether these settings differ from a wall that follows at once and never stiffens."""
        return bool(config["wall_slow_percent"] or config["wall_late_percent"] or config["wall_stiff_percent"])

    def scale(self, part: int) -> None:
        """Only this fraction of the wall remains, behind a kink."""
        for one in (self._slow, self._late):
            taken_pl = one.taken_pl
            one.taken_pl = fraction.of(taken_pl, part) if taken_pl >= 0 else -fraction.of(-taken_pl, part)
        self.taken_pl = self._slow.taken_pl + self._late.taken_pl

    def follow(self, elastic_pl: int, dt_ms: int) -> None:
        """The slow volumes go towards their shares of the elastic one."""
        slow = self._slow
        if slow.share:
            slow.follow(elastic_pl, dt_ms)
        late = self._late
        if late.share:
            late.follow(elastic_pl, dt_ms)
        self.taken_pl = slow.taken_pl + late.taken_pl

    def stiffened_pa(self, pa: int) -> int:
        """The pressure of the wall at the stretch that a soft wall would have at this pressure."""
        half_pa = self._half_pa
        if not half_pa or pa <= 0:
            return pa
        return pa + (pa >> 4) * (pa >> 4) // (half_pa >> 7)

    def stretch_pa(self, pa: int) -> int:
        """The reverse of `stiffened_pa`; big numbers, at configuration only."""
        half_pa = self._half_pa
        if not half_pa:
            return pa
        return sine.root(half_pa * half_pa + 2 * half_pa * pa) - half_pa

    def hastens(self, pa: int) -> int:
        """How much faster than a soft one the wall empties the tube at this stretch, in 1/1024."""
        half_pa = self._half_pa
        if not half_pa or pa <= 0:
            return 1024
        return 1024 + (pa << 9) // half_pa
