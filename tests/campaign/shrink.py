"""Shortens a failing scenario: removes rows, then days, as long as it fails in the same way."""

from __future__ import annotations

from typing import Any

from campaign import scenario_run

Scenario = dict[str, Any]
_MOST_TRIES = 200


def shortest(scenario: Scenario, kind: str, most_tries: int = _MOST_TRIES) -> Scenario:
    """A scenario with fewer rows that still ends with a violation of this kind.

    Tries to remove halves before single rows (delta debugging, Zeller and Hildebrandt 2002). A try that still fails
    also removes what comes after its violation, so the next tries take less time.
    """
    tries = _Tries(kind, most_tries)
    scenario = _cut_short(scenario)
    if not tries.fails(scenario):
        return scenario  # running it again can't reproduce the kind, as "interpreter"
    size = max(1, len(scenario["rows"]) // 2)
    while tries.left > 0:
        shorter = _without_parts(scenario, size, tries)
        if size == 1 and shorter is scenario:
            break
        scenario = shorter
        size = max(1, size // 2)
    return scenario


class _Tries:
    """Runs scenarios and counts the tries that are left."""

    def __init__(self, kind: str, most: int) -> None:
        self._kind = kind
        self.left = most

    def fails(self, scenario: Scenario) -> bool:
        """Whether the scenario ends with a violation of the kind."""
        self.left -= 1
        found = scenario_run.ScenarioRun(scenario).run()["violation"]
        return found is not None and found[1] == self._kind


def _without_parts(scenario: Scenario, size: int, tries: _Tries) -> Scenario:
    """Removes each part of `size` rows that the violation doesn't need; returns the same object if it needs all."""
    at = 0
    while at < len(scenario["rows"]) and tries.left > 0:
        rows = scenario["rows"][:at] + scenario["rows"][at + size :]
        if tries.fails(scenario | {"rows": rows}):
            scenario = _cut_short(scenario | {"rows": rows})
        else:
            at += size
    return scenario


def _cut_short(scenario: Scenario) -> Scenario:
    """The scenario without what comes after the violation."""
    found = scenario_run.ScenarioRun(scenario).run()["violation"]
    if found is None:
        return scenario
    end_s = found[0] // 1000
    rows = [row for row in scenario["rows"] if row[0] <= end_s]
    return scenario | {"rows": rows, "days": min(scenario["days"], end_s // 86_400 + 1)}
