"""Decay by exp(-t / tau), with products of 15 by 15 bits and a table that is made once for each tau."""

_LEVELS = 5  # digits of 5 bits: up to 2^25 ms, longer than any posture
_DIGITS = 1 << 5


def factors(tau_ms: int) -> list[int]:
    """exp(-digit * 32^level / tau) in 2^-30, at [32 * level + digit]. Big numbers, at configuration only."""
    one = 1 << 60
    base = 0
    term = one
    n = 0
    while term:  # exp(-1 / tau) as an alternating series
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


class Decay:
    """Carries the rounding error over, so that many short times give the same decay as one long time."""

    def __init__(self) -> None:
        self._rest = 0  # 2^-15 pL

    def tabulate(self, tau_ms: int) -> None:
        """Sets the time constant; allocates."""
        table = factors(tau_ms)
        self._high = [factor >> 15 for factor in table]
        self._low = [factor & 32767 for factor in table]
        self._gone_ms = tau_ms * 21  # then exp(-21) of 2^30 pL, less than 1 pL, is left

    def left(self, pl: int, dt_ms: int) -> int:
        """`pl` (below 2^30) times exp(-dt / tau), within 1 pL; `dt_ms` up to 2^25 - 1."""
        if dt_ms >= self._gone_ms:
            return 0
        if pl < 0:
            return -self.left(-pl, dt_ms)
        # Variables and stack take eleven words: MicroPython takes a larger frame from the heap, at every call.
        rest = self._rest
        index = 0
        while dt_ms:
            if dt_ms & 31:
                index += dt_ms & 31
                high = self._high[index]
                low = self._low[index]
                rest += (pl & 32767) * high
                rest += (pl & 32767) * low >> 15
                pl >>= 15
                if pl:
                    high *= pl
                    high += rest >> 15
                    rest &= 32767
                    rest += pl * low
                    pl = high
                pl += rest >> 15
                rest &= 32767
            dt_ms >>= 5
            index = (index | 31) + 1
        self._rest = rest
        return pl
