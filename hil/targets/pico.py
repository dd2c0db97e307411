"""A real Pico at a serial port, `--target pico:/dev/ttyACM0`: time is the wall's, the line is in a person's hands."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import pytest
from bench import Bench
from bench.machine import NoWorld
from pumpctl import link

SLOW = False
CAPABILITIES: frozenset[str] = frozenset()


class RealPico:
    """A pump that goes on living when the test is over; it is stopped, not switched off."""

    def __init__(self, port: str) -> None:
        self._port = port
        self._began_s = time.monotonic()

    @property
    def elapsed_ms(self) -> int:
        return round((time.monotonic() - self._began_s) * 1000)

    def run(self, ms: int, progress: Callable[[int, int], None] | None = None) -> None:
        time.sleep(ms / 1000)

    def transport(self) -> link.Transport:
        return link.SerialTransport(self._port)

    def do(self, verb: str, value: int | None = None) -> None:
        raise NoWorld(f"nobody here can {verb} the line of a real pump; the test has to say that it needs it")

    def truth(self) -> dict[str, int]:
        raise NoWorld("nobody here knows the truth about a real pump; the test has to say that it needs it")

    def close(self) -> None:
        """Nothing is held."""


def start(where: str, seed: int, settings: Mapping[str, int]) -> Bench:
    """The pump at the port, stopped and brought back to standby."""
    if not where:
        raise pytest.UsageError("--target pico needs the port: --target pico:/dev/ttyACM0")
    bench = Bench(RealPico(where), has_world=False)
    bench.pump.stop()
    if bench.state == "refilling":
        bench.pump.refill_cancel()
    return bench


def image_hash() -> str:
    """What the firmware says of itself is in `hello`; the port is not open yet."""
    return "see hello"
