"""Lets the watchdog reset the chip once at power-on; a surviving mark tells the next boot that it was the test (S1)."""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class Kept(Protocol):
        """What one start tells the next: a register that only the supply clears, and memory that nothing clears."""

        def is_marked(self) -> bool:
            """Whether the start before this one was the test's; the supply clears it."""

        def watchdog_reset(self) -> bool:
            """Whether the watchdog's timer made the last reset."""

        def is_cold(self) -> bool:
            """Whether the supply made it."""

        def tries(self) -> int:
            """How often the test was begun without an end, 0 when the memory holds anything."""

        def mark(self, tries: int) -> None:
            """The test begins, for so many times now."""

        def clear(self) -> None:
            """The test is over: no mark, no tries."""


_TIMEOUT_MS = const(2)  # what it adds to every power-on
_WAIT_MS = const(10)
_MOST_TRIES = const(3)  # also with a reset that clears the register, or a supply that fails in between


def run(
    kept: "Kept", start: "Callable[[int], object]", wait_ms: "Callable[[int], object]", stop: "Callable[[], None]"
) -> "bool | None":
    """Whether the watchdog has reset the chip in its test; None without a test, which is made at a power-on only.

    At a power-on this call does not return if the watchdog works. `start` gets its time in ms. There are at most
    three resets in a row, even if the watchdog clears the mark.
    """
    if kept.is_marked():
        kept.clear()
        return kept.watchdog_reset()
    if not kept.is_cold():
        return None
    tries = kept.tries()
    if tries < _MOST_TRIES:
        kept.mark(tries + 1)
        start(_TIMEOUT_MS)
        wait_ms(_WAIT_MS)
        stop()  # it must not reset the chip later
    kept.clear()
    return False
