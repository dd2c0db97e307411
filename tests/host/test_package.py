"""What `import pumpctl` gives: three classes, loaded only when they are used."""

from __future__ import annotations

import subprocess
import sys

import pumpctl
import pytest
from pumpctl import errors, pump, sim


def test_the_package_exports_its_main_classes() -> None:
    assert (pumpctl.Pump, pumpctl.Simulation, pumpctl.PumpError) == (pump.Pump, sim.Simulation, errors.PumpError)
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = pumpctl.Nothing


def test_importing_one_module_loads_no_other() -> None:
    program = "import sys; from pumpctl import defs; print(sorted(name for name in sys.modules if 'pumpctl' in name))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['pumpctl', 'pumpctl.defs', 'pumpctl.frozen']"


HEAVY = [
    "sqlite3",
    "asyncio",
    "matplotlib",
    "numpy",
    "pyarrow",
    "starlette",
    "uvicorn",
    "websockets",
    "textual",
    "rich.console",  # the package itself is empty, and typer 0.18 imports it
    "socketserver",
]


@pytest.mark.parametrize(
    ("begin", "heavy"),
    [
        ("import pumpctl.cli.main", [*HEAVY, "serial"]),
        ("from pumpctl.cli.shell import verbs; [*verbs.Table(name='all').commands.values()]", HEAVY),
        (
            "from typer.testing import CliRunner; from pumpctl.cli.main import app; "
            "CliRunner().invoke(app, ['--port', '/nothing', 'status'])",
            [*HEAVY[3:], "pydantic", "tomllib", "serial.tools.list_ports", "pumpctl.sim", "pumpctl.protocol.session"],
        ),
    ],
    ids=["help", "all verbs", "a verb"],
)
def test_the_command_line_loads_heavy_libraries_only_where_they_are_used(begin: str, heavy: list[str]) -> None:
    program = f"import sys; {begin}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_module_can_be_imported_on_a_system_without_terminals_of_unix() -> None:
    """pyserial has files of its own for each system; all else must do without these modules."""
    program = """
import importlib, pkgutil, sys
import serial, serial.tools.list_ports, rich.console, rich.progress, typer.testing
UNIX_ONLY = {"pty", "tty", "termios", "fcntl", "grp", "pwd", "resource", "syslog", "curses", "readline"}
for name in UNIX_ONLY:
    sys.modules[name] = None
import pumpctl
for module in pkgutil.walk_packages(pumpctl.__path__, "pumpctl."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
from pumpctl.cli.main import main
sys.argv = ["pumpctl", "--help"]
main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "status" in done.stdout
