"""Events in flash; each is found by its sequence number until its sector is erased."""

import struct

from micropython import const

from pump.journal import crc16

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.journal import flash_ring

# ---- generated from firmware/definitions/flash.toml by `make gen`; don't edit ----
_RECORD = const("<IIHHiiI")  # sequence, uptime_s, ms, event, a, b, boot
_RECORD_CRC = const("<IIHHiiIH")  # and the CRC
_RECORD_BYTES = const(32)
_CRC_AT = const(24)
_SEQUENCE = const(0)  # places in an unpacked record
_BOOT = const(6)
# ---- end of the generated lines ----


class EventLog:
    """Writes and finds events.

    After `recover`, `newest` and `boot` are those of the last sound record; `damaged` counts the records after it.
    """

    def __init__(self, ring: "flash_ring.Ring") -> None:
        self._ring = ring
        self._oldest = 0  # sequence number of the oldest record, 0 if not known,
        self._oldest_tail = -1  # when the ring's tail was this sector
        self.newest = self.boot = self.damaged = 0

    def write(self, may_erase: bool, sequence: int, s: int, ms: int, event: int, a: int, b: int, boot: int) -> None:
        """Adds a record; PartError when it can't be written. Allocates nothing."""
        ring = self._ring
        at = ring.place(may_erase)
        record = ring.record
        struct.pack_into(_RECORD, record, 0, sequence, s, ms, event, a, b, boot)
        struct.pack_into("<H", record, _CRC_AT, crc16.of(record, 0, _CRC_AT, ring.seed(ring.head, ring.slot)))
        for place in range(_CRC_AT + 2, _RECORD_BYTES):
            record[place] = 0xFF
        ring.program(at, record)

    def recover(self) -> None:
        """Finds the newest sound record."""
        self.newest = self.boot = self.damaged = 0
        self._oldest_tail = -1
        ring = self._ring
        sector = ring.head
        while sector >= ring.tail:
            slot = ring.slot if sector == ring.head else ring.end(sector)
            while slot > ring.first:
                slot -= 1
                row = self._row(sector, slot)
                if row:
                    self.newest, self.boot = row[_SEQUENCE], row[_BOOT]
                    return
                self.damaged += 1
            sector -= 1

    def oldest(self) -> int:
        """Sequence number of the oldest record in flash, 0 for none."""
        ring = self._ring
        if self._oldest_tail != ring.tail or not self._oldest:
            self._oldest_tail = ring.tail
            self._oldest = self._first_from(ring.tail)
        return self._oldest

    def find(self, sequence: int) -> "tuple[int, ...] | None":
        """(sequence, uptime s, ms, event, a, b), None when the record is damaged or was not written."""
        ring = self._ring
        sector = ring.head
        while sector >= ring.tail:
            slot = self._first_slot(sector)
            first = self._row(sector, slot)
            if first and first[_SEQUENCE] <= sequence:
                return self._find_in(sector, slot + sequence - first[_SEQUENCE], sequence)
            sector -= 1
        return None

    def following(self, sequence: int) -> "tuple[int, ...] | None":
        """The first record with this number or a later one, as `find` has it, also across wide gaps; None for none."""
        ring = self._ring
        sector = ring.head
        while sector > ring.tail:
            row = self._row(sector, self._first_slot(sector))
            if row and row[_SEQUENCE] <= sequence:
                break
            sector -= 1
        while ring.tail <= sector <= ring.head:
            row = self._following_in(sector, sequence)
            if row:
                return row[:_BOOT]
            sector += 1
        return None

    def _following_in(self, sector: int, sequence: int) -> "tuple[int, ...] | None":
        """By bisection: numbers rise from slot to slot."""
        ring = self._ring
        low = ring.first
        end = high = ring.slot if sector == ring.head else ring.slots
        while low < high:
            middle = low + high >> 1
            row, after = self._sound(sector, middle, high)
            if row is None or row[_SEQUENCE] >= sequence:
                high = middle
            else:
                low = after
        return self._sound(sector, low, end)[0]

    def _sound(self, sector: int, slot: int, end: int) -> "tuple[tuple[int, ...] | None, int]":
        """The first sound record from a slot on, and the slot after it; None when there is none before `end`."""
        row = None
        while slot < end and row is None:
            row = self._row(sector, slot)
            slot += 1
        return row, slot

    def _find_in(self, sector: int, slot: int, sequence: int) -> "tuple[int, ...] | None":
        """Searches from a slot: the right one, or near it if numbers or slots were skipped before it."""
        ring = self._ring
        last = (ring.slot if sector == ring.head else ring.slots) - 1
        slot = min(slot, last)
        step = 0
        while ring.first <= slot <= last:
            row = self._row(sector, slot)
            if row:
                ahead = sequence - row[_SEQUENCE]
                if ahead == 0:
                    return row[:_BOOT]
                if step * ahead < 0:
                    return None
                step = 1 if ahead > 0 else -1
            slot += step or -1
        return None

    def _first_from(self, sector: int) -> int:
        """Sequence number of the first sound record from a sector on, 0 for none."""
        while sector <= self._ring.head:
            row = self._row(sector, self._first_slot(sector))
            if row:
                return row[_SEQUENCE]
            sector += 1
        return 0

    def _first_slot(self, sector: int) -> int:
        """The first slot of a sector with a sound record, or its last slot."""
        slot = self._ring.first
        while slot < self._ring.slots - 1 and not self._row(sector, slot):
            slot += 1
        return slot

    def _row(self, sector: int, slot: int) -> "tuple[int, ...] | None":
        ring = self._ring
        if not ring.read(sector, slot):
            return None
        row = struct.unpack_from(_RECORD_CRC, ring.record, 0)
        sound = row[-1] == crc16.of(ring.record, 0, _CRC_AT, ring.seed(sector, slot))
        return row if sound else None
