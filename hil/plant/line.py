"""Tube and catheter: what a stroke stretches the tube by runs off into the vessel with tau = R * C."""

from plant import volume

_LEVELS = 5  # digits of 5 bits: factors for up to 2^25 ms, longer than any stay in one posture
_DIGITS = 1 << 5


def factors(tau_ms: int) -> list[int]:
    """exp(-digit * 32^level / tau) in 2^-30, at [32 * level + digit]. Big numbers, at configuration only."""
    one = 1 << 60
    base = 0
    term = one
    n = 0
    while term:  # exp(-1 / tau) as a series of falling terms with changing signs
        base += -term if n & 1 else term
        n += 1
        term //= n * tau_ms
    table = []
    for _ in range(_LEVELS):
        value = one
        for _ in range(_DIGITS):
            table.append(min(value >> 30, (1 << 30) - 1))
            value = value * base >> 60
        base = value
    return table


class Line:
    """Volumes in pL. What is pumped in is stored or delivered, to the last pL, across all verbs."""

    def __init__(self, config: dict[str, int], slow_pa: int) -> None:
        self.compliance_pl_pa = config["line_compliance_pl_pa"]
        self._open_tau_ms = config["line_tau_ms"]
        self.stored_pl = 0  # above what the vessel's slow pressure keeps in the tube
        self.settling_pl = 0  # what a posture step has yet to press in or let out; not the pump's fluid
        self.delivered = volume.Volume()
        self.blocked = False
        self._held_pa = slow_pa
        self._rest = 0  # 2^-15 pL that rounding kept back, so that many short times decay like one long
        self.narrow(100)

    def narrow(self, resistance_percent: int) -> None:
        """Sets the resistance, in percent of the configured one."""
        tau_ms = self._open_tau_ms * resistance_percent // 100
        self.tau_ms = tau_ms if tau_ms > 0 else 1
        table = factors(self.tau_ms)
        self._high = [factor >> 15 for factor in table]
        self._low = [factor & 32767 for factor in table]
        self._gone_ms = self.tau_ms * 21  # exp(-21) of the most that fits is less than 1 pL

    def block(self, slow_pa: int) -> None:
        """Shuts the line; from now on it keeps the vessel's slow pressure of this moment."""
        if not self.blocked:
            self.blocked = True
            self._held_pa = slow_pa

    def unblock(self, slow_pa: int) -> None:
        """Opens it; where the vessel has moved on, the difference settles with tau, so the pressure does not jump."""
        if self.blocked:
            self.blocked = False
            self.settling_pl += (self._held_pa - slow_pa) * self.compliance_pl_pa

    def vessel_stepped(self, step_pa: int) -> None:
        """The vessel's slow pressure has jumped; the pump's end follows with tau."""
        if not self.blocked:
            self.settling_pl -= step_pa * self.compliance_pl_pa

    def pressure_pa(self, slow_pa: int) -> int:
        """At the pump's end, without pulse, breathing and ambient."""
        own_pa = (self.stored_pl + self.settling_pl) // self.compliance_pl_pa
        return own_pa + (self._held_pa if self.blocked else slow_pa)

    def relax(self, dt_ms: int) -> None:
        """Lets the stored volume run off into the vessel for up to 2^25 - 1 ms."""
        if self.blocked:
            return
        stored_pl = self.stored_pl
        if stored_pl:
            left_pl = self._left(stored_pl, dt_ms)
            self.stored_pl = left_pl
            self.delivered.add(stored_pl - left_pl)
        if self.settling_pl:
            self.settling_pl = self._left(self.settling_pl, dt_ms)

    def _left(self, pl: int, dt_ms: int) -> int:
        """`pl` (below 2^30) times exp(-dt / tau), within 1 pL, by products of 15 by 15 bits."""
        if dt_ms >= self._gone_ms:
            return 0
        if pl < 0:
            return -self._left(-pl, dt_ms)
        rest = self._rest
        index = 0
        while dt_ms:
            digit = dt_ms & 31
            if digit:
                high = self._high[index + digit]
                low = self._low[index + digit]
                pl_high = pl >> 15
                pl_low = pl & 32767
                above = pl_high * low
                below = pl_low * high
                rest += (pl_low * low >> 15) + (above & 32767) + (below & 32767)
                pl = pl_high * high + (above >> 15) + (below >> 15) + (rest >> 15)
                rest &= 32767
            dt_ms >>= 5
            index += 32
        self._rest = rest
        return pl
