"""The rig's program on an emulated Pico: it boots, answers on USB, and its parts work with MicroPython's PIO and IRQ.

The development image serves as MicroPython; mpremote copies the rig's files onto it, as onto a real Pico.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from emulated_run import DEVELOPMENT, EMULATOR, WITH_IMAGE, wait_for_repl
from emulator import emulate
from interpreters import LONGEST_S
from pumpctl.testing.targets import pico

_ROOT = Path(__file__).resolve().parents[2]
_ON_CHIP = Path(__file__).parent / "rig_on_chip.py"

pytestmark = [*EMULATOR, WITH_IMAGE]


def mpremote(port: str, *words: str) -> str:
    """Runs mpremote; returns its output."""
    command = [sys.executable, "-m", "mpremote", "connect", port, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, cwd=_ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An emulated Pico with the rig's files on it, but for those of the body, which is loaded only where it is used."""
    folder = tmp_path_factory.mktemp("rig")
    unused = ("__pycache__", "body.py", "course.py", "day.py", "heart.py", "walking.py", "waves.py", "reference_run.py")
    for name in ("plant", "rig"):
        shutil.copytree(_ROOT / "hil" / name, folder / name, ignore=shutil.ignore_patterns(*unused))
    with emulate.Emulated(DEVELOPMENT, []) as emulated:
        wait_for_repl(emulated.port)
        mpremote(emulated.port, "exec", "import storage; storage.make()")
        mpremote(emulated.port, "cp", "-r", str(folder / "plant"), str(folder / "rig"), ":")
        yield emulated.port


def test_parts_on_the_chips_own_state_machines_interrupt_and_registers(port: str) -> None:
    said = json.loads(mpremote(port, "run", str(_ON_CHIP)))
    assert said["steps"] == [0, 23]
    assert said["answers"] == [[False, False, True], 1]
    con, address, enabled = said["block"]
    assert con & 0x41 == 0 and con & 0x200 and address == 0x18 and enabled == 1
    duty, hertz = said["level"]
    assert abs(duty - 41943) <= 16 and abs(hertz - 30518) <= 1


def test_the_program_answers_on_usb(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pico, "_ANSWER_S", LONGEST_S)  # the emulated board may be slow
    mpremote(port, "exec", "--no-follow", "import rig.main")
    rig = pico.Rig(port)
    try:
        rig.ask("world 3 line_tau_ms=500")
        rig.ask("do block")
        truth = rig.ask("truth")
        assert (truth["line_tau_ms"], truth["line_blocked"]) == (500, 1)
        until_s = time.monotonic() + LONGEST_S
        while truth["t_ms"] <= 500 and time.monotonic() < until_s:
            truth = rig.ask("truth")
        assert truth["t_ms"] > 500
    finally:
        rig.close()
