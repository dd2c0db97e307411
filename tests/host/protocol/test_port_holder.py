"""A program that has opened a port is found by its open files."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from pumpctl.protocol import port_holder


def test_a_program_that_has_opened_a_file_is_named_with_its_pid(tmp_path: Path) -> None:
    script = tmp_path / "holds.py"
    script.write_text("import sys; file = open(sys.argv[1], 'w'); print('open', flush=True); sys.stdin.read()")
    port = tmp_path / "port"
    with subprocess.Popen(
        [sys.executable, script, port], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        assert port_holder.holder(str(port)) == f"holds.py with pid {process.pid}"
        process.communicate("")
    assert port_holder.holder(str(port)) == ""


def test_the_program_at_the_other_end_of_a_connection_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        program = (
            "import socket, sys; made = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); sys.stdin.read()"
        )
        words = [sys.executable, "-c", program, str(server.getsockname()[1])]
        with subprocess.Popen(words, stdin=subprocess.PIPE, text=True) as process:
            accepted, (_, port) = server.accept()
            assert port_holder.peer(port).endswith(f"with pid {process.pid}")
            process.communicate("")
            accepted.close()
    assert port_holder.peer(1) == ""


def test_a_module_that_python_runs_is_named_and_not_its_option(tmp_path: Path) -> None:
    (tmp_path / "77" / "fd").mkdir(parents=True)
    (tmp_path / "77" / "fd" / "3").symlink_to("/dev/null")
    (tmp_path / "77" / "cmdline").write_bytes(b"/usr/bin/python3\0-m\0pumpctl\0monitor\0")
    (tmp_path / "77" / "comm").write_text("python3\n")
    assert port_holder.holder("/dev/null", tmp_path) == "pumpctl with pid 77"


def test_a_program_whose_name_cannot_be_read_is_named_by_its_pid(tmp_path: Path) -> None:
    (tmp_path / "77" / "fd").mkdir(parents=True)
    (tmp_path / "77" / "fd" / "3").symlink_to("/dev/null")
    assert port_holder.holder("/dev/null", tmp_path) == "the program with pid 77"


def test_without_a_list_of_processes_no_holder_is_found(tmp_path: Path) -> None:
    assert port_holder.holder("/dev/null", tmp_path / "none") == ""
