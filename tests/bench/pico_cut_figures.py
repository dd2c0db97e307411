"""Cuts of the power in the flash operations of the emulated release image, and what they cost."""

from __future__ import annotations

from collections import Counter

from figures import Figure, Group
from pumpctl import sim
from pumpctl.pump import Pump

_TEARS = ("none", "half", "subset", "whole")
_COSTS = ("lost", "doubled", "formatted")
_CUTS = 50
_EXACT_DRIVE = {"drive_error_ppm": 0, "drive_drift_ppm_day": 0, "drive_random_ppm": 0}
_FAST_UL_DAY = 24_000  # a stroke and its two records every 0.9 s
_STROKE_NL = 250
_LONGEST_S = 60  # in which 50 operations come
_BOOT_MS = 3_000
_FIRST_VALUE = 50  # s of a setting that each life changes once


class Runs:
    """A pump that loses its power in an operation of its flash, again and again; `costs` counts what that did.

    lost: a record or a setting that was acknowledged is not there any more, or the book is below the world's truth.
    doubled: a cut added more than one stroke to the book that the world did not see. formatted: what the pump found
    was nothing, or nothing that it could read, or its count of starts began anew.
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
        self._above_nl = self._book_above_nl()
        self._told: dict[int, object] = {}
        self._boot = pump.journal().boot

    def run_once(self, operation: int) -> None:
        """One life: a setting and a start are acknowledged, and the power goes in this operation after them."""
        pump, simulation = self._pump, self._simulation
        value = _FIRST_VALUE + operation
        pump.param_set("link_timeout_s", value)
        pump.ack()
        pump.start()
        self._told = {row.sequence: row for row in pump.log(first=max(self._told, default=0))}
        simulation.do(f"power_cut_{_TEARS[operation % len(_TEARS)]}", operation)
        self._await_cut()
        journal = pump.journal()
        self.cuts += journal.boot > self._boot
        self.costs["formatted"] += journal.unfit != "none" or journal.boot <= self._boot
        self._boot = journal.boot
        found = {row.sequence: row for row in pump.log(first=min(self._told))}
        self.costs["lost"] += any(found.get(sequence) != row for sequence, row in self._told.items())
        self.costs["lost"] += not any((row.name, row.value) == ("link_timeout_s", value) for row in pump.params())
        self._compare_books()

    def _await_cut(self) -> None:
        """Lets time pass until the pump has begun anew; its uptime begins anew as well."""
        for _ in range(_LONGEST_S):
            before = self._simulation.truth()
            self._simulation.run(1000)
            after = self._simulation.truth()
            if after["resets"] != before["resets"]:
                break
        self._simulation.run(_BOOT_MS)

    def _book_above_nl(self) -> int:
        return self._pump.status().delivered_nl - self._simulation.truth()["pumped_nl"]

    def _compare_books(self) -> None:
        above_nl = self._book_above_nl()
        added_nl = above_nl - self._above_nl
        self.costs["lost"] += added_nl < -1  # both are rounded to whole nanolitres
        self.costs["doubled"] += added_nl > _STROKE_NL + 1
        self._above_nl = above_nl


def lives(emulated: bool) -> Runs:
    with (
        sim.Simulation(seed=1, emulated=emulated, settings=_EXACT_DRIVE) as simulation,
        Pump.connect(simulation.transport()) as pump,
    ):
        runs = Runs(simulation, pump)
        for operation in range(_CUTS):
            runs.run_once(operation)
        return runs


def cuts() -> list[Figure]:
    """One cut in each of the first 50 operations after a start, the ways of tearing in turn; the baseline is unix."""
    pico, unix = lives(True), lives(False)
    return [
        Figure("pico.cuts", pico.cuts, "cuts", unix.cuts, _CUTS, "least"),
        *(Figure(f"pico.cuts_{what}", pico.costs[what], "cuts", unix.costs[what], 0) for what in _COSTS),
    ]


GROUPS = [
    Group(
        ("pico.cuts", "pico.cuts_lost", "pico.cuts_doubled", "pico.cuts_formatted"),
        "emulated Pico: cuts of the power in its flash operations",
        cuts,
    )
]
