"""A pump reduced to its strokes, its line watch and the world, for campaigns over many pump-years."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
for folder in ("firmware", "hil", "tests/shim"):
    if str(ROOT / folder) not in sys.path:
        sys.path.insert(0, str(ROOT / folder))

from plant import world  # noqa: E402
from pump import conditions, defs, hal, line, ticks  # noqa: E402

_STEPS = 100
_INTERVAL_US = 2000
_STROKE_PL = 250000
_MOTION_MS = 201
_DAY_STROKE = _STROKE_PL * 864 // 10  # a stroke in uL/day * ms
LIMIT_PA = 69000
RISE_PA = 6000


class Job:
    """Stands for a job of the scheduler."""

    def __init__(self) -> None:
        self.due = 0
        self.armed = False

    def at(self, due: int) -> None:
        self.due = due
        self.armed = True


class Rig:
    """One line at one rate; `stroke` goes through a stroke period and says whether the pump would stop."""

    def __init__(self, config: dict[str, int], seed: int, ul_day: int) -> None:
        self.world = world.World({"reservoir_nl": 20000000, **config}, seed)
        self.conditions = conditions.Conditions(0)
        self.line = line.Line(self, self.conditions)  # type: ignore[arg-type]
        self.job = Job()
        self.line.job = self.job  # type: ignore[assignment]
        self.line.limit_pa = LIMIT_PA
        self.line.detector.rise_pa = RISE_PA
        self.samples = 0
        self.strokes = 0
        self.now = ticks.add(0, -5000)
        self.ul_day = ul_day
        self._carry = 0
        self._due = self.now
        self.line.pace(_DAY_STROKE // ul_day - _MOTION_MS)
        self._plan()

    def begin(self) -> None:
        pass

    def read_pa(self) -> int:
        self.samples += 1
        try:
            return self.world.read_pressure_pa()
        except world.PartOff:
            raise hal.PartError(defs.FAULT_NO_ANSWER) from None

    def _plan(self) -> None:
        lacking = _DAY_STROKE - self._carry
        wait_ms = -(-lacking // self.ul_day)
        self._carry = wait_ms * self.ul_day - lacking
        self._due = ticks.add(self._due, wait_ms)
        self.line.expect(self._due)

    def stroke(self) -> int:
        """The samples up to the next stroke, then the stroke unless they stop it; the stopping bits."""
        job = self.job
        run = self.line.run
        advance = self.world.advance
        due = self._due
        while job.armed and ticks.diff(due, job.due) >= 0:
            span_ms = ticks.diff(job.due, self.now)
            if span_ms > 0:
                advance(span_ms)
                self.now = job.due
            job.armed = False
            run(self.now)
        advance(ticks.diff(due, self.now))
        self.now = due
        bits = self.conditions.word & (defs.BIT_OCCLUDED | defs.BIT_PRESSURE_HIGH)
        if not bits:
            self.world.start_stroke(_STEPS, _INTERVAL_US)
            self.strokes += 1
            self._plan()
        return bits
