"""Every stroke in flash: its intent before the motion, and in the same record that it is done."""

import struct

from micropython import const

from pump.journal import crc16

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import uptime
    from pump.journal import flash_ring

# ---- generated from firmware/definitions/flash.toml by `make gen`; don't edit ----
_RECORD = const("<IIH")  # volume_pl, uptime_s, boot
_RECORD_CRC = const("<IIHH")  # and the CRC
_RECORD_BYTES = const(16)
_CRC_AT = const(10)
_MARK_AT = const(12)
_MARK_BYTES = const(4)
_STRAY_BITS = const(2)  # of a mark; more bits that are set: the stroke is not done
# ---- end of the generated lines ----
_PL_PER_UL = const(1000000)

# Strokes after which a snapshot is written again: recovery reads 16 bytes for each since the last, or since the last
# but one when that is damaged. A minute at 24 mL/day has 67, so that a snapshot a minute is enough.
CARRY_STROKES = const(80)
_MOST_STROKES = const(256)


class Tally:
    """Strokes and their volume (`ul` and 0..999,999 `pl`), and how many of them are uncertain."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.strokes = self.ul = self.pl = self.uncertain = 0

    def add(self, volume_pl: int) -> None:
        """One more stroke."""
        self.strokes += 1
        pl = self.pl + volume_pl
        self.ul += pl // _PL_PER_UL
        self.pl = pl % _PL_PER_UL


class StrokeLog:
    """Writes strokes, and after a reset counts those since a place."""

    def __init__(self, ring: "flash_ring.Ring", uptime: "uptime.Uptime") -> None:
        self._ring = ring
        self._uptime = uptime
        self._open_at = -1
        self.damaged = 0

    def is_open(self) -> bool:
        """Whether the last stroke is not done."""
        return self._open_at >= 0

    def intent(self, volume_pl: int, boot: int, may_erase: bool) -> None:
        """Writes that a stroke is about to be made; PartError when it could not be written. Allocates nothing."""
        ring = self._ring
        at = ring.place(may_erase)
        record = ring.record
        struct.pack_into(_RECORD, record, 0, volume_pl, self._uptime.s, boot & 0xFFFF)
        struct.pack_into("<H", record, _CRC_AT, crc16.of(record, 0, _CRC_AT, ring.seed(ring.head, ring.slot)))
        for place in range(_MARK_AT, _RECORD_BYTES):
            record[place] = 0xFF
        ring.program(at, record)
        self._open_at = at

    def done(self) -> None:
        """Writes that the last stroke was made; PartError when it could not be written. Allocates nothing."""
        at = self._open_at
        self._open_at = -1
        if at >= 0:
            self._ring.clear_bytes(at + _MARK_AT, _MARK_BYTES)

    def count(self, tally: Tally, sector: int, slot: int, stroke_pl: int, open_before: bool) -> bool:
        """Adds to the tally the strokes from a place on; with `open_before`, whether the one before it is uncertain.

        False when there are more than there can be: the place is not that of the newest snapshots.

        A record that fails its check was torn, before a motion, or has gone bad: it counts as a stroke of
        `stroke_pl`, so that the book is never below the truth.
        """
        self.damaged = 0
        self._open_at = -1
        ring = self._ring
        if open_before and slot > ring.first and ring.read(sector, slot - 1):
            tally.uncertain += self._is_uncertain()
        most = tally.strokes + _MOST_STROKES
        while sector <= ring.head:
            end = ring.slot if sector == ring.head else ring.slots
            while slot < end and ring.read(sector, slot):
                tally.add(self._volume_pl(sector, slot, stroke_pl))
                tally.uncertain += self._is_uncertain()
                if tally.strokes > most:
                    return False
                slot += 1
            sector += 1
            slot = ring.first
        return True

    def _volume_pl(self, sector: int, slot: int, stroke_pl: int) -> int:
        record = self._ring.record
        volume_pl: int
        volume_pl, _, _, crc = struct.unpack_from(_RECORD_CRC, record, 0)
        if crc == crc16.of(record, 0, _CRC_AT, self._ring.seed(sector, slot)):
            return volume_pl
        self.damaged += 1
        return stroke_pl

    def _is_uncertain(self) -> bool:
        """Whether the mark in the ring's record is not cleared."""
        bits = 0
        for place in range(_MARK_AT, _RECORD_BYTES):
            byte = self._ring.record[place]
            while byte:
                bits += byte & 1
                byte >>= 1
        if 0 < bits <= _STRAY_BITS:
            self.damaged += 1
        return bits > _STRAY_BITS
