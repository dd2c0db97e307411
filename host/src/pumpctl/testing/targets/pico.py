"""A real Pico at a serial port, `--target pico:/dev/ttyACM0`: time is wall time, and the bench has no world.

`--target pico:/dev/ttyACM0@/dev/ttyACM1` has a rig (hil/rig) at the second port, which simulates line and sensors.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pumpctl import errors, ports
from pumpctl.protocol import transport as transports
from pumpctl.testing.bench import Bench
from pumpctl.testing.dut import NoWorld

CAPABILITIES: frozenset[str] = frozenset()
WITH_RIG = frozenset({"fresh", "world", "block_line", "set_line", "drain", "sensor_faults"})
_ANSWER_S = 10.0  # a power cycle takes two seconds; on a busy computer an emulated pump opens a session in several
_BACK_S = 10.0  # the pump answers a second after its reset; the host needs a few seconds more to find the port
_RETRY_S = 0.1


class Rig:
    """The bench channel of the rig at a port."""

    def __init__(self, port: str) -> None:
        """Opens the port and finds the rig there; raises PortMissing and the like, NoAnswer, LinkLost."""
        self._transport = transports.SerialTransport(port)
        self._reader = transports.LineReader()
        self._lines: list[bytes] = []
        try:
            # An earlier program may have left half a line, and answers may still arrive: they come before this one.
            mark = f"{time.monotonic_ns():x}"
            self._send(f"\necho {mark}")
            while self._answer().get("echo") != mark:
                pass
        except BaseException:
            self._transport.close()
            raise

    def ask(self, line: str) -> dict[str, Any]:
        """Sends one line and returns its answer; raises UnknownWorldAction, NoAnswer, LinkLost."""
        while self._transport.read(0):
            pass  # late answers to earlier requests
        self._lines.clear()
        self._send(line)
        answer = self._answer()
        if "error" in answer:
            raise errors.UnknownWorldAction(f"The rig did not take {line!r}: {str(answer['error']).rstrip('.')}.")
        return answer

    def close(self) -> None:
        """Releases button and supply of the pump, and closes the port."""
        try:
            for action in ("button_up", "power_on"):
                self.ask(f"do {action}")
        except (errors.NoAnswer, errors.LinkLost):
            pass  # the rig is gone
        finally:
            self._transport.close()

    def _send(self, line: str) -> None:
        self._transport.write(line.encode("ascii") + b"\n")

    def _answer(self) -> dict[str, Any]:
        """The next answer; all other lines are skipped. Raises NoAnswer."""
        name = self._transport.name
        until_s = time.monotonic() + _ANSWER_S
        while True:
            while self._lines:
                line = self._lines.pop(0)
                if line.startswith(b"= "):
                    try:
                        return dict(json.loads(line[2:]))
                    except ValueError:
                        raise errors.NoAnswer(f"The rig at {name} sent {line[:80]!r}, which isn't an answer.") from None
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                raise errors.NoAnswer(f"No rig answers at {name}; check that hil/rig runs there (hil/rig/wiring.md).")
            self._lines += self._reader.feed(self._transport.read(left_s))


class RealPico:
    """A pump that keeps running after the test; it is stopped, not switched off."""

    def __init__(self, port: str, rig: Rig | None = None) -> None:
        self._port = port
        self._rig = rig
        self._began_s = time.monotonic()

    @property
    def elapsed_ms(self) -> int:
        return round((time.monotonic() - self._began_s) * 1000)

    def run(self, ms: int, progress: Callable[[int, int], None] | None = None) -> None:
        time.sleep(ms / 1000)

    def transport(self) -> transports.Transport:
        return ports.opened(self._port)

    def do(self, action: str, value: int | None = None) -> None:
        if self._rig is None:
            raise NoWorld(f"{action}: a real pump without a rig has no world; the test must state what it needs")
        self._rig.ask(f"do {action}" if value is None else f"do {action} {value}")

    def truth(self) -> dict[str, int]:
        if self._rig is None:
            raise NoWorld("a real pump without a rig has no ground truth; the test must state that it needs `world`")
        return self._rig.ask("truth")

    def changes(self) -> list[tuple[int, str, int]]:
        raise NoWorld("a real pump's annunciator can't be read; the test must state that it needs `annunciator`")

    def close(self) -> None:
        if self._rig is not None:
            self._rig.close()


def capabilities(where: str) -> frozenset[str]:
    """The capabilities of the target at this place."""
    return WITH_RIG if "@" in where else CAPABILITIES


def is_slow(where: str) -> bool:
    """Whether only quick tests run without --full: with a rig most tests can run, and they wait in real time."""
    return "@" in where


class NotReset(Exception):
    """The rig pulled RUN low, and the pump was not reset."""


def check(where: str, _checkout: Path | None) -> None:
    """See that the ports are named; raises UsageProblem."""
    port, at, rig_port = where.partition("@")
    if not port or bool(at) != bool(rig_port):
        raise errors.UsageProblem(
            "--target pico needs the port: pico:/dev/ttyACM0, or with a rig pico:/dev/ttyACM0@/dev/ttyACM1."
        )


def start(where: str, seed: int, settings: Mapping[str, int], _checkout: Path | None = None) -> Bench:
    """The pump at the port, stopped and in standby; with a rig, just reset, in a new world.

    The journal keeps plan, contents and parameters of earlier tests. See hil/rig/wiring.md. Raises what the port
    raises, and NotAuthorised for a pump that this user isn't paired with.
    """
    check(where, None)
    port, _, rig_port = where.partition("@")
    rig = Rig(rig_port) if rig_port else None
    try:
        if rig is None:
            return _quiet(_permitted(Bench(RealPico(port), has_world=False, timeout_s=_ANSWER_S), port))
        rig.ask(" ".join(["world", str(seed), *(f"{name}={value}" for name, value in settings.items())]))
        return _permitted(_fresh(port, rig), port)
    except BaseException:
        if rig is not None:
            rig.close()
        raise


def _permitted(bench: Bench, port: str) -> Bench:
    """Opens a session with this user's key, if the pump requires one; raises NotAuthorised, KeyUnfit, ProofWrong."""
    if not bench.pump.hello.keyed:
        return bench
    try:
        bench.pump.session_open()
    except (errors.KeyMissing, errors.NotPermitted):
        bench.pump.close()
        raise errors.NotAuthorised(
            f"The pump at {port} takes commands only from paired hosts, and this user has no key that it knows; "
            f"type `pumpctl --port {port} pair` and press its button."
        ) from None
    except BaseException:
        bench.pump.close()
        raise
    return bench


def _quiet(bench: Bench) -> Bench:
    """Brings a pump that was already running to standby."""
    bench.pump.stop()
    if bench.state == "refilling":
        bench.pump.refill_cancel()
    return bench


def _fresh(port: str, rig: Rig) -> Bench:
    """Resets the pump by its RUN pin; raises NotReset, or the port's error when the pump doesn't come back."""
    began_s = time.monotonic()
    rig.ask("do reset")
    until_s = time.monotonic() + _BACK_S
    while True:
        try:
            bench = Bench(RealPico(port, rig))
            break
        except errors.PumpError:  # the port is missing until the host has found it again
            if time.monotonic() > until_s:
                raise
            time.sleep(_RETRY_S)
    runs_ms = bench.status.total_uptime_ms
    passed_ms = (time.monotonic() - began_s) * 1000
    if runs_ms > passed_ms:
        bench.pump.close()
        raise NotReset(
            f"The pump at {port} has run for {runs_ms // 1000} s, though the rig has just pulled RUN low; "
            "check that wire (hil/rig/wiring.md)."
        )
    return bench


def image(bench: Bench, _checkout: Path | None) -> str:
    """What the pump says that it runs."""
    return bench.pump.hello.image
