"""X25519 (RFC 7748): a secret that two sides agree on over a link that anybody may read.

Python's large numbers take a time that depends on their values; on a host that others measure, that may tell about the
private key.
"""

from __future__ import annotations

KEY_BYTES = 32
BASE = (9).to_bytes(KEY_BYTES, "little")
_PRIME = 2**255 - 19
_A24 = 121665


def multiply(scalar: bytes, point: bytes) -> bytes:
    """Return the product of a scalar and a point, all of 32 bytes; zero for a point that no honest side sends."""
    number = int.from_bytes(scalar, "little") & (2**254 - 8) | 2**254
    start = int.from_bytes(point, "little") % 2**255
    here, there = (1, 0), (start, 1)  # x and z of the ladder's two points
    for place in range(254, -1, -1):
        if number >> place & 1:
            there, here = _step(there, here, start)
        else:
            here, there = _step(here, there, start)
    return (here[0] * pow(here[1], _PRIME - 2, _PRIME) % _PRIME).to_bytes(KEY_BYTES, "little")


def _step(
    near: tuple[int, int], far: tuple[int, int], start: int
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the double of `near`, and the sum of both, which differ by the point with x `start`."""
    total, difference = near[0] + near[1], near[0] - near[1]
    crossed, other = (far[0] - far[1]) * total, (far[0] + far[1]) * difference
    square, small = total * total % _PRIME, difference * difference % _PRIME
    gap = square - small
    doubled = (square * small % _PRIME, gap * (square + _A24 * gap) % _PRIME)
    added = ((crossed + other) ** 2 % _PRIME, start * (crossed - other) ** 2 % _PRIME)
    return doubled, added
