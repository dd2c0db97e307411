"""The journal's flash of the simulated pump, in a file or in memory, torn by a power cut as hil/plant tears it."""

import os

from plant import flash

BLOCKS = 64


class FileFlash:
    """A hal.Store over a file, which is made blank if it is not there; what was written outlasts the simulation.

    `operations` counts programs and erases; `cut` as flash.Flash has it.
    """

    def __init__(self, path: str, seed: int) -> None:
        self.size = BLOCKS * flash.BLOCK
        self.page_bytes = flash.PAGE
        self.block_bytes = flash.BLOCK
        self.operations = 0
        self.erases = 0
        self._seed = seed
        self._cut_at = -1
        self._tear = flash.TEAR_NONE
        self._page = bytearray(flash.PAGE)
        self._blank = b"\xff" * flash.BLOCK
        _make(path, self._blank)
        self._file = open(path, "r+b")

    def cut(self, operations: int, tear: int) -> None:
        """The power goes in the operation after so many more; TEAR_* says what that one still does."""
        self._cut_at = self.operations + operations
        self._tear = tear

    def check(self) -> None:
        """The simulated chip always answers."""

    def read(self, at: int, buffer: bytearray) -> None:
        """Fills the buffer from this byte on."""
        if at < 0 or at + len(buffer) > self.size:
            raise ValueError("read past the end of the flash")
        self._file.seek(at)
        self._file.readinto(buffer)

    def program(self, at: int, page: "bytes | bytearray") -> None:
        """Clears the bits of a page that are clear in `page`; PowerCut when its time has come."""
        if at % flash.PAGE or len(page) != flash.PAGE:
            raise ValueError("no page of the flash")
        if self.operations == self._cut_at:
            self._torn(at, page)
        self.operations += 1
        self.read(at, self._page)
        both = int.from_bytes(self._page, "little") & int.from_bytes(page, "little")
        self._put(at, both.to_bytes(flash.PAGE, "little"))

    def erase(self, at: int) -> None:
        """Sets all bits of a block; PowerCut when its time has come."""
        if at % flash.BLOCK:
            raise ValueError("no block of the flash")
        if self.operations == self._cut_at:
            self._torn(at, None)
        self.operations += 1
        self.erases += 1
        self._put(at, self._blank)

    def _put(self, at: int, data: "bytes | bytearray") -> None:
        self._file.seek(at)
        self._file.write(data)
        self._file.flush()

    def _torn(self, at: int, page: "bytes | bytearray | None") -> None:
        """What is left of an operation in which the power goes."""
        block = at - at % flash.BLOCK
        torn = flash.Flash(1, self._seed + self.operations)
        self.read(block, torn.data)
        torn.cut(0, self._tear)
        self._cut_at = -1
        self.operations += 1
        try:
            if page is None:
                torn.erase(0)
            else:
                torn.program(at - block, page)
        finally:
            self._put(block, torn.data)


def _make(path: str, blank: bytes) -> None:
    """A file of the right size; what is there stays."""
    try:
        size = os.stat(path)[6]
    except OSError:
        size = 0
    with open(path, "ab") as file:
        for _ in range(size // flash.BLOCK, BLOCKS):
            file.write(blank)


def make(path: str, seed: int) -> "FileFlash | flash.Flash":
    """The flash in this file; without a path in memory, and blank with each start of the simulation."""
    return FileFlash(path, seed) if path else flash.Flash(BLOCKS, seed)
