"""Cuts the power of the whole pump in its flash operations, and checks the state after the reset. CPython only.

    PYTHONPATH=firmware:hil:tests/shim:tests:tests/power_cuts:tests/unit/rigs \\
        python tests/power_cuts/app_cuts.py DAYS EVERY

prints as JSON {cuts, operations, lost, doubled, formatted, book_worst_pl, book_mean_pl, findings}. The app runs on the
fake parts of tests/unit for DAYS at 1 mL/day, with boluses, settings and rate changes. Every EVERYth of its
flash operations is interrupted on copies, in four ways. A fresh app starts on each copy and is compared with the ground
truth: what the drive has moved, and what was acknowledged.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import Any

import pump_rig
from plant.parts import flash
from pump import defs

STROKE_PL = 250_000
_MOST_FINDINGS = 10
_HOUR = 3_600_000


class Chip(flash.Flash):
    """The simulated flash with a faster read; calls `watch` before every operation."""

    watch: Any = None

    def read(self, at: int, buffer: bytearray) -> None:
        buffer[:] = self.data[at : at + len(buffer)]
        self.bytes_read += len(buffer)

    def program(self, at: int, page: bytes | bytearray) -> None:
        if self.watch:
            self.watch("program", at, page)
        super().program(at, page)

    def erase(self, at: int) -> None:
        if self.watch:
            self.watch("erase", at)
        super().erase(at)


@dataclass
class Result:
    cuts: int = 0
    operations: int = 0
    lost: int = 0
    doubled: int = 0
    formatted: int = 0
    recovery_worst_bytes: int = 0
    book_worst_pl: int = 0
    book_mean_pl: int = 0
    findings: list[str] = field(default_factory=list)

    def count(self, what: str, words: str) -> None:
        setattr(self, what, getattr(self, what) + 1)
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(f"{what}: {words}")


class Scenario:
    """A pump in use, and the state that it must have."""

    def __init__(self, every: int) -> None:
        self.every = every
        self.result = Result()
        self.chip = Chip()
        self.pump = pump_rig.Pump(store=self.chip)
        pump_rig.infuse(self.pump, 1000)
        self.timeout_s = 60  # the changed setting: acknowledged
        self.asked_s = 60  # requested
        self.last_event = 0  # sequence number of the last event before the hour
        self.sum_pl = 0  # excess of the delivered total, over all cuts
        self.chip.watch = self._watch

    def run(self, days: int) -> Result:
        """Runs hour by hour, with a different command in each."""
        for hour in range(24 * days):
            self.last_event = self.pump.app.journal.next - 1
            if hour % 6 == 1:
                self.asked_s = 10 + hour % 100
                self.pump.change("param_set", name="link_timeout_s", value=self.asked_s)
                self.timeout_s = self.asked_s
            if hour % 24 == 2:
                self.pump.change("bolus", volume_nl=10000)
            if hour % 24 == 12:
                self.pump.change("rate", ul_day=1000 + hour % 48 * 10)
            if hour % 120 == 100:
                pump_rig.fill(self.pump)
                self.pump.do("start")
            self.pump.run(_HOUR)
        result = self.result
        result.book_mean_pl = self.sum_pl // max(1, result.cuts)
        return result

    def _watch(self, kind: str, *words: Any) -> None:
        number = self.result.operations
        self.result.operations += 1
        if number % self.every:
            return
        for tear in flash.TEARS:
            torn = Chip(self.chip.size // flash.BLOCK, number)
            torn.data[:] = self.chip.data
            torn.cut(0, tear)
            try:
                getattr(torn, kind)(*words)
            except flash.PowerCut:
                self.result.cuts += 1
                self._check(torn, f"operation {number}, {kind}, torn {tear}")

    def _check(self, torn: Chip, where: str) -> None:
        torn.uncut()
        torn.bytes_read = 0
        after = pump_rig.Pump(store=torn)
        result = self.result
        result.recovery_worst_bytes = max(result.recovery_worst_bytes, torn.bytes_read)
        app, before = after.app, self.pump.app
        if not app.journal.recovered or app.controller.persistence.unfit != defs.UNFIT_NONE:
            saved = app.controller.persistence
            result.count("formatted", f"{where}: {app.journal.area}, {saved.unfit}, {saved.unfit_index}")
            return
        moved_pl = self.pump.board.drive.made() * pump_rig.part_fakes.PL_PER_STEP
        moved_pl += self.pump.board.drive.total * pump_rig.part_fakes.PL_PER_STEP
        above_pl = app.controller.account.delivered.ul * 1_000_000 + app.controller.account.delivered.pl - moved_pl
        result.book_worst_pl = max(result.book_worst_pl, above_pl)
        self.sum_pl += above_pl
        if above_pl < 0:
            result.count("lost", f"{where}: the total is {-above_pl} pL too low")
        if above_pl > STROKE_PL:
            result.count("doubled", f"{where}: the total is {above_pl} pL too high")
        if app.controller.params.get(defs.PARAM_LINK_TIMEOUT_S) not in (self.timeout_s, self.asked_s):
            result.count("lost", f"{where}: the setting")
        if self.last_event and app.journal.read(self.last_event) != before.journal.read(self.last_event):
            result.count("lost", f"{where}: event {self.last_event}")


def main() -> None:
    result = Scenario(int(sys.argv[2])).run(int(sys.argv[1]))
    print(json.dumps(result.__dict__))


if __name__ == "__main__":
    main()
