"""An area of the Pico's flash through rp2.Flash; programming and erasing are separate calls.

With an offset, `writeblocks` programs without erasing; a page may be programmed again as long as bits are only cleared.
Both calls disable interrupts: a page for 0.4 ms (3 at worst), an erase for 45 ms (400 at worst).
"""

import micropython
from micropython import const
from pump import defs, hal

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import rp2
    from micropython import ptr8

_PAGE = const(256)
_BLOCK = const(4096)
_BLOCK_COUNT = const(4)  # ioctl
_BLOCK_SIZE = const(5)
_ERASE = const(6)


# In machine code: as bytecode it would take longer than everything else in writing a stroke's record.
@micropython.viper
def _missed_bits(found, page) -> int:
    found_bytes = ptr8(found)
    page_bytes = ptr8(page)
    missed = 0
    for place in range(_PAGE):
        missed |= found_bytes[place] & ~page_bytes[place]
    return missed


class FlashStore:
    """A hal.Store over rp2.Flash(start=…, len=…), which must cover exactly the area."""

    def __init__(self, flash: "rp2.Flash") -> None:
        self._flash = flash
        self._page = bytearray(_PAGE)  # for reading back
        self.page_bytes = _PAGE
        self.block_bytes = _BLOCK
        self.size = (flash.ioctl(_BLOCK_COUNT, 0) or 0) * _BLOCK

    def check(self) -> None:
        """Checks that blocks have 4096 bytes, that there is at least one, and that the last page can be read."""
        if self._flash.ioctl(_BLOCK_SIZE, 0) != _BLOCK or self.size == 0:
            raise hal.PartError(defs.FAULT_WRONG_IDENTITY)
        self.read(self.size - _PAGE, self._page)

    def read(self, at: int, buffer: bytearray) -> None:
        """Fills the buffer from this byte of the area on."""
        if at < 0 or at + len(buffer) > self.size:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        self._flash.readblocks(at // _BLOCK, buffer, at % _BLOCK)

    def program(self, at: int, page: "bytes | bytearray") -> None:
        """Programs one page of 256 bytes; NOT_CONFIRMED when a bit that should be cleared is still set."""
        if at < 0 or at % _PAGE or len(page) != _PAGE or at + _PAGE > self.size:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        block = at // _BLOCK
        offset = at % _BLOCK
        self._flash.writeblocks(block, page, offset)
        self._flash.readblocks(block, self._page, offset)
        if _missed_bits(self._page, page):
            raise hal.PartError(defs.FAULT_NOT_CONFIRMED)

    def erase(self, at: int) -> None:
        """Erases the block of 4096 bytes that begins here; NOT_CONFIRMED when its first or last page isn't blank."""
        if at < 0 or at % _BLOCK or at + _BLOCK > self.size:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        self._flash.ioctl(_ERASE, at // _BLOCK)
        found = self._page
        for offset in (0, _BLOCK - _PAGE):
            self._flash.readblocks(at // _BLOCK, found, offset)
            for byte in found:
                if byte != 0xFF:
                    raise hal.PartError(defs.FAULT_NOT_CONFIRMED)
