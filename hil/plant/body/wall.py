"""The wall of the tube: a part of it follows the pressure within seconds, another within minutes, and it stiffens."""

from plant.arithmetic import decay, fraction, sine


class Wall:
    """Two slow volumes, in pL; what is stored less these volumes makes the pressure."""

    def __init__(self, config: "dict[str, int]") -> None:
        self._shares = []
        self._decays = []
        for name in ("wall_slow", "wall_late"):
            self._shares.append(config[name + "_percent"] * fraction.WHOLE // 100)
            one = decay.Decay()
            one.tabulate(config[name + "_ms"])
            self._decays.append(one)
        self._taken_pl = [0, 0]
        self.piece_ms = config["wall_slow_ms"] >> 2
        percent = config["wall_stiff_percent"]
        # The stretch, as a pressure of the soft wall, at which the compliance is half.
        self._half_pa = 100000 * (100 - percent) // percent if percent else 0

    @staticmethod
    def wanted(config: "dict[str, int]") -> bool:
        """Whether these settings differ from a wall that follows at once and never stiffens."""
        return bool(config["wall_slow_percent"] or config["wall_late_percent"] or config["wall_stiff_percent"])

    def taken_pl(self) -> int:
        """The slow volumes."""
        return self._taken_pl[0] + self._taken_pl[1]

    def scale(self, part: int) -> None:
        """Only this fraction of the wall remains, behind a kink."""
        for i in range(2):
            taken_pl = self._taken_pl[i]
            self._taken_pl[i] = fraction.of(taken_pl, part) if taken_pl >= 0 else -fraction.of(-taken_pl, part)

    def follow(self, elastic_pl: int, dt_ms: int) -> None:
        """The slow volumes go towards their shares of the elastic one."""
        for i in range(2):
            share = self._shares[i]
            if share:
                target_pl = (elastic_pl >> 15) * share + ((elastic_pl & 32767) * share >> 15)
                gap_pl = target_pl - self._taken_pl[i]
                self._taken_pl[i] = target_pl - self._decays[i].left(gap_pl, dt_ms)

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
