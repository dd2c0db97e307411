"""Shortens a failing scenario: removes rows, then days, as long as it fails in the same way."""

from __future__ import annotations

from typing import Any

from campaign import scenario_run

Scenario = dict[str, Any]
_MOST_TRIES = 200


def shortest(scenario: Scenario, kind: str, most_tries: int = _MOST_TRIES) -> Scenario:
    """The scenario with as few rows as were found to be needed for a violation of this kind.

    Halves are tried before single rows (delta debugging, Zeller and Hildebrandt 2002); a failing try ends the scenario
    where it fails, so that each success also makes the next tries cheaper.
    """
    tries = 0

    def fails(told: Scenario) -> bool:
        nonlocal tries
        tries += 1
        found = scenario_run.ScenarioRun(told).run()["violation"]
        return found is not None and found[1] == kind

    scenario = _cut_short(scenario)
    if not fails(scenario):
        return scenario  # the kind is not of the scenario itself, as "interpreter"
    size = max(1, len(scenario["rows"]) // 2)
    while tries < most_tries:
        at = 0
        shorter = False
        while at < len(scenario["rows"]) and tries < most_tries:
            rows = scenario["rows"][:at] + scenario["rows"][at + size :]
            if len(rows) < len(scenario["rows"]) and fails(scenario | {"rows": rows}):
                scenario = _cut_short(scenario | {"rows": rows})
                shorter = True
            else:
                at += size
        if size == 1 and not shorter:
            break
        size = max(1, size // 2)
    return scenario


def _cut_short(scenario: Scenario) -> Scenario:
    """Without what comes after the violation."""
    found = scenario_run.ScenarioRun(scenario).run()["violation"]
    if found is None:
        return scenario
    end_s = found[0] // 1000
    rows = [row for row in scenario["rows"] if row[0] <= end_s]
    return scenario | {"rows": rows, "days": min(scenario["days"], end_s // 86_400 + 1)}
