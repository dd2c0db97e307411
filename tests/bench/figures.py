"""A figure: a measured value and its baseline."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import interpreters

RESULTS = interpreters.ROOT / "build/bench/results.json"


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
    """Adds the figures to the results; each replaces the row with its name."""
    rows = {row["name"]: row for row in json.loads(RESULTS.read_text())} if RESULTS.exists() else {}
    rows |= {figure.name: figure.row() for figure in figures}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([rows[name] for name in sorted(rows)], indent=1) + "\n")


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
