"""Faults of the emulated release image: power cuts in its flash operations, and lines of the I2C bus that are held."""

from __future__ import annotations

from collections import Counter

from figures import Figure, Group, span
from pumpctl import sim
from pumpctl.pump import Pump

_TEARS = ("none", "half", "subset", "whole")
_COSTS = ("lost", "doubled", "formatted")
_CUTS = span(50, 2)
_EXACT_DRIVE = {"drive_error_ppm": 0, "drive_drift_ppm_day": 0, "drive_random_ppm": 0}
_FAST_UL_DAY = 24_000  # a stroke and its two records every 0.9 s
_STROKE_NL = 250
_LONGEST_S = 60  # long enough for 50 operations
_BOOT_MS = 3_000
_FIRST_VALUE = 50  # seconds; a setting that each run changes once

_POSITIONS = range(span(9, 1))
_BRISK_UL_DAY = 7_300  # a stroke, with samples of the pressure around it, every 3 s
_STROKES_MS = 7_000
_ALARM_MS = 120_000
_CLEAR_MS = 300_000
_TIME_MS = 300  # for which SCL is held
_FOR_EVER = ("bus_sda_stays", "bus_scl", "bus_scl_next_stays")
_RESTART_MS = 4_000


class Runs:
    """A pump that loses its power in flash operations, again and again; `costs` counts the consequences.

    lost: an acknowledged record or setting is missing, or the delivered total is below the pumped volume. doubled: a
    cut raised the delivered total by more than one stroke above the pumped volume. formatted: the pump found no
    journal, or an unreadable one, or its count of starts began again.
    """

    def __init__(self, simulation: sim.Simulation, pump: Pump) -> None:
        self.costs: Counter[str] = Counter()
        self.cuts = 0
        self._simulation = simulation
        self._pump = pump
        pump.refill_begin()
        simulation.do("refill", 16_000_000)
        pump.refill_finish(16_000_000, "saline")
        pump.therapy_set("continuous", _FAST_UL_DAY, override="soft_rate")
        self._above_nl = self._over_accounted_nl()
        self._records: dict[int, object] = {}
        self._boot = pump.journal().boot

    def run_once(self, operation: int) -> None:
        """One run: a setting and a start are acknowledged, then power fails in this operation after them."""
        pump, simulation = self._pump, self._simulation
        value = _FIRST_VALUE + operation
        pump.param_set("link_timeout_s", value)
        pump.ack()
        pump.start()
        self._records = {row.sequence: row for row in pump.log(first=max(self._records, default=0))}
        simulation.do(f"power_cut_{_TEARS[operation % len(_TEARS)]}", operation)
        self._await_cut()
        journal = pump.journal()
        self.cuts += journal.boot > self._boot
        self.costs["formatted"] += journal.unfit != "none" or journal.boot <= self._boot
        self._boot = journal.boot
        found = {row.sequence: row for row in pump.log(first=min(self._records))}
        self.costs["lost"] += any(found.get(sequence) != row for sequence, row in self._records.items())
        self.costs["lost"] += not any((row.name, row.value) == ("link_timeout_s", value) for row in pump.params())
        self._compare_totals()

    def _await_cut(self) -> None:
        """Lets time pass until the pump has restarted."""
        for _ in range(_LONGEST_S):
            before = self._simulation.truth()
            self._simulation.run(1000)
            after = self._simulation.truth()
            if after["resets"] != before["resets"]:
                break
        self._simulation.run(_BOOT_MS)

    def _over_accounted_nl(self) -> int:
        return self._pump.status().delivered_nl - self._simulation.truth()["pumped_nl"]

    def _compare_totals(self) -> None:
        above_nl = self._over_accounted_nl()
        added_nl = above_nl - self._above_nl
        self.costs["lost"] += added_nl < -1  # both values are rounded to nanolitres
        self.costs["doubled"] += added_nl > _STROKE_NL + 1
        self._above_nl = above_nl


def runs(emulated: bool) -> Runs:
    with (
        sim.Simulation(seed=1, emulated=emulated, settings=_EXACT_DRIVE) as simulation,
        Pump.connect(simulation.transport()) as pump,
    ):
        runs = Runs(simulation, pump)
        for operation in range(_CUTS):
            runs.run_once(operation)
        return runs


def cuts() -> list[Figure]:
    """One cut in each of the first 50 operations after a start, in four ways; the baseline is the unix build."""
    pico, unix = runs(True), runs(False)
    return [
        Figure("pico.cuts", pico.cuts, "cuts", unix.cuts, _CUTS, "least"),
        *(Figure(f"pico.cuts_{what}", pico.costs[what], "cuts", unix.costs[what], 0) for what in _COSTS),
    ]


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
        pump.therapy_set("continuous", _BRISK_UL_DAY, override="soft_rate")
        pump.start()
        for position in _POSITIONS:
            for action in ("bus_sda", "bus_sda_next", "bus_scl_next"):
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
        self._simulation.run(_RESTART_MS)

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
        simulation.run(_RESTART_MS)
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
        ("pico.cuts", "pico.cuts_lost", "pico.cuts_doubled", "pico.cuts_formatted"),
        "emulated Pico: power cuts in its flash operations",
        cuts,
    ),
    Group(
        ("bus.recovery.freed", "bus.recovery.told", "bus.recovery.faults"),
        "emulated Pico: lines of the I2C bus that a part holds",
        recovery,
    ),
]
