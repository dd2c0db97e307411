"""The device under test: what a target provides to a Bench."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pumpctl.protocol import transport as transports


class Dut(Protocol):
    """A pump on a link, its time and its world; on a target without a world `do` and `truth` raise NoWorld."""

    @property
    def elapsed_ms(self) -> int:
        """Milliseconds since the start, in the pump's time."""

    def run(self, ms: int, progress: Callable[[int, int], None] | None = None) -> None:
        """Lets time pass."""

    def transport(self) -> transports.Transport:
        """A link to the pump."""

    def do(self, action: str, value: int | None = None) -> None:
        """Executes an action on the world."""

    def truth(self) -> dict[str, int]:
        """The ground truth, without sensor errors."""

    def changes(self) -> list[tuple[int, str, int]]:
        """The last changes of light and sound: (ms since power-on; red, yellow or tone; 0 or 1); may raise NoWorld."""

    def close(self) -> None:
        """Ends the pump, its world and all processes."""


class NoWorld(Exception):
    """The target has no world: the test needs `@pytest.mark.needs("world")` or a similar mark."""
