"""The same scenario on other interpreters: CPython, PyPy, and the one of record, the Pico-sized MicroPython."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import interpreters
import workers

from campaign import scenario_run

PATHS = ("firmware", "hil", "boards/unix", "tests")
_HEAP = "4m"


def run_on(scenario: dict[str, Any], interpreter: str = "pico-sized") -> str:
    """The output of campaign.scenario_run on this MicroPython."""
    words = interpreters.command(interpreter, Path("tests/campaign/scenario_run.py"), heap_size=_HEAP)
    environment = {**os.environ, "MICROPYPATH": ":".join((".frozen", *PATHS))}
    given = json.dumps(scenario)
    done = subprocess.run(
        words, cwd=interpreters.ROOT, env=environment, input=given, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def run_quickest(scenario: dict[str, Any]) -> str:
    """The same on the Python that a campaign runs on."""
    ((_, row),) = workers.answers(Path(scenario_run.__file__), [scenario], 1)
    return scenario_run.text(row) + "\n"


def differs(scenario: dict[str, Any]) -> list[Any] | None:
    """None when all interpreters print the same bytes, else a violation."""
    here = scenario_run.text(scenario_run.ScenarioRun(scenario).run()) + "\n"
    theirs = {"pico-sized": run_on(scenario)}
    if workers.quickest() != sys.executable:
        theirs["PyPy"] = run_quickest(scenario)
    for name, there in theirs.items():
        if here != there:
            return [0, "interpreter", f"here {here!r}, {name} {there!r}"]
    return None
