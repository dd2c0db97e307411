"""A small seeded part of the occlusion campaign: finds a broken detector without `make bench`."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import interpreters
import pytest

sys.path.insert(0, str(interpreters.ROOT / "tests/bench"))

from occlusion import (
    figures,  # noqa: E402
    rig,  # noqa: E402
    runs,  # noqa: E402
)

REQUIREMENTS = ("O1", "O4", "O7")
DEFAULT = runs.DEFAULT
DRIVES = ("stepper", "valves")
_COST = Path("tests/bench/occlusion/cost.py")


def perform(kind: str, line: tuple[int, int, int], value: int, seed: int, drive: str = "stepper") -> dict[str, Any]:
    return runs.perform((kind, *line, value, seed, drive))


@pytest.mark.parametrize("drive", DRIVES)
@pytest.mark.parametrize("seed", range(900, 912))
def test_sudden_block_of_the_default_line(seed: int, drive: str) -> None:
    row = perform("sudden", DEFAULT, 0, seed, drive)
    assert row["false"] == 0
    assert row["strokes_to_alarm"] <= 5
    assert row["seconds"] <= 900  # O1
    assert row["missing_nl"] <= 10000


@pytest.mark.parametrize(
    "line",
    [(20, 200, 50), (20, 20000, 1000), (500, 200, 200), (1000, 20000, 5000), (2000, 2000, 1000), (2000, 200, 24000)],
)
def test_sudden_block_of_other_lines(line: tuple[int, int, int]) -> None:
    row = perform("sudden", line, 0, 5900)
    assert row["false"] == 0
    # The softest line at the highest rate takes 20 s at least: 10.6 uL, beyond the goal of 10 (docs/occlusion.md).
    assert row["missing_nl"] <= (10600 if line == (2000, 200, 24000) else 10000)


@pytest.mark.parametrize("line", [DEFAULT, (500, 2000, 1000), (2000, 200, 1000)])
def test_block_that_grows_over_an_hour(line: tuple[int, int, int]) -> None:
    assert perform("grown", line, 60, 7900)["missing_nl"] <= 10000


@pytest.mark.parametrize(
    ("line", "strokes", "seed"),
    [
        ((100, 2000, 24000), 2192, 50201),
        ((100, 6000, 24000), 2192, 50301),
        ((500, 20000, 24000), 878, 50700),
        ((20, 6000, 200), 5915, 50202),
    ],
)
def test_changes_of_rate_boluses_and_bridges_raise_no_finding(
    line: tuple[int, int, int], strokes: int, seed: int
) -> None:
    row = perform("clean", line, strokes, seed)
    assert sum(row["done"].values()) > 0
    assert row["found"] == []


@pytest.mark.parametrize("seed", range(3))
def test_a_line_ten_times_as_resistant_warns_and_goes_on(seed: int) -> None:
    row = perform("partial", DEFAULT, 1000, 8900 + seed)
    assert row["warned"] <= 50
    assert row["stopped"] is None


@pytest.mark.parametrize("drive", DRIVES)
@pytest.mark.parametrize("line", [DEFAULT, (2000, 2000, 1000), (500, 200, 24000)])
def test_little_is_released_after_the_relief(line: tuple[int, int, int], drive: str) -> None:
    relieved, plain = (perform("released", line, value, 6900, drive)["released_nl"] for value in (1, 0))
    assert relieved <= 5000  # O4
    assert relieved < plain


@pytest.mark.parametrize("drive", DRIVES)
@pytest.mark.parametrize("line", [DEFAULT, (100, 200, 24000), (500, 6000, 5000), (1000, 20000, 1000), (2000, 2000, 50)])
def test_nothing_is_found_in_a_healthy_line(line: tuple[int, int, int], drive: str) -> None:
    row = perform("clean", line, 3000, 9000, drive)
    assert row["found"] == []
    assert row["closest_percent"] < 80


def test_a_detector_that_finds_nothing_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rig.monitor.findings.detector.Detector, "update", lambda *_: False)
    row = perform("sudden", DEFAULT, 0, 900)
    assert row["by"] == "pressure_high"
    assert row["strokes_to_alarm"] > 10


def test_percentile_is_a_value_that_was_met() -> None:
    assert figures.percentile(list(range(1, 1001)), 99) == 990
    assert figures.percentile([7], 99) == 7


def test_the_pico_sized_build_decides_as_cpython_does(micropython: Callable[..., str]) -> None:
    environment = os.environ | {"PYTHONPATH": "firmware:hil:tests/shim"}
    words = [sys.executable, str(_COST), "decisions"]
    done = subprocess.run(
        words, cwd=interpreters.ROOT, env=environment,
        capture_output=True, text=True, timeout=interpreters.LONGEST_S, check=True,
    )
    decided = json.loads(micropython(_COST, "decisions"))
    assert decided == json.loads(done.stdout)
    assert decided[-1][2] & rig.defs.BIT_OCCLUDED


def test_a_stroke_is_evaluated_without_allocating(micropython: Callable[..., str]) -> None:
    row = json.loads(micropython(_COST, "costs"))
    assert row["bytes_allocated"] == 0
    assert row["samples_most"] == 33
    assert row["samples"] <= 10
