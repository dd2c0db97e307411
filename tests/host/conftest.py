"""A fake pump in a few lines of Python: on a link in memory with its own clock, or on a real pty."""

from __future__ import annotations

import array
import fcntl
import os
import pty
import select
import shutil
import sys
import termios
import threading
import time
import tty
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_boards import Board, blocks
from pumpctl import defs, errors
from pumpctl.cli.main import app
from pumpctl.flashing import bootsel, uf2
from pumpctl.protocol import wire
from pumpctl.pump import Pump
from typer.testing import CliRunner

HERE = Path(__file__).parent

TESTED = next(mask for mask, bit in defs.BITS.items() if bit.name == "tested")
STATUS: dict[str, Any] = {
    "state": 2,
    "bits": TESTED,
    "notes": 0,
    "rate_ul_day": 1000,
    "strokes": 13000,
    "book_ul": 3250,
    "book_pl": 250500,
    "fluid": "saline",
    "ledger_nl": 12_749_750,
    "level_nl": 12_748_000,
    "left_s": 1_058_400,
    "pressure_pa": 15230,
    "baseline_pa": 14900,
    "stroke_in_ms": 12_345,
    "alarm": 0,
    "priority": 0,
    "silenced": False,
    "uptime_s": 280_800,
    "uptime_ms": 250,
}

DOSE: dict[str, Any] = {
    "hour_nl": 41_750,
    "day_nl": 1_000_000,
    "hour_limit_nl": 1_175_000,
    "day_limit_nl": 4_200_000,
    "moved_ul": 3250,
    "bolus_left_nl": 0,
    "lockout_s": 0,
    "boluses_left": 4,
    "tip_fluid": "saline",
    "hold_over_s": 0,
    "refill_in_s": 924_480,
    "trim_ppm": 0,
    "supply_mv": 5010,
    "temperature_centi_c": 2105,
}

THERAPY: dict[str, Any] = {
    "profile": "intrahepatic",
    "rate_ul_day": 1000,
    "phase": 0,
    "phases": 7,
    "fluid": "saline",
    "next_fluid": "drug",
    "phase_left_s": 86_400,
    "volume_left_nl": None,
    "cycles": 3,
    "repeat_from": 1,
    "rows": [[1, 1000, 0, 336], [2, 1000, 336, 336], [1, 1000, 672, 336]],
}

CHANGES = ("rate", "therapy_set", "param_set", "refill_finish", "bolus", "prime", "reset")


def read_back(request: dict[str, Any]) -> dict[str, Any]:
    """Return the values that the pump reads back for a change, by its names for them."""
    asked = {name: value for name, value in request.items() if name not in ("id", "cmd", "override", "early")}
    if request["cmd"] == "rate":
        return {"rate_ul_day": asked["ul_day"]}
    if request["cmd"] == "param_set":
        return {asked["name"]: asked["value"]}
    if request["cmd"] == "therapy_set":
        cycles, first = asked.pop("cycles"), asked["repeat_from"]
        asked["phases"] = first + cycles * (len(asked["rows"]) - first)
    return asked


class Device:
    """Answers lines by `answers`: fields, a function of the request that returns fields, or None for no answer.

    `before` are bytes sent before the next answer; `seen` are the requests; `garble` is the number of requests that
    arrive damaged. A change must be confirmed unless `at_once`; `old` are its present values, `read_back` returns the
    new ones.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {command: {} for command in defs.COMMANDS}
        versions = {"protocol": 1, "version": "0.1.0", "board": "fake", "image": "none"}
        self.answers["hello"] = {**versions, "digest": defs.DIGEST}
        self.answers["status"] = dict(STATUS)
        self.answers["dose"] = dict(DOSE)
        self.answers["exchanges"] = {"rows": [[9, 1000, 1]]}
        self.answers["therapy"] = dict(THERAPY)
        self.answers.update(dict.fromkeys(CHANGES, self._change))
        self.answers["confirm"] = {"done": "it"}
        self.at_once = False
        self.old: dict[str, Any] = {}
        self.read_back: Callable[[dict[str, Any]], dict[str, Any]] = read_back
        self.seen: list[dict[str, Any]] = []
        self.before = b""
        self.line_end = b"\n"
        self.garble = 0
        self._rest = b""

    @property
    def commands(self) -> list[str]:
        """Names of the commands seen so far."""
        return [request["cmd"] for request in self.seen]

    def refuse(self, command: str, refusal: str, **fields: Any) -> None:
        """Refuse a command from now on."""
        number = next(entry.id for entry in defs.REFUSALS.values() if entry.name == refusal)
        self.answers[command] = {"ok": False, "refused": number, "cmd": command, **fields}

    def asked(self, *commands: str) -> list[dict[str, Any]]:
        """Return the requests of these commands, without their ids."""
        return [
            {name: value for name, value in request.items() if name != "id"}
            for request in self.seen
            if request["cmd"] in commands
        ]

    def receive(self, data: bytes) -> bytes:
        """Return the answers to the bytes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return b"".join(self._answer(line) for line in lines if line)

    def line(self, **fields: Any) -> bytes:
        """Return a line of the device."""
        return wire.encode(fields).removesuffix(b"\n") + self.line_end

    def _change(self, request: dict[str, Any]) -> dict[str, Any]:
        draft = {"draft": None, "code": None} if self.at_once else {"draft": 7, "code": 1234}
        return {**draft, "old": self.old, "new": self.read_back(request)}

    def _answer(self, line: bytes) -> bytes:
        before, self.before = self.before, b""
        try:
            if self.garble:
                self.garble -= 1
                line = line[:-3]
            request = wire.decode(line).fields
        except errors.WireError:
            return before + self.line(id=None, ok=False, refused=202)
        self.seen.append(request)
        answer = self.answers.get(request["cmd"])
        if callable(answer):
            answer = answer(request)
        if answer is None:
            return before
        return before + self.line(id=request["id"], **{"ok": True, **answer})


class MemoryLink:
    """A transport whose clock jumps while it waits; `chunk` is the most bytes that one read returns."""

    name = "memory"

    def __init__(self, device: Device, chunk: int = 4096) -> None:
        self.device = device
        self.closed = False
        self._chunk = chunk
        self._sent: deque[bytes] = deque()
        self._now_s = 0.0

    def say(self, data: bytes) -> None:
        """Let the device send bytes without a request."""
        self._sent.extend(data[at : at + self._chunk] for at in range(0, len(data), self._chunk))

    def read(self, timeout_s: float) -> bytes:
        if self._sent:
            return self._sent.popleft()
        self._now_s += timeout_s
        return b""

    def write(self, data: bytes) -> None:
        self.say(self.device.receive(data))

    def now_s(self) -> float:
        return self._now_s

    def close(self) -> None:
        self.closed = True


class PtyDevice(Device):
    """A device on a pty; `port` is the path that a program opens."""

    def __init__(self) -> None:
        super().__init__()
        self._device, self._user = pty.openpty()
        tty.setraw(self._user)
        os.set_blocking(self._device, False)
        self.port = os.ttyname(self._user)
        self._ending, self._end = os.pipe()
        self._answering = threading.Lock()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def say(self, data: bytes) -> None:
        """Send bytes without a request; wait while the program reads nothing and the terminal is full."""
        while data:
            ending, _, _ = select.select([self._ending], [self._device], [])
            if ending:
                return
            data = data[os.write(self._device, data) :]

    def wait_until_read(self) -> None:
        """Wait until the program has read all that was sent; a port that closes takes the rest with it."""
        with self._answering:
            waiting = array.array("i", [1])
        while waiting[0]:
            time.sleep(0.01)
            fcntl.ioctl(self._user, termios.FIONREAD, waiting)

    def close(self) -> None:
        """End it; may be called again."""
        if self._thread.is_alive():
            os.write(self._end, b".")
            self._thread.join()
            for end in (self._device, self._user, self._ending, self._end):
                os.close(end)

    def _serve(self) -> None:
        while True:
            ready, _, _ = select.select([self._device, self._ending], [], [])
            if self._ending in ready:
                return
            with self._answering:
                answer = self.receive(os.read(self._device, 4096))
                self.say(answer)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the port, checkout and configuration of the user who runs the tests."""
    for name in ("PUMP_PORT", "PUMP_CHECKOUT", "MICROPYTHON"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "run").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("serial.tools.list_ports.comports", list)


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
def memory() -> Callable[..., MemoryLink]:
    """Return the class of links in memory to a device."""
    return MemoryLink


@pytest.fixture
def link(device: Device) -> MemoryLink:
    return MemoryLink(device)


@pytest.fixture
def pump(link: MemoryLink) -> Pump:
    return Pump.connect(link)


@pytest.fixture
def pty_device() -> Iterator[PtyDevice]:
    device = PtyDevice()
    yield device
    device.close()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like the project's, with fake_child.py as the firmware and this interpreter."""
    folder = tmp_path / "checkout"
    (folder / "firmware" / "pump").mkdir(parents=True)
    (folder / "boards" / "unix").mkdir(parents=True)
    shutil.copy(HERE / "fake_child.py", folder / "boards" / "unix" / "main.py")
    monkeypatch.setenv("PUMP_CHECKOUT", str(folder))
    monkeypatch.setenv("MICROPYTHON", sys.executable)
    return folder


@pytest.fixture
def image(tmp_path: Path) -> uf2.Image:
    path = tmp_path / "pump-release.uf2"
    path.write_bytes(blocks())
    return uf2.read(path)


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Board:
    """A board that starts the image when it is synced."""
    made = Board(tmp_path / "RPI-RP2")
    monkeypatch.setattr(bootsel.os, "fsync", made.start)
    return made


@pytest.fixture
def run(pty_device: Any) -> Any:
    """Return a function that runs a command line on the device and returns (exit code, stdout, stderr)."""

    def run_it(*words: str, port: str | None = pty_device.port, typed: str = "") -> tuple[int, str, str]:
        result = CliRunner().invoke(app, [*(("--port", port) if port else ()), *words], input=typed)
        assert "Traceback" not in result.output
        return result.exit_code, result.stdout, result.stderr

    return run_it
