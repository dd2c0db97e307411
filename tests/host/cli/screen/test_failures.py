"""Failures of pipes, disks, encodings, files and of pumpctl itself: one sentence and a documented exit code."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from pumpctl import errors
from pumpctl.cli import options
from pumpctl.cli.main import app
from pumpctl.cli.screen import failures
from pumpctl.flashing import mpremote
from pumpctl.protocol import transport
from typer.testing import CliRunner

README = Path(__file__).parents[4] / "host" / "README.md"
PROGRAM = [sys.executable, "-m", "pumpctl"]
FULL = Path("/dev/full")  # of Linux: a file on a disk without space

needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


def shell(command: str, **environment: str) -> tuple[int, str]:
    """Run a command line whose first program is $PUMPCTL; returns its exit code and stderr."""
    words = " ".join(f"'{word}'" for word in PROGRAM)
    script = command.replace("$PUMPCTL", words)
    done = subprocess.run(["bash", "-c", script], capture_output=True, env={**os.environ, **environment}, check=False)
    return done.returncode, done.stderr.decode()


def one_sentence(text: str) -> bool:
    return text.count("\n") == 1 and text.endswith(".\n") and "Traceback" not in text


@needs_full
@pytest.mark.parametrize(
    "verb", ["--help", "sim --help", "--version", "ports --json", "status", "status --json", "log"]
)
def test_a_full_disk_behind_stdout_is_one_sentence_and_code_7(pty_device: Any, verb: str) -> None:
    pty_device.answers["log"] = {"rows": [[1, 0, 0, 1, 0, 0]], "next": None}
    code, err = shell(f"$PUMPCTL --port {pty_device.port} {verb} >/dev/full")
    assert code == errors.ExitCode.SYSTEM
    assert one_sentence(err)
    assert "No space left on device" in err


@pytest.mark.parametrize("verb", ["--help", "--version", "status", "status --json"])
def test_a_closed_pipe_is_one_sentence_and_code_7(pty_device: Any, verb: str) -> None:
    code, err = shell(f"set -o pipefail; (sleep 1; $PUMPCTL --port {pty_device.port} {verb}) | true")
    assert code == errors.ExitCode.SYSTEM
    assert err == "The output could not be written: Broken pipe.\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_streams_that_were_closed_before_the_start_stop_nothing(pty_device: Any, closed: str) -> None:
    assert shell(f"$PUMPCTL --port {pty_device.port} status {closed}") == (0, "")


@needs_full
def test_a_message_that_can_not_be_written_leaves_its_exit_code() -> None:
    assert shell("$PUMPCTL --port /dev/ttyNobody status 2>/dev/full") == (errors.ExitCode.NO_DEVICE, "")


@pytest.mark.parametrize("verb", ["--help", "status", "dose", "alarms", "info"])
def test_a_terminal_that_lacks_letters_shows_another_instead(pty_device: Any, verb: str) -> None:
    pty_device.answers["alarms"] = {"rows": [[104, 1, 0, 280_000, 1]]}
    assert shell(f"$PUMPCTL --port {pty_device.port} {verb}", PYTHONIOENCODING="ascii:strict", LC_ALL="C") == (0, "")


@pytest.mark.parametrize("encoding", ["ascii", "cp932", "gbk", "cp437"])
def test_a_unit_stays_readable_in_any_encoding(pty_device: Any, encoding: str) -> None:
    pty_device.answers["dose"].update(hour_nl=41_750, temperature_centi_c=2105)
    script = f"'{sys.executable}' -m pumpctl --port {pty_device.port} dose"
    environment = {**os.environ, "PYTHONIOENCODING": f"{encoding}:strict"}
    done = subprocess.run(["bash", "-c", script], capture_output=True, env=environment, check=True)
    shown = done.stdout.decode(encoding)
    assert re.search("41.75 [µuμ]L of at most", shown), shown
    assert "?" not in shown


def test_bytes_that_are_no_text_as_an_argument_or_an_answer_are_one_sentence(pty_device: Any) -> None:
    code, err = shell(f"$PUMPCTL --port {pty_device.port} rate $'\\xff'")
    assert (code, one_sentence(err)) == (2, True)
    code, err = shell(f"printf '\\xff\\xfe\\n' | $PUMPCTL --port {pty_device.port} bolus 20uL")
    assert code in (2, 130)
    assert "Traceback" not in err


@needs_full
@pytest.mark.parametrize("target", ["/dev/full", "/nowhere/at/all"])
@pytest.mark.parametrize(
    ("verb", "answers"),
    [
        (["log", "rescue", "--raw"], {"journal_read": {"hex": None, "next": None}}),
        (["alarms", "show", "occlusion", "--plot"], {"alarms": {"rows": []}, "trace": {}}),
    ],
    ids=["flash", "plot"],
)
def test_a_file_that_can_not_be_written_is_one_sentence_and_code_7(
    run: Any, pty_device: Any, target: str, verb: list[str], answers: dict[str, Any]
) -> None:
    pytest.importorskip("matplotlib")
    pty_device.answers.update(answers)
    if "trace" in answers:
        pty_device.answers["trace"] = {"alarm": 104, "rows": [[0, 0, 1000], [0, 250, 1100]], "next": None}
    code, _, err = run(*verb, target)
    assert code == errors.ExitCode.SYSTEM
    assert err.startswith(f"The file {target} could not be saved: ")
    assert one_sentence(err)


@pytest.mark.parametrize("kind", ["missing", "folder", "unreadable bytes"])
def test_a_file_that_can_not_be_read_is_one_sentence_and_code_2(run: Any, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    if kind == "folder":
        path.mkdir()
    elif kind == "unreadable bytes":
        path.write_bytes(b"\xff\xfe\x00")
    for words in (("therapy", "check", str(path)), ("log", "rescue", "--from", str(path))):
        code, _, err = run(*words, port=None)
        if words[0] == "log" and kind == "unreadable bytes":
            assert code == 0  # whatever is in a flash can be read
        else:
            assert (code, "Traceback" in err) == (2, False)


def test_an_error_in_pumpctl_itself_is_one_sentence_and_code_70(monkeypatch: pytest.MonkeyPatch) -> None:
    group = _group(ZeroDivisionError("nothing to divide"))
    result = CliRunner().invoke(group, ["leaf"])
    assert result.exit_code == errors.ExitCode.INTERNAL
    assert one_sentence(result.stderr)
    assert "ZeroDivisionError: nothing to divide" in result.stderr
    monkeypatch.setenv(failures.TRACEBACK, "1")
    assert "test_failures.py" in CliRunner().invoke(group, ["leaf"]).stderr


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (OSError(errno.EIO, "Input/output error", "/dev/x"), 7, "Input/output error, /dev/x"),
        (PermissionError(errno.EACCES, "Permission denied"), 7, "Permission denied"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), 70, "UnicodeDecodeError"),
        (RuntimeError(), 70, "RuntimeError"),
        (typer.Abort(), 130, "Interrupted at a question"),
    ],
)
def test_no_failure_ends_in_a_traceback(error: Exception, code: int, words: str) -> None:
    result = CliRunner().invoke(_group(error), ["leaf"])
    assert (result.exit_code, one_sentence(result.stderr), words in result.stderr) == (code, True, True)


def _group(error: Exception) -> typer.Typer:
    """A command line with a verb that fails."""
    group = typer.Typer(cls=options.Verbs, pretty_exceptions_enable=False)
    group.callback()(lambda: None)

    @group.command("leaf")
    def leaf() -> None:
        raise error

    return group


def test_a_user_without_a_home_and_a_folder_that_was_deleted_are_no_error(tmp_path: Path, pty_device: Any) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f"cd {gone} && rmdir {gone} && unset HOME XDG_CONFIG_HOME && $PUMPCTL --port {pty_device.port} info"
    assert shell(command) == (0, "")
    code, err = shell(f"mkdir {gone} && cd {gone} && rmdir {gone} && $PUMPCTL --port {tmp_path}/none flash")
    assert (code, "Traceback" in err) in ((3, False), (5, False))  # no such port, or no image was built


def test_an_error_of_the_terminal_that_is_no_os_error_is_a_lost_link(pty_device: Any, monkeypatch: Any) -> None:
    termios = pytest.importorskip("termios")
    port = transport.SerialTransport(pty_device.port)

    def fail(*_: object) -> None:
        raise termios.error(errno.EIO, "Input/output error")

    monkeypatch.setattr(port._serial, "read", fail)
    with pytest.raises(errors.LinkLost):
        port.read(0)
    port.close()
    monkeypatch.setattr("serial.serial_for_url", fail)
    with pytest.raises(errors.PortUnfit):
        transport.SerialTransport(pty_device.port)


def test_a_python_that_can_not_be_started_is_a_failure_of_mpremote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(errors.MpremoteFailed, match="can't be started"):
        mpremote.call("/dev/pico", ["reset"])


def test_every_exit_code_is_in_the_help_and_in_the_readme() -> None:
    assert set(errors.EXIT_TEXTS) == set(errors.ExitCode)
    shown = " ".join(CliRunner().invoke(app, ["--help"], env={"COLUMNS": "300"}).stdout.split())
    readme = " ".join(README.read_text(encoding="utf-8").split())
    for code, text in errors.EXIT_TEXTS.items():
        assert f"{int(code)} {text}" in shown
        assert re.search(rf"\| {int(code)} \| {re.escape(text)}", readme), f"{int(code)} {text}"
