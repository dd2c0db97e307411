"""The simulated pump: the firmware on MicroPython's unix port and its simulated world, as a child process.

Host time: simulated time passes only in `run`, and a day takes seconds. Wall time: the pump runs by itself on a pty, a
serial port that any program can open.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pumpctl import checkout as checkouts, errors
from pumpctl.protocol import session, transport as transports
from pumpctl.sim import kept, process

_LONGEST_RUN_MS = 86_400_000
_LONGEST_EMULATED_MS = 3_600_000  # an emulated Pico is slower; each part must answer within the reply time-out
_SLICE_MS = 21_600_000  # between two calls of `progress`
_WAITING_SLICE_MS = 10
_PIECE_BYTES = 4096  # of what the host sends: the child holds in memory what the pump has not read yet

Log = Callable[[str], None]


class Simulation:
    """A simulated pump and its world; `port` is the path of its serial port in wall time, empty in host time.

    `key` is that of a pump that was paired with this program from its start, else None.
    """

    def __init__(
        self,
        seed: int = 1,
        settings: Mapping[str, int] | None = None,
        time: Literal["host", "wall"] = "host",
        speed: int = 1,
        heapsize: str | None = None,
        wake_ms: int | None = None,
        interpreter: str | Path | None = None,
        checkout: str | Path | None = None,
        on_log: Log | None = None,
        emulated: bool = False,
        image: Path | None = None,
        options: Sequence[str] = (),
        flash: str | Path | None = None,
        native: bool = False,
        paired: bool = True,
    ) -> None:
        """Start it. `settings` are those of hil/plant, `speed` multiplies wall time, `heapsize` is as in `-X`.

        `emulated` starts the release image (or `image`) in an emulated Pico; `options` are added to its command line.
        As such a pump takes commands only from paired hosts, it starts paired, with a key of its own that its links
        have; with `paired=False` it starts as its flash says.
        `native` runs firmware and world as machine code, in less time and with the same results.
        `flash` is a file that stores the pump's flash for the next simulation; without it the pump starts as new.
        Raises SimulatorMissing when the checkout, the interpreter or the image is not found.
        """
        place = checkouts.find_checkout(checkout)
        self.key = session.preloaded() if emulated and paired else None
        if emulated:
            program = process.emulated(place, image, self.key.key if self.key else b"")
        else:
            program = process.unix(place, checkouts.find_interpreter(place, interpreter), heapsize, native)
        arguments = [*options, "--time", time, "--seed", str(seed), *_optional(flash=flash, wake_ms=wake_ms)]
        arguments += [word for name, value in (settings or {}).items() for word in ("--set", f"{name}={value}")]
        self.port = ""
        self.elapsed_ms = 0
        self._longest_run_ms = _LONGEST_EMULATED_MS if emulated else _LONGEST_RUN_MS
        self._time = time
        self._ends: tuple[int, ...] = ()
        self._child: process.Child | None = None
        try:
            if time == "wall":
                arguments += ["--speed", str(speed), "--link-fd", str(self._open_pty())]
            inherited_fd = self._ends[0] if self._ends else None
            self._child = kept.start(program, arguments, inherited_fd, on_log)
        except BaseException:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        """Whether the child process is running."""
        return self._child is not None and self._child.alive

    def run(self, ms: int, progress: Callable[[int, int], None] | None = None) -> None:
        """Let `ms` of simulated time pass; `progress` gets the milliseconds done and to do. Raises SimulatorDied."""
        done_ms = 0
        while True:
            part_ms = min(ms - done_ms, _SLICE_MS if progress else self._longest_run_ms)
            answer = self._ask(f"run {part_ms}")
            done_ms += part_ms
            # An emulated Pico needs simulated time to receive what was sent, so it reports the time itself.
            self.elapsed_ms = round(answer.get("device_ms", self.elapsed_ms + part_ms))
            if progress:
                progress(done_ms, ms)
            if done_ms >= ms:
                return

    def do(self, action: str, value: int | None = None) -> None:
        """Run an action on the world: block, unblock, drain and so on. Raises UnknownWorldAction, SimulatorDied."""
        if not action.isidentifier():
            raise errors.UnknownWorldAction(f"{action!r} is not an action on the world; `help` lists them.")
        self._ask(f"do {action}" if value is None else f"do {action} {value}")

    def truth(self) -> dict[str, int]:
        """Return the true values of the world, independent of the sensors. Raises SimulatorDied."""
        return dict(self._ask("truth"))

    def changes(self) -> list[tuple[int, str, int]]:
        """Return the last changes of light and sound: (ms since power-on, "red", "yellow" or "tone", 0 or 1)."""
        return [(int(ms), str(name), int(on)) for ms, name, on in self._ask("changes")["rows"]]

    def measure(self) -> dict[str, Any]:
        """Return what an emulated Pico has measured since the last call: starts of strokes and step jitter."""
        return self._ask("measure")

    def peek(self, address: int) -> int:
        """Return a byte of an emulated Pico's memory."""
        return int(self._ask(f"peek {address}")["byte"])

    def transport(self) -> transports.Transport:
        """Return a new link to the pump; closing it doesn't end the simulation."""
        if self._time == "wall":
            return transports.SerialTransport(self.port, self.key)
        return _HostTimeTransport(self)

    def receive(self) -> bytes:
        """Return the link's bytes received from the pump, in host time."""
        if self._child is None:
            raise errors.LinkLost("sim:", "the simulation was closed")
        data = bytes(self._child.arrived)
        self._child.arrived.clear()
        return data

    def send(self, data: bytes) -> None:
        """Send bytes on the link to the pump and let it read them, in host time."""
        if self._child is None:
            raise errors.LinkLost("sim:", "the simulation was closed")
        for at in range(0, len(data), _PIECE_BYTES):
            self._child.send(f"rx {data[at : at + _PIECE_BYTES].hex()}")
            self.run(0)

    def check(self) -> None:
        """Raise SimulatorDied when the child process has ended by itself."""
        if self._child is not None and not self._child.alive:
            raise self._child.death()

    def close(self) -> None:
        """End the child process, unless `kept.emulators` keeps it, and release its resources; may be called again."""
        if self._child is not None:
            kept.end(self._child)
            self._child = None
        for end in self._ends:
            os.close(end)
        self._ends = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _ask(self, line: str) -> dict[str, Any]:
        if self._child is None:
            raise errors.LinkLost("sim:", "the simulation was closed")
        answer = self._child.ask(line)
        if not isinstance(answer, dict):
            raise errors.SimulatorDied(f"replied {answer!r} to {line!r}, which is not a JSON object")
        if "error" in answer:
            raise errors.UnknownWorldAction(f"The world refused {line!r}: {str(answer['error']).rstrip('.')}.")
        return answer

    def _open_pty(self) -> int:
        """Open a pty and return its device side, non-blocking, so that the pump doesn't wait for a reader.

        Both sides stay open here, so that the pump sees no hang-up when a program closes the port.
        """
        try:
            import pty  # these two are on Linux and macOS only; the rest of the package also runs elsewhere
            import tty
        except ImportError:
            raise errors.SimulatorMissing(
                "This system has no pseudo terminals, so the simulated pump can't have a port; use Linux or macOS."
            ) from None
        device, user = pty.openpty()
        self._ends = (device, user)
        tty.setraw(user)
        os.set_blocking(device, False)
        self.port = os.ttyname(user)
        return device


def _optional(**values: object) -> list[str]:
    """Return the options of the child's command line whose value is not None."""
    given = {name: value for name, value in values.items() if value is not None}
    return [word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", str(value))]


class _HostTimeTransport:
    """The link in host time: while it waits for an answer, simulated time passes in slices of 10 ms."""

    name = "sim:"

    def __init__(self, simulation: Simulation) -> None:
        self.key = simulation.key
        self._simulation = simulation

    def read(self, timeout_s: float) -> bytes:
        data = self._simulation.receive()
        until_s = self.now_s() + timeout_s
        while not data and self.now_s() < until_s:
            self._simulation.run(_WAITING_SLICE_MS)
            data = self._simulation.receive()
        return data

    def write(self, data: bytes) -> None:
        self._simulation.send(data)

    def now_s(self) -> float:
        return self._simulation.elapsed_ms / 1000

    def close(self) -> None:
        """Do nothing; the simulation owns the child process."""
