"""The demonstration: the simulated pump delivers 1 mL/day for two weeks, with an occlusion; a refill; one day more.

    build/venv/bin/python hil/demo.py [--seed N] [--folder build/demo]

Everything is done as an operator would do it: the host sends commands to the firmware over its link, and only the line
and the reservoir are changed by actions on the world. All figures come from the pump's answers and from the ground
truth of the world.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

from pumpctl import checkout, defs, errors, sim
from pumpctl.measurement import curves, result, weights
from pumpctl.protocol import answers
from pumpctl.pump import Pump
from pumpctl.report import page
from pumpctl.report.timeseries import Curves, Event
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

RATE_UL_DAY = 1000
FILL_NL = 16_000_000
PHASE_DAYS = 14
BLOCK_AT_S = 4 * 86400 + 9 * 3600 + 1234  # in the morning of day 5, between two strokes
LOOKS_AFTER_S = 600  # how long an operator takes to find the kink
HOUR_MS = 3_600_000
ACCURACY_H = 49  # a day, and the 25 hours of the analysis
QUARTER_MS = 900_000  # the sample interval of IEC 60601-2-24 for ambulatory pumps
FINE_MS = 2000
SYRINGE_NL = 100_000  # reading accuracy of a 20 mL syringe

CONSOLE = Console(stderr=True)


class Demo:
    """The pump, its world, and the curves for the plots."""

    def __init__(self, seed: int, progress: Progress) -> None:
        self.simulation = sim.Simulation(seed=seed, native=True)
        self.pump = Pump.connect(self.simulation.transport())
        self.hours = Curves()
        self.quarters = Curves()  # of the measurement of accuracy
        self.minutes = Curves()
        self.events: list[Event] = []
        self.withdrawals: list[answers.Withdrawal] = []
        self.programmed_nl = 0
        self._infusing_since_ms: int | None = None
        self._progress = progress
        self._task = progress.add_task("filling the reservoir", total=(PHASE_DAYS + 1) * 86400)

    def close(self) -> None:
        self.pump.close()
        self.simulation.close()

    def now_s(self) -> float:
        return self.simulation.elapsed_ms / 1000

    def say(self, text: str) -> None:
        self._progress.update(self._task, description=text)

    def look(self, curves: Curves) -> None:
        """Adds a point to the curves, from the pump's status and from the world."""
        self._note_events()
        status, truth = self.pump.status(), self.simulation.truth()
        running_ms = 0 if self._infusing_since_ms is None else status.total_uptime_ms - self._infusing_since_ms
        curves.add(
            t_s=self.now_s(),
            programmed_nl=self.programmed_nl + running_ms * RATE_UL_DAY // 86400,
            book_nl=status.delivered_nl,
            delivered_nl=truth["delivered_nl"],
            ledger_nl=status.ledger_nl,
            level_nl=status.level_nl,
            reservoir_nl=truth["reservoir_nl"],
            pressure_pa=status.pressure_pa,
            baseline_pa=status.baseline_pa,
            line_pa=truth["line_pressure_pa"],
        )

    def run_until(self, end_s: int, step_ms: int, curves: Curves) -> None:
        """Lets time pass to end_s since power-on, with a point each step."""
        while self.simulation.elapsed_ms < end_s * 1000:
            self.simulation.run(min(step_ms, end_s * 1000 - self.simulation.elapsed_ms))
            self.look(curves)
            self._progress.update(self._task, completed=self.now_s())

    def run_until_event(self, event: str, a: int, give_up_s: int, step_ms: int, curves: Curves) -> float:
        """Lets time pass until the pump sends an event; returns its time since power-on, in s."""
        end_s = self.now_s() + give_up_s
        while self.now_s() < end_s:
            self.simulation.run(step_ms)
            self.look(curves)
            self._progress.update(self._task, completed=self.now_s())
            for happening in self.events:
                if happening.name == event and happening.a == a and happening.t_s >= end_s - give_up_s:
                    return happening.t_s
        raise SystemExit(f"demo: {event} {a} did not come within {give_up_s} s; please report this seed.")

    def refill(self, volume_nl: int, fluid: str) -> None:
        """Empties the reservoir, enters the volume read from the syringe, fills the reservoir and enters its volume."""
        self.pump.refill_begin()
        self.simulation.run(FINE_MS)  # lets a stroke in progress finish
        if self.pump.status().fluid != "none":
            in_syringe_nl = self.simulation.truth()["reservoir_nl"] // SYRINGE_NL * SYRINGE_NL
            self.withdrawals.append(self.pump.refill_withdrawn(in_syringe_nl))
        self.simulation.do("refill", volume_nl)
        self.pump.refill_finish(volume_nl, fluid)

    def _note_events(self) -> None:
        """Reads the pump's events; the programmed volume follows from the time spent infusing."""
        for row in self.pump.events():
            at_ms = row.uptime_s * 1000 + row.ms
            self.events.append(Event(at_ms / 1000, row.name, row.a, row.b))
            if row.name != "state":
                continue
            if defs.STATES[row.b].name == "infusing":
                self._infusing_since_ms = at_ms
            elif self._infusing_since_ms is not None:
                self.programmed_nl += (at_ms - self._infusing_since_ms) * RATE_UL_DAY // 86400
                self._infusing_since_ms = None


def tell(demo: Demo) -> tuple[dict[str, int | float], int]:
    """Runs the demonstration; returns the figures of the occlusion, and when the drug reaches the line's end, in s."""
    pump = demo.pump
    demo.refill(FILL_NL, "saline")
    pump.therapy_set("intrahepatic", RATE_UL_DAY, phase_h=PHASE_DAYS * 24, cycles=3)
    pump.start()
    demo.look(demo.hours)
    demo.look(demo.quarters)

    demo.say("saline at 1 mL/day")
    for _ in range(ACCURACY_H):
        demo.run_until(round(demo.now_s()) + 3600, QUARTER_MS, demo.quarters)
        demo.look(demo.hours)
    demo.run_until(BLOCK_AT_S - 300, HOUR_MS, demo.hours)
    demo.run_until(BLOCK_AT_S, FINE_MS, demo.minutes)
    occlusion = meet_occlusion(demo)

    demo.say("saline at 1 mL/day")
    due_s = demo.run_until_event("alarm_raised", _alarm("refill_due"), PHASE_DAYS * 86400, HOUR_MS, demo.hours)
    demo.say("refill with drug")
    demo.look(demo.hours)
    demo.refill(FILL_NL, "drug")
    pump.start()
    hold_over_s = pump.dose().hold_over_s or 0
    demo.run_until(int(due_s) + 86400, HOUR_MS, demo.hours)
    return occlusion, hold_over_s


def meet_occlusion(demo: Demo) -> dict[str, int | float]:
    """A sudden block: the pump detects it, an operator clears, acknowledges and resumes."""
    pump, simulation = demo.pump, demo.simulation
    demo.say("the line is blocked")
    before = simulation.truth()
    booked_nl = pump.status().delivered_nl
    injected_s = demo.now_s()
    simulation.do("block")
    alarm_s = demo.run_until_event("alarm_raised", _alarm("occlusion"), 3600, FINE_MS, demo.minutes)
    missing_nl = pump.status().delivered_nl - booked_nl - (simulation.truth()["delivered_nl"] - before["delivered_nl"])
    demo.run_until(int(alarm_s) + LOOKS_AFTER_S, FINE_MS, demo.minutes)
    shut = simulation.truth()
    simulation.do("unblock")
    demo.run_until(int(demo.now_s()) + 60, FINE_MS, demo.minutes)
    released_nl = simulation.truth()["delivered_nl"] - shut["delivered_nl"]
    pump.ack(_alarm("occlusion"))
    pump.resume()
    demo.run_until(int(demo.now_s()) + 600, FINE_MS, demo.minutes)
    return {
        "injected_s": injected_s,
        "alarm_after_s": round(alarm_s - injected_s, 3),
        "missing_nl": missing_nl,
        "released_nl": released_nl,
    }


def accuracy_of(demo: Demo) -> result.Result:
    """What the first 49 hours show by IEC 60601-2-24, by the true volume, of which 1 nL counts as 1 µg."""
    first_s, first_nl = demo.quarters["t_s"][0], demo.quarters["delivered_nl"][0]
    rows = [
        weights.Weight(round((t_s - first_s) * 1000), delivered_nl - first_nl)
        for t_s, delivered_nl in zip(demo.quarters["t_s"], demo.quarters["delivered_nl"], strict=True)
    ]
    conditions = result.Conditions(RATE_UL_DAY, density_g_ml=1, air_g_ml=0)
    return result.of_weights("delivered", weights.Weights(rows), conditions)


def summary_of(demo: Demo, occlusion: dict[str, int | float], hold_over_s: int, wall_s: float) -> page.Summary:
    """The figures of the demo with the keys of summary.json, including those of the refill and the dose."""
    status, truth, dose = demo.pump.status(), demo.simulation.truth(), demo.pump.dose()
    last = demo.hours.last()
    error_ppm = (truth["delivered_nl"] - last["programmed_nl"]) * 1_000_000 // last["programmed_nl"]
    refills = sum(1 for happening in demo.events if happening.name == "refilled") - 1  # the first one was the filling
    return {
        "days": round(demo.now_s() / 86400, 3),
        "rate_ul_day": RATE_UL_DAY,
        "programmed_nl": last["programmed_nl"],
        "delivered_nl": truth["delivered_nl"],
        "book_nl": status.delivered_nl,
        "error_ppm": error_ppm,
        "reservoir_left_nl": status.ledger_nl,
        "refills": refills,
        "withdrawals": [asdict(found) for found in demo.withdrawals],
        "hold_over_s": hold_over_s,
        "dose": asdict(dose),
        "occlusion": occlusion,
        "alarms": page.alarms_of(demo.events),
        "wall_s": round(wall_s, 2),
        "interpreter": interpreter_name(),
    }


def interpreter_name() -> str:
    """Name and version of the interpreter that runs the firmware, from the interpreter itself."""
    program = checkout.find_interpreter(checkout.find_checkout())
    words = "import sys; v = sys.implementation; print('MicroPython %d.%d.%d' % v.version[:3], v._build)"
    return subprocess.run([program, "-c", words], capture_output=True, text=True, check=True).stdout.strip()


def show(summary: page.Summary, folder: Path) -> None:
    """Prints the figures as a table."""
    table = Table(title="Two weeks and a day on the simulated pump", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in page.rows_of(summary):
        table.add_row(name, value)
    Console().print(table)
    Console().print(f"{folder}/summary.json\n{folder}/report.html")


def _alarm(name: str) -> int:
    return next(number for number, alarm in defs.ALARMS.items() if alarm.name == name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("build/demo"))
    chosen = parser.parse_args()
    began = time.monotonic()
    words, percent = TextColumn("{task.description:24}"), TextColumn("{task.percentage:>3.0f}%")
    columns = (words, BarColumn(), percent, TimeElapsedColumn())
    try:
        with Progress(*columns, console=CONSOLE, transient=True) as progress:
            demo = Demo(chosen.seed, progress)
            try:
                occlusion, hold_over_s = tell(demo)
                summary = summary_of(demo, occlusion, hold_over_s, time.monotonic() - began)
            finally:
                demo.close()
    except errors.PumpError as error:
        print(f"demo: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    (chosen.folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    accuracy = [accuracy_of(demo)]
    more = [
        ("Flow after the start", "The first 49 hours, every 15 minutes.", curves.start_up(accuracy)),
        (
            "Trumpet curve",
            "Largest and smallest error by the length of the window, after 24 h.",
            curves.trumpet(accuracy),
        ),
    ]
    page.write(chosen.folder / "report.html", summary, demo.hours, demo.minutes, demo.events, more)
    show(summary, chosen.folder)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("demo: stopped; nothing was written.")
