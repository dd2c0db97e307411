"""Each single fault of a part, injected at 1 mL/day: the excess volume, the first alarm, and the time to it.

Writes the rows to build/bench/faults.json and, as a table, to docs/faults.md.
"""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from figures import SHORT, Figure, Group, span
from pumpctl import defs, errors, sim
from pumpctl.protocol.answers import LogRow
from pumpctl.pump import Pump

ROOT = Path(__file__).resolve().parents[2]
ROWS = ROOT / "build/bench/faults.json"
PAGE = ROOT / "docs/faults.md"
WORDS = Path(__file__).with_name("fault_page.md")
DRIVES = ("stepper", "valves")
PARTS = ("drive", "counter", "pressure", "level", "supply", "temperature", "store", "link")
VERBS = ("off", "stuck", "garbage", "wrong", "slow", "delayed", "intermittent")
VALVES = ("inlet_open", "inlet_shut", "outlet_open", "outlet_shut")
_FIVE_HOURS = span(840, 20)  # strokes
_FOUR_DAYS = span(16_000, 20)


class Fault(NamedTuple):
    """A fault and the row of the page that it gets: the action that begins it, and how often that comes again."""

    drive: str
    part: str
    verb: str
    action: str
    value: int | None = None
    strokes: int = _FIVE_HOURS  # for how long it stays
    flow: bool = False  # a flow sensor is fitted
    times: int = 1  # resets in a row, with the policy that the pump resumes by itself
    every_ms: int = 12_000


CASES = [
    *(Fault(drive, part, verb, f"{part}_{verb}") for drive, part, verb in product(DRIVES, PARTS, VERBS)),
    *(Fault("valves", "valve", verb, verb) for verb in VALVES),
    *(Fault(drive, "drive", "inverted", "drive_invert", 1) for drive in DRIVES),
    Fault("stepper", "drive", "reset of the driver", "drive_reset"),
    *(Fault(drive, "flow", "8.6 % low", "flow_wrong", -1000, _FOUR_DAYS, flow=True) for drive in DRIVES),
    *(Fault(drive, "supply", "3.80 V, steady", "supply", 3800) for drive in DRIVES),
    *(Fault(drive, "processor", "5 resets in a row", "watchdog_reset", times=5) for drive in DRIVES),
]
STROKE_NL = 250
STROKE_MS = 21_600
RATE_UL_DAY = 1000
EXACT_DRIVE = {"drive_error_ppm": 0, "drive_drift_ppm_day": 0, "drive_random_ppm": 0}
EXACT_FLOW = {"flow_scale_ppm": 0, "flow_offset_pl_s": 0}
FILL_NL = 16_000_000
_BEFORE_STROKES = span(200, 20)  # more than an hour, so that the level's mean and the rise per stroke are known
_MOTION_MS = 500  # by then a stroke and the guards' checks are over
_CLOSE_STROKES = 10  # checked every second
_SKIP_STROKES = 10  # between two checks after that
_AFTER_FAULT_STROKES = 170  # one hour in the state fault, which only a reset ends

Row = dict[str, Any]


def run_fault(fault: Fault) -> Row:
    """Runs one pump with one fault; raises UnknownWorldAction if the simulated pump can't have it.

    extra_nl is the largest volume pumped beyond rate x time; the drive itself has no error.
    """
    options = ["--drive", fault.drive, "--flow", "yes" if fault.flow else "no"]
    settings = EXACT_DRIVE | (EXACT_FLOW if fault.flow else {})
    with (
        sim.Simulation(seed=1, settings=settings, options=options) as simulation,
        Pump.connect(simulation.transport()) as pump,
    ):
        pump.param_set("resume_policy", 1 if fault.times > 1 else 0)
        _infuse(simulation, pump)
        watch = Watch(simulation)
        watch.go_to(_BEFORE_STROKES * STROKE_MS + STROKE_MS // 2)
        next_record = pump.log()[-1].sequence + 1
        pump.events()
        began_ms = simulation.elapsed_ms
        simulation.do(fault.action, fault.value)
        if fault.times > 1:
            began_ms = 0  # the uptime begins anew, at the reset
            for _ in range(fault.times - 1):
                simulation.run(fault.every_ms)
                simulation.do(fault.action)
        if fault.part == "link" or fault.times > 1:
            watch.follow(None, fault.strokes)
            if fault.part == "link":
                simulation.do("link_works")  # before this the pump can't report anything
            simulation.run(15_000)
            records = pump.log(next_record)
        else:
            records = watch.follow(pump, fault.strokes)
        row: Row = {"part": fault.part, "verb": fault.verb, "drive": fault.drive, "extra_nl": watch.extra_nl}
        return row | _first_alarm(records, began_ms) | {"state": pump.status().state_name}


def _first_alarm(records: list[LogRow], began_ms: int) -> Row:
    """Name of the first alarm and the seconds from the fault to it; both None without an alarm."""
    first = next((row for row in records if row.name == "alarm_raised"), None)
    if first is None:
        return {"alarm": None, "after_s": None}
    after_ms = first.uptime_s * 1000 + first.ms - began_ms
    return {"alarm": defs.ALARMS[first.a].name, "after_s": round(after_ms / 1000, 1)}


class Watch:
    """Compares the pumped volume with the due one; `extra_nl` is the largest excess."""

    def __init__(self, simulation: sim.Simulation) -> None:
        self._simulation = simulation
        self._start_ms = simulation.elapsed_ms
        self.extra_nl = 0

    def go_to(self, ms: int) -> None:
        """Lets time pass until this time after the start, and updates `extra_nl`."""
        self._simulation.run(self._start_ms + ms - self._simulation.elapsed_ms)
        due_nl = ms * RATE_UL_DAY // 86_400
        self.extra_nl = max(self.extra_nl, self._simulation.truth()["pumped_nl"] - due_nl)

    def follow(self, pump: Pump | None, strokes: int) -> list[LogRow]:
        """Checks every second at first, then after every tenth of so many strokes; returns the pump's events.

        It stops earlier if the pump is in the state fault.
        """
        first = self._simulation.elapsed_ms - self._start_ms
        for ms in range(first, first + _CLOSE_STROKES * STROKE_MS, 1000):
            self.go_to(ms)
        stroke = first // STROKE_MS + _CLOSE_STROKES
        end = stroke + strokes
        fault_end = stroke + _AFTER_FAULT_STROKES
        events: list[LogRow] = []
        while stroke < end:
            stroke += _SKIP_STROKES
            self.go_to(stroke * STROKE_MS + _MOTION_MS)
            if pump is not None:
                events += pump.events()
                if stroke >= fault_end and pump.status().state_name == "fault":
                    break
        return events


def _infuse(simulation: sim.Simulation, pump: Pump) -> None:
    pump.refill_begin()
    simulation.do("refill", FILL_NL)
    pump.refill_finish(FILL_NL, "saline")
    pump.therapy_set("continuous", RATE_UL_DAY)
    pump.start()


def _job(fault: Fault) -> Row | None:
    try:
        return run_fault(fault)
    except errors.UnknownWorldAction:
        return None


def faults() -> list[Figure]:
    """Every part x fault x drive, on all cores; the baseline of the excess volume is one stroke."""
    with ProcessPoolExecutor() as pool:
        rows = [row for row in pool.map(_job, CASES[:: span(1, 20)]) if row]
    if not SHORT:
        ROWS.parent.mkdir(parents=True, exist_ok=True)
        ROWS.write_text(json.dumps(rows, indent=1) + "\n")
        PAGE.write_text(page(rows))
    beyond = [row for row in rows if row["extra_nl"] > STROKE_NL]
    return [
        Figure("faults.runs", len(rows), "runs", None, len(CASES), "least"),
        Figure("faults.beyond_a_stroke", len(beyond), "runs", None, 0),
        Figure("faults.extra_nl_max", max(row["extra_nl"] for row in rows), "nL", STROKE_NL, None),
    ]


def page(rows: list[Row]) -> str:
    """The text of fault_page.md with the rows as a table."""
    found = {(row["part"], row["verb"], row["drive"]): row for row in rows}
    wrong = found["drive", "wrong", "stepper"]
    low = found["flow", "8.6 % low", "stepper"]
    missing = ", ".join(part for part in PARTS if all(row["part"] != part for row in rows))
    return WORDS.read_text().format(
        table="\n".join(map(_line, rows)),
        missing=f"\nNo rows for: {missing}. The simulated pump can't have their faults.\n" if missing else "",
        wrong_ul=round(wrong["extra_nl"] / 1000),
        wrong_h=round(wrong["after_s"] / 3600, 1),
        low_ul=round(low["extra_nl"] / 1000),
        low_h=round(low["after_s"] / 3600),
        scattered_ul=round(found["drive", "garbage", "valves"]["extra_nl"] / 1000),
    )


def _line(row: Row) -> str:
    cells = (row["part"], row["verb"], row["drive"], row["extra_nl"], row["alarm"], row["after_s"], row["state"])
    return "| " + " | ".join("–" if cell is None else str(cell) for cell in cells) + " |"


GROUPS = [
    Group(
        ("faults.runs", "faults.beyond_a_stroke", "faults.extra_nl_max"),
        "every fault of every part on both drives (some minutes)",
        faults,
    )
]
