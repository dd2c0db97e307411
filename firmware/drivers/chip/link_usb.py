"""The link over USB CDC, which is stdin and stdout in MicroPython.

Bytes are moved one by one, after a poll for each: a longer read waits for its last byte, and a longer write waits half
a second for a host that has stopped reading. A byte takes some 30 us; a read takes 64 of them at most.
"""

import micropython
from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_POLLIN = const(1)
_POLLOUT = const(4)
_AT_ONCE = const(64)  # most bytes of one read
_NO_KEY = const(-1)
_CTRL_C = const(3)


class UsbLink:
    """A hal.Link over sys.stdin, sys.stdout and select.poll. With ctrl_c False, byte 3 is data."""

    PAIRS = True

    def __init__(self, stdin: "Any", stdout: "Any", poll: "Callable[[], Any]", ctrl_c: bool = False) -> None:
        readable = poll()
        readable.register(stdin, _POLLIN)
        writable = poll()
        writable.register(stdout, _POLLOUT)
        self._readable = readable.ipoll
        self._writable = writable.ipoll
        self._readinto = stdin.buffer.readinto
        self._put = stdout.buffer.write
        self._byte = bytearray(1)
        micropython.kbd_intr(_CTRL_C if ctrl_c else _NO_KEY)

    def check(self) -> None:
        """Nothing to check: a missing host is not a fault of the pump."""

    def read_into(self, buffer: bytearray) -> int:
        """Reads the bytes that have arrived into the buffer; returns their number, 0 for none."""
        most = min(len(buffer), _AT_ONCE)
        count = 0
        byte = self._byte
        while count < most and _any(self._readable(0)):
            self._readinto(byte)
            buffer[count] = byte[0]
            count += 1
        return count

    def write(self, data: "memoryview | bytes") -> int:
        """Accepts as many bytes as fit now; returns their number, 0 while the host doesn't read."""
        count = 0
        byte = self._byte
        while count < len(data) and _any(self._writable(0)):
            byte[0] = data[count]
            self._put(byte)
            count += 1
        return count


def _any(ready: "Any") -> bool:
    for _, event in ready:  # noqa: SIM110  # any() would make a generator for every byte
        if event & (_POLLIN | _POLLOUT):
            return True
    return False
