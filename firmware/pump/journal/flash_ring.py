"""A ring of records of one size in sectors of NOR flash, which any cut of the power leaves readable.

Sector number n of a ring's life (0, 1, 2 …) lies at n modulo its sectors. It is erased and given a header ahead of
need, so a header says: wholly erased before the first record. Records fill a sector in order and never leave a gap;
what a cut leaves in a slot stays there and is passed over. The two newest sectors with records are never erased.
"""

import struct

from micropython import const

from pump import defs, hal
from pump.journal import crc16

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    Row = tuple[int, int, int, int, int]

# What `scan` finds.
EMPTY = const(0)
SOUND = const(1)
UNREADABLE = const(2)
FOREIGN = const(3)

# ---- generated from firmware/definitions/flash.toml by `make gen`; don't edit ----
_VERSION = const(1)
_MAGIC = const(b"PUMP")
_PAGE = const(256)
_SECTOR = const(4096)
_HEADER = const("<4sBBHIBB")  # magic, version, ring, record_bytes, sector, first_sector, sectors
_HEADER_CRC = const("<4sBBHIBBH")  # and the CRC
_HEADER_BYTES = const(16)
_CRC_AT = const(14)
# ---- end of the generated lines ----

_NO_HEADER = const(-1)
_BROKEN = const(-2)
_OTHER = const(-3)
_NO_LIMIT = const(0x3FFFFFFF)


class Ring:
    """`head` is the number of the sector in use, `slot` its next slot, `ready` the newest sector that is prepared.

    An empty ring is one whose sector -1 is full. `record` is a buffer of one record's bytes, its content as the last
    verb left it. `page` is a buffer of 256 bytes 0xFF that rings share.
    """

    def __init__(self, store: "hal.Store", page: bytearray, row: "Row", record: "bytearray | None" = None) -> None:
        self.number, self._first_sector, self.sectors, self._record_bytes, self.ahead = row
        self._store = store
        self._page = page
        self._probe = bytearray(_HEADER_BYTES)
        self._no_bits = b"\xff" * _HEADER_BYTES
        self.record = record or bytearray(self._record_bytes)
        self._blank = page if self._record_bytes == _PAGE else b"\xff" * self._record_bytes
        self.first = max(1, 2 * _HEADER_BYTES // self._record_bytes)
        self.slots = _SECTOR // self._record_bytes
        self.forced = 0  # erases that could not wait for `prepare` ahead of need
        self.failed = False
        self._reset()

    def _reset(self) -> None:
        self.head = self.ready = -1
        self.slot = self.slots
        self.tail = 0
        self.damaged = 0
        self.keep_from = _NO_LIMIT  # sectors from this one on are still needed

    # ---- places

    def place_of(self, sector: int, slot: int) -> int:
        """Where a record lies in the area."""
        return (self._first_sector + sector % self.sectors) * _SECTOR + slot * self._record_bytes

    def seed(self, sector: int, slot: int) -> int:
        """What the CRC of a record begins with, so that a record of another lap is none."""
        return (sector * self.slots + slot) & 0xFFFF

    def read(self, sector: int, slot: int) -> bool:
        """Reads a record into `record`; False when the slot is blank."""
        self._store.read(self.place_of(sector, slot), self.record)
        return self.record != self._blank

    def is_blank(self, sector: int, slot: int) -> bool:
        """Whether a slot is unused, by its first bytes."""
        self._store.read(self.place_of(sector, slot), self._probe)
        return self._probe == self._no_bits

    # ---- at power-on

    def scan(self) -> int:
        """Finds head, slot, ready and tail from what is in the flash; EMPTY, SOUND, UNREADABLE or FOREIGN.

        `damaged` counts headers and sectors that are lost. PartError when the flash can't be read.
        """
        self._reset()
        numbers = []
        broken = 0
        for index in range(self.sectors):
            number = self._header(index)
            if number == _OTHER:
                return FOREIGN
            if number >= 0:
                numbers.append(number)
            elif number == _BROKEN:
                broken += 1
        if broken > 1:
            return UNREADABLE  # a cut breaks one header at most
        if not numbers:
            return EMPTY if self._is_unused() else UNREADABLE
        self.ready = max(numbers)
        self.tail = min(numbers)
        due = max(0, self.ready + 2 - self.sectors)  # the sector before this one may be on its way to be the newest
        if self.tail < due - 1:
            return UNREADABLE  # parts of two lives
        self.damaged += self.ready + 1 - due
        for number in numbers:
            if number >= due:
                self.damaged -= 1
        self._find_head()
        return SOUND

    def _header(self, index: int) -> int:
        """The sector number in a header, or _NO_HEADER, _BROKEN, _OTHER."""
        at = (self._first_sector + index) * _SECTOR
        found = _NO_HEADER
        for copy in range(2):
            self._store.read(at + copy * _HEADER_BYTES, self._probe)
            if self._probe == self._no_bits:
                continue
            crc = crc16.of(self._probe, 0, _CRC_AT, 0xFFFF)
            magic, version, ring, size, number, first, sectors, kept = struct.unpack(_HEADER_CRC, self._probe)
            if magic == _MAGIC and kept == crc:
                own = (version, ring, size, first, sectors, number % self.sectors)
                mine = (_VERSION, self.number, self._record_bytes, self._first_sector, self.sectors, index)
                self.damaged += copy
                return number if own == mine else _OTHER
            found = _BROKEN
        return found

    def _is_unused(self) -> bool:
        """Whether no sector has a record; one header may be torn, that of the first sector in its first life."""
        return all(self.is_blank(index, self.first) for index in range(self.sectors))

    def _find_head(self) -> None:
        sector = self.ready
        while sector >= self.tail and self.is_blank(sector, self.first):
            sector -= 1
        self.head = sector
        self.slot = self.end(sector) if sector >= self.tail else self.slots

    def end(self, sector: int) -> int:
        """The slot after the last record of a sector, by bisection.

        A bit that has flipped in the unused part can lead a bisection astray; the blank slot before it tells.
        """
        slot = self._bisect(sector, self.slots)
        while slot - 2 >= self.first and self.is_blank(sector, slot - 2):
            slot = self._bisect(sector, slot - 2)
        return slot

    def _bisect(self, sector: int, high: int) -> int:
        low = self.first
        while low < high:
            middle = (low + high) >> 1
            if self.is_blank(sector, middle):
                high = middle
            else:
                low = middle + 1
        return low

    # ---- writing

    def place(self, may_erase: bool) -> int:
        """Finds the next blank slot and says where it lies; PartError when there is none and none can be made."""
        while True:
            if self.slot >= self.slots:
                if self.ready == self.head:
                    if not may_erase:
                        raise hal.PartError(defs.FAULT_NO_POWER)
                    self.forced += 1
                    self.prepare()
                self.head += 1
                self.slot = self.first
            if not self.read(self.head, self.slot):
                return self.place_of(self.head, self.slot)
            if self.is_blank(self.head, self.slot):  # a bit has flipped behind those by which `scan` tells a slot
                self.clear_bytes(self.place_of(self.head, self.slot), _HEADER_BYTES)
            self.slot += 1

    def program(self, at: int, record: bytearray) -> None:
        """Writes a record to the place that `place` gave; PartError when it does not read back."""
        if self._record_bytes == _PAGE:
            self._store.program(at, record)
        else:
            self._program_part(at, record)
        self.slot += 1

    def clear_bytes(self, at: int, count: int) -> None:
        """Clears all bits of some bytes of a record."""
        page = self._page
        begin = at % _PAGE
        for place in range(begin, begin + count):
            page[place] = 0
        try:
            self._store.program(at - begin, page)
        finally:
            for place in range(begin, begin + count):
                page[place] = 0xFF

    def _program_part(self, at: int, record: bytearray) -> None:
        page = self._page
        begin = at % _PAGE
        for place in range(self._record_bytes):
            page[begin + place] = record[place]
        try:
            self._store.program(at - begin, page)
        finally:
            for place in range(begin, begin + self._record_bytes):
                page[place] = 0xFF

    # ---- ahead of need

    def lacks(self) -> bool:
        """Whether another sector should be prepared, and may be."""
        return self.ready - self.head < self.ahead and self._may_prepare()

    def _may_prepare(self) -> bool:
        return self.ready + 1 - self.sectors < min(self.head - 1, self.keep_from)

    def prepare(self) -> None:
        """Erases the oldest sector and gives it its next number; PartError when it is needed, or does not work."""
        if not self._may_prepare():
            raise hal.PartError(defs.FAULT_BUSY)
        number = self.ready + 1
        self.tail = max(self.tail, number + 1 - self.sectors)
        at = self.place_of(number, 0)
        self._store.erase(at)
        page = self._page
        try:
            for copy in (0, _HEADER_BYTES):
                struct.pack_into(
                    _HEADER, page, copy, _MAGIC, _VERSION, self.number, self._record_bytes, number,
                    self._first_sector, self.sectors,
                )  # fmt: skip
                struct.pack_into("<H", page, copy + _CRC_AT, crc16.of(page, copy, copy + _CRC_AT, 0xFFFF))
            self._store.program(at, page)
        finally:
            for place in range(2 * _HEADER_BYTES):
                page[place] = 0xFF
        self.ready = number

    def break_headers(self) -> None:
        """Makes all headers invalid, the head's last; PartError when it does not work."""
        for after in range(1, self.sectors + 1):
            self.clear_bytes(self.place_of(self.head + after, 0), 2 * _HEADER_BYTES)
