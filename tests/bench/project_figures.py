"""The commands of the README in a fresh clone of the present commit: set-up, demo, tests."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

import interpreters
from figures import SHORT, Figure, Group

_GOALS_S = {"setup": 60, "demo": 15, "test": 300, "test-all": 1800}  # set-up: of what the demo needs


def fresh_clone() -> list[Figure]:
    """Wall seconds of each command; `make test-all` without the set-up and the tests of `make test` before it."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, "clone")
        subprocess.run(["git", "clone", "--quiet", str(interpreters.ROOT), str(clone)], check=True)
        found = {name: _make_s(clone, name) for name in ("setup", "demo", "test-setup", "test", "test-all")}
    found["test-all"] -= found["test"]
    return [
        Figure(f"{name.replace('-', '_')}.wall_s", round(found[name], 1), f"s, make {name}", None, goal)
        for name, goal in _GOALS_S.items()
    ]


def _make_s(clone: Path, target: str) -> float:
    """Seconds of a target of make; with BENCH_SHORT it only says what it would do."""
    outside = ("PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "PUMP_CHECKOUT", "BENCH_SHORT")
    environment = {name: value for name, value in os.environ.items() if name not in outside}
    words = ["make", *(["-n"] if SHORT else []), target]
    began = time.monotonic()
    done = subprocess.run(words, cwd=clone, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"bench: make {target} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return time.monotonic() - began


GROUPS = [
    Group(
        tuple(f"{name.replace('-', '_')}.wall_s" for name in _GOALS_S),
        "set-up, demo and tests in a fresh clone (most of an hour)",
        fresh_clone,
    )
]
