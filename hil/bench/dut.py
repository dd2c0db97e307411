"""What a target gives to the bench: a pump on a link, time that passes, and, where it has one, a world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pumpctl.protocol import transport as transports


class Dut(Protocol):
    """Time is the pump's own; `do` and `truth` raise NoWorld where a person, not the bench, has the line in hand."""

    @property
    def elapsed_ms(self) -> int:
        """Milliseconds since the machine was started."""

    def run(self, ms: int, progress: Callable[[int, int], None] | None = None) -> None:
        """Lets time pass."""

    def transport(self) -> transports.Transport:
        """A link to the pump."""

    def do(self, action: str, value: int | None = None) -> None:
        """Does something to the world."""

    def truth(self) -> dict[str, int]:
        """What is so, whatever the sensors say."""

    def changes(self) -> list[tuple[int, str, int]]:
        """The last changes of light and sound: (ms since power-on; red, yellow or tone; 0 or 1); raises NoWorld too."""

    def close(self) -> None:
        """Ends it and gives everything back."""


class NoWorld(Exception):
    """A test did something to the world, or asked for its truth, without saying that it needs it."""
