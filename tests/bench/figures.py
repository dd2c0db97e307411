"""A figure: a measured value and its baseline."""

from __future__ import annotations

import datetime
import json
import os
import platform
import re
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import interpreters

# With BENCH_SHORT each measurement takes seconds and shows only that its code still runs; the values mean nothing.
SHORT = "BENCH_SHORT" in os.environ
RESULTS = interpreters.ROOT / f"build/bench/{'short' if SHORT else 'results'}.json"
ORIGINS = RESULTS.with_name(RESULTS.stem + "_origins.json")


def span(whole: Any, short: Any) -> Any:
    """Return the span of a measurement: a number of runs, days and so on."""
    return short if SHORT else whole


@dataclass(frozen=True)
class Figure:
    """A measured value; `goal` is its upper ("most") or lower ("least") limit, None for none.

    `command` measures it, if it is not `make bench`.
    """

    name: str
    value: float
    unit: str
    baseline: float | None
    goal: float | None
    bound: str = "most"
    command: str = ""

    def good(self) -> bool:
        """Whether the goal is met."""
        if self.goal is None:
            return True
        return self.value <= self.goal if self.bound == "most" else self.value >= self.goal

    def row(self) -> dict[str, object]:
        """The row of results.json; the ratio is value / baseline, null if the baseline is 0."""
        ratio = round(self.value / self.baseline, 4) if self.baseline else None
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "baseline": self.baseline,
            "ratio": ratio,
            "goal": self.goal,
            "command": self.command or f"make bench ONLY={self.name}",
        }


def keep(figures: Iterable[Figure]) -> None:
    """Adds the figures to the results; each replaces the row with its name. ORIGINS tells where each was measured."""
    rows = {row["name"]: row for row in saved(RESULTS, [])} | {figure.name: figure.row() for figure in figures}
    measured = {"commit": commit(), "machine": machine(), "date": datetime.date.today().isoformat()}
    origins = saved(ORIGINS, {}) | {figure.name: measured for figure in figures}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([rows[name] for name in sorted(rows)], indent=1) + "\n")
    ORIGINS.write_text(json.dumps(origins, indent=1, sort_keys=True) + "\n")


def saved(path: Path, without: Any) -> Any:
    """The JSON in a file, or `without` when there is none."""
    return json.loads(path.read_text()) if path.exists() else without


def commit() -> str:
    """The commit of the sources, with "-dirty" when files differ from it."""
    words = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    return subprocess.run(words, cwd=interpreters.ROOT, capture_output=True, text=True, check=True).stdout.strip()


def machine() -> str:
    """Cores and processor, as a reader of the figures needs them."""
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{os.cpu_count()} cores, {found[1] if found else platform.machine()}"


@dataclass(frozen=True)
class Group:
    """Figures of one measurement; `what` is shown while it runs."""

    names: tuple[str, ...]
    what: str
    measure: Callable[[], list[Figure]]


def on_micropython(script: str, *arguments: object, heap_size: str | None = None, path: str | None = None) -> Any:
    """The JSON that a script prints on the interpreter of record; `path` replaces the path of the sources."""
    words = interpreters.command("pico-sized", Path("tests/bench", script), *arguments, heap_size=heap_size)
    environment = interpreters.environment()
    if path:
        environment["MICROPYPATH"] = path
    done = subprocess.run(words, cwd=interpreters.ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"bench: {script} failed:\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)
