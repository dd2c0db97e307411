"""The same scenario on the interpreter of record, the Pico-sized MicroPython."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import interpreters

from campaign import scenario_run

PATHS = ("firmware", "hil", "boards/unix", "tests")
_HEAP = "4m"


def run_on(scenario: dict[str, Any], interpreter: str = "pico-sized") -> str:
    """The output of campaign.scenario_run on this interpreter."""
    words = interpreters.command(interpreter, Path("tests/campaign/scenario_run.py"), heap_size=_HEAP)
    environment = {**os.environ, "MICROPYPATH": ":".join((".frozen", *PATHS))}
    given = json.dumps(scenario)
    done = subprocess.run(
        words, cwd=interpreters.ROOT, env=environment, input=given, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def differs(scenario: dict[str, Any]) -> list[Any] | None:
    """None when both interpreters print the same bytes, else a violation."""
    here, there = scenario_run.text(scenario_run.ScenarioRun(scenario).run()) + "\n", run_on(scenario)
    return None if here == there else [0, "interpreter", f"here {here!r}, there {there!r}"]
