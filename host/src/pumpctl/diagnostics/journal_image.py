"""Decodes an image of the journal's flash without the pump: returns valid records and counts damaged ones.

A sector begins with two copies of a header. The sectors of a ring are used in turn; `sector` in the header counts them
since the ring was first used. A record's CRC-16 starts from its place, so that a record of an earlier round is not
taken for a new one. The layout is that of firmware/definitions/flash.toml. A fault is in two rings, of events and of
faults: it is one event here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from pumpctl.diagnostics import flash_layout
from pumpctl.frozen import frozen
from pumpctl.protocol import answers

SECTOR_BYTES = flash_layout.SECTOR_BYTES
_HEADER = struct.Struct(flash_layout.HEADER)
_EVENT = struct.Struct(flash_layout.EVENT)
_STROKE = struct.Struct(flash_layout.STROKE)
_PAGE = struct.Struct(flash_layout.PAGE)
_CRC_BYTES = 2
_PL_PER_NL = 1000


@frozen
class Stroke:
    """A stroke as it was written; one that is not `done` may or may not have been given."""

    volume_pl: int
    uptime_s: int
    boot: int
    done: bool


@dataclass
class Recovered:
    """What was read; `damaged` counts records and headers that fail their check, `blank` the erased sectors."""

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
        """Volume of all strokes that are still there, done or not."""
        return sum(stroke.volume_pl for stroke in self.strokes) // _PL_PER_NL


def crc16(data: bytes, crc: int) -> int:
    """CRC-16/CCITT (polynomial 0x1021), going on from `crc`."""
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def read(data: bytes) -> Recovered:
    """Decode an area; accepts any content."""
    found = Recovered()
    sectors = []
    for begin in range(0, len(data) - SECTOR_BYTES + 1, SECTOR_BYTES):
        sector = data[begin : begin + SECTOR_BYTES]
        header = _header(sector, found)
        if header is not None:
            sectors.append((header, sector))
    for (ring, number, size), sector in sorted(sectors, key=lambda item: item[0][:2]):
        for record, seed in _records(sector, number, size):
            _take(found, ring, record, seed)
    return found


def _header(sector: bytes, found: Recovered) -> tuple[int, int, int] | None:
    """(ring, number, bytes of a record) of a sector, None for one without a valid header."""
    if sector == b"\xff" * SECTOR_BYTES:
        found.blank += 1
        return None
    for at in (0, _HEADER.size):
        magic, version, ring, size, number, _, _, crc = _HEADER.unpack_from(sector, at)
        if magic == flash_layout.MAGIC and crc == crc16(sector[at : at + _HEADER.size - _CRC_BYTES], 0xFFFF):
            if version in flash_layout.READABLE and size in flash_layout.RECORD_BYTES.values():
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


def _take(found: Recovered, ring: int, record: bytes, seed: int) -> None:
    """Add a record to what was found, if it is valid."""
    if flash_layout.RECORD_BYTES.get(ring) == len(record):
        if ring in (flash_layout.EVENTS, flash_layout.FAULTS):
            sound = _take_event(found, record, seed)
        elif ring == flash_layout.STROKES:
            sound = _take_stroke(found, record, seed)
        else:
            sound = _take_page(found.states if ring == flash_layout.SNAPSHOTS else found.settings, record, seed)
        if sound:
            return
    found.damaged += 1


def _take_event(found: Recovered, record: bytes, seed: int) -> bool:
    *row, boot, crc = _EVENT.unpack_from(record)
    if crc != crc16(record[: _EVENT.size - _CRC_BYTES], seed):
        return False
    found.events[row[0]] = (boot, answers.LogRow(*row))
    return True


def _take_stroke(found: Recovered, record: bytes, seed: int) -> bool:
    volume_pl, uptime_s, boot, crc = _STROKE.unpack_from(record)
    if crc != crc16(record[: _STROKE.size - _CRC_BYTES], seed):
        return False
    bits = int.from_bytes(record[flash_layout.STROKE_MARK_AT :], "little").bit_count()
    found.strokes.append(Stroke(volume_pl, uptime_s, boot, bits <= flash_layout.STROKE_STRAY_BITS))
    return True


def _take_page(pages: list[tuple[int, ...]], record: bytes, seed: int) -> bool:
    crc, count = _PAGE.unpack_from(record)
    end = flash_layout.PAGE_NUMBERS_AT + 4 * count
    if count > flash_layout.PAGE_MOST or crc != crc16(record[_CRC_BYTES:end], seed):
        return False
    pages.append(struct.unpack_from(f"<{count}i", record, flash_layout.PAGE_NUMBERS_AT))
    return True
