"""Seeded random numbers, the same on every interpreter and within 30 bits."""

# Multiply-with-carry in base 2^15 (Marsaglia): state = A * low + carry. A * 2^15 - 1 and A * 2^14 - 1 are
# both prime, so each of the two cycles is A * 2^14 - 1 = 506,314,751 draws long.
_A = 30903
_LOW = 32767

# Sum of six uniforms of 0..32767: mean 98,301, deviation 32768 * sqrt(6 / 12) = 23,170, kurtosis 2.8,
# never beyond 4.24 deviations.
_MEAN = 98301
_DEVIATION = 23170


class Noise:
    """One random stream; each part of the world has its own, so that reading one part doesn't change another."""

    def __init__(self, seed: int, stream: int) -> None:
        # Beyond 30 bits, once: neighbouring seeds must start far apart in the cycle.
        mixed = (seed & 0xFFFFFFFF) * 0x9E3779B1 + (stream + 1) * 0x85EBCA77C2B2AE63
        mixed ^= mixed >> 29
        mixed = mixed * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
        mixed ^= mixed >> 32
        self._state = 1 + mixed % (_A * 32768 - 2)

    def below(self, limit: int) -> int:
        """Uniform in 0..limit-1, for limits up to a million (the bias is limit / 2^30)."""
        x = self._state
        x = _A * (x & _LOW) + (x >> 15)
        self._state = x
        return x % limit

    def normal(self, deviation: int) -> int:
        """Nearly Gaussian, mean 0; `deviation` up to 10,000."""
        a = _A
        low = _LOW
        x = self._state
        x = a * (x & low) + (x >> 15)
        total = x & low
        x = a * (x & low) + (x >> 15)
        total += x & low
        x = a * (x & low) + (x >> 15)
        total += x & low
        x = a * (x & low) + (x >> 15)
        total += x & low
        x = a * (x & low) + (x >> 15)
        total += x & low
        x = a * (x & low) + (x >> 15)
        self._state = x
        return ((total + (x & low) - _MEAN) * deviation + _DEVIATION // 2) // _DEVIATION
