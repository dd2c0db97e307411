"""Gathers the bytes of the link to lines."""

from micropython import const

from pump import defs
from pump.core import ticks
from pump.link import wire

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import hal

_CHUNK = const(128)
_HALF_LINE_MS = const(10000)  # a user types slower than a program, but not this slow
_LF = const(10)
_CR = const(13)
_STOP = b"stop"
_KEPT = const(5)  # bytes of a full buffer that stay: the word stop, and what is before it


class LineReader:
    """`next_line` returns the next whole line. Incomplete lines are dropped, and so are those that are too long.

    A line that is too long and holds the word stop is handed out as that word (D9).
    """

    def __init__(self, link: "hal.Link") -> None:
        self._read_into = link.read_into
        self._chunk = bytearray(_CHUNK)
        self._count = 0  # bytes in the chunk
        self._at = 0  # those that are processed
        self._line = bytearray(defs.LINE_BYTES)
        self.length = 0  # bytes of the incomplete line
        self._last = 0  # tick of the last bytes
        self.too_long = False
        self._stop = False  # the word stop is in the part of a long line that was dropped

    def waiting(self) -> bool:
        """Whether bytes that were read are not processed yet."""
        return self._at < self._count

    def age(self, now: int) -> None:
        """Drops an incomplete line that has waited too long for its end; to be called in every step that finds one."""
        if (self.length or self.too_long) and ticks.diff(now, self._last) > _HALF_LINE_MS:
            self._forget()

    def next_line(self, now: int) -> "bytes | None":
        """The next line without its end, b"" for one that was too long, None while there is no whole line."""
        if self._at >= self._count:
            self._at = 0
            self._count = self._read_into(self._chunk)
            if self._count == 0:
                return None
            self._last = now
        while self._at < self._count:
            byte = self._chunk[self._at]
            self._at += 1
            if byte == _LF or byte == _CR:
                if self.length or self.too_long:
                    return self._hand_out()
            else:
                if self.length + 1 == defs.LINE_BYTES:
                    self._drop()
                self._line[self.length] = byte
                self.length += 1
        return None

    def _drop(self) -> None:
        """The line is too long: what is there is searched for a stop and left out, but for its end."""
        line = self._line
        # Whether a stop at its very end is a word is seen with what follows.
        self._stop = self._stop or wire.asks_stop(bytes(memoryview(line)[: self.length]) + b"_")
        self.too_long = True
        for at in range(_KEPT):
            line[at] = line[self.length - _KEPT + at]
        self.length = _KEPT

    def _hand_out(self) -> bytes:
        line = bytes(memoryview(self._line)[: self.length])
        if self.too_long:
            line = _STOP if self._stop or wire.asks_stop(line) else b""
        self._forget()
        return line

    def _forget(self) -> None:
        self.length = 0
        self.too_long = False
        self._stop = False
