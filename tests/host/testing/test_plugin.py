"""The plugin of the bench on a tester's own tests, in an empty folder outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from interpreters import LONGEST_S, ROOT
from pumpctl import checkout, sim
from pumpctl.testing import job_symbols
from toolchain import steps, venv
from toolchain.machine import Machine

# By its name, as the environment of the build may be older than the entry point of this tree.
PLUGIN = ("-p", "pumpctl.testing.plugin")


def _run(folder: Path, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a program in a folder, with this tree's package and without a named checkout."""
    known = {name: value for name, value in os.environ.items() if name != "PUMP_CHECKOUT"}
    known |= {"PYTHONPATH": str(ROOT / "host/src"), **environment}
    return subprocess.run(
        words, cwd=folder, env=known, capture_output=True, text=True, check=False, timeout=LONGEST_S
    )  # fmt: skip


def _pytest(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return _run(folder, sys.executable, "-m", "pytest", "-q", *PLUGIN, *words, **environment)


@pytest.fixture
def folder(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with nothing but what `pumpctl bench new-test night` wrote."""
    monkeypatch.chdir(tmp_path)
    assert run("bench", "new-test", "night", port=None)[0] == 0
    return tmp_path


def test_the_template_passes_and_two_runs_are_compared(run: Any, folder: Path) -> None:
    first = _pytest(folder, f"--checkout={ROOT}", "--evidence=runs")
    assert (first.returncode, "2 passed" in first.stdout) == (0, True), first.stdout + first.stderr
    (folder / "pytest.ini").write_text(f"[pytest]\npump_checkout = {ROOT}\n")
    second = _pytest(folder, "--evidence=runs", "-n2")
    assert (second.returncode, "2 passed" in second.stdout) == (0, True), second.stdout + second.stderr
    junit = [path for path in (folder / "runs").iterdir() if path.name.endswith("-junit.xml")]
    before, after = sorted((folder / "runs").glob("*-unix*.json"))
    assert all("test_night_occlusion" in path.read_text() for path in junit)
    code, out, _ = run("evidence", "diff", str(before), str(after), "--json", port=None)
    found = json.loads(out)
    assert (code, found["after"]["image"]) == (0, json.loads(before.read_text())["image"])
    assert {row["name"] for row in found["differences"]} == {"night.delivered_nl", "night.alarm_after_s"}
    assert all(row["before"] == row["after"] for row in found["differences"])  # the same seed gives the same values
    assert [path.name for path in folder.iterdir() if path.name == "evidence"] == []


@pytest.mark.parametrize(
    ("words", "environment", "text"),
    [
        (["--checkout=nowhere"], {}, "The project's checkout was not found in nowhere"),
        (["--target", "unix,pico"], {"PUMP_CHECKOUT": str(ROOT)}, "--target pico needs the port"),
        (["--target", "unix,moon"], {}, "There is no target 'moon'"),
        (["--evidence", "runs"], {}, "Write --evidence=DIR, in one word"),
    ],
)
def test_a_bench_that_is_not_there_is_one_sentence(
    folder: Path, words: list[str], environment: dict[str, str], text: str
) -> None:
    done = _pytest(folder, *words, **environment)
    assert (done.returncode, done.stderr.startswith(f"ERROR: {text}")) == (4, True), done.stdout + done.stderr
    assert not (folder / "evidence").exists()


def test_a_pump_that_this_user_is_not_paired_with_ends_the_session_in_one_sentence(folder: Path) -> None:
    (folder / "test_night.py").write_text("def test_a(bench):\n    pass\n\n\ndef test_b(bench):\n    pass\n")
    with sim.Simulation(time="wall", options=("--keys", "yes")) as simulation:
        done = _pytest(folder, f"--target=pico:{simulation.port}")
    assert (done.returncode, done.stdout.count("type `pumpctl --port")) == (6, 1), done.stdout + done.stderr


def test_a_test_that_no_target_can_run_is_an_error_and_a_value_beyond_its_limit_fails(folder: Path) -> None:
    (folder / "test_night.py").write_text(
        "import pytest\n\n"
        "def test_limit(bench, evidence):\n    evidence.record('a.b', 3, None, 2, 's')\n\n"
        "@pytest.mark.needs('exact_time', 'parts')\ndef test_none(bench):\n    pass\n"
    )
    done = _pytest(folder, f"--checkout={ROOT}")
    assert (done.returncode, "no target can do all of that" in done.stderr) == (4, True), done.stdout + done.stderr
    text = (folder / "test_night.py").read_text()
    (folder / "test_night.py").write_text(text.replace("'exact_time', ", ""))
    done = _pytest(folder, f"--checkout={ROOT}", "-rs")
    assert (done.returncode, "1 failed, 1 skipped" in done.stdout) == (1, True), done.stdout
    assert "unix can't: parts" in done.stdout
    (file,) = (folder / "evidence").iterdir()
    assert [row["good"] for row in json.loads(file.read_text())["measurements"]] == [False]


def test_a_name_that_is_none_and_a_file_that_exists_are_refused(run: Any, folder: Path) -> None:
    before = (folder / "test_night.py").read_text()
    for name, code in (("night", 7), ("a b", 2), ("../x", 2), ("é", 2)):
        found, _, err = run("bench", "new-test", name, port=None)
        assert (found, err.count("\n")) == (code, 1)
    assert [path.read_text() for path in folder.glob("*.py")] == [before]


def test_the_jobs_of_the_firmware_have_names_and_symbols() -> None:
    jobs = job_symbols.Jobs(checkout.find_checkout(ROOT))
    assert len(set(jobs.names)) == len(jobs.names) > 10
    assert jobs.symbol(jobs.names.index("delivery")) == "fun_data_pump_dose_delivery_Delivery_run"


@pytest.mark.long("installs the package into an environment of its own")
def test_the_installed_package_brings_the_plugin(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    place = steps.Place(tmp_path_factory.mktemp("tester"))
    programs = venv.make(place, Machine(), "tester", [f"{ROOT / 'host'}[bench]"], ["pytest", "pumpctl"]) / "bin"
    installed = {"PYTHONPATH": ""}
    lost = _run(folder, programs / "pytest", "-q", **installed)
    assert (lost.returncode, "was not found here or above" in lost.stderr) == (4, True), lost.stdout + lost.stderr
    done = _run(folder, programs / "pytest", "-q", f"--checkout={ROOT}", "--evidence=runs", **installed)
    assert (done.returncode, "2 passed" in done.stdout) == (0, True), done.stdout + done.stderr
    diff = _run(folder, programs / "pumpctl", "evidence", "diff", "runs", "runs", **installed)
    assert (diff.returncode, "night.alarm_after_s" in diff.stdout) == (0, True), diff.stderr
