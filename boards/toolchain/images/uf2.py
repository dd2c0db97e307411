"""UF2, the file format for a Pico in BOOTSEL mode: blocks of 512 bytes with 256 bytes of flash and their address."""

from __future__ import annotations

import struct
from collections.abc import Iterable

BLOCK_BYTES = 512
PAYLOAD_BYTES = 256
# The RP2040's boot ROM erases a sector at every 16th block, wherever the block goes (erratum RP2040-E14): a piece that
# ended within a sector would have it erase the next pieces at the wrong pages. So every piece has whole sectors.
SECTOR_BYTES = 4096
# By the chip's name in the Pico's SDK: the family number that the chip's boot loader accepts.
FAMILIES = {"rp2040": 0xE48BFF56, "rp2350-arm-s": 0xE48BFF59}

_MAGIC_START = (0x0A324655, 0x9E5D5157)
_MAGIC_END = 0x0AB16F30
_FAMILY_IS_GIVEN = 0x2000
_HEADER = struct.Struct("<8I")


def encode(pieces: Iterable[tuple[int, bytes]], family: int) -> bytes:
    """The file for pieces of flash, each an address and its bytes; the last sector of a piece is padded with 0xFF."""
    pages = [
        (address + offset, data[offset : offset + PAYLOAD_BYTES])
        for address, data in ((address, _padded(address, data)) for address, data in pieces)
        for offset in range(0, len(data), PAYLOAD_BYTES)
    ]
    return b"".join(_block(number, len(pages), *page, family) for number, page in enumerate(pages))


def _padded(address: int, data: bytes) -> bytes:
    if address % SECTOR_BYTES:
        raise ValueError(f"{address:#x} is not the address of a sector")
    return data + b"\xff" * (-len(data) % SECTOR_BYTES)


def _block(number: int, total: int, address: int, payload: bytes, family: int) -> bytes:
    head = _HEADER.pack(*_MAGIC_START, _FAMILY_IS_GIVEN, address, PAYLOAD_BYTES, number, total, family)
    return (head + payload).ljust(BLOCK_BYTES - 4, b"\0") + struct.pack("<I", _MAGIC_END)
