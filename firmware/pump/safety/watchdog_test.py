"""Has the watchdog bite once at power-on; marks that outlast the bite tell the next start that it was the test (S1)."""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class Kept(Protocol):
        """What one start tells the next: a register that only the supply clears, and memory that nothing clears."""

        def is_marked(self) -> bool:
            """Whether the start before this one was the test's; the supply clears it."""

        def bitten(self) -> bool:
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
_PATIENCE_MS = const(10)
_MOST_TRIES = const(3)  # of a bite that clears the register too, or of a supply that fails in between


def run(
    kept: "Kept", start: "Callable[[int], object]", wait_ms: "Callable[[int], object]", stop: "Callable[[], None]"
) -> "bool | None":
    """Whether the watchdog has bitten in its test, None where there was none: it is made at a power-on alone.

    Then it doesn't come back, if the watchdog is sound. `start` gives that its time in ms. Three resets at most are
    made in a row, even by a watchdog that clears the mark.
    """
    if kept.is_marked():
        kept.clear()
        return kept.bitten()
    if not kept.is_cold():
        return None
    tries = kept.tries()
    if tries < _MOST_TRIES:
        kept.mark(tries + 1)
        start(_TIMEOUT_MS)
        wait_ms(_PATIENCE_MS)
        stop()  # it must not bite later, in the middle of what follows
    kept.clear()
    return False
