"""What runs on this computer is found by other programs, and a killed program's entry counts as none."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pumpctl import ports, running
from pumpctl.protocol import session

PUMP = running.Pump("1", "sim:", "/dev/null", "socket://127.0.0.1:5", "/x/world")


def test_an_entry_is_found_while_its_program_runs_and_not_after() -> None:
    with running.entered("http://127.0.0.1:1", [PUMP]):
        (entry,) = running.entries()
        assert entry == running.Entry(os.getpid(), "http://127.0.0.1:1", (PUMP,))
        assert running.served() == [(entry, PUMP)]
    assert running.entries() == []


def test_the_holder_of_a_port_is_found_by_the_device_and_by_a_link_to_it(tmp_path: Path) -> None:
    (tmp_path / "pump").symlink_to("/dev/null")
    with running.entered("http://127.0.0.1:1", [PUMP]):
        for name in ("/dev/null", str(tmp_path / "pump")):
            found = running.holder_of(name)
            assert found is not None
            assert found[1] == PUMP
        assert running.holder_of("/dev/zero") is None


def test_a_simulated_pump_without_a_service_holds_no_port_for_others() -> None:
    with running.entered("", [PUMP]):
        assert len(running.entries()) == 1
        assert running.holder_of("/dev/null") is None
        assert running.served() == []


def test_a_port_of_a_pump_that_was_started_paired_has_its_key(tmp_path: Path, pty_device: Any) -> None:
    """Also for a program that names the port by a link; a program without the entry has none."""
    (tmp_path / "pump").symlink_to(pty_device.port)
    key = session.preloaded()
    with running.entered("", [replace(PUMP, device=os.path.realpath(pty_device.port), key=key.key.hex())]):
        for name in (pty_device.port, str(tmp_path / "pump")):
            opened = ports.opened(name)
            assert opened.key == key
            opened.close()
        assert running.key_at("/dev/zero") is None
    assert running.key_at(pty_device.port) is None


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_folder_that_others_can_write_to_holds_no_entry(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mode: int
) -> None:
    """As one that another user has made beforehand, to let a program of their own pass for the service."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with running.entered("http://127.0.0.1:1", [PUMP]):
        assert running.holder_of("/dev/null") is not None
        running.folder().chmod(mode)
        assert running.entries() == []
        assert running.holder_of("/dev/null") is None
        with running.entered("http://127.0.0.1:2", [PUMP]):
            assert running.entries() == []


def test_the_entry_of_a_killed_program_is_removed() -> None:
    program = (
        "import os, signal; from pumpctl import running\n"
        "with running.entered('http://x', []): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    (left,) = running.folder().iterdir()
    assert running.entries() == []
    assert not left.exists()


def test_a_damaged_entry_is_left_out() -> None:
    import fcntl

    with (running.folder() / "entry-1-x.json").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write('{"pid": 1}')
        file.flush()
        assert running.entries() == []


def test_only_this_user_can_read_the_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert running.folder().stat().st_mode & 0o077 == 0
    assert running.folder().parent == tmp_path
