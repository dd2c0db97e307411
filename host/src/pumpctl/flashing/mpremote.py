"""mpremote as this program needs it: one call, one clear reason when a board does not let it in.

mpremote itself waits for ever on a board whose REPL is closed, so that is found out first.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence

from pumpctl import errors
from pumpctl.protocol import transport

_TIMEOUT_S = 120.0
_ENTER_REPL = b"\r\x03\x03\x02"  # ends what runs, leaves the raw REPL, draws a prompt
_PROMPT = b">>> "
_TRIES = 2
_PROMPT_S = 1.5

Run = Callable[[Sequence[str]], tuple[int, str]]


def run(words: Sequence[str]) -> tuple[int, str]:
    """Run mpremote of this Python's packages; returns its exit code and all that it said."""
    command = [sys.executable, "-m", "mpremote", *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return 1, f"no answer within {_TIMEOUT_S:g} s"
    return done.returncode, done.stdout + done.stderr


def enter_repl(transport: transport.Transport) -> None:
    """Stop what runs and wait for a prompt; raises ReplClosed. The port is given back in every case."""
    said = b""
    try:
        for _ in range(_TRIES):
            transport.write(_ENTER_REPL)
            until_s = transport.now_s() + _PROMPT_S
            while transport.now_s() < until_s:
                said = (said + transport.read(0.1))[-4096:]
                if _PROMPT in said:
                    return
    finally:
        transport.close()
    raise errors.ReplClosed(
        f"The board at {transport.name} keeps its REPL closed, as a release image does: set the jumper GP18 to "
        "ground and power it on again, or flash a development image by holding BOOTSEL while you plug it in."
    )


def call(port: str, words: Sequence[str], runner: Run = run) -> str:
    """Run mpremote on a port; returns what it said. Raises ReplClosed, PortBusy or MpremoteFailed."""
    code, said = runner(["connect", port, *words])
    if code == 0:
        return said
    if "No module named mpremote" in said:
        raise errors.MpremoteFailed("mpremote is missing; install it with `pip install mpremote`, or use BOOTSEL.")
    if "could not enter raw repl" in said:
        raise errors.ReplClosed(f"The board at {port} did not let mpremote in; press its reset and try again.")
    if "in use" in said or "failed to access" in said:
        raise errors.PortBusy(port)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    raise errors.MpremoteFailed(f"mpremote on {port}: {lines[-1] if lines else 'it said nothing'}.")
