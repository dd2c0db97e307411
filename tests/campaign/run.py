"""`make campaign YEARS= SEED=`: runs random scenarios for that many pump-years, on all cores; REPLAY= repeats one.

The scenarios run on PyPy where it is installed. One in 26 is repeated, shortened, on CPython and on the Pico-sized
MicroPython, which must give the same bytes.

    PYTHONPATH=tests build/venv/bin/python -m campaign.run --years 10 --seed 1 [--jobs 2] [--body]
    PYTHONPATH=tests build/venv/bin/python -m campaign.run --replay build/campaign/seed-1000007.json

Results are saved under build/campaign by the digest of the sources; a campaign that was stopped continues there. A
scenario that fails is shortened and saved beside the summary.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import workers
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from campaign import cross_check, scenario, scenario_run, shrink, summary

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build/campaign"
SCENARIO_DAYS = 14
DAYS_PER_YEAR = 365.25
_SEEDS = 1_000_000  # one campaign has at most this many
_OWN = ("hostile_input", "parts", "pump_operator", "scenario", "scenario_run", "simulator")
_SPOT_EVERY = 26  # one scenario in this many also runs, shortened, on the other interpreters
_SPOT_DAYS = 2

Row = dict[str, Any]


def digest() -> str:
    """SHA-256 (16 hex digits) of all sources that a result depends on."""
    total = hashlib.sha256()
    here = Path(__file__).parent
    files = [here / f"{name}.py" for name in _OWN] + sorted((here / "oracles").glob("*.py"))
    for folder in ("firmware/pump", "firmware/drivers", "hil/plant", "boards/unix"):
        files += sorted((ROOT / folder).rglob("*.py"))
    for path in files:
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:16]


def checked(row: Row, body: bool) -> Row:
    """The row, with a violation where a shortened scenario differs on another interpreter."""
    seed = row["seed"]
    if row["violation"] is None and seed % _SPOT_EVERY == 0:
        row["violation"] = cross_check.differs(scenario.draw(seed, _SPOT_DAYS, _body(seed, body)))
    return row


def _body(seed: int, body: bool) -> int:
    """The number of the body that this scenario is in, 0 for none."""
    return seed if body else 0


def saved_rows(seed: int, body: bool = False) -> tuple[Path, dict[int, Row]]:
    """The result file of this campaign, and its rows by seed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"rows-{digest()}-{seed}{'-body' if body else ''}.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return path, {row["seed"]: row for row in rows}


def first_seed(seed: int) -> int:
    """The seed of the campaign's first scenario."""
    return seed * _SEEDS


def perform(years: float, seed: int, jobs: int, body: bool = False) -> list[Row]:
    """Results of all scenarios; those that the same sources have saved before are not run again."""
    count = math.ceil(years * DAYS_PER_YEAR / SCENARIO_DAYS)
    wanted = [first_seed(seed) + number for number in range(count)]
    path, rows = saved_rows(seed, body)
    missing = [number for number in wanted if number not in rows]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with path.open("a") as out, Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("scenarios", total=count, completed=count - len(missing))
        for row in _results(missing, jobs, body):
            out.write(json.dumps(row) + "\n")
            out.flush()
            rows[row["seed"]] = row
            progress.advance(task)
            if row["violation"]:
                progress.console.print(f"seed {row['seed']}: {row['violation']}")
    return [rows[number] for number in wanted]


def _results(seeds: list[int], jobs: int, body: bool) -> Iterator[Row]:
    tasks = [[seed, SCENARIO_DAYS, _body(seed, body)] for seed in seeds]
    for _, row in workers.answers(Path(scenario_run.__file__), tasks, jobs):
        yield checked(row, body)


def save_failure(row: Row, body: bool = False) -> Path:
    """Saves the shortest scenario that fails in the same way, for --replay."""
    path = FOLDER / f"seed-{row['seed']}.json"
    short = shrink.shortest(
        scenario.draw(row["seed"], SCENARIO_DAYS, _body(row["seed"], body)), row["violation"][1]
    )
    path.write_text(json.dumps(short, indent=1))
    return path


def replay(path: Path) -> int:
    """Runs a saved scenario; returns exit code 5 when it fails."""
    saved = json.loads(path.read_text())
    for at_s, verb, number, lasts_s in saved["rows"]:
        print(f"{at_s:>9} s  {verb} {number or ''}" + (f" for {lasts_s} s" if lasts_s else ""))
    row = scenario_run.ScenarioRun(saved).run()
    print(scenario_run.text(row))
    return 5 if row["violation"] else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--years", type=float, default=0.2, help="pump-years to simulate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time")
    parser.add_argument("--body", action="store_true", help="in busy bodies and with hard lines (docs/body.md)")
    parser.add_argument("--replay", type=Path, help="a saved scenario")
    options = parser.parse_args()
    if options.replay:
        return replay(options.replay)
    began = time.monotonic()
    rows = perform(options.years, options.seed, options.jobs, options.body)
    failures = [(row, save_failure(row, options.body)) for row in rows if row["violation"]]
    page = summary.write(FOLDER, rows, digest(), options.seed, time.monotonic() - began)
    for row, path in failures:
        print(f"seed {row['seed']}: {row['violation']}; replay with make campaign REPLAY={path.relative_to(ROOT)}")
    print(
        f"{sum(row['simulated_ms'] for row in rows) / 86_400_000 / DAYS_PER_YEAR:.2f} pump-years, "
        f"{len(failures)} violations: {page.relative_to(ROOT)}"
    )
    return 5 if failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("campaign: stopped; the same command continues.")
