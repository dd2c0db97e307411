"""The intrahepatic therapy for twelve weeks: saline and drug in turn, five refills, total against schedule."""

from __future__ import annotations

import time

from figures import Figure, Group, span
from pumpctl import defs, sim
from pumpctl.pump import Pump

RATE_UL_DAY = 1000
PHASE_H = span(336, 12)
PHASES = 6
FILL_NL = 16_000_000
STROKE_PL = 250_000
DAY_MS = 86_400_000
# A calibrated drive: strokes still vary at random, but their mean doesn't drift.
CALIBRATED = {"drive_error_ppm": 0, "drive_drift_ppm_day": 0}
_FLUIDS = ("saline", "drug")


class Course:
    """The visits of a nurse, who empties the reservoir every two weeks and fills it with the fluid that is due."""

    def __init__(self, simulation: sim.Simulation, pump: Pump) -> None:
        self.simulation, self.pump = simulation, pump
        self.infusing_ms: list[int] = []  # of each time in this state, by the pump's clock
        self._since_ms: int | None = None

    def run(self) -> int:
        """Runs all phases; returns the strokes counted too many or too few."""
        error = 0
        for phase in range(PHASES):
            self._fill(_FLUIDS[phase % 2])
            if phase == 0:
                self.pump.therapy_set("intrahepatic", RATE_UL_DAY, phase_h=PHASE_H, cycles=3)
            before = self.pump.status().strokes
            self.pump.start()
            for _ in range(PHASE_H):
                self.simulation.run(3_600_000)
                self._note()
            self.pump.stop()
            self.simulation.run(1000)
            self._note()
            due = sum(RATE_UL_DAY * 1_000_000 * ms // (DAY_MS * STROKE_PL) for ms in self.infusing_ms)
            error += abs(self.pump.status().strokes - before - due)
            self.infusing_ms = []
        return error

    def _fill(self, fluid: str) -> None:
        self.pump.refill_begin()
        if self.pump.status().fluid != "none":
            self.pump.refill_withdrawn(self.simulation.truth()["reservoir_nl"])
        self.simulation.do("refill", FILL_NL)
        self.pump.refill_finish(FILL_NL, fluid)
        self._note()

    def _note(self) -> None:
        for row in self.pump.events():
            at_ms = row.uptime_s * 1000 + row.ms
            if row.name == "state" and defs.STATES[row.b].name == "infusing":
                self._since_ms = at_ms
            elif row.name == "state" and self._since_ms is not None:
                self.infusing_ms.append(at_ms - self._since_ms)
                self._since_ms = None


def days84() -> list[Figure]:
    """Delivered total against schedule, and pumped volume against total; the baseline is an uncalibrated drive."""
    errors_ppm = []
    strokes = []
    walls_s = []
    for settings in (CALIBRATED, {}):
        began = time.monotonic()
        with (
            sim.Simulation(seed=1, settings=settings, native=True) as simulation,
            Pump.connect(simulation.transport()) as pump,
        ):
            strokes.append(Course(simulation, pump).run())
            book_nl, truth = pump.status().delivered_nl, simulation.truth()
        walls_s.append(time.monotonic() - began)
        given_nl = truth["delivered_nl"] + truth["stored_pl"] // 1000
        errors_ppm.append(abs(given_nl - book_nl) * 1_000_000 // book_nl)
    return [
        Figure("therapy.days84.error_strokes", strokes[0], "strokes", None, 0),
        Figure("therapy.days84.error_ppm", errors_ppm[0], "ppm", errors_ppm[1], 1000),
        Figure("therapy.days84.wall_s", round(walls_s[0], 1), "s", None, None),
    ]


GROUPS = [
    Group(
        ("therapy.days84.error_strokes", "therapy.days84.error_ppm", "therapy.days84.wall_s"),
        "84 days of the intrahepatic therapy, twice",
        days84,
    )
]
