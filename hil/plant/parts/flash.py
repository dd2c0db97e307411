"""NOR flash that counts its operations, and whose power can be cut in any of them, in four ways."""

from plant.arithmetic import noise

PAGE = 256
BLOCK = 4096

# How much of an operation is done when the power is cut: nothing, its first half, random bits, or all.
TEAR_NONE = 0
TEAR_HALF = 1
TEAR_SUBSET = 2
TEAR_WHOLE = 3
TEARS = (TEAR_NONE, TEAR_HALF, TEAR_SUBSET, TEAR_WHOLE)

_ERASED = 0xFF
_PIECE = 16  # bytes of a page that are compared at once
_BLANK_PIECE = b"\xff" * _PIECE
_BLANK_BLOCK = b"\xff" * BLOCK


class _Slices:
    """Its items are slices that are made once: `data[a:b]` would take memory each time."""

    def __getitem__(self, one: slice) -> slice:
        return one


_SLICES = _Slices()
_WHOLE_PAGE = _SLICES[0:PAGE]


class PowerCut(BaseException):
    """The power was cut in a flash operation; a BaseException, so that no error handler catches it."""


class Flash:
    """A hal.Store in memory: programming clears bits, erasing sets those of a block of 4096 bytes.

    `operations` counts programs and erases, `programs` and `erases` each, `wear` the erases of every block,
    `bytes_read` what was read. ValueError for an address or a length that the chip doesn't have.
    """

    def __init__(self, blocks: int = 64, seed: int = 1) -> None:
        self.size = blocks * BLOCK
        self.page_bytes = PAGE
        self.block_bytes = BLOCK
        self.data = bytearray(self.size)
        self.wear = [0] * blocks
        self.operations = 0
        self.programs = 0
        self.erases = 0
        self.bytes_read = 0
        self._page = bytearray(PAGE)
        self._blocks = [_SLICES[number * BLOCK : (number + 1) * BLOCK] for number in range(blocks)]
        for block in self._blocks:
            self.data[block] = _BLANK_BLOCK
        view = memoryview(self._page)
        self._pieces = [view[at : at + _PIECE] for at in range(0, PAGE, _PIECE)]
        self._noise = noise.Noise(seed, 0)
        self._cut_at = -1
        self._tear = TEAR_NONE

    def cut(self, operations: int, tear: int) -> None:
        """Cuts the power in the operation after this many more; TEAR_* says how much of it is done."""
        self._cut_at = self.operations + operations
        self._tear = tear

    def uncut(self) -> None:
        """Cancels `cut`."""
        self._cut_at = -1

    def check(self) -> None:
        """The simulated chip never fails its check."""

    def read(self, at: int, buffer: bytearray) -> None:
        """Fills the buffer from this byte on."""
        count = len(buffer)
        if at < 0 or at + count > self.size:
            raise ValueError("read past the end of the flash")
        data = self.data
        for place in range(count):
            buffer[place] = data[at + place]
        self.bytes_read += count

    def program(self, at: int, page: "bytes | bytearray") -> None:
        """Clears the bits of a page that are clear in `page`; PowerCut if `cut` requests it."""
        if at < 0 or at % PAGE or len(page) != PAGE or at + PAGE > self.size:
            raise ValueError("not a page of the flash")
        tear = self._begin()
        if tear < 0:
            self._clear_bits(at, page)
        else:
            self._tear_program(at, page, tear)
        self.programs += 1

    def erase(self, at: int) -> None:
        """Sets all bits of a block; PowerCut if `cut` requests it."""
        if at < 0 or at % BLOCK or at + BLOCK > self.size:
            raise ValueError("not a block of the flash")
        tear = self._begin()
        self.wear[at // BLOCK] += 1
        if tear < 0:
            self.data[self._blocks[at // BLOCK]] = _BLANK_BLOCK
        else:
            self._tear_erase(at, tear)
        self.erases += 1

    def _clear_bits(self, at: int, page: "bytes | bytearray") -> None:
        pieces = self._pieces
        self._page[_WHOLE_PAGE] = page
        for number in range(PAGE // _PIECE):
            if pieces[number] != _BLANK_PIECE:
                self._clear_piece(at + number * _PIECE, pieces[number])

    def _clear_piece(self, at: int, piece: memoryview) -> None:
        data = self.data
        for place in range(_PIECE):
            data[at] &= piece[place]
            at += 1

    def _tear_program(self, at: int, page: "bytes | bytearray", tear: int) -> None:
        end = PAGE // 2 if tear == TEAR_HALF else 0 if tear == TEAR_NONE else PAGE
        data = self.data
        for place in range(end):
            value = page[place]
            if value != _ERASED:
                data[at + place] &= value | self._noise.below(256) if tear == TEAR_SUBSET else value
        self._cut_power()

    def _tear_erase(self, at: int, tear: int) -> None:
        end = BLOCK // 2 if tear == TEAR_HALF else 0 if tear == TEAR_NONE else BLOCK
        data = self.data
        for place in range(at, at + end):
            if data[place] != _ERASED:
                data[place] |= self._noise.below(256) if tear == TEAR_SUBSET else _ERASED
        self._cut_power()

    def _begin(self) -> int:
        """Counts an operation; returns how it is cut, -1 if it isn't."""
        torn = self.operations == self._cut_at
        self.operations += 1
        return self._tear if torn else -1

    def _cut_power(self) -> None:
        self._cut_at = -1
        raise PowerCut
