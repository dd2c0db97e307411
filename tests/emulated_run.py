"""Runs the emulated Pico with lines on its bench channel."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import serial
from interpreters import LONGEST_S, ROOT
from pumpctl import errors, ports, sim
from pumpctl.pump import Pump

RELEASE = ROOT / "build/firmware/rpi_pico/pump-release.uf2"
DEMO = RELEASE.with_name("pump-demo.uf2")
DEVELOPMENT = RELEASE.with_name("pump-dev.uf2")
_TRIES = 60
_PRESS_MS = 300
MAIN = ROOT / "hil/emulator/main.js"


def installed() -> bool:
    """Whether the emulator can run here."""
    return shutil.which("node") is not None and (ROOT / "build/emulator/node_modules").is_dir()


EMULATOR = [
    pytest.mark.long("on the emulated Pico"),
    pytest.mark.usefixtures("kept_emulators"),
    pytest.mark.skipif(not installed(), reason="the emulator is not installed; `make emulator` does it"),
]
WITH_IMAGE = pytest.mark.skipif(not RELEASE.is_file(), reason="there is no image; `make firmware` builds it")


def pressing(simulation: sim.Simulation) -> Callable[[], None]:
    """A user who presses the pump's button."""

    def press() -> None:
        simulation.do("button_down")
        simulation.run(_PRESS_MS)
        simulation.do("button_up")

    return press


def talk(lines: list[str], *options: str, image: Path = RELEASE) -> subprocess.CompletedProcess[str]:
    """Runs the emulator with these lines on its bench channel."""
    command = ["node", str(MAIN), "--image", str(image), *options]
    environment = {
        "PATH": str(Path(shutil.which("node") or "").parent) + ":/usr/bin:/bin",
        "PUMP_PYTHON": sys.executable,
    }
    return subprocess.run(
        command,
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        env=environment,
        check=False,
    )


def wait_for_pump(port: str) -> str:
    """The image that runs at a port in wall time, as soon as the pump answers."""
    for _ in range(_TRIES):
        try:
            with Pump.connect(ports.opened(port)) as pump:
                return pump.hello.image
        except errors.PumpError:
            time.sleep(1)
    raise AssertionError("the pump doesn't answer")


def wait_for_repl(port: str) -> None:
    """Wait until a development image shows its prompt, and nothing of it is unread."""
    with serial.Serial(port, timeout=1) as opened:
        for _ in range(LONGEST_S):
            opened.write(b"\x03")  # it ends the program, but not while the board starts
            if opened.read_until(b">>> ").endswith(b">>> "):
                break
        opened.timeout = LONGEST_S
        opened.write(b"print('the', 'last')\r")
        assert opened.read_until(b"the last\r\n>>> ").endswith(b">>> "), "the REPL doesn't answer"


def answers(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    """The answers of the bench channel, in order."""
    assert done.returncode == 0, done.stderr
    return [json.loads(line[2:]) for line in done.stdout.splitlines() if line.startswith("= ")]


def sent(done: subprocess.CompletedProcess[str]) -> bytes:
    """The bytes that the device sent on its link."""
    return b"".join(bytes.fromhex(line[3:]) for line in done.stdout.splitlines() if line.startswith("tx "))
