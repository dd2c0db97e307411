"""Message authentication codes and derived keys: HMAC (RFC 2104) and HKDF (RFC 5869), both over SHA-256."""

import hashlib

from micropython import const

_BLOCK = const(64)  # bytes that SHA-256 takes at a time
DIGEST_BYTES = const(32)
_INNER = const(0x36)
_OUTER = const(0x5C)


class Mac:
    """HMAC under one key. The two padded keys are made once, as MicroPython's hashes can't be copied."""

    def __init__(self, key: bytes) -> None:
        if len(key) > _BLOCK:
            key = digest(key)
        key = key + bytes(_BLOCK - len(key))
        self._inner = bytes([byte ^ _INNER for byte in key])
        self._outer = bytes([byte ^ _OUTER for byte in key])

    def code(self, head: bytes, body: bytes = b"") -> bytes:
        """The 32 bytes of the code over these two pieces, one behind the other."""
        inner = hashlib.sha256(self._inner)
        inner.update(head)
        inner.update(body)
        outer = hashlib.sha256(self._outer)
        outer.update(inner.digest())
        code: bytes = outer.digest()
        return code


def digest(data: bytes) -> bytes:
    """SHA-256 of the data, 32 bytes."""
    hashed: bytes = hashlib.sha256(data).digest()
    return hashed


def extract(salt: bytes, secret: bytes) -> bytes:
    """The first step of HKDF: a key of 32 bytes from a secret whose bits are not evenly spread."""
    return Mac(salt).code(secret)


def expand(key: bytes, info: bytes, count: int = DIGEST_BYTES) -> bytes:
    """The second step of HKDF: `count` bytes for the use that `info` names, 8160 at most."""
    mac = Mac(key)
    out = b""
    last = b""
    number = 1
    while len(out) < count:
        last = mac.code(last + info, bytes([number]))
        out += last
        number += 1
    return out[:count]


def equal(one: bytes, other: bytes) -> bool:
    """Whether two byte strings are equal, in a time that depends on their lengths only."""
    if len(one) != len(other):
        return False
    differing = 0
    for at in range(len(one)):
        differing |= one[at] ^ other[at]
    return differing == 0
