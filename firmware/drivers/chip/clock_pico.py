"""Time from MicroPython's clock. A wait sleeps in poll, so that bytes from the link end it."""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_POLLIN = const(1)


class PicoClock:
    """A hal.Clock over time.ticks_ms and a poll object; streams: bytes from one of them (stdin, a UART) end a wait."""

    def __init__(self, ticks_ms: "Callable[[], int]", poll: "Any", streams: "tuple[Any, ...]") -> None:
        self.ticks_ms = ticks_ms
        for stream in streams:
            poll.register(stream, _POLLIN)
        self._ipoll = poll.ipoll

    def check(self) -> None:
        """Nothing to check: a clock that stops is found by the watchdog."""

    def wait_ms(self, span_ms: int) -> None:
        """Sleeps; returns early when a stream has bytes, including those that were waiting before the call."""
        if span_ms > 0:
            for _ in self._ipoll(span_ms):
                return
