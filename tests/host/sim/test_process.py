"""The command line as a process: signals, pipes, and a terminal."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from interpreters import LONGEST_S

PROGRAM = [sys.executable, "-m", "pumpctl"]


@pytest.fixture(autouse=True)
def ctrl_c_reaches_what_is_started() -> Iterator[None]:
    """A shell starts background programs with Ctrl-C ignored, which the programs started here would inherit."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def start(*words: str, **options: Any) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    given = {"stdin": subprocess.DEVNULL, "stdout": pipe, "stderr": pipe, **options}
    return subprocess.Popen([*PROGRAM, *words], text=True, **given)


def end(program: subprocess.Popen[str], number: int) -> tuple[int, str, str]:
    program.send_signal(number)
    out, err = program.communicate(timeout=LONGEST_S)
    assert "Traceback" not in err
    return program.returncode, out, err


def line_of(program: subprocess.Popen[str]) -> str:
    assert program.stdout is not None
    return program.stdout.readline()


def test_module_and_script_are_the_same() -> None:
    script = Path(sys.executable).with_name("pumpctl")
    by_module = subprocess.run([*PROGRAM, "--version"], capture_output=True, text=True, check=True)
    by_script = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert by_module.stdout == by_script.stdout
    assert by_module.stdout.startswith("pumpctl ")


def test_wrong_port() -> None:
    done = subprocess.run([*PROGRAM, "--port", "/dev/ttyNobody", "status"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "There is no port /dev/ttyNobody; `pumpctl ports` lists the ports.\n"


@pytest.mark.parametrize("words", [("monitor", "--json"), ("monitor",), ("log", "--follow")])
def test_ctrl_c_is_clean(pty_device: Any, words: tuple[str, ...]) -> None:
    pty_device.answers.update(alarms={"rows": []}, log={"rows": [[1, 0, 0, 3, 0, 0]], "next": None})
    program = start("--port", pty_device.port, *words)
    assert line_of(program)
    if words == ("log", "--follow"):
        pty_device.answers["log"] = {"rows": [[row, 0, 0, 3, 0, 0] for row in (2, 3)], "next": None}
        pty_device.say(pty_device.line(event=[3, 9, 0, 3, 0, 0]))
        assert [line_of(program).split()[0] for _ in range(2)] == ["2", "3"]
    code, _, err = end(program, signal.SIGINT)
    assert (code, err) == (0, "")
    if words == ("monitor", "--json"):
        assert pty_device.seen[-1]["period_s"] == 0


def test_ctrl_c_while_waiting_for_an_answer(pty_device: Any) -> None:
    pty_device.answers["hello"] = None
    program = start("--port", pty_device.port, "status", "--timeout", str(LONGEST_S))
    until = time.monotonic() + LONGEST_S
    while not pty_device.seen and time.monotonic() < until:
        time.sleep(0.02)
    assert end(program, signal.SIGINT) == (130, "", "")


def test_a_link_lost_during_monitor(pty_device: Any) -> None:
    program = start("--port", pty_device.port, "monitor", "--json", "--wait", "0")
    assert line_of(program)
    pty_device.close()
    _, err = program.communicate(timeout=LONGEST_S)
    assert program.returncode == 4
    assert "was lost; check the cable" in err
    assert "Traceback" not in err


def test_a_reader_that_closes_the_pipe_early(pty_device: Any) -> None:
    pty_device.answers["log"] = {"rows": [[row, 0, 0, 1, 0, 0] for row in range(1, 9)], "next": None}
    program = start("--port", pty_device.port, "log", "--follow")
    assert line_of(program)
    assert program.stdout is not None
    program.stdout.close()
    pty_device.say(b"".join(pty_device.line(event=[row, 9, 0, 1, 0, 0]) for row in range(9, 30)))
    program.wait(LONGEST_S)
    assert program.stderr is not None
    assert "Traceback" not in program.stderr.read()
    program.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_sim_without_a_terminal_runs_until_a_signal(checkout: Path, number: int) -> None:
    program = start("sim", "--json", "--speed", "60")
    port = json.loads(line_of(program))["port"]
    done = subprocess.run([*PROGRAM, "--port", port, "info", "--json"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["board"] == "child"
    assert program.poll() is None
    assert end(program, number)[0] == 0
    assert not Path(port).exists()


def test_world_actions_from_a_script(checkout: Path) -> None:
    program = start("sim", "--json", "--seed", "9", stdin=subprocess.PIPE)
    out, err = program.communicate("block 7\nfly\nblock x\nhelp\ntruth\nquit\n", timeout=LONGEST_S)
    assert program.returncode == 0
    assert json.loads(out.splitlines()[1]) == {"blocked": 7, "elapsed_ms": 0, "seed": 9}
    for text in ("block done.", "unknown action: fly", "block takes a whole number, not 'x'.", "drain 1mL"):
        assert text in err


@pytest.mark.parametrize("settings", ["fail=4", "fail=x"])
def test_sim_that_can_not_start(checkout: Path, settings: str) -> None:
    program = start("sim", "--set", settings)
    out, err = program.communicate(timeout=LONGEST_S)
    assert (program.returncode, out) == ((4, "") if settings == "fail=4" else (2, ""))
    assert err.count("\n") >= 1
    assert "Traceback" not in err


def test_the_live_screen_at_a_terminal(pty_device: Any) -> None:
    pty_device.answers["alarms"] = {"rows": [[104, 1, 0, 280_000, 1]]}
    screen, terminal = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "110", "LINES": "40"}
    program = start(
        "--port", pty_device.port, "monitor", stdin=terminal, stdout=terminal, stderr=terminal, env=environment
    )
    os.close(terminal)
    seen = b""
    until = time.monotonic() + LONGEST_S
    while b"by the ledger" not in seen and time.monotonic() < until:
        if select.select([screen], [], [], 0.1)[0]:
            seen += os.read(screen, 65536)
    program.send_signal(signal.SIGINT)
    assert program.wait(LONGEST_S) == 0
    os.close(screen)
    text = seen.decode("utf-8", "replace")
    for part in (
        "infusing",
        "1.000 mL/day",
        "12.750 mL by the ledger",
        "15.2 kPa",
        "occlusion",
        "Find and remove the occlusion",
    ):
        assert part in text
