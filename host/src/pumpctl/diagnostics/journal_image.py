"""Reads the journal's raw flash without the pump: returns valid records and counts the others.

A sector of 4096 bytes begins with two copies of a header: magic "PUMP", version, ring, bytes of a record, number of
the sector since the ring began, first sector and count of sectors, CRC. The CRC-16 of a record starts from its place,
so that a record of an earlier pass over the ring is not valid.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from pumpctl.protocol import answers

SECTOR_BYTES = 4096
_HEADER = struct.Struct("<4sBBHIBBH")
_MAGIC = b"PUMP"
_VERSION = 1
_SNAPSHOTS, _STROKES, _EVENTS, _SETTINGS = 1, 2, 3, 4
_EVENT = struct.Struct("<IIHHiiIH")  # sequence, uptime s, ms, event, a, b, boot, CRC
_STROKE = struct.Struct("<IIHH")  # volume pL, uptime s, boot, CRC; then 4 bytes that are cleared when it is done
_STRAY_BITS = 2  # a stroke counts as done if at most this many of the 32 cleared bits read as 1
_PL_PER_NL = 1000


@dataclass(frozen=True)
class Stroke:
    """A stroke as it was written; if it is not `done`, it is uncertain whether it was given."""

    volume_pl: int
    uptime_s: int
    boot: int
    done: bool


@dataclass
class Recovered:
    """The valid records, and counts of the rest.

    `damaged` counts records and headers with a wrong CRC, `blank` erased sectors, `foreign` sectors of another layout.
    """

    events: dict[int, tuple[int, answers.LogRow]] = field(default_factory=dict)  # sequence: (boot, row)
    strokes: list[Stroke] = field(default_factory=list)
    states: list[tuple[int, ...]] = field(default_factory=list)  # the newest last
    settings: list[tuple[int, ...]] = field(default_factory=list)  # the newest last
    damaged: int = 0
    blank: int = 0
    foreign: int = 0

    @property
    def rows(self) -> list[answers.LogRow]:
        """The events, oldest first."""
        return [row for _, (_, row) in sorted(self.events.items())]

    @property
    def volume_nl(self) -> int:
        """Volume of all strokes found, done or not."""
        return sum(stroke.volume_pl for stroke in self.strokes) // _PL_PER_NL


def crc16(data: bytes, crc: int) -> int:
    """Return the CRC-16/CCITT (polynomial 0x1021) of the data, starting from `crc`."""
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def read(data: bytes) -> Recovered:
    """Decode an area of flash with any content; raises nothing."""
    found = Recovered()
    sectors = []
    for begin in range(0, len(data) - SECTOR_BYTES + 1, SECTOR_BYTES):
        sector = data[begin : begin + SECTOR_BYTES]
        header = _header(sector, found)
        if header is not None:
            sectors.append((header, sector))
    for (ring, number, size), sector in sorted(sectors, key=lambda item: item[0][:2]):
        for record, seed in _records(sector, number, size):
            _decode(found, ring, record, seed)
    return found


def _header(sector: bytes, found: Recovered) -> tuple[int, int, int] | None:
    """Return ring, number and bytes of a record of a sector, None without a valid header."""
    if sector == b"\xff" * SECTOR_BYTES:
        found.blank += 1
        return None
    for at in (0, _HEADER.size):
        magic, version, ring, size, number, _, _, crc = _HEADER.unpack_from(sector, at)
        if magic == _MAGIC and crc == crc16(sector[at : at + _HEADER.size - 2], 0xFFFF):
            if version == _VERSION and size in (16, 32, 256):
                return ring, number, size
            found.foreign += 1
            return None
    found.damaged += 1
    return None


def _records(sector: bytes, number: int, size: int) -> Iterator[tuple[bytes, int]]:
    slots = SECTOR_BYTES // size
    for slot in range(max(1, 2 * _HEADER.size // size), slots):
        record = sector[slot * size : (slot + 1) * size]
        if record != b"\xff" * size:
            yield record, number * slots + slot & 0xFFFF


def _decode(found: Recovered, ring: int, record: bytes, seed: int) -> None:
    """Add a record to what was found if it is valid, else count it as damaged."""
    if ring == _EVENTS and len(record) == 32:
        *row, boot, crc = _EVENT.unpack_from(record)
        if crc == crc16(record[: _EVENT.size - 2], seed):
            found.events[row[0]] = (boot, answers.LogRow(*row))
            return
    elif ring == _STROKES and len(record) == 16:
        volume_pl, uptime_s, boot, crc = _STROKE.unpack_from(record)
        if crc == crc16(record[: _STROKE.size - 2], seed):
            bits = int.from_bytes(record[_STROKE.size :], "little").bit_count()
            found.strokes.append(Stroke(volume_pl, uptime_s, boot, bits <= _STRAY_BITS))
            return
    elif ring in (_SNAPSHOTS, _SETTINGS) and len(record) == 256:
        crc, count = struct.unpack_from("<HH", record)
        if 4 + 4 * count <= len(record) and crc == crc16(record[2 : 4 + 4 * count], seed):
            snapshots = found.states if ring == _SNAPSHOTS else found.settings
            snapshots.append(struct.unpack_from(f"<{count}i", record, 4))
            return
    found.damaged += 1
