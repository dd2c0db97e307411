"""The same story on the interpreter of record, the Pico-sized MicroPython."""

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


def lived(story: dict[str, Any], interpreter: str = "pico-sized") -> str:
    """What campaign.life prints there."""
    words = interpreters.command(interpreter, Path("tests/campaign/scenario_run.py"), heap_size=_HEAP)
    environment = {**os.environ, "MICROPYPATH": ":".join((".frozen", *PATHS))}
    given = json.dumps(story)
    done = subprocess.run(
        words, cwd=interpreters.ROOT, env=environment, input=given, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def differs(story: dict[str, Any]) -> list[Any] | None:
    """None when the story goes there as it goes here, to the byte; else a violation."""
    here, there = scenario_run.text(scenario_run.Life(story).run()) + "\n", lived(story)
    return None if here == there else [0, "interpreter", f"here {here!r}, there {there!r}"]
