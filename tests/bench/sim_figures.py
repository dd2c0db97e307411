"""Speed of the simulation: fourteen days with world and host."""

from __future__ import annotations

import time

from figures import Figure, Group
from pumpctl import sim
from pumpctl.pump import Pump

_HOURS = 14 * 24


def fourteen_days_s(wake_ms: int | None = None) -> float:
    """Wall seconds for 14 days at 1 mL/day on the interpreter of record, the host asking for the status every hour."""
    with sim.Simulation(seed=1, wake_ms=wake_ms) as simulation, Pump.connect(simulation.transport()) as pump:
        pump.refill_begin()
        pump.refill_finish(16_000_000, "saline")
        pump.therapy_set("continuous", 1000)
        pump.start()
        began = time.monotonic()
        for _ in range(_HOURS):
            simulation.run(3_600_000)
            pump.status()
        wall_s = time.monotonic() - began
        if pump.status().strokes != 56_000:
            raise SystemExit(f"bench: 14 days gave {pump.status().strokes} strokes, not 56000")
    return wall_s


def days14() -> list[Figure]:
    """The event-driven loop, with the same run woken every 100 ms as its baseline."""
    return [Figure("sim.days14.wall_s", round(fourteen_days_s(), 2), "s", round(fourteen_days_s(100), 2), 20)]


GROUPS = [Group(("sim.days14.wall_s",), "14 days, and the same woken every 100 ms (some minutes)", days14)]
