"""The I2C bus of the emulated release image: a line that a part holds is freed, or told, and ends nothing for good."""

from __future__ import annotations

from collections import Counter

from figures import Figure, Group
from pumpctl import sim
from pumpctl.pump import Pump

_POSITIONS = range(9)
_FAST_UL_DAY = 7_300  # a stroke, with samples of the pressure around it, every 3 s
_STROKES_MS = 7_000
_BOOT_MS = 4_000
_ALARM_MS = 120_000
_CLEAR_MS = 300_000
_TIME_MS = 300  # for which SCL is held
_FOR_EVER = ("bus_sda_stays", "bus_scl")


class Recovery:
    """One pump, in which a part holds a line again and again; `found` counts what came of it."""

    def __init__(self, simulation: sim.Simulation, pump: Pump) -> None:
        self.found: Counter[str] = Counter()
        self._simulation = simulation
        self._pump = pump

    def during_delivery(self) -> None:
        """Without a reset: the next sample of the pressure meets the line."""
        pump = self._pump
        pump.refill_begin()
        self._simulation.do("refill", 16_000_000)
        pump.refill_finish(16_000_000, "saline")
        pump.therapy_set("continuous", _FAST_UL_DAY, override="soft_rate")
        pump.start()
        for position in _POSITIONS:
            for action in ("bus_sda", "bus_sda_next"):
                self._hold(action, position, _STROKES_MS)
                self._count("infusing", not pump.alarms())
        self._hold("bus_scl", _TIME_MS, _STROKES_MS)
        self._count("infusing", not pump.alarms())
        for action in _FOR_EVER:
            self._hold(action, None, _ALARM_MS)
            self.found["told"] += [row.name for row in pump.alarms()] == ["pressure_sensor"]
            self._simulation.do("bus_works")
            self._simulation.run(_CLEAR_MS)
            pump.ack()
            self._count_state("infusing")

    def over_resets(self) -> None:
        """With a reset, which the part doesn't notice."""
        self._pump.stop()
        for position in _POSITIONS:
            self._hold("bus_sda", position, 0)
            self._reset("run_pin")
            self._count("standby", True)
        self._hold("bus_scl", _TIME_MS, 0)
        self._reset("run_pin")
        self._count("standby", True)
        for action in _FOR_EVER:
            self._hold(action, None, 0)
            self._reset("run_pin")
            self.found["told"] += "part_failed" in [row.name for row in self._pump.alarms()]
            self._simulation.do("bus_works")
            self._reset("power_cut")
            self._count_state("standby")

    def _hold(self, action: str, number: int | None, ms: int) -> None:
        self.found["cases"] += 1
        self._simulation.do(action, number)
        self._simulation.run(ms)

    def _reset(self, action: str) -> None:
        self._simulation.do(action)
        self._simulation.run(_BOOT_MS)

    def _count(self, state: str, quiet: bool) -> None:
        self.found["freed"] += quiet and self._simulation.truth()["bus_held"] == 0
        self._count_state(state)

    def _count_state(self, state: str) -> None:
        """A pump that isn't in this state again has the fault for good."""
        self.found["faults"] += self._pump.status().state_name not in (state, "paused")


def recovery() -> list[Figure]:
    with (
        sim.Simulation(seed=1, emulated=True) as simulation,
        Pump.connect(simulation.transport()) as pump,
    ):
        simulation.run(_BOOT_MS)
        held = Recovery(simulation, pump)
        held.during_delivery()
        held.over_resets()
    found = held.found
    for_ever = 2 * len(_FOR_EVER)
    return [
        Figure("bus.recovery.freed", found["freed"], "held lines", None, found["cases"] - for_ever, "least"),
        Figure("bus.recovery.told", found["told"], "lines held for ever", None, for_ever, "least"),
        Figure("bus.recovery.faults", found["faults"], f"of {found['cases']} held lines", None, 0),
    ]


GROUPS = [
    Group(
        ("bus.recovery.freed", "bus.recovery.told", "bus.recovery.faults"),
        "emulated Pico: lines of the I2C bus that a part holds",
        recovery,
    )
]
