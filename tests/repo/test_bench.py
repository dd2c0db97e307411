"""`make bench` runs: its quickest figure is measured, saved, and meets its goal."""

import json
import re
import subprocess
import sys

import interpreters
import pytest

_PATH = "tests:tests/shim:tests/unit/rigs:tests/power_cuts:firmware:hil:boards:boards/unix"  # as the Makefile has it
_GROUP = re.compile(r'Group\(\s*\(\s*"([\w.]+)"')
# The first figure of each measurement.
NAMES = [
    found[1]
    for path in sorted((interpreters.ROOT / "tests/bench").rglob("*figures.py"))
    for found in _GROUP.finditer(path.read_text())
]
# These groups have their names in a table.
NAMES += ["pico.step_jitter", "occlusion.sudden", "occlusion.hard.blocks", "setup.wall_s"]


def test_a_figure_is_measured_and_saved() -> None:
    words = [sys.executable, "tests/bench/run.py", "--only", "core.alloc"]
    environment = interpreters.environment() | {"PYTHONPATH": _PATH}
    done = subprocess.run(
        words, cwd=interpreters.ROOT, env=environment,
        capture_output=True, text=True, timeout=interpreters.LONGEST_S, check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads((interpreters.ROOT / "build/bench/results.json").read_text())
    (row,) = [row for row in rows if row["name"] == "core.alloc_bytes_per_step"]
    assert row["value"] == 0
    assert row["baseline"] > 0
    assert set(row) == {"name", "value", "unit", "baseline", "ratio", "goal", "command"}
    run = max((interpreters.ROOT / "build/bench/runs").glob("*.json"), key=lambda path: path.stat().st_mtime)
    names = [measurement["name"] for measurement in json.loads(run.read_text())["measurements"]]
    assert names == ["core.alloc_bytes_per_step"]
    assert "core.alloc_bytes_per_step" in (interpreters.ROOT / "build/bench/history.html").read_text()


def test_an_unknown_figure_is_one_sentence() -> None:
    words = [sys.executable, "tests/bench/run.py", "--only", "nothing.like.it"]
    environment = interpreters.environment() | {"PYTHONPATH": _PATH}
    done = subprocess.run(
        words, cwd=interpreters.ROOT, env=environment,
        capture_output=True, text=True, timeout=interpreters.LONGEST_S, check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


@pytest.mark.long("every measurement of the bench, on a span of seconds")
@pytest.mark.parametrize("name", NAMES)
def test_every_measurement_still_runs(name: str) -> None:
    words = [sys.executable, "tests/bench/run.py", "--only", name]
    environment = interpreters.environment() | {"PYTHONPATH": _PATH, "BENCH_SHORT": "1"}
    done = subprocess.run(
        words, cwd=interpreters.ROOT, env=environment,
        capture_output=True, text=True, timeout=interpreters.LONGEST_S, check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_script_that_a_figure_starts_is_there() -> None:
    folders = {"on_micropython": "tests/bench", "_run": "tests/power_cuts"}
    found = []
    for path in sorted((interpreters.ROOT / "tests/bench").rglob("*.py")):
        for call, script in re.findall(r'\b(on_micropython|_run)\("([\w/]+\.py)"', path.read_text()):
            found.append(interpreters.ROOT / folders[call] / script)
    assert len(found) >= 10
    assert [path for path in found if not path.is_file()] == []
