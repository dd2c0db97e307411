"""Pages of whole numbers in flash. A page is written as a whole or fails its check; the newest sound one counts."""

import struct

from micropython import const

from pump.journal import crc16

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.journal import flash_ring

# ---- generated from firmware/definitions/flash.toml by `make gen`; don't edit ----
_RECORD_BYTES = const(256)
MOST = const(63)  # numbers in a page
_COUNT_AT = const(2)  # behind the CRC
_NUMBERS_AT = const(4)
# ---- end of the generated lines ----


class Pages:
    """`image` is the page that was found or will be saved; `damaged` counts newer pages that failed their check."""

    def __init__(self, ring: "flash_ring.Ring", image: bytearray) -> None:
        self._ring = ring
        self.image = image
        self.damaged = 0

    def resize(self, count: int) -> None:
        """Sets how many numbers the image has; ValueError for more than MOST."""
        if count > MOST:
            raise ValueError("too many numbers for a page")
        struct.pack_into("<H", self.image, _COUNT_AT, count)

    def count(self) -> int:
        """Numbers in the image."""
        return self.image[_COUNT_AT] | self.image[_COUNT_AT + 1] << 8

    def put(self, index: int, value: int) -> None:
        """Sets a number of the image, 32 bits with sign."""
        struct.pack_into("<i", self.image, _NUMBERS_AT + 4 * index, value)

    def fill(self, first: int, values: "list[int] | tuple[int, ...]") -> None:
        """Sets these numbers of the image, from this place on to its end."""
        self.resize(first + len(values))
        pack_into = struct.pack_into
        at = _NUMBERS_AT + 4 * first
        for value in values:
            pack_into("<i", self.image, at, value)
            at += 4

    def numbers(self) -> "tuple[int, ...]":
        """All numbers of the image."""
        return struct.unpack_from("<%di" % self.count(), self.image, _NUMBERS_AT)

    def save(self, may_erase: bool) -> None:
        """Writes the image; PartError when it can't be written. Allocates nothing."""
        ring = self._ring
        at = ring.place(may_erase)
        crc = crc16.of(self.image, _COUNT_AT, _NUMBERS_AT + 4 * self.count(), ring.seed(ring.head, ring.slot))
        struct.pack_into("<H", self.image, 0, crc)
        ring.program(at, self.image)

    def load(self) -> bool:
        """Reads the newest sound page into the image; False when there is none."""
        self.damaged = 0
        ring = self._ring
        sector = ring.head
        while sector >= ring.tail:
            slot = ring.slot if sector == ring.head else ring.end(sector)
            while slot > ring.first:
                slot -= 1
                if not ring.read(sector, slot):
                    continue
                if self._accept(ring.seed(sector, slot)):
                    return True
                self.damaged += 1
            sector -= 1
        return False

    def _accept(self, seed: int) -> bool:
        """Copies the ring's record into the image if it is sound; whether it was."""
        record = self._ring.record
        count = record[_COUNT_AT] | record[_COUNT_AT + 1] << 8
        if count > MOST or record[0] | record[1] << 8 != crc16.of(record, _COUNT_AT, _NUMBERS_AT + 4 * count, seed):
            return False
        for place in range(_RECORD_BYTES):
            self.image[place] = record[place]
        return True
