"""A pump reduced to strokes, pressure monitor and world, for campaigns over many pump-years."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
for folder in ("firmware", "hil", "tests/shim"):
    if str(ROOT / folder) not in sys.path:
        sys.path.insert(0, str(ROOT / folder))

from plant import world  # noqa: E402
from plant.body import day  # noqa: E402
from plant.parts import valves  # noqa: E402
from pump import defs, hal  # noqa: E402
from pump.core import conditions, ticks  # noqa: E402
from pump.occlusion import monitor, relief  # noqa: E402

days = day  # for hard.py, which can't import it before this module has set the path

STROKE_NL = 250
LIMIT_PA = 69000
RISE_PA = 6000  # the default of the parameter occlusion_rise_pa
STOPS = {
    defs.BIT_OCCLUDED: "occluded",
    defs.BIT_PRESSURE_HIGH: "pressure_high",
    defs.BIT_UPSTREAM_BLOCKED: "upstream_blocked",
    defs.BIT_LINE_OPEN: "line_open",
    defs.BIT_REVERSED: "reversed",
}
STOPPING = sum(STOPS)
NOTES = {
    defs.NOTE_PRESSURE_BLIND: "pressure_blind",
    defs.NOTE_LINE_NARROW: "line_narrow",
    defs.NOTE_AIR_IN_LINE: "air_in_line",
}
STEPS = 100
_PL_PER_STEP = 2500
_REFILL_NL = 15000000
_INTERVAL_US = 2000
_DRIVES = {"stepper": {}, "valves": {"drive_kind": 1, "pl_per_step": 1000 * STROKE_NL}}


class Job:
    """Stands for a job of the scheduler."""

    def __init__(self) -> None:
        self.due = 0
        self.armed = False

    def at(self, due: int) -> None:
        self.due = due
        self.armed = True


Timed = tuple[int, str, int]  # ms since the beginning, action of the world, its number


class Rig:
    """One line with a stepper or valves. Findings don't stop it; the caller decides.


    `steps` is the size of a stroke, with the stepper alone; `config` has further settings of the world.
    """

    def __init__(
        self,
        compliance_pl_pa: int,
        tau_ms: int,
        ul_day: int,
        seed: int,
        drive: str = "stepper",
        steps: int = STEPS,
        config: dict[str, int] | None = None,
    ) -> None:
        shape = {"line_compliance_pl_pa": compliance_pl_pa, "line_tau_ms": tau_ms, **_DRIVES[drive]}
        self._valves = drive == "valves"
        self.world = world.World({**(config or {}), **shape, "reservoir_nl": 20000000}, seed)
        self._advance = self.world.advance
        self._timed: Iterator[Timed] | None = None
        self._next: Timed = (0, "", 0)
        self._acted_ms = 0
        self.conditions = conditions.Conditions(0)
        self.line = monitor.Monitor(self, self.conditions)  # type: ignore[arg-type]
        self.job = Job()
        self.line.job = self.job  # type: ignore[assignment]
        self.line.configure(LIMIT_PA, RISE_PA)
        self.samples = 0
        self.strokes = 0
        self.now = ticks.add(0, -5000)
        self.passed_ms = 0  # since the beginning; ticks come round
        self.ul_day = ul_day
        self.compliance_pl_pa = compliance_pl_pa
        self.line_tau_ms = tau_ms
        self._steps = steps
        self._day_stroke = steps * _PL_PER_STEP * 432 // 5  # a stroke in uL/day * ms
        self._motion_ms = valves.CYCLE_MS + 1 if self._valves else steps * _INTERVAL_US // 1000 + 1
        self.period_ms = self.quiet_ms = 0
        self._refill_nl = 0
        self._credit = 0  # of a stroke that is due, at `_mark`
        self._mark = self._due = self.now
        self._resting = False
        self.set_rate(ul_day)

    def act(self, timed: Iterator[Timed]) -> None:
        """From now on the world does these actions, in order of time; there is always a next one."""
        self._timed = timed
        self._next = next(timed)
        self._advance = self._advance_and_do

    def _advance_and_do(self, dt_ms: int) -> None:
        while self._timed and self._next[0] <= self._acted_ms + dt_ms:
            first_ms = max(0, self._next[0] - self._acted_ms)
            self.world.advance(first_ms)
            self._acted_ms += first_ms
            dt_ms -= first_ms
            self.world.do(*self._next[1:])
            self._next = next(self._timed)
        self.world.advance(dt_ms)
        self._acted_ms += dt_ms

    def begin(self) -> None:
        pass

    def read_pa(self) -> int:
        self.samples += 1
        try:
            return self.world.read_pressure_pa()
        except world.PartOff:
            raise hal.PartError(defs.FAULT_NO_ANSWER) from None

    def set_rate(self, ul_day: int) -> None:
        """Another flow from now on; what is due of a stroke stays due."""
        if not self._resting:
            self._credit += ticks.diff(self.now, self._mark) * self.ul_day
        self._mark = self.now
        self.ul_day = ul_day
        self.period_ms = self._day_stroke // ul_day
        self.quiet_ms = self.period_ms - self._motion_ms
        self.line.set_interval(self.quiet_ms)
        if not self._resting:
            self._plan()

    def rest(self, span_ms: int) -> None:
        """The pump is stopped for so long."""
        self._credit += ticks.diff(self.now, self._mark) * self.ul_day
        self._resting = True
        self.line.rest(self.now)
        self.wait(ticks.add(self.now, span_ms))

    def resume(self) -> None:
        """Goes on after a rest, with what was due."""
        self._resting = False
        self._mark = self.now
        self._plan()

    def start(self, ul_day: int, filled: bool = False) -> None:
        """Begins at this rate with nothing due, after a rest; `filled`: the line was primed before."""
        self.set_rate(ul_day)
        if filled:
            self.line.relearn(False)
        self._credit = 0
        self.resume()

    def _plan(self) -> None:
        wait_ms = -(-(self._day_stroke - self._credit) // self.ul_day)
        self._due = ticks.add(self._mark, wait_ms)
        self.line.expect(self._due, self.period_ms, self.ul_day)

    def wait(self, until: int) -> None:
        """Lets time pass up to this tick, and takes the samples that are due."""
        self.passed_ms += ticks.diff(until, self.now)
        job = self.job
        run = self.line.run
        advance = self._advance
        while job.armed and ticks.diff(until, job.due) >= 0:
            span_ms = ticks.diff(job.due, self.now)
            if span_ms > 0:
                advance(span_ms)
                self.now = job.due
            job.armed = False
            run(self.now)
        advance(ticks.diff(until, self.now))
        self.now = until

    def look(self) -> int:
        """Lets time pass until the next stroke is due; returns the condition bits that would stop it."""
        self.wait(self._due)
        return self.conditions.word & STOPPING

    def clear_findings(self) -> None:
        """What an operator does who acknowledges and resumes at once."""
        self.conditions.clear(STOPPING)
        self.line.clear_findings()

    def found(self) -> dict[str, bool]:
        """Each possible finding of the monitor, and whether it is present."""
        condition_bits = self.conditions
        found = {name: condition_bits.has(bit) for bit, name in STOPS.items()}
        return found | {name: condition_bits.noted(note) for note, name in NOTES.items()}

    def stroke(self) -> None:
        """Begins the stroke."""
        self._move()
        self.strokes += 1
        self._refill_nl += STROKE_NL
        if self._refill_nl == _REFILL_NL:
            self._refill_nl = 0
            self.world.do("refill")
        self._credit += ticks.diff(self._due, self._mark) * self.ul_day - self._day_stroke
        self._mark = self._due
        self._plan()

    def missing_nl(self) -> int:
        """The volume that was pumped and has not arrived."""
        truth = self.world.truth()
        return truth["pumped_nl"] - truth["delivered_nl"] - truth["leaked_nl"]

    def relieve(self) -> int:
        """Relieves the line as the pump does; returns the number of reverse strokes."""
        detector = self.line.detector
        counted = relief.Relief()
        pressure_pa = self._mean_pa()
        counted.begin(
            detector.strokes_retained, detector.baseline_pa or pressure_pa, pressure_pa, detector.staircase.unit_pa()
        )
        while counted.wants(pressure_pa):
            self._move(reverse=True)
            self.world.advance(1000)
            pressure_pa = self._mean_pa()
        return counted.reversed_strokes

    def release_nl(self) -> int:
        """Opens the line and lets it drain; returns the released volume."""
        before_nl = self.world.truth()["delivered_nl"]
        self.world.do("unblock")
        self.world.advance(600000)
        return self.world.truth()["delivered_nl"] - before_nl

    def _move(self, reverse: bool = False) -> None:
        if self._valves:
            self.world.start_cycle(reverse)
        else:
            self.world.start_stroke(-self._steps if reverse else self._steps, _INTERVAL_US)

    def _mean_pa(self) -> int:
        total_pa = 0
        for _ in range(8):
            self.world.advance(250)
            total_pa += self.world.read_pressure_pa()
        return total_pa // 8
