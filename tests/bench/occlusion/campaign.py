"""Performs the runs of the occlusion campaign on all cores. Rows are saved, so a stopped campaign continues.

They run on PyPy where it is installed, some five times as fast as on CPython.

    PYTHONPATH=tests:tests/bench build/venv/bin/python tests/bench/occlusion/campaign.py [--share 0.1] [--jobs 2]

With --hard it performs the runs of hard.py, in the world of plant.body, and prints a row for each class.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import workers
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from occlusion import hard, rig, runs

_UNUSED = ("flash.py", "reference_run.py")  # parts of the world that no run uses
FOLDER = rig.ROOT / "build/bench/occlusion"


def digest() -> str:
    """The digest of all files that a row depends on: the detector, the world and the runs."""
    total = hashlib.sha256()
    files = [rig.ROOT / "firmware/pump/core/ticks.py", *sorted((rig.ROOT / "firmware/pump/occlusion").glob("*.py"))]
    files += [file for file in sorted((rig.ROOT / "hil/plant").rglob("*.py")) if file.name not in _UNUSED]
    files += [Path(__file__).with_name(f"{name}.py") for name in ("changes", "hard", "rig", "rivals", "runs")]
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()[:16]


def _order(run: runs.Run) -> tuple[int, int]:
    """The sort key; the runs that show most per time come first: blocks, years at low rates, years at high rates."""
    kind, compliance, tau, rate, _, seed, _ = run
    if kind == "clean":
        return 3, rate
    if (compliance, tau, rate) == runs.DEFAULT:
        return 0, seed
    return (2, seed) if kind == "sudden" else (1, seed)


def perform(share: float = 1, jobs: int | None = None, every: int = 1) -> list[runs.Row]:
    """All rows of the campaign, or those of the default line and every so many of the others.

    Rows that the same code has saved before are not run again.
    """
    ordered = enumerate(sorted(runs.runs(share), key=_order))
    wanted = [run for at, run in ordered if at % every == 0 or _order(run)[0] == 0]
    return _perform(wanted, "plain", f"rows-{digest()}.jsonl", jobs)


def perform_hard(share: float = 1, jobs: int | None = None, classes: frozenset[str] = frozenset()) -> list[runs.Row]:
    """The same for the runs in the hard world, or those of these classes; a summary is written beside the rows."""
    wanted = [run for run in hard.all_runs(share) if not classes or run[1] in classes]
    rows = _perform(wanted, "hard", f"hard-{digest()}.jsonl", jobs)
    (FOLDER / "hard.json").write_text(json.dumps(hard.summary(rows), indent=1) + "\n")
    return rows


def _perform(wanted: list[Any], kind: str, name: str, jobs: int | None) -> list[runs.Row]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    saved = FOLDER / name
    rows = {}
    if saved.exists():
        for line in saved.read_text().splitlines():
            row = json.loads(line)
            rows[tuple(row["run"])] = row
    missing = [run for run in wanted if run not in rows]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    script = Path(__file__).with_name("worker.py")
    tasks = [[kind, run] for run in missing]
    with saved.open("a") as out, Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("occlusion campaign", total=len(wanted), completed=len(wanted) - len(missing))
        for _, row in workers.answers(script, tasks, jobs or os.cpu_count() or 1):
            out.write(json.dumps(row) + "\n")
            out.flush()
            rows[tuple(row["run"])] = row
            progress.advance(task)
    return [rows[run] for run in wanted]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, default=1, help="share of the seeds and pump-years to run")
    parser.add_argument("--jobs", type=int, help="processes at a time; one per core by default")
    parser.add_argument("--hard", action="store_true", help="the runs in the hard world")
    options = parser.parse_args()
    rows = (perform_hard if options.hard else perform)(options.share, options.jobs)
    for line in hard.summary(rows) if options.hard else []:
        print(json.dumps(line))
    print(len(rows), "runs in", FOLDER)
