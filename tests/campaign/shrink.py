"""Makes a story that fails short: leaves out rows, and then days, for as long as it fails in the same way."""

from __future__ import annotations

from typing import Any

from campaign import scenario_run

Story = dict[str, Any]
_MOST_TRIES = 200


def shortest(story: Story, kind: str, most_tries: int = _MOST_TRIES) -> Story:
    """The story with as few rows as were found to be needed for a violation of this kind.

    Halves are tried before single rows (delta debugging, Zeller and Hildebrandt 2002); a failing try ends the story
    where it fails, so that each success also makes the next tries cheaper.
    """
    tries = 0

    def fails(told: Story) -> bool:
        nonlocal tries
        tries += 1
        found = scenario_run.Life(told).run()["violation"]
        return found is not None and found[1] == kind

    story = _cut_short(story)
    if not fails(story):
        return story  # the kind is not of the story itself, as "interpreter"
    size = max(1, len(story["rows"]) // 2)
    while tries < most_tries:
        at = 0
        shorter = False
        while at < len(story["rows"]) and tries < most_tries:
            rows = story["rows"][:at] + story["rows"][at + size :]
            if len(rows) < len(story["rows"]) and fails(story | {"rows": rows}):
                story = _cut_short(story | {"rows": rows})
                shorter = True
            else:
                at += size
        if size == 1 and not shorter:
            break
        size = max(1, size // 2)
    return story


def _cut_short(story: Story) -> Story:
    """Without what comes after the violation."""
    found = scenario_run.Life(story).run()["violation"]
    if found is None:
        return story
    end_s = found[0] // 1000
    rows = [row for row in story["rows"] if row[0] <= end_s]
    return story | {"rows": rows, "days": min(story["days"], end_s // 86_400 + 1)}
