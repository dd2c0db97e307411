"""Tube and catheter: a stroke expands the tube, and the volume drains into the vessel with tau = R * C."""

from plant.arithmetic import decay, fraction, volume
from plant.fluid import air

_AMBIENT_PA = 101325
_VACUUM_PA = 90000  # below the vessel's pressure; the lowest that a pump head reaches
_MOST_COMPLIANCE_PL_PA = 2500  # with air, which can't shrink by more than its own volume
_MOST_STORED_WITH_AIR_PL = 450000000
_MOST_FLOW_PL_S = 50000000
_LONGEST_MS = (1 << 25) - 1
_OCTAVES = 10  # doublings of the resistance while the line closes; at the end it is blocked
_CLOSING_STEPS = _OCTAVES * 32
_MOST_MINUTES = 43200


class Line:
    """Volumes in pL. pumped == delivered + leaked + stored - air in the line, always exactly."""

    in_pieces = False  # whether a stroke must be computed in short pieces

    def __init__(self, config: dict[str, int], slow_pa: int) -> None:
        self._own_compliance_pl_pa = config["line_compliance_pl_pa"]
        self._own_tau_ms = config["line_tau_ms"]
        self._stall_pa = config["drive_stall_pa"]
        self.stored_pl = 0  # in the tube, above the volume at the vessel's slow pressure
        self.settling_pl = 0  # volume of a posture step that has not flowed in or out yet; not pumped
        self.delivered = volume.Volume()
        self.leaked = volume.Volume()
        self.air = air.Bubbles(config["line_dead_nl"] * 1000)
        self.blocked = False
        self.disconnected = False
        self.leak_percent = 0
        self.resistance_percent = 100
        self.opening = fraction.WHOLE  # of the conductance, while the line closes gradually
        self.event_ms = 0  # until the next change of a line that closes or is kinked; 0 for none
        self._event_every_ms = 0
        self._events_left = 0
        self._closing = False
        self._slow_pa = slow_pa  # of the vessel
        self.base_pa = slow_pa  # the vessel's slow pressure when the line was last connected to it
        self._carry = 0  # 2^-15 ms
        self._bleed_carry = 0
        self._decay = decay.Decay()
        self._left = self._decay.left
        self.tabulate()

    # ---- actions; these allocate -------------------------------------------------------------------------------------

    def tabulate(self) -> None:
        """Computes the time constant of catheter and leak together, after a change of either."""
        leak_percent = 0 if self.disconnected else self.leak_percent
        percent = 100 if self.disconnected else self.resistance_percent
        ways = 10000 + leak_percent * percent
        self.tau_ms = max(1, self._own_tau_ms * 100 * percent // ways)
        self._leak_weight = leak_percent * percent * fraction.WHOLE // ways
        self._decay.tabulate(self.tau_ms)
        self.tune()

    def block(self) -> None:
        """Blocks the line, which keeps the present slow pressure of the vessel."""
        self.event_ms = 0
        if not self.blocked:
            self.blocked = True
            self._see()

    def unblock(self) -> None:
        """Opens the line; a change of the vessel's pressure since the block settles with tau, without a jump."""
        self.open_again()

    def open_again(self) -> None:
        """As `unblock`; allocates nothing."""
        self.event_ms = 0
        self.opening = fraction.WHOLE
        self.blocked = False
        self._see()

    def connect(self, connected: bool) -> None:
        """Connects the line to the catheter, or disconnects it: it then ends in the air, with its own resistance."""
        if connected == self.disconnected:
            self.disconnected = not connected
            self._see()
            self.tabulate()

    def close_over(self, minutes: int) -> None:
        """Closes the line gradually: in 1..43200 minutes the resistance doubles ten times, then the line is blocked."""
        self._plan(minutes, True, _CLOSING_STEPS, minutes * 60000 // _CLOSING_STEPS)

    def kink(self, minutes: int) -> None:
        """Blocks the line for 1..43200 minutes."""
        if 1 <= minutes <= _MOST_MINUTES:
            self.block()
        self._plan(minutes, False, minutes, 60000)

    def _plan(self, minutes: int, closing: bool, events: int, every_ms: int) -> None:
        if not 1 <= minutes <= _MOST_MINUTES:
            raise ValueError("the line changes in 1..%d minutes" % _MOST_MINUTES)
        self._closing = closing
        self._events_left = events
        self._event_every_ms = every_ms
        self.event_ms = every_ms
        self.tune()

    # ---- time; allocates nothing -------------------------------------------------------------------------------------

    def _pass_time(self, dt_ms: int) -> None:
        """Counts down to the next change of a line that closes or is kinked, and makes it."""
        self.event_ms -= dt_ms
        if self.event_ms:
            return
        self._events_left -= 1
        if self._events_left:
            self.event_ms = self._event_every_ms
            if self._closing:
                step = _CLOSING_STEPS - self._events_left
                # 2^(-step / 32), linear between the powers of 2.
                self.opening = (2 * fraction.WHOLE - ((step & 31) << 10)) >> (step >> 5) + 1
                self.tune()
        elif self._closing:
            self.block()
        else:
            self.open_again()

    def take_air(self, pl: int) -> None:
        """This much of the stored volume is air that entered at the pump's end."""
        self.air.enter(pl)
        self.tune()

    def return_air(self, pl: int) -> int:
        """Returns the pL of air in this backflow at the pump's end."""
        if not self.air.total_pl:
            return 0
        air_pl = self.air.return_by(pl)
        if air_pl:
            self.tune()
        return air_pl

    def vessel_stepped(self, change_pa: int) -> None:
        """The vessel's slow pressure has changed by a step; the pressure at the pump follows with tau."""
        self._slow_pa += change_pa
        if self.blocked or self.disconnected:
            return
        if self._leak_weight or self.air.total_pl:
            self._see()
        else:
            self.settling_pl -= change_pa * self.compliance_pl_pa
            self.base_pa = self._slow_pa

    def _see(self) -> None:
        self.settling_pl += (self.base_pa - self._slow_pa) * self.compliance_pl_pa
        self.base_pa = self._slow_pa
        self.tune()

    def tune(self) -> None:
        """Computes how catheter and leak divide the outflow, after a change of resistance, leak, air or connection."""
        own_pl_pa = self._own_compliance_pl_pa
        air_pl = self.air.total_pl
        compliance_pl_pa = min(_MOST_COMPLIANCE_PL_PA, own_pl_pa + air_pl // (_AMBIENT_PA + self.base_pa))
        self.compliance_pl_pa = compliance_pl_pa
        self.most_stored_pl = self._stall_pa * compliance_pl_pa
        if air_pl:
            self.most_stored_pl = min(self.most_stored_pl, _MOST_STORED_WITH_AIR_PL)
        self.least_stored_pl = -_VACUUM_PA * compliance_pl_pa
        leak = self._leak_weight
        end = 0 if self.blocked and not self.disconnected else fraction.of(fraction.WHOLE - leak, self.opening)
        if self.disconnected:
            end = fraction.WHOLE
        softness = own_pl_pa * fraction.WHOLE // compliance_pl_pa
        self.end_fraction = fraction.of(end, softness)
        self.rate_fraction = max(1, fraction.of(end + leak, softness)) if end + leak else 0
        self._leak_fraction = (leak << 14) // (end + leak) << 1 if leak else 0
        leak_fraction = fraction.WHOLE if self.disconnected else self._leak_fraction
        # The stored volume at equilibrium, without pumping.
        self._least_pl = -fraction.of(self.base_pa * compliance_pl_pa, leak_fraction)
        rest_pa = self.base_pa - fraction.of(self.base_pa, leak_fraction)
        self._bleed_pl_s = self._conducted_pl_s(rest_pa) // 100 * self.leak_percent if leak else 0
        self._longest_ms = min(1000000, (1 << 26) // (self._bleed_pl_s // 1000 + 1)) if leak else _LONGEST_MS
        self.plain = end == fraction.WHOLE and not air_pl and not self.disconnected and not self.event_ms

    def _conducted_pl_s(self, pa: int) -> int:
        """Flow through the catheter as configured, at this pressure."""
        pl = pa * self._own_compliance_pl_pa
        return pl // self._own_tau_ms * 1000 + pl % self._own_tau_ms * 1000 // self._own_tau_ms

    # ---- values ------------------------------------------------------------------------------------------------------

    def pressure_pa(self) -> int:
        """Pressure at the pump's end, without pulse, breathing and ambient."""
        return (self.stored_pl + self.settling_pl) // self.compliance_pl_pa + self.base_pa

    def sees_vessel(self) -> bool:
        """Whether pulse and breathing reach the pump's end."""
        return not self.blocked and not self.disconnected

    def end_flow_pl_s(self) -> int:
        """Flow at the far end, without the pulse; at most 50 uL/s."""
        if self.blocked and not self.disconnected:
            return 0
        tau_ms = self.tau_ms
        pl = self.stored_pl + self.settling_pl
        if self.disconnected:
            pl -= self._least_pl
        limit = _MOST_FLOW_PL_S // 1000
        pl_ms = max(-limit, min(limit, pl // tau_ms))
        rest_pl = pl % tau_ms
        rest_pl_s = rest_pl * 1000 // tau_ms if tau_ms < 1000000 else rest_pl // (tau_ms // 1000)
        return fraction.of(pl_ms * 1000 + rest_pl_s, self.end_fraction)

    def open_percent(self) -> int:
        """Conductance of the catheter, in percent of the configured one."""
        return 0 if self.blocked else 10000 * self.opening // (self.resistance_percent * fraction.WHOLE)

    # ---- outflow -----------------------------------------------------------------------------------------------------

    def relax(self, dt_ms: int) -> None:
        """Lets the stored volume drain for up to 2^25 - 1 ms, and for `event_ms` at most if there is an event."""
        if not self.plain:
            self._relax_otherwise(dt_ms)
            return
        stored_pl = self.stored_pl
        if stored_pl:
            left_pl = self._left(stored_pl, dt_ms)
            self.stored_pl = left_pl
            self.delivered.add(stored_pl - left_pl)
        if self.settling_pl:
            self.settling_pl = self._left(self.settling_pl, dt_ms)

    def _relax_otherwise(self, dt_ms: int) -> None:
        """As `relax`, for a line with air, a leak, another resistance, a block or no catheter."""
        left_ms = dt_ms
        while left_ms and self.rate_fraction:
            piece_ms = min(left_ms, self._longest_ms)
            self._relax_two_ways(piece_ms)
            left_ms -= piece_ms
        if self.event_ms:
            self._pass_time(dt_ms)

    def _relax_two_ways(self, dt_ms: int) -> None:
        """Outflow to vessel and leak: time is scaled by the conductance, and the volume is divided between them."""
        scaled_ms = dt_ms
        if self.rate_fraction != fraction.WHOLE:
            scaled_ms = self._scaled(dt_ms)
        out_pl = self.stored_pl - self._least_pl
        out_pl -= self._left(out_pl, scaled_ms)
        self.stored_pl -= out_pl
        settled_pl = self.settling_pl
        if settled_pl:
            self.settling_pl = self._left(settled_pl, scaled_ms)
            settled_pl -= self.settling_pl
        if self.disconnected:
            self.leaked.add(self._fluid(out_pl) + settled_pl)
            self.delivered.add(-settled_pl)
            return
        if self._leak_weight:
            out_pl -= self._bleed(out_pl, settled_pl, dt_ms)
        self.delivered.add(self._fluid(out_pl))

    def _scaled(self, dt_ms: int) -> int:
        """The time that would have the same effect with the whole conductance."""
        part = (dt_ms & 32767) * self.rate_fraction + self._carry
        self._carry = part & 32767
        return (dt_ms >> 15) * self.rate_fraction + (part >> 15)

    def _bleed(self, out_pl: int, settled_pl: int, dt_ms: int) -> int:
        """Returns the pL of this outflow that leave by the leak."""
        part = self._bleed_pl_s % 1000 * dt_ms + self._bleed_carry
        self._bleed_carry = part % 1000
        strayed_pl = fraction.of(settled_pl, self._leak_fraction)
        leaked_pl = fraction.of(out_pl, self._leak_fraction) + self._bleed_pl_s // 1000 * dt_ms + part // 1000
        self.leaked.add(leaked_pl - self.return_air(leaked_pl) + strayed_pl)
        self.delivered.add(-strayed_pl)
        return leaked_pl

    def _fluid(self, pl: int) -> int:
        """Returns the pL of fluid, without air, in this outflow."""
        if not self.air.total_pl:
            return pl
        air_pl = self.air.flow_out(pl)
        if air_pl:
            self.tune()
        return pl - air_pl
