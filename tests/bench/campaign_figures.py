"""The campaign: the pump-years run with the present sources, and its speed on all cores."""

from __future__ import annotations

import multiprocessing
import sys
import time
from pathlib import Path

import workers
from campaign import run, scenario_run
from figures import SHORT, Figure, Group, span

_SEED = span(1, 90)  # the short run has scenarios of its own
run.SCENARIO_DAYS = span(run.SCENARIO_DAYS, 1)
_LEAST_YEARS = span(0.2, 0.002)
_GOAL_YEARS = 10
_GOAL_YEARS_PER_HOUR = 20  # on two cores
_SCENARIOS = span(8, 1)  # to measure the speed
_MS_PER_YEAR = 86_400_000 * run.DAYS_PER_YEAR


def run_years() -> list[Figure]:
    """The pump-years that `make campaign SEED=1` has run with these sources; runs more if there are fewer than 0.2."""
    known = 0 if SHORT else len(run.saved_rows(_SEED)[1]) * run.SCENARIO_DAYS / run.DAYS_PER_YEAR
    rows = run.perform(max(known, _LEAST_YEARS), _SEED, multiprocessing.cpu_count())
    years = sum(row["simulated_ms"] for row in rows) / _MS_PER_YEAR
    failed = [row for row in rows if row["violation"]]
    for row in failed:
        print(f"bench: campaign seed {row['seed']}: {row['violation']}", file=sys.stderr)
    return [
        Figure("campaign.pump_years", round(years, 2), "years", None, _GOAL_YEARS, "least"),
        Figure("campaign.violations", len(failed), "scenarios", None, 0),
    ]


def years_per_hour(python: str) -> float:
    """Pump-years per hour of wall time, on all cores; always the same scenarios."""
    tasks = [[run.first_seed(_SEED) + at, run.SCENARIO_DAYS, 0] for at in range(_SCENARIOS)]
    began = time.monotonic()
    rows = workers.answers(Path(scenario_run.__file__), tasks, multiprocessing.cpu_count(), python)
    total_ms = sum(row["simulated_ms"] for _, row in rows)
    return round(total_ms / _MS_PER_YEAR / (time.monotonic() - began) * 3600, 2)


def speed() -> list[Figure]:
    """Speed of the quickest Python here; the baseline is the same on CPython."""
    baseline = years_per_hour(sys.executable)
    value = years_per_hour(workers.quickest())
    return [Figure("campaign.years_per_hour", value, "years/h", baseline, _GOAL_YEARS_PER_HOUR, "least")]


GROUPS = [
    Group(("campaign.pump_years", "campaign.violations"), "the part of the campaign that has been run", run_years),
    Group(("campaign.years_per_hour",), "the campaign's speed, and that on CPython (some minutes)", speed),
]
