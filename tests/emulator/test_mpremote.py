"""The real mpremote at the emulated board."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from emulated_run import RELEASE, installed
from emulator import emulate
from interpreters import LONGEST_S, ROOT
from pumpctl import ports
from pumpctl.pump import Pump

pytestmark = pytest.mark.skipif(
    not installed() or not RELEASE.is_file(), reason="`make emulator` and `make firmware` make what is missing"
)

_STARTED_S = 2


def mpremote(port: str | Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs it in the checkout."""
    command = [sys.executable, "-m", "mpremote", "connect", str(port), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, cwd=ROOT, check=False)


def test_at_a_release_image_it_gives_up_and_the_pump_goes_on(tmp_path: Path) -> None:
    """At the name of a pseudo-terminal mpremote would read without a time-out; a serial port of a board is not one."""
    port = tmp_path / "ttyACM0"
    with emulate.Emulated(RELEASE, []) as emulated:
        port.symlink_to(emulated.port)
        time.sleep(_STARTED_S)
        done = mpremote(port, "exec", "print(1)")
        with Pump.connect(ports.opened(str(port))) as pump:
            state = pump.status().state_name
    assert done.returncode == 1 and "could not enter raw repl" in done.stderr
    assert state == "standby"
