"""Every stroke in flash: its intent before the motion and, in the same record, a mark when it is done."""

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

# Strokes after which the snapshot is written again: recovery reads 16 bytes for each stroke since the last snapshot, or
# since the one before if the last is damaged. At 24 mL/day a minute has 67 strokes.
CARRY_STROKES = const(80)
_MOST_STROKES = const(256)  # since a snapshot; more mean that the snapshot is not one of the newest


class Tally:
    """Number and volume of strokes (`ul`, and 0..999,999 `pl`), and how many of them are uncertain."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.strokes = self.ul = self.pl = self.uncertain = 0

    def add(self, volume_pl: int) -> None:
        """Adds a stroke."""
        self.strokes += 1
        pl = self.pl + volume_pl
        self.ul += pl // _PL_PER_UL
        self.pl = pl % _PL_PER_UL


class StrokeLog:
    """Writes strokes, and counts after a reset those since a place. `damaged`: records that failed their check."""

    def __init__(self, ring: "flash_ring.Ring", uptime: "uptime.Uptime") -> None:
        self._ring = ring
        self._uptime = uptime
        self._open_at = -1  # place of the record of a stroke that is not done yet, -1 for none
        self.damaged = 0

    def is_open(self) -> bool:
        """Whether the last stroke is not done yet."""
        return self._open_at >= 0

    def intent(self, volume_pl: int, boot: int, may_erase: bool) -> None:
        """Writes that a stroke will be made; PartError when it can't be written. Allocates nothing."""
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
        """Writes that the last stroke was made; PartError when it can't be written. Allocates nothing."""
        at = self._open_at
        self._open_at = -1
        if at >= 0:
            self._ring.clear_bytes(at + _MARK_AT, _MARK_BYTES)

    def count(self, tally: Tally, sector: int, slot: int, stroke_pl: int, open_before: bool) -> bool:
        """Adds to the tally the strokes from a place on; with `open_before`, the one before counts if it is uncertain.

        False when there are more strokes than possible: then the place is not that of one of the newest snapshots.

        A record that fails its check was torn before the motion or is damaged. It counts as a stroke of `stroke_pl`, so
        that the delivered total is never below the volume that was moved.
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
        """Whether the mark of the ring's record is not cleared: more bits are set than can have flipped."""
        bits = 0
        for place in range(_MARK_AT, _RECORD_BYTES):
            byte = self._ring.record[place]
            while byte:
                bits += byte & 1
                byte >>= 1
        if 0 < bits <= _STRAY_BITS:
            self.damaged += 1
        return bits > _STRAY_BITS
