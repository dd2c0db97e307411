"""Gathers the bytes of the link to lines."""

from micropython import const

from pump import defs
from pump.core import ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import hal

_CHUNK = const(128)
_HALF_LINE_MS = const(10000)  # a user types slower than a program, but not this slow
_LF = const(10)
_CR = const(13)


class LineReader:
    """`next_line` returns the next whole line. Lines that are too long are marked, incomplete ones dropped."""

    def __init__(self, link: "hal.Link") -> None:
        self._read_into = link.read_into
        self._chunk = bytearray(_CHUNK)
        self._count = 0  # bytes in the chunk
        self._at = 0  # those that are processed
        self._line = bytearray(defs.LINE_BYTES)
        self._length = 0  # of the incomplete line
        self._last = 0  # tick of the last bytes
        self.too_long = False

    def waiting(self) -> bool:
        """Whether bytes that were read are not processed yet."""
        return self._at < self._count

    def age(self, now: int) -> None:
        """Drops an incomplete line that has waited too long for its end; to be called in every step."""
        if (self._length or self.too_long) and ticks.diff(now, self._last) > _HALF_LINE_MS:
            self._length = 0
            self.too_long = False

    def next_line(self, now: int) -> "bytes | None":
        """The next line without its end, b"" for one that was too long, None while there is no whole line."""
        if not self.waiting():
            self._at = 0
            self._count = self._read_into(self._chunk)
            if self._count == 0:
                return None
            self._last = now
        while self._at < self._count:
            byte = self._chunk[self._at]
            self._at += 1
            if byte == _LF or byte == _CR:
                if self._length or self.too_long:
                    return self._hand_out()
            elif self._length + 1 < defs.LINE_BYTES:
                self._line[self._length] = byte
                self._length += 1
            else:
                self.too_long = True
        return None

    def _hand_out(self) -> bytes:
        line = b"" if self.too_long else bytes(memoryview(self._line)[: self._length])
        self._length = 0
        self.too_long = False
        return line
