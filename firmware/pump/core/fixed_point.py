"""Turns a sensor's counts into a unit, in small integers: a 24-bit count times a factor would leave them."""

from micropython import const

_FACTOR_BITS = const(17)
_HALF_BITS = const(12)


class Scale:
    """value = count * numerator / denominator, right to 8 millionths and one, for counts within 24 bits and a sign.

    The factor is kept as 17 bits and a shift, and the count is taken in two halves, so that no product reaches 2^30.
    """

    def __init__(self, numerator: int, denominator: int) -> None:
        shift = 0
        while (numerator << shift + 1) // denominator < 1 << _FACTOR_BITS:
            shift += 1
        self._factor = ((numerator << shift) + denominator // 2) // denominator
        self._half = min(_HALF_BITS, shift)
        self._mask = (1 << self._half) - 1
        self._rest = shift - self._half

    def of(self, count: int) -> int:
        """The value of a count, rounded down."""
        half = self._half
        factor = self._factor
        return ((count >> half) * factor + ((count & self._mask) * factor >> half)) >> self._rest
