"""`make bench`: every figure of speed, size, memory and accuracy, each with a baseline from the same run.

    build/venv/bin/python tests/bench/run.py [--only PREFIX]

Writes build/bench/results.json, a list of {name, value, unit, baseline, ratio, goal, command}; with --only
PREFIX only the rows whose names begin with it are measured and replaced. The exit code is 5 if one misses its goal.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

import campaign_figures
import core_figures
import dose_figures
import fault_figures
import host_figures
import jitter_figures
import journal_figures
import link_figures
import pico_fault_figures
import pico_figures
import therapy_figures
from figures import Figure, Group, keep
from occlusion import figures
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

GROUPS: list[Group] = [
    *campaign_figures.GROUPS,
    *core_figures.GROUPS,
    *dose_figures.GROUPS,
    *therapy_figures.GROUPS,
    *fault_figures.GROUPS,
    *pico_figures.GROUPS,
    *pico_fault_figures.GROUPS,
    *jitter_figures.GROUPS,
    *journal_figures.GROUPS,
    *link_figures.GROUPS,
    *host_figures.GROUPS,
    *figures.GROUPS,
]


def measure(prefix: str) -> list[Figure]:
    """Measures the figures whose names begin with prefix, and those that come from the same measurements."""
    found: list[Figure] = []
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for group in GROUPS:
            if not any(name.startswith(prefix) for name in group.names):
                continue
            task = progress.add_task(group.what, total=1)
            found += [figure for figure in group.measure() if figure.name.startswith(prefix)]
            progress.update(task, completed=1)
    return found


def show(figures: Iterable[Figure]) -> None:
    table = Table("figure", "value", "unit", "baseline", "ratio", "goal", "")
    for figure in figures:
        row = figure.row()
        words = [str(row[key]) for key in ("name", "value", "unit", "baseline", "ratio", "goal")]
        table.add_row(*words, "" if figure.good() else "missed")
    Console().print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the project's figures.")
    parser.add_argument("--only", default="", help="measure only the figures whose names begin with this")
    prefix = parser.parse_args().only
    names = [name for group in GROUPS for name in group.names]
    if not any(name.startswith(prefix) for name in names):
        print(f"No figure has a name that begins with {prefix!r}; there are: {', '.join(names)}.", file=sys.stderr)
        return 2
    figures = measure(prefix)
    keep(figures)
    show(figures)
    return 0 if all(figure.good() for figure in figures) else 5


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("bench: stopped; earlier results are unchanged.")
