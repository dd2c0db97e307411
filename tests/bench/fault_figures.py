"""Each single fault of a part, done to a pump at 1 mL/day: what it gave too much, what it said, and how soon.

The rows go to build/bench/faults.json and, as a table, to docs/faults.md.
"""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

from figures import Figure, Group
from pumpctl import defs, sim
from pumpctl.pump import Pump

ROOT = Path(__file__).resolve().parents[2]
ROWS = ROOT / "build/bench/faults.json"
PAGE = ROOT / "docs/faults.md"
DRIVES = ("stepper", "valves")
PARTS = ("drive", "counter", "pressure", "level", "supply", "temperature", "store", "link")
VERBS = ("off", "stuck", "garbage", "wrong", "slow", "delayed", "intermittent")
STROKE_NL = 250
RATE_UL_DAY = 1000
EXACT_DRIVE = {"drive_error_ppm": 0, "drive_drift_ppm_day": 0, "drive_random_ppm": 0}
FILL_NL = 16_000_000
_BEFORE_MS = 2 * 3_600_000 + 12_345
_LOOK_MS = 1_000
_LOOKS = 120  # close looks, then one a minute
_MINUTES = 24 * 60

Row = dict[str, Any]


def one(drive: str, part: str, verb: str) -> Row:
    """One pump, one fault: extra_nl is the most that it gave beyond rate x time, the drive's own error left out."""
    chosen = {"seed": 1, "settings": EXACT_DRIVE, "options": ["--drive", drive]}
    with sim.Simulation(**chosen) as simulation, Pump.connect(simulation.transport()) as pump:  # type: ignore[arg-type]
        _infuse(simulation, pump)
        start_ms = simulation.elapsed_ms
        simulation.run(_BEFORE_MS)
        next_record = pump.log()[-1].sequence + 1
        began_ms = simulation.elapsed_ms
        simulation.do(f"{part}_{verb}")
        extra_nl = 0
        for at in range(_LOOKS + _MINUTES):
            simulation.run(_LOOK_MS if at < _LOOKS else 60_000)
            due_nl = (simulation.elapsed_ms - start_ms) * RATE_UL_DAY // 86_400
            extra_nl = max(extra_nl, simulation.truth()["pumped_nl"] - due_nl)
        if part == "link":  # the pump can be heard again
            simulation.do("link_works")
            simulation.run(15_000)
        raised = [row for row in pump.log(next_record) if row.name == "alarm_raised"]
        first = raised[0] if raised else None
        after_ms = first.uptime_s * 1000 + first.ms - began_ms if first else None
        return {
            "part": part,
            "verb": verb,
            "drive": drive,
            "extra_nl": extra_nl,
            "alarm": defs.ALARMS[first.a].name if first else None,
            "after_s": None if after_ms is None else round(after_ms / 1000, 1),
            "state": pump.status().state_name,
        }


def _infuse(simulation: sim.Simulation, pump: Pump) -> None:
    pump.refill_begin()
    simulation.do("refill", FILL_NL)
    pump.refill_finish(FILL_NL, "saline")
    pump.therapy_set("continuous", RATE_UL_DAY)
    pump.start()


def _job(job: tuple[str, str, str]) -> Row:
    return one(*job)


def faults() -> list[Figure]:
    """Every part x fault x drive, on all cores; the baseline of a row's volume is one stroke."""
    with ProcessPoolExecutor() as pool:
        rows = list(pool.map(_job, product(DRIVES, PARTS, VERBS)))
    ROWS.parent.mkdir(parents=True, exist_ok=True)
    ROWS.write_text(json.dumps(rows, indent=1) + "\n")
    PAGE.write_text(page(rows))
    beyond = [row for row in rows if row["extra_nl"] > STROKE_NL]
    return [
        Figure("faults.runs", len(rows), "runs", None, len(DRIVES) * len(PARTS) * len(VERBS), "least"),
        Figure("faults.beyond_a_stroke", len(beyond), "runs", None, 0),
        Figure("faults.extra_nl_max", max(row["extra_nl"] for row in rows), "nL", STROKE_NL, None),
    ]


def page(rows: list[Row]) -> str:
    """The rows as a page of the docs."""
    out = [
        "# What a single fault does",
        "",
        "One fault of one part, done to a pump that gives 1 mL/day (strokes of 250 nL) and left there for a day. *Extra* is",
        "the most that the world saw pumped beyond rate × time, with a drive that has no error of its own. *After* is the",
        "time from the fault to the first alarm. Written by `make bench ONLY=faults`; the same rows are in",
        "`build/bench/faults.json`.",
        "",
        "| part | fault | drive | extra nL | first alarm | after s | state after a day |",
        "| --- | --- | --- | ---: | --- | ---: | --- |",
    ]
    for row in rows:
        cells = (row["part"], row["verb"], row["drive"], row["extra_nl"], row["alarm"] or "–", row["after_s"], row["state"])
        out.append("| " + " | ".join("–" if cell is None else str(cell) for cell in cells) + " |")
    return "\n".join([*out, ""])


GROUPS = [
    Group(
        ("faults.runs", "faults.beyond_a_stroke", "faults.extra_nl_max"),
        "every fault of every part on both drives (some minutes)",
        faults,
    )
]
