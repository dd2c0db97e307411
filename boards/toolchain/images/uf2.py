"""UF2, the file format for a Pico in BOOTSEL mode: blocks of 512 bytes with 256 bytes of flash and their address."""

from __future__ import annotations

import struct
from collections.abc import Iterable

BLOCK_BYTES = 512
PAYLOAD_BYTES = 256
# By the chip's name in the Pico's SDK: the family number that the chip's boot loader accepts.
FAMILIES = {"rp2040": 0xE48BFF56, "rp2350-arm-s": 0xE48BFF59}

_MAGIC_START = (0x0A324655, 0x9E5D5157)
_MAGIC_END = 0x0AB16F30
_FAMILY_IS_GIVEN = 0x2000
_HEADER = struct.Struct("<8I")


def encode(pieces: Iterable[tuple[int, bytes]], family: int) -> bytes:
    """The file for pieces of flash, each an address and its bytes; the last page of a piece is padded with 0xFF."""
    pages = [
        (address + offset, data[offset : offset + PAYLOAD_BYTES].ljust(PAYLOAD_BYTES, b"\xff"))
        for address, data in pieces
        for offset in range(0, len(data), PAYLOAD_BYTES)
    ]
    return b"".join(_block(number, len(pages), *page, family) for number, page in enumerate(pages))


def _block(number: int, total: int, address: int, payload: bytes, family: int) -> bytes:
    if address % PAYLOAD_BYTES:
        raise ValueError(f"{address:#x} is not the address of a page")
    head = _HEADER.pack(*_MAGIC_START, _FAMILY_IS_GIVEN, address, PAYLOAD_BYTES, number, total, family)
    return (head + payload).ljust(BLOCK_BYTES - 4, b"\0") + struct.pack("<I", _MAGIC_END)
