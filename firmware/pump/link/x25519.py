"""X25519 (RFC 7748): two sides agree on a secret over a link that anybody may read.

One multiplication takes too long for one step of the main loop, so it is made in parts. MicroPython's large numbers
take a time that depends on their values: whoever can measure it closely may learn about the private key.
"""

from micropython import const

_BITS = const(255)
_A24 = const(121665)
_PRIME = (1 << 255) - 19
KEY_BYTES = const(32)
BASE = b"\x09" + bytes(31)


class Multiplication:
    """The product of a scalar and a point, both of 32 bytes; `run` until it returns True, then read `result`.

    For the public key of a private one, the point is BASE.
    """

    def __init__(self, scalar: bytes, point: bytes) -> None:
        number = int.from_bytes(scalar, "little")
        # "Clamped" as the RFC says: a multiple of eight, of full length.
        self._scalar = number & ((1 << 254) - 8) | 1 << 254
        self._point = (int.from_bytes(point, "little") & ((1 << _BITS) - 1)) % _PRIME
        self._left = _BITS  # bits of the scalar that are still to be worked off
        self._x2, self._z2, self._x3, self._z3 = 1, 0, self._point, 1

    def run(self, bits: int) -> bool:
        """Works off so many bits of the scalar; whether all are done."""
        x2, z2, x3, z3 = self._x2, self._z2, self._x3, self._z3
        while bits and self._left:
            bits -= 1
            self._left -= 1
            bit = self._scalar >> self._left & 1
            if bit:
                x2, z2, x3, z3 = x3, z3, x2, z2
            a, b = x2 + z2, x2 - z2
            da, cb = (x3 - z3) * a % _PRIME, (x3 + z3) * b % _PRIME
            aa, bb = a * a % _PRIME, b * b % _PRIME
            e = aa - bb
            x3, z3 = da + cb, da - cb
            x3, z3 = x3 * x3 % _PRIME, z3 * z3 % _PRIME * self._point % _PRIME
            x2, z2 = aa * bb % _PRIME, e * (aa + _A24 * e) % _PRIME
            if bit:
                x2, z2, x3, z3 = x3, z3, x2, z2
        self._x2, self._z2, self._x3, self._z3 = x2, z2, x3, z3
        return self._left == 0

    def result(self) -> bytes:
        """The product, 32 bytes; all zero for a point that no honest side sends."""
        return (self._x2 * _inverse(self._z2) % _PRIME).to_bytes(KEY_BYTES, "little")


def _inverse(number: int) -> int:
    """The number by which this one gives 1 (modulo the prime), by Euclid's algorithm; 0 for 0."""
    rest, next_rest = _PRIME, number
    factor, next_factor = 0, 1
    while next_rest:
        times = rest // next_rest
        rest, next_rest = next_rest, rest - times * next_rest
        factor, next_factor = next_factor, factor - times * next_factor
    return factor % _PRIME
