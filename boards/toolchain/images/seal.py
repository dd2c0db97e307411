"""Seals a program: its length is written into it and its CRC-32 put behind it, so that it can test itself whole."""

from __future__ import annotations

import zlib

from .. import steps

# Stands in build_info.py until the program has a length.
# Eight bytes, as many as the hexadecimal digits that take its place.
UNKNOWN_LENGTH = b"<length>"
_SUM_BYTES = 4


def sealed(program: bytes) -> bytes:
    """The program with its length and, at its end, its CRC: over all of it the CRC-32 is a constant, 0x2144DF1C."""
    body = with_length(program, len(program) + _SUM_BYTES)
    return body + zlib.crc32(body).to_bytes(_SUM_BYTES, "little")


def with_length(data: bytes, length: int) -> bytes:
    """The program, or a file that has it in it, with this length."""
    places = data.count(UNKNOWN_LENGTH)
    if places != 1:
        happened = f"The program has {places} places for its length, and one is needed."
        raise steps.Trouble(happened, "See UNKNOWN_LENGTH in boards/toolchain/images/seal.py.")
    return data.replace(UNKNOWN_LENGTH, b"%08x" % length)
