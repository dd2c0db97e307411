"""`make bench`: every figure of speed, size, memory and accuracy, each with a baseline from the same run.

    build/venv/bin/python tests/bench/run.py [--only PREFIX]

Writes build/bench/results.json, a list of {name, value, unit, baseline, ratio, goal, command}; with --only
PREFIX only the rows whose names begin with it are measured and replaced. The exit code is 5 if one misses its goal.
A stopped run continues where it was. Each run is kept in build/bench/runs, and build/bench/history.html shows the
course of all figures over these runs. With BENCH_SHORT in the environment each measurement takes seconds and its values
mean nothing; the results go to build/bench/short.json.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Iterable
from typing import Any

import campaign_figures
import core_figures
import dose_figures
import fault_figures
import host_figures
import interpreters
import journal_figures
import link_figures
import page_figures
import project_figures
import sim_figures
import therapy_figures
from figures import ORIGINS, RESULTS, SHORT, Figure, Group, commit, keep, machine, saved
from occlusion import figures, hard_figures
from pico import fault_figures as pico_fault_figures, jitter_figures, release_figures
from pumpctl.sim import kept
from pumpctl.testing import history
from pumpctl.testing.evidence import Evidence
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from round_trips import figures as trip_figures
from weighed import figures as weighed_figures

PAGE = interpreters.ROOT / "docs/figures.md"
RUNS = RESULTS.with_name("runs")
HISTORY = RESULTS.with_name("history.html")
GROUPS: list[Group] = [
    *campaign_figures.GROUPS,
    *core_figures.GROUPS,
    *dose_figures.GROUPS,
    *therapy_figures.GROUPS,
    *fault_figures.GROUPS,
    *release_figures.GROUPS,
    *pico_fault_figures.GROUPS,
    *jitter_figures.GROUPS,
    *journal_figures.GROUPS,
    *link_figures.GROUPS,
    *trip_figures.GROUPS,
    *sim_figures.GROUPS,
    *host_figures.GROUPS,
    *weighed_figures.GROUPS,
    *page_figures.GROUPS,
    *figures.GROUPS,
    *hard_figures.GROUPS,
    *project_figures.GROUPS,
]


def measure(prefix: str, found: list[Figure]) -> None:
    """Measure the figures whose names begin with prefix, and those that come from the same measurements.

    Each group is saved, and added to found, when it is measured. Without a prefix, a group that was measured at this
    commit is not repeated.
    """
    now = commit()
    origins = {} if prefix or now.endswith("-dirty") else saved(ORIGINS, {})
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with kept.emulators(), Progress(*columns, console=Console(stderr=True)) as progress:
        for group in GROUPS:
            if not any(name.startswith(prefix) for name in group.names):
                continue
            if all(origins.get(name, {}).get("commit") == now for name in group.names):
                print(f"bench: measured at this commit before: {', '.join(group.names)}", file=sys.stderr)
                continue
            task = progress.add_task(group.what, total=1)
            figures = group.measure()
            if sorted(figure.name for figure in figures) != sorted(group.names):
                raise SystemExit(f"bench: {group.names} measured {[figure.name for figure in figures]}")
            keep(figures)
            found += [figure for figure in figures if figure.name.startswith(prefix)]
            progress.update(task, completed=1)


def remember(figures: Iterable[Figure], began: datetime.datetime) -> None:
    """Adds the run to RUNS, in the form of the bench's evidence, and writes the page with the course of all figures."""
    record = Evidence("bench", commit(), about={"machine": machine()})
    for figure in figures:
        limits = (figure.goal, None) if figure.bound == "least" else (None, figure.goal)
        record.note(figure.name, figure.value, *limits, figure.unit)
    if record.write(RUNS, began):
        HISTORY.write_text(history.page(history.runs_in(RUNS)), encoding="utf-8")


def show(figures: Iterable[Figure]) -> None:
    table = Table("figure", "value", "unit", "baseline", "ratio", "goal", "")
    for figure in figures:
        row = figure.row()
        words = [str(row[key]) for key in ("name", "value", "unit", "baseline", "ratio", "goal")]
        table.add_row(*words, "" if figure.good() else "missed")
    Console().print(table)


def page(rows: list[dict[str, Any]], origins: dict[str, dict[str, str]]) -> str:
    """The text of docs/figures.md."""
    lines = [
        "# Figures", "",
        "Written by `make bench`; don't edit. Each baseline was measured in the same run as its value.", "",
        "| figure | value | baseline | goal | measured at | on |", "| --- " * 6 + "|",
    ]  # fmt: skip
    for row in rows:
        origin = origins.get(row["name"], {})
        numbers = ["–" if row[key] is None else f"{row[key]:g}" for key in ("value", "baseline", "goal")]
        cells = [f"`{row['name']}`", f"{numbers[0]} {row['unit']}", *numbers[1:]]
        cells += [f"{origin.get('commit', '')}, {origin.get('date', '')}", origin.get("machine", "")]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the project's figures.")
    parser.add_argument("--only", default="", help="measure only the figures whose names begin with this")
    prefix = parser.parse_args().only
    names = [name for group in GROUPS for name in group.names]
    if not any(name.startswith(prefix) for name in names):
        print(f"No figure has a name that begins with {prefix!r}; there are: {', '.join(names)}.", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    began = datetime.datetime.now(datetime.UTC)
    try:
        measure(prefix, figures)
    finally:
        if not SHORT:
            remember(figures, began)
    show(figures)
    if not (prefix or SHORT):
        PAGE.write_text(page(saved(RESULTS, []), saved(ORIGINS, {})))
    return 0 if SHORT or all(figure.good() for figure in figures) else 5


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("bench: stopped; what was measured is kept.")
