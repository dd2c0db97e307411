"""A ring of records of one size in sectors of NOR flash. It stays readable after power loss at any moment.

Sectors are numbered 0, 1, 2 … since the ring was first used; number n is at n modulo the sectors of the ring. A sector
is erased and given a header ahead of need, so a header means that the sector was fully erased. Records fill a sector in
order without gaps; a slot in which a write was interrupted is skipped. The two newest sectors with records are never
erased.
"""

import struct

from micropython import const

from pump import defs, hal
from pump.journal import crc16

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    Row = tuple[int, int, int, int, int]

# Results of `scan`.
EMPTY = const(0)
SOUND = const(1)
UNREADABLE = const(2)
FOREIGN = const(3)

# ---- generated from firmware/definitions/flash.toml by `make gen`; don't edit ----
_VERSION = const(2)
_MAGIC = const(b"PUMP")
_PAGE = const(256)
_SECTOR = const(4096)
_HEADER = const("<4sBBHIBB")  # magic, version, ring, record_bytes, sector, first_sector, sectors
_HEADER_CRC = const("<4sBBHIBBH")  # and the CRC
_HEADER_BYTES = const(16)
_CRC_AT = const(14)
# ---- end of the generated lines ----

# Results of `_header` other than a sector number.
_NO_HEADER = const(-1)
_BROKEN = const(-2)
_OTHER = const(-3)  # another layout, or another version of it
_NO_LIMIT = const(0x3FFFFFFF)  # above every sector number


class Ring:
    """`head`: sector in use; `slot`: its next free slot; `ready`: newest sector that is erased; `tail`: oldest sector.

    An empty ring has a full sector -1. `record` is a buffer of one record, as the last call left it. page: a buffer of
    256 bytes 0xFF, which all rings share.
    """

    def __init__(self, store: "hal.Store", page: bytearray, row: "Row", record: "bytearray | None" = None) -> None:
        self.number, self._first_sector, self.sectors, self._record_bytes, self.ahead = row
        self._store = store
        self._page = page
        self._start = bytearray(_HEADER_BYTES)  # buffer for a header, or for the first bytes of a record
        self._erased = b"\xff" * _HEADER_BYTES
        self.record = record or bytearray(self._record_bytes)
        self._blank = page if self._record_bytes == _PAGE else b"\xff" * self._record_bytes
        self.first = max(1, 2 * _HEADER_BYTES // self._record_bytes)
        self.slots = _SECTOR // self._record_bytes
        self.forced = 0  # erases during a write, because no sector was erased ahead
        self.failed = False  # whether the last write failed
        self._reset()

    def _reset(self) -> None:
        self.head = self.ready = -1
        self.slot = self.slots
        self.tail = 0
        self.damaged = 0  # headers and sectors that are damaged or missing
        self.keep_from = _NO_LIMIT  # sectors from this one on are still needed
        self.clear_to = -1  # sectors up to this one are to be erased, whatever they hold

    # ---- places

    def place_of(self, sector: int, slot: int) -> int:
        """Address of a record in the area."""
        return (self._first_sector + sector % self.sectors) * _SECTOR + slot * self._record_bytes

    def seed(self, sector: int, slot: int) -> int:
        """Start value of a record's CRC: a record of an earlier round of the ring fails its check."""
        return (sector * self.slots + slot) & 0xFFFF

    def read(self, sector: int, slot: int) -> bool:
        """Reads a record into `record`; False when the slot is blank."""
        self._store.read(self.place_of(sector, slot), self.record)
        return self.record != self._blank

    def is_blank(self, sector: int, slot: int) -> bool:
        """Whether a slot is erased, by its first 16 bytes."""
        self._store.read(self.place_of(sector, slot), self._start)
        return self._start == self._erased

    # ---- at power-on

    def scan(self) -> int:
        """Finds head, slot, ready and tail in flash; returns EMPTY, SOUND, UNREADABLE or FOREIGN.

        PartError when the flash can't be read.
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
            return UNREADABLE  # power loss breaks one header at most
        if not numbers:
            return EMPTY if self._is_unused() else UNREADABLE
        self.ready = max(numbers)
        self.tail = min(numbers)
        due = max(0, self.ready + 2 - self.sectors)  # the sector before this one may be being erased, to be the newest
        if self.tail < due - 1:
            return UNREADABLE  # sectors of two different rounds
        self.damaged += self.ready + 1 - due
        for number in numbers:
            if number >= due:
                self.damaged -= 1
        self._find_head()
        return SOUND

    def _header(self, index: int) -> int:
        """The sector number in a sector's header, or _NO_HEADER, _BROKEN, _OTHER. The header has two copies."""
        at = (self._first_sector + index) * _SECTOR
        found = _NO_HEADER
        for copy in range(2):
            self._store.read(at + copy * _HEADER_BYTES, self._start)
            if self._start == self._erased:
                continue
            crc = crc16.of(self._start, 0, _CRC_AT, 0xFFFF)
            magic, version, ring, size, number, first, sectors, stored = struct.unpack(_HEADER_CRC, self._start)
            if magic == _MAGIC and stored == crc:
                own = (version, ring, size, first, sectors, number % self.sectors)
                mine = (_VERSION, self.number, self._record_bytes, self._first_sector, self.sectors, index)
                self.damaged += copy
                return number if own == mine else _OTHER
            found = _BROKEN
        return found

    def _is_unused(self) -> bool:
        """Whether no sector has a record; the header of the first sector may be torn at its first use."""
        return all(self.is_blank(index, self.first) for index in range(self.sectors))

    def _find_head(self) -> None:
        sector = self.ready
        while sector >= self.tail and self.is_blank(sector, self.first):
            sector -= 1
        self.head = sector
        self.slot = self.end(sector) if sector >= self.tail else self.slots

    def end(self, sector: int) -> int:
        """The slot after the last record of a sector, by bisection.

        A flipped bit in the erased part can mislead the bisection; then a slot before it is blank.
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
        """Address of the next blank slot; PartError when there is none and no sector can be erased."""
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
            if self.is_blank(self.head, self.slot):  # a bit has flipped after the bytes that `scan` reads
                self.clear_bytes(self.place_of(self.head, self.slot), _HEADER_BYTES)
            self.slot += 1

    def program(self, at: int, record: bytearray) -> None:
        """Writes a record to the address that `place` returned; PartError when it does not read back."""
        if self._record_bytes == _PAGE:
            self._store.program(at, record)
        else:
            self._program_part(at, record)
        self.slot += 1

    def clear_bytes(self, at: int, count: int) -> None:
        """Clears all bits of `count` bytes from an address on."""
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
        """Whether another sector should be erased ahead, and may be."""
        return self.ready - self.head < self.ahead and self._may_prepare()

    def _may_prepare(self) -> bool:
        return self.ready + 1 - self.sectors < min(self.head - 1, self.keep_from)

    def prepare(self) -> None:
        """Erases the oldest sector and gives it the next number; PartError when it is still needed, or on failure."""
        if not self._may_prepare():
            raise hal.PartError(defs.FAULT_BUSY)
        self.renew()

    def begin_clearing(self) -> None:
        """All records so far are to be erased by `renew`; the next record begins a new sector."""
        self.clear_to = self.head
        self.slot = self.slots

    def clearing(self) -> bool:
        """Whether sectors are left that `begin_clearing` has meant."""
        return self.tail <= self.clear_to

    def renew(self) -> None:
        """Erases the oldest sector and gives it the next number, also when it is needed; PartError on failure.

        A cut in it costs this sector alone, as a cut in `prepare`: the ring stays readable.
        """
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
        """Makes all headers invalid, the head's last; PartError on failure."""
        for after in range(1, self.sectors + 1):
            self.clear_bytes(self.place_of(self.head + after, 0), 2 * _HEADER_BYTES)
