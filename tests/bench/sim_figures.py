"""The speed of the simulated pump: its start, and two weeks of delivery."""

from __future__ import annotations

import resource
import statistics
import time

from figures import Figure, Group, span
from pumpctl import sim
from pumpctl.pump import Pump
from pumpctl.sim import compiled

_HOURS = span(14 * 24, 2)
_STARTS = span(20, 2)


def fourteen_days(wake_ms: int | None = None, native: bool = False) -> tuple[float, float]:
    """Wall and processor seconds for 14 days at 1 mL/day, the host asking for the status every hour."""
    before_s = _processor_s()
    with (
        sim.Simulation(seed=1, wake_ms=wake_ms, native=native) as simulation,
        Pump.connect(simulation.transport()) as pump,
    ):
        pump.refill_begin()
        pump.refill_finish(16_000_000, "saline")
        pump.therapy_set("continuous", 1000)
        pump.start()
        began = time.monotonic()
        for _ in range(_HOURS):
            simulation.run(3_600_000)
            pump.status()
        wall_s = time.monotonic() - began
        if pump.status().strokes != _HOURS * 1000 // 6:
            raise SystemExit(f"bench: {_HOURS} h gave {pump.status().strokes} strokes, not {_HOURS * 1000 // 6}")
    return wall_s, _processor_s() - before_s


def _processor_s() -> float:
    """Processor time of the children that have ended; unlike wall time it hardly depends on other load."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def days14() -> list[Figure]:
    """The event-driven loop, with the same run woken every 100 ms as its baseline, and as machine code."""
    plain_s, plain_cpu_s = fourteen_days()
    native_s, native_cpu_s = fourteen_days(native=True)
    return [
        Figure("sim.days14.wall_s", round(plain_s, 2), "s", round(fourteen_days(100)[0], 2), 10),
        Figure("sim.days14.native_wall_s", round(native_s, 2), "s", round(plain_s, 2), 7),
        Figure("sim.days14.native_cpu_s", round(native_cpu_s, 2), "s", round(plain_cpu_s, 2), None),
    ]


def starts() -> list[Figure]:
    """Starting a simulated pump from compiled code; the baseline starts it from its sources."""
    compiled_ms = _start_ms()
    place = compiled.place
    try:
        compiled.place = lambda *_: None
        sources_ms = _start_ms()
    finally:
        compiled.place = place
    return [Figure("sim.start_ms", compiled_ms, "ms", sources_ms, None)]


def _start_ms() -> float:
    found = []
    for _ in range(_STARTS):
        began = time.monotonic()
        with sim.Simulation(seed=1) as simulation:
            simulation.run(0)
            found.append(1000 * (time.monotonic() - began))
    return round(statistics.median(found), 1)


GROUPS = [
    Group(
        ("sim.days14.wall_s", "sim.days14.native_wall_s", "sim.days14.native_cpu_s"),
        "14 days, the same as machine code, and woken every 100 ms (some minutes)",
        days14,
    ),
    Group(("sim.start_ms",), "start of a simulated pump", starts),
]
