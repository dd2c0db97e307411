"""The campaign: the pump-years run with the present sources, and its speed on all cores."""

from __future__ import annotations

import multiprocessing
import sys
import time
from typing import Any

from campaign import run, scenario, scenario_run
from figures import SHORT, Figure, Group, span

_SEED = span(1, 90)  # the short run has scenarios of its own
run.SCENARIO_DAYS = span(run.SCENARIO_DAYS, 1)
_LEAST_YEARS = span(0.2, 0.002)
_GOAL_YEARS = 10
_SCENARIOS = span(4, 1)  # one day each, to measure the speed
_MS_PER_YEAR = 86_400_000 * run.DAYS_PER_YEAR
_WAKE_MS = span(100, 2000)


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


def _day(job: tuple[int, int, bool]) -> int:
    seed, wake_ms, pressure_world = job
    drawn = scenario.draw(seed, 1)
    result: dict[str, Any] = scenario_run.ScenarioRun(drawn, wake_ms, pressure_world).run()
    return int(result["simulated_ms"])


def years_per_hour(pressure_world: bool, wake_ms: int = 0) -> float:
    """Pump-years per hour of wall time, on all cores; always the same scenarios, equally many on each core."""
    with multiprocessing.Pool() as pool:
        began = time.monotonic()
        jobs = [(run.first_seed(_SEED) + at, wake_ms, pressure_world) for at in range(_SCENARIOS)]
        total_ms = sum(pool.map(_day, jobs, chunksize=1))
        return round(total_ms / _MS_PER_YEAR / (time.monotonic() - began) * 3600, 2)


def speed() -> list[Figure]:
    """Speed with the whole world, and without pressure; the baselines are the same scenarios woken every 100 ms."""
    found = []
    for name, pressure_world in (("campaign.years_per_hour", True), ("campaign.dose_years_per_hour", False)):
        baseline = years_per_hour(pressure_world, _WAKE_MS)
        found.append(Figure(name, years_per_hour(pressure_world), "years/h", baseline, None, "least"))
    return found


GROUPS = [
    Group(("campaign.pump_years", "campaign.violations"), "the part of the campaign that has been run", run_years),
    Group(
        ("campaign.years_per_hour", "campaign.dose_years_per_hour"),
        "the campaign's speed, and woken every 100 ms (some minutes)",
        speed,
    ),
]
