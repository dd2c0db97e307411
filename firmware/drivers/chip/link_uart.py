"""The link over a UART, for an isolator, a radio or a second controller."""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine


class UartLink:
    """A hal.Link over a UART with timeout=0, rxbuf of 1024 (an erase of flash loses what doesn't fit in the FIFO) and
    txbuf of 1024, so that a line goes out at once."""

    PAIRS = False  # it may lead to a radio

    def __init__(self, uart: "machine.UART") -> None:
        self._any = uart.any
        self._readinto = uart.readinto
        self._put = uart.write

    def check(self) -> None:
        """Nothing to check: an idle line looks the same as one that is not connected."""

    def read_into(self, buffer: bytearray) -> int:
        """Reads the bytes that have arrived into the buffer; returns their number, 0 for none."""
        count = min(self._any(), len(buffer))
        if count == 0:
            return 0
        return self._readinto(buffer, count) or 0

    def write(self, data: "memoryview | bytes") -> int:
        """Accepts as many bytes as fit now; returns their number, 0 while the buffer is full."""
        return self._put(data) or 0
