"""Flips single bits in the flash of a whole pump after days of use, and checks the state after the reset. CPython only.

    PYTHONPATH=firmware:hil:tests/shim:tests:tests/power_cuts:tests/unit/rigs \\
        python tests/power_cuts/app_flips.py DAYS EVERY

prints as JSON {flips, harmless, found, held, silent, off, findings}. The pump of app_cuts runs for DAYS. Of
the bits that a pump reads at the start and for its log, every EVERYth is flipped on a copy, and a fresh app starts on
it. Harmless: no difference. Found: the pump reports damaged records, or an event is shown as damaged. Held: delivery is
blocked. Silent: something differs and is not reported. Off: the delivered total is below that without the flip, or more
than one stroke above it (for which a damaged record counts); or without the flip it is below the volume moved.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field

import app_cuts
import pump_rig
from pump import app, defs

_MOST_FINDINGS = 10


class Noted(app_cuts.Chip):
    """Records which bytes are read, as the others can't change the result."""

    def __init__(self, data: bytearray) -> None:
        super().__init__()
        self.data[:] = data
        self.noted = bytearray(self.size)

    def read(self, at: int, buffer: bytearray) -> None:
        self.noted[at : at + len(buffer)] = b"\x01" * len(buffer)
        super().read(at, buffer)


@dataclass
class Result:
    flips: int = 0
    harmless: int = 0
    found: int = 0
    held: int = 0
    silent: int = 0
    off: int = 0
    findings: list[str] = field(default_factory=list)

    def count(self, what: str, words: str) -> None:
        setattr(self, what, getattr(self, what) + 1)
        if what in ("silent", "off") and len(self.findings) < _MOST_FINDINGS:
            self.findings.append(f"{what}: {words}")


def _state(pump: app.App) -> tuple[object, ...]:
    """The state of a pump after a reset: what it would save, its settings and its conditions."""
    saved = pump.controller.persistence
    numbers = [0] * len(saved._numbers)
    at = 0
    for part in saved._parts:
        at = part.save_to(numbers, at)
    return numbers, pump.controller.params.all(), pump.conditions.word, pump.conditions.notes, pump.journal.boots


def _total_pl(pump: app.App) -> int:
    delivered = pump.controller.account.delivered
    return delivered.ul * 1_000_000 + delivered.pl


class Flips:
    """The flash of a pump after use, and the checks of every flip in it."""

    def __init__(self, days: int) -> None:
        scenario = app_cuts.Scenario(1)
        scenario.chip.watch = None
        scenario.run(days)
        drive = scenario.pump.board.drive
        moved_pl = (drive.made() + drive.total) * pump_rig.part_fakes.PL_PER_STEP
        journal = scenario.pump.app.journal
        self.events = range(journal.oldest(), journal.next)
        self.data = bytes(scenario.chip.data)
        chip = Noted(scenario.chip.data)
        right = pump_rig.Pump(store=chip).app
        self.log, self.state = self._log(right), _state(right)
        self.total_pl = _total_pl(right)
        self.places = [at for at in range(chip.size) if chip.noted[at]]
        self.result = Result()
        if self.total_pl < moved_pl:
            self.result.count("off", f"without a flip the total is {moved_pl - self.total_pl} pL too low")

    def run(self, every: int) -> Result:
        """Flips every EVERYth bit."""
        for number in range(0, 8 * len(self.places), every):
            at, bit = self.places[number >> 3], number & 7
            self.result.flips += 1
            chip = app_cuts.Chip()
            chip.data[:] = self.data
            chip.data[at] ^= 1 << bit
            self._check(pump_rig.Pump(store=chip).app, f"bit {bit} of {at:#x}")
        return self.result

    def _log(self, pump: app.App) -> list[tuple[int, ...]]:
        """The records from before the start, as the pump reads them."""
        return [pump.journal.read(sequence) for sequence in self.events]

    def _check(self, pump: app.App, where: str) -> None:
        result = self.result
        if pump.controller.persistence.unfit != defs.UNFIT_NONE:
            result.count("held", where)
            return
        above_pl = _total_pl(pump) - self.total_pl
        if not 0 <= above_pl <= app_cuts.STROKE_PL:
            result.count("off", f"{where}: the total has {above_pl} pL more")
        log = self._log(pump)
        lost = [row[3] == 0 for row, right in zip(log, self.log, strict=True) if row != right]
        if not all(lost):
            result.count("silent", f"{where}: another event")
        elif pump.conditions.noted(defs.NOTE_RECORDS_DAMAGED) or lost:
            result.count("found", where)
        elif _state(pump) != self.state:
            result.count("silent", f"{where}: another state")
        else:
            result.count("harmless", where)


def main() -> None:
    print(json.dumps(Flips(int(sys.argv[1])).run(int(sys.argv[2])).__dict__))


if __name__ == "__main__":
    main()
