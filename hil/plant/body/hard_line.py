"""More ways to block a line: a kink near the pump, a closed sac, a tip that needs a pressure; and a slow wall."""

from plant.arithmetic import decay, fraction
from plant.body import wall
from plant.fluid import line

_MOST_LEAKING_PA = 400000  # keeps the products within 30 bits
_LEAK_MS = 100  # interval of a leak beside a kink or a sac


class HardLine(line.Line):
    """pumped == delivered + leaked + stored + held - air in the line, always exactly. Plain until something is set."""

    relax = line.Line.relax  # found without a search in the base class, as this is called for every reading

    # Not in the line itself until an action changes them: MicroPython searches longer in an object that has more.
    _wall: "wall.Wall | None" = None
    _kinked = False
    _far_pl = 0  # stored beyond a kink
    _sac_pl_pa = 0  # compliance of a closed sac around the tip; 0 for none
    _sac_pl = 0
    _crack_pa = 0  # the tip opens at this pressure above the vessel
    _slug_pl = 0  # volume that passes until the tip is free again
    _flow_pl_s = 0
    _share = fraction.WHOLE  # of a sac, in its compliance and the line's
    toggle_mean_ms = 0  # a block comes and goes, each for this time on average; body.Body makes it do so

    def __init__(self, config: "dict[str, int]", slow_pa: int) -> None:
        super().__init__(config, slow_pa)
        self._config = config
        if wall.Wall.wanted(config):
            self._wall = wall.Wall(config)
            self._stall_stretch_pa = self._wall.stretch_pa(self._stall_pa)
            self.tune()

    # ---- actions; these allocate -------------------------------------------------------------------------------------

    def tabulate(self) -> None:
        """As for any line; a sac fills with its own, shorter tau."""
        super().tabulate()
        if self._sac_pl_pa and not self.disconnected:
            sac = self._sac_pl_pa
            whole = sac + self._own_compliance_pl_pa
            self.tau_ms = max(1, self._own_tau_ms * self.resistance_percent // 100 * sac // whole)
            self._decay.tabulate(self.tau_ms)
            self.tune()

    def _begin(self) -> None:
        """Opens the line before another obstacle, and allocates here all that obstacles change later."""
        self.unblock()
        self._sac_pl = self._far_pl = self._slug_pl = self._crack_pa = self._flow_pl_s = 0
        self._share = fraction.WHOLE
        self.in_pieces = False

    def kink_near(self, thousandths: int) -> None:
        """Shuts the line near the pump; this part of the compliance is left to it, but at least 1 pL/Pa."""
        self._begin()
        whole_pl_pa = self._own_compliance_pl_pa
        near_pl_pa = max(1, whole_pl_pa * thousandths // 1000)
        part = near_pl_pa * fraction.WHOLE // whole_pl_pa
        stored_pl = self.stored_pl
        self.stored_pl = fraction.of(stored_pl, part)
        self._far_pl = stored_pl - self.stored_pl
        self.settling_pl = fraction.of(self.settling_pl, part)
        if self._wall:
            self._wall.scale(part)
        self._kinked = True
        self._own_compliance_pl_pa = near_pl_pa
        self._far_decay = decay.Decay()
        self._far_decay.tabulate(self._own_tau_ms)
        self._own_tau_ms = max(1, self._own_tau_ms * near_pl_pa // whole_pl_pa)
        self.blocked = True
        self.tabulate()

    def close_sac(self, percent: int) -> None:
        """The tip is in a closed sac with this compliance, in percent of the line's."""
        self._begin()
        self._sac_pl_pa = max(1, self._own_compliance_pl_pa * percent // 100)
        self.tabulate()

    def crack(self, pa: int) -> None:
        """The tip opens at this pressure above the vessel's, and lets nothing back; 0 for a free tip."""
        self._begin()
        self._crack_pa = pa
        self.tune()

    def slug(self, volume_nl: int) -> None:
        """A bubble is at the tip: it needs a pressure until so much volume has passed."""
        self.crack(self._config["slug_pa"])
        self._slug_pl = volume_nl * 1000

    def unblock(self) -> None:
        """Opens the line, also a kink or a sac, whose content flows on."""
        hard = self._kinked or self._sac_pl_pa or self._crack_pa
        if self._kinked:
            self._kinked = False
            whole_pl_pa = self._config["line_compliance_pl_pa"]
            self.settling_pl = self.settling_pl // self._own_compliance_pl_pa * whole_pl_pa
            self.stored_pl += self._far_pl
            self._far_pl = 0
            self._own_compliance_pl_pa = whole_pl_pa
            self._own_tau_ms = self._config["line_tau_ms"]
        if self._sac_pl_pa:
            self.delivered.add(self._sac_pl)
            self._sac_pl = self._sac_pl_pa = 0
        super().unblock()
        if self.toggle_mean_ms:
            self.toggle_mean_ms = 0
        if hard:
            self._crack_pa = self._slug_pl = 0
            self.tabulate()

    def open_again(self) -> None:
        """Ends a block that comes and goes, or one for a time; not a kink near the pump."""
        if self._kinked:
            self.event_ms = 0
        else:
            super().open_again()

    def tune(self) -> None:
        """As for any line."""
        super().tune()
        if self.in_pieces != self._kinked:
            self.in_pieces = self._kinked
        if self._wall or self._kinked or self._sac_pl_pa or self._crack_pa:
            self.plain = False
            if self._sac_pl_pa:
                sac = self._sac_pl_pa
                self._share = sac * fraction.WHOLE // (sac + self._own_compliance_pl_pa)
                self.end_fraction = self._share
            if self._wall and not self.air.total_pl:
                self.most_stored_pl = self._stall_stretch_pa * self.compliance_pl_pa + self._wall.taken_pl

    # ---- values ------------------------------------------------------------------------------------------------------

    def held_pl(self) -> int:
        """Pumped, but neither in the tube at the pump nor delivered: beyond a kink, or in a sac."""
        return self._far_pl + self._sac_pl

    def is_shut(self) -> bool:
        """Whether nothing arrives in the vessel."""
        return self.blocked or self._sac_pl_pa > 0

    def _elastic_pl(self) -> int:
        taken_pl = self._wall.taken_pl if self._wall else 0
        return self.stored_pl + self.settling_pl - taken_pl

    def pressure_pa(self) -> int:
        """Pressure at the pump's end, without pulse, breathing and ambient."""
        if not self._wall:
            return super().pressure_pa()
        return self._wall.stiffened_pa(self._elastic_pl() // self.compliance_pl_pa) + self.base_pa

    def sees_vessel(self) -> bool:
        """Whether pulse and breathing reach the pump's end."""
        if self._crack_pa and self._elastic_pl() <= self._crack_pa * self.compliance_pl_pa:
            return False
        return super().sees_vessel()

    def end_flow_pl_s(self) -> int:
        """Flow at the far end, without the pulse."""
        if self._sac_pl_pa or self._crack_pa:
            return self._flow_pl_s
        return super().end_flow_pl_s()

    def open_percent(self) -> int:
        """Conductance of the catheter, in percent of the configured one."""
        return 0 if self._sac_pl_pa else super().open_percent()

    # ---- outflow -----------------------------------------------------------------------------------------------------

    def _relax_otherwise(self, dt_ms: int) -> None:
        ends_here = self._kinked or not self.disconnected and (self._sac_pl_pa or self._crack_pa)
        if not ends_here and not self._wall:
            super()._relax_otherwise(dt_ms)
            return
        left_ms = dt_ms
        while left_ms:
            piece_ms = left_ms
            if self._wall:
                piece_ms = min(piece_ms, self._wall.piece_ms)
            if ends_here:
                if self.leak_percent:
                    piece_ms = min(piece_ms, _LEAK_MS)
                self._relax_at_end(piece_ms)
            elif self.rate_fraction:
                piece_ms = min(piece_ms, self._longest_ms)
                self._relax_with_wall(piece_ms)
            if self._wall:
                self._follow(piece_ms)
            left_ms -= piece_ms
        if self.event_ms:
            self._pass_time(dt_ms)

    def _relax_with_wall(self, dt_ms: int) -> None:
        """As without, but only the elastic volume drives the flow, and faster from a stiff wall."""
        the_wall = self._wall
        assert the_wall
        taken_pl = the_wall.taken_pl
        self.stored_pl -= taken_pl
        pa = (self.stored_pl + self.settling_pl) // self.compliance_pl_pa
        self._relax_two_ways(dt_ms * the_wall.hastens(pa) >> 10)
        self.stored_pl += taken_pl

    def _follow(self, dt_ms: int) -> None:
        the_wall = self._wall
        assert the_wall
        before_pl = the_wall.taken_pl
        the_wall.follow(self.stored_pl + self.settling_pl - before_pl, dt_ms)
        self.most_stored_pl += the_wall.taken_pl - before_pl

    def _relax_at_end(self, dt_ms: int) -> None:
        """Beyond a kink, into a sac, or through a tip that opens at a pressure."""
        if self._kinked:
            if self._far_pl:
                before_pl = self._far_pl
                self._far_pl = self._far_decay.left(before_pl, dt_ms)
                self.delivered.add(self._fluid(before_pl - self._far_pl))
        elif self._sac_pl_pa and not self.blocked:
            self._fill_sac(dt_ms)
        elif not self.blocked:
            self._pass_tip(dt_ms)
        if self.leak_percent:
            self._leak(dt_ms)

    def _fill_sac(self, dt_ms: int) -> None:
        elastic_pl = self._elastic_pl()
        # In balance both have the same pressure.
        balance_pl = fraction.of(elastic_pl + self._sac_pl, fraction.WHOLE - self._share)
        gap_pl = elastic_pl - balance_pl
        out_pl = gap_pl - self._left(gap_pl, dt_ms)
        self.stored_pl -= out_pl
        self._sac_pl += out_pl
        self._flow_pl_s = _per_second(out_pl, dt_ms)

    def _pass_tip(self, dt_ms: int) -> None:
        self._flow_pl_s = 0
        gap_pl = self._elastic_pl() - self._crack_pa * self.compliance_pl_pa
        if gap_pl <= 0:
            return
        out_pl = gap_pl - self._left(gap_pl, dt_ms)
        self.stored_pl -= out_pl
        self.delivered.add(self._fluid(out_pl))
        self._flow_pl_s = _per_second(out_pl, dt_ms)
        if self._slug_pl:
            self._slug_pl -= out_pl
            if self._slug_pl <= 0:
                self._slug_pl = self._crack_pa = 0
                self.tune()

    def _leak(self, dt_ms: int) -> None:
        """A leak between pump and kink or sac; `dt_ms` is short."""
        pa = max(0, min(_MOST_LEAKING_PA, self.pressure_pa()))
        pl_ms = pa * self._own_compliance_pl_pa // self._own_tau_ms * self.leak_percent // 100
        pl = min(pl_ms * dt_ms, pa * self.compliance_pl_pa >> 1)
        self.stored_pl -= pl
        self.leaked.add(pl - self.return_air(pl))


def _per_second(pl: int, dt_ms: int) -> int:
    pl_ms = pl // dt_ms if dt_ms else 0
    return max(-50000, min(50000, pl_ms)) * 1000
