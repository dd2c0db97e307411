"""The real mpremote at the emulated board."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from emulated_run import DEVELOPMENT, EMULATOR, RELEASE, WITH_IMAGE, wait_for_pump
from emulator import emulate
from interpreters import LONGEST_S, ROOT
from pumpctl import errors, ports
from pumpctl.flashing import deploy, mpremote as flashing_mpremote
from pumpctl.pump import Pump

pytestmark = [*EMULATOR, WITH_IMAGE]

_CHANGES = ("firmware/pump/core/__init__.py", "firmware/pump/dose/delivery.py", "boards/rpi_pico/board.py")
_NAMES = ["pump/core/__init__.py", "pump/dose/delivery.py", "board.py"]
# What a changed file adds: each module says at the prompt where it was loaded from.
_ADDED = "\nCHANGED = True\n"
_ASK = (
    "import board; from pump import core; from pump.dose import delivery, schedule; from pump.core import ticks; "
    "print([hasattr(m, 'CHANGED') for m in (core, delivery, board, schedule, ticks)], board.IMAGE)"
)


def mpremote(port: str | Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs it in the checkout."""
    command = [sys.executable, "-m", "mpremote", "connect", str(port), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, cwd=ROOT, check=False)


def test_at_a_release_image_it_gives_up_and_the_pump_goes_on(tmp_path: Path) -> None:
    """At the name of a pseudo-terminal mpremote would read without a time-out; a serial port of a board is not one."""
    port = tmp_path / "ttyACM0"
    with emulate.Emulated(RELEASE, []) as emulated:
        port.symlink_to(emulated.port)
        wait_for_pump(emulated.port)
        done = mpremote(port, "exec", "print(1)")
        with Pump.connect(ports.opened(str(port))) as pump:
            state = pump.status().state_name
    assert done.returncode == 1 and "could not enter raw repl" in done.stderr
    assert state == "standby"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of this checkout's firmware, with what is built here."""
    root = tmp_path / "checkout"
    for part in ("firmware", "boards"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "build").symlink_to(ROOT / "build")
    return root


@pytest.fixture
def port() -> Iterator[str]:
    """The port of a board with the development image and a blank file system."""
    with emulate.Emulated(DEVELOPMENT, []) as emulated:
        wait_for_pump(emulated.port)
        yield emulated.port


def change(checkout: Path) -> None:
    for name in _CHANGES:
        with (checkout / name).open("a") as file:
            file.write(_ADDED)


def loaded(port: str) -> tuple[str, str]:
    """Which modules are the changed ones (core, delivery, board, schedule, ticks), and the image's name."""
    done = mpremote(port, "exec", _ASK)
    assert done.returncode == 0, done.stderr + done.stdout
    which, _, name = done.stdout.strip().rpartition(" ")
    return which, name


def test_deploy_brings_what_differs_from_the_image_as_a_whole_or_not_at_all(port: str, checkout: Path) -> None:
    image = wait_for_pump(port)
    assert deploy.deploy(port, checkout).copy == (), "the checkout is what the image was built from"

    change(checkout)

    def is_interrupted(words: Sequence[str]) -> tuple[int, str]:
        """Ends after the second file has been copied."""
        ends = [place for place, word in enumerate(words) if word == "+"]
        if not ends:
            return flashing_mpremote.run(words)
        assert flashing_mpremote.run(words[: ends[2]])[0] == 0
        return 1, "the cable was pulled"

    with pytest.raises(errors.MpremoteFailed):
        deploy.deploy(port, checkout, is_interrupted)
    assert "deploy-" in mpremote(port, "ls").stdout, "some of it is there"
    assert loaded(port) == (str([False] * 5), image), "the board runs its image"

    assert list(deploy.deploy(port, checkout).copy) == _NAMES
    assert wait_for_pump(port) == f"{image}+files"
    assert loaded(port) == (str([True, True, True, False, False]), f"{image}+files")
    assert mpremote(port, "ls").stdout.count("deploy-") == 1, "what was left of the interrupted copy is gone"

    for name in _CHANGES:
        shutil.copyfile(ROOT / name, checkout / name)
    assert list(deploy.deploy(port, checkout).remove) == _NAMES
    assert wait_for_pump(port) == image
    assert "deploy" not in mpremote(port, "ls").stdout


def test_mip_installs_the_package_of_a_deploy(port: str, checkout: Path, tmp_path: Path) -> None:
    change(checkout)
    deploy.package(tmp_path / "package", checkout, "rpi_pico")
    assert mpremote(port, "exec", "import storage; storage.make()").returncode == 0
    done = mpremote(port, "mip", "install", "--target", "/", str(tmp_path / "package" / "package.json"))
    assert done.returncode == 0, done.stderr + done.stdout
    assert mpremote(port, "reset").returncode == 0
    assert wait_for_pump(port).endswith("+files")
    assert loaded(port)[0] == str([True, True, True, False, False])
