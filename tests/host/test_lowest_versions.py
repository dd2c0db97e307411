"""The command line on the lowest versions that the two pyproject.toml allow, in a throw-away environment."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from interpreters import LONGEST_S, ROOT
from toolchain import steps, venv
from toolchain.machine import Machine

_TESTS = (  # what runs on them: help, versions, options, the live screen, therapy plans, a port, plots, the service
    "tests/host/cli/test_main.py",
    "tests/host/cli/test_options.py",
    "tests/host/cli/watch/test_screen.py",
    "tests/host/cli/service/test_serve.py",
    "tests/host/cli/service/test_session.py",  # with Parquet, which the set-up leaves out
    "tests/host/protocol/test_transport.py",
    "tests/host/test_package.py",
)
_NOT_IMPORTED = ("ruff", "mypy", "types-", "pre-commit", "pytest-xdist")  # no test here runs them


def lowest(requirements: list[str]) -> list[str]:
    """The requirements with each version set to the lowest that is allowed."""
    found = []
    for requirement in requirements:
        name, bound = re.fullmatch(r"([A-Za-z0-9_-]+)>=([0-9.]+)(?:,<[0-9.]+)?", requirement).groups()  # type: ignore[union-attr]
        found.append(f"{name}=={bound}")
    return found


def _allowed() -> list[str]:
    host = tomllib.loads((ROOT / "host" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]["dev"]
    used = [tool for tool in tools if not tool.startswith(_NOT_IMPORTED)]
    extras = [requirement for extra in host["optional-dependencies"].values() for requirement in extra]
    return [*host["dependencies"], *extras, *used]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the lowest versions, made as the set-up makes its own."""
    place = steps.Place(tmp_path_factory.mktemp("lowest"))
    return venv.make(place, Machine(), "lowest", lowest(_allowed()), ["python"]) / "bin" / "python"


def _run(python: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "host" / "src")}
    return subprocess.run(
        [python, *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LONGEST_S, check=False
    )


def test_the_lowest_version_of_each_requirement_is_taken() -> None:
    assert lowest(["typer>=0.18,<1", "rich>=13,<16"]) == ["typer==0.18", "rich==13"]
    assert len(lowest(_allowed())) >= 5


@pytest.mark.long("installs an environment of its own")
def test_help_version_and_a_simulated_pump_work_on_the_lowest_versions(python: Path) -> None:
    for words in (["--help"], ["--version"], ["therapy", "set", "--help"], ["--port", "sim:", "status"]):
        done = _run(python, "-m", "pumpctl", *words)
        assert (done.returncode, done.stderr) == (0, ""), words
        assert done.stdout


@pytest.mark.long("installs an environment of its own")
def test_the_command_lines_own_tests_pass_on_the_lowest_versions(python: Path, tmp_path: Path) -> None:
    done = _run(python, "-m", "pytest", "-q", "-o", f"cache_dir={tmp_path}", f"--basetemp={tmp_path / 't'}", *_TESTS)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert re.search(r"^[0-9]+ passed", done.stdout, re.MULTILINE), done.stdout[-300:]


@pytest.mark.long("installs an environment of its own")
def test_mpremote_and_plots_work_on_the_lowest_versions(python: Path, tmp_path: Path) -> None:
    assert _run(python, "-m", "mpremote", "version").returncode == 0
    program = (
        "import sys; from pathlib import Path; from pumpctl import defs; from pumpctl.protocol.answers import Sample;"
        "from pumpctl.report import pressure_trace;"
        "pressure_trace.write_png(Path(sys.argv[1]), defs.ALARMS[104], [Sample(0, 0, 1000), Sample(0, 250, 1100)])"
    )
    done = _run(python, "-c", program, str(tmp_path / "plot.png"))
    assert (done.returncode, (tmp_path / "plot.png").read_bytes()[1:4]) == (0, b"PNG"), done.stderr
