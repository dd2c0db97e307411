"""Runs mpremote, and turns its failures into errors with one clear reason.

At a board whose REPL is closed mpremote waits ten seconds (without end at a pseudo-terminal) and doesn't say why, so
`enter_repl` checks that first.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence

from pumpctl import errors
from pumpctl.protocol import transport

_TIMEOUT_S = 120.0
_ENTER_REPL = b"\r\x03\x03\x02"  # Ctrl-C twice stops the program; Ctrl-B leaves the raw REPL and prints a prompt
_PROMPT = b">>> "
_TRIES = 2
_PROMPT_S = 1.5

Run = Callable[[Sequence[str]], tuple[int, str]]


def run(words: Sequence[str]) -> tuple[int, str]:
    """Run the mpremote installed for this Python; returns its exit code and its output."""
    command = [sys.executable, "-m", "mpremote", *words]
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return 1, f"no answer within {_TIMEOUT_S:g} s"
    except OSError as error:
        return 1, f"it can't be started ({errors.reason(error)})"
    return done.returncode, done.stdout + done.stderr


def enter_repl(transport: transport.Transport) -> None:
    """Stop the running program and wait for a prompt; raises ReplClosed. The port is closed in every case."""
    output = b""
    try:
        for _ in range(_TRIES):
            transport.write(_ENTER_REPL)
            until_s = transport.now_s() + _PROMPT_S
            while transport.now_s() < until_s:
                output = (output + transport.read(0.1))[-4096:]
                if _PROMPT in output:
                    return
    finally:
        transport.close()
    raise errors.ReplClosed(
        f"The REPL of the board at {transport.name} is closed, as with a release image; set the jumper GP18 to ground "
        "and power it on again, or flash a development image by holding BOOTSEL while you plug it in."
    )


def call(port: str, words: Sequence[str], runner: Run = run) -> str:
    """Run mpremote on a port; returns its output. Raises ReplClosed, PortBusy or MpremoteFailed."""
    code, output = runner(["connect", port, *words])
    if code == 0:
        return output
    if "No module named mpremote" in output:
        raise errors.MpremoteFailed("mpremote is not installed; type `pip install mpremote`, or use BOOTSEL.")
    if "could not enter raw repl" in output:
        raise errors.ReplClosed(f"mpremote could not enter the REPL at {port}; press the board's reset and try again.")
    if "in use" in output or "failed to access" in output:
        raise errors.PortBusy(port)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    raise errors.MpremoteFailed(f"mpremote failed on {port}: {lines[-1] if lines else 'no output'}.")
