"""Writes a program's length into it and appends its CRC-32, so that the running program can test itself."""

from __future__ import annotations

import zlib

from .. import steps

# Placeholder in build_info.py, of eight bytes: the program's length replaces it as eight hexadecimal digits.
UNKNOWN_LENGTH = b"<length>"
_SUM_BYTES = 4


def sealed(program: bytes) -> bytes:
    """The program with its length and, at its end, its CRC. The CRC-32 over the whole is a constant, 0x2144DF1C."""
    body = with_length(program, len(program) + _SUM_BYTES)
    return body + zlib.crc32(body).to_bytes(_SUM_BYTES, "little")


def with_length(data: bytes, length: int) -> bytes:
    """The program, or a file that contains it, with this length."""
    places = data.count(UNKNOWN_LENGTH)
    if places != 1:
        happened = f"The program has {places} placeholders for its length, but must have one."
        raise steps.Trouble(happened, "See UNKNOWN_LENGTH in boards/toolchain/images/seal.py.")
    return data.replace(UNKNOWN_LENGTH, b"%08x" % length)
