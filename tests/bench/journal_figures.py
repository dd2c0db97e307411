"""What power cuts cost the journal, and how long its flash lasts; the baseline stores everything in one slot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import interpreters
from figures import Figure, Group, span

_CUTS = span(20_000, 50)
_CUTS_AT_LEAST = 5_000
_TWO_SECTORS = 8192
_DAY = span(96_000, 200)  # strokes at 24 mL/day
_NAIVE = span(1_000, 50)
_DAYS = span(14, 1)
_EVERY = span("1", "101")  # of the operations that are cut, of the bits that are flipped
_STROKE_PL = 250_000
_FLIPS_AT_LEAST = 20_000
_YEARS = 20
_PATH = ("firmware", "hil", "tests/shim", "tests", "tests/power_cuts", "tests/unit/rigs")


def _run(script: str, count: int, *words: str) -> Any:
    """The JSON that a script of tests/power_cuts prints in CPython."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(interpreters.ROOT / part) for part in _PATH)}
    command = [sys.executable, str(interpreters.ROOT / "tests" / "power_cuts" / script), str(count), *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"bench: {script} failed:\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def cuts() -> list[Figure]:
    """Cuts every flash operation in four ways and counts the cuts that lost, doubled or formatted something."""
    row = _run("journal_cuts.py", _CUTS)
    naive = _run("journal_cuts.py", _CUTS, "naive")
    for finding in row["findings"]:
        print(finding, file=sys.stderr)
    return [
        Figure("journal.cuts", row["cuts"], "cuts", naive["cuts"], _CUTS_AT_LEAST, "least"),
        *(Figure(f"journal.{name}", row[name], "cuts", naive[name], 0) for name in ("lost", "doubled", "formatted")),
        Figure(
            "journal.recovery_worst_bytes", row["recovery_worst_bytes"], "bytes", naive["recovery_worst_bytes"],
            _TWO_SECTORS,
        ),
    ]  # fmt: skip


def app_cuts() -> list[Figure]:
    """Two weeks of the whole pump: cuts every flash operation in each of four ways."""
    row = _run("app_cuts.py", _DAYS, _EVERY)
    for finding in row["findings"]:
        print(finding, file=sys.stderr)
    return [
        Figure("journal.app_cuts", row["cuts"], "cuts", None, _CUTS_AT_LEAST, "least"),
        *(Figure(f"journal.app_{name}", row[name], "cuts", None, 0) for name in ("lost", "doubled", "formatted")),
        Figure("journal.app_recovery_worst_bytes", row["recovery_worst_bytes"], "bytes", None, _TWO_SECTORS),
        Figure("journal.app_book_worst_pl", row["book_worst_pl"], "pL", None, _STROKE_PL),
        Figure("journal.app_book_mean_pl", row["book_mean_pl"], "pL", None, _STROKE_PL),
    ]


def app_flips() -> list[Figure]:
    """Flips, on a copy, every bit that a pump reads from its flash when it starts after a day."""
    row = _run("app_flips.py", 1, _EVERY)
    for finding in row["findings"]:
        print(finding, file=sys.stderr)
    return [
        Figure("journal.app_flips", row["flips"], "flips", None, _FLIPS_AT_LEAST, "least"),
        Figure("journal.app_flips_found", row["found"], "flips", None, None),
        Figure("journal.app_flips_held", row["held"], "flips", None, None),
        *(Figure(f"journal.app_flips_{name}", row[name], "flips", None, 0) for name in ("silent", "off")),
    ]


def wear() -> list[Figure]:
    """A day at 24 mL/day with a snapshot a minute, events and settings."""
    row = _run("journal_wear.py", _DAY)
    naive = _run("journal_wear.py", _NAIVE, "naive")
    per_stroke, per_day = row["programs_per_stroke"], row["erases_per_day"]
    return [
        Figure("journal.flash_programs_per_stroke", per_stroke, "programs", naive["programs_per_stroke"], None),
        Figure("journal.erases_per_day_24_ml", per_day, "erases", naive["erases_per_day"], None),
        Figure("journal.wear_years", row["years"], "years", naive["years"], _YEARS, "least"),
        Figure("journal.forced_erases", row["forced"], "erases", naive["erases_per_day"], 0),
    ]


GROUPS = [
    Group(
        (
            "journal.cuts", "journal.lost", "journal.doubled", "journal.formatted", "journal.recovery_worst_bytes",
        ),
        f"{_CUTS} power cuts in the flash operations of the journal alone",
        cuts,
    ),
    Group(
        (
            "journal.app_cuts", "journal.app_lost", "journal.app_doubled", "journal.app_formatted",
            "journal.app_recovery_worst_bytes", "journal.app_book_worst_pl", "journal.app_book_mean_pl",
        ),
        f"the whole pump for {_DAYS} days, power cut in every flash operation (ten minutes)",
        app_cuts,
    ),
    Group(
        (
            "journal.app_flips", "journal.app_flips_found", "journal.app_flips_held", "journal.app_flips_silent",
            "journal.app_flips_off",
        ),
        "every bit of the flash of a whole pump after a day, flipped one by one",
        app_flips,
    ),
    Group(
        (
            "journal.flash_programs_per_stroke", "journal.erases_per_day_24_ml", "journal.wear_years",
            "journal.forced_erases",
        ),
        "a day of the journal at 24 mL/day",
        wear,
    ),
]  # fmt: skip
