"""Cuts the power in every flash operation of a journal in use, and counts the consequences. CPython only.

    PYTHONPATH=firmware:hil:tests/shim:tests:tests/power_cuts python tests/power_cuts/journal_cuts.py CUTS [naive]

prints as JSON {cuts, lost, doubled, formatted, recovery_worst_bytes, findings}. A scenario of strokes, events,
snapshots, settings and erases ahead is like two weeks of a pump. Before each flash operation it is interrupted on
copies of the flash, in four ways. A fresh journal reads each copy and is compared with the ground truth of the
scenario. From time to time the scenario continues with such a copy.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import dataclass, field
from typing import Any

import journal_naive
from plant.parts import flash
from pump.core import uptime
from pump.journal.journal import Journal

STROKE_PL = 250_000
_PL_PER_UL = 1_000_000
_POWER_ON, _NOTE = 1, 4  # events
_MOST_FINDINGS = 10


class Chip(flash.Flash):
    """The simulated flash with a faster read."""

    def read(self, at: int, buffer: bytearray) -> None:
        buffer[:] = self.data[at : at + len(buffer)]
        self.bytes_read += len(buffer)

    def torn(self, tear: int, seed: int) -> Chip:
        """A copy whose power is cut in the next operation."""
        copy = Chip(self.size // flash.BLOCK, seed)
        copy.data[:] = self.data
        copy.cut(0, tear)
        return copy


class Watched(Chip):
    """Calls the scenario before every operation."""

    scenario: Scenario

    def program(self, at: int, page: bytes | bytearray) -> None:
        self.scenario.before("program", at, page)
        super().program(at, page)

    def erase(self, at: int) -> None:
        self.scenario.before("erase", at)
        super().erase(at)


@dataclass
class GroundTruth:
    """The true events, and what the journal has confirmed."""

    moved_pl: int = 0
    total_pl: int = 0  # by the last confirmed snapshot, and what was moved since
    boot: int = 0
    open: int = 0  # strokes since the snapshot without a `done`
    in_flight: bool = False
    events: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    snapshot: tuple[int, ...] | None = None
    settings: tuple[int, ...] | None = None


@dataclass
class Result:
    cuts: int = 0
    lost: int = 0
    doubled: int = 0
    formatted: int = 0
    recovery_worst_bytes: int = 0
    findings: list[str] = field(default_factory=list)
    _last: dict[str, int] = field(default_factory=dict)

    def count(self, what: str, words: str) -> None:
        """A cut with a consequence; each cut is counted once."""
        if self._last.get(what) == self.cuts:
            return
        self._last[what] = self.cuts
        setattr(self, what, getattr(self, what) + 1)
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(f"{what}: {words}")


def total_pl(journal: Any) -> int:
    """Delivered total by a recovered journal."""
    saved = journal.snapshot[0] * _PL_PER_UL + journal.snapshot[1] if journal.snapshot else 0
    return int(saved + journal.since_ul * _PL_PER_UL + journal.since_pl)


class Scenario:
    """A pump's use of its journal, and the checks of every cut; make: returns a journal over a flash."""

    def __init__(self, make: Any, cuts: int, seed: int = 1) -> None:
        self._make = make
        self._chance = random.Random(seed)
        self._most_cuts = cuts
        self.result = Result()
        self.truth = GroundTruth()
        self.doing = ""  # the call under way,
        self.pending: Any = None  # and the values that it writes
        self._watching = False
        self._adopt: Chip | None = None  # a cut flash with which the scenario continues
        self._is_whole = False  # whether the interrupted operation was completed
        self.chip = Watched(seed=seed)
        self.chip.scenario = self
        self._boot(self._make(self.chip))

    # ---- the use by a pump

    def run(self, unwatched_strokes: int) -> Result:
        """Runs some strokes without cuts, until every ring has been reused; then cuts until there are enough."""
        for _ in range(unwatched_strokes):
            self._step()
            for _ in range(self._chance.randrange(3)):
                self._event(_NOTE, 1, 2)
        self._watching = True
        while self.result.cuts < self._most_cuts:
            self._step()
        return self.result

    def _step(self) -> None:
        """A stroke, and sometimes something else; a power cut ends it."""
        try:
            self._stroke()
            dice = self._chance.randrange(60)
            if dice < 6:
                self._event(_NOTE, dice, -dice)
            elif dice < 10:
                self._save()
            elif dice == 10:
                self._settings()
            self._begin("tend")
            self.journal.tend(1000 if self._chance.randrange(4) else 100, True)
        except flash.PowerCut:
            self._resume()

    def _begin(self, doing: str, pending: Any = None) -> None:
        self.doing, self.pending = doing, pending

    def _stroke(self) -> None:
        self._begin("intent")
        assert self.journal.intent(STROKE_PL)
        self.truth.moved_pl += STROKE_PL
        self.truth.total_pl += STROKE_PL
        self.truth.open += 1
        self.truth.in_flight = True
        self._begin("done")
        if self._chance.randrange(50):
            assert self.journal.done()
            self.truth.open -= 1
            self.truth.in_flight = False

    def _event(self, event: int, a: int, b: int) -> None:
        sequence = self.journal.next
        self._begin("event", (sequence, event, a, b))
        assert self.journal.write(event, a, b)
        self.truth.events[sequence] = (event, a, b)

    def _save(self) -> None:
        self._begin("save", (*divmod(self.truth.total_pl, _PL_PER_UL), self._chance.randrange(1 << 30), -7))
        assert self.journal.save(self.pending)
        self.truth.snapshot = self.pending
        self.truth.open = int(self.truth.in_flight)

    def _settings(self) -> None:
        self._begin("settings", tuple(self._chance.randrange(1 << 30) for _ in range(20)))
        assert self.journal.save_settings(self.pending)
        self.truth.settings = self.pending

    def _boot(self, journal: Any) -> None:
        """Power-on: reads the journal, counts uncertain strokes as delivered, writes an event and the state."""
        self.journal = journal
        journal.recover()
        self._start(journal)

    def _start(self, journal: Any) -> None:
        self.truth.total_pl = total_pl(journal)
        self.truth.moved_pl = self.truth.total_pl  # from here on: an uncertain stroke counts as delivered
        self.truth.in_flight = False
        self._event(_POWER_ON, journal.boots, 0)
        self.truth.boot = journal.boots
        self._save()

    def _resume(self) -> None:
        """Continues with the flash that a cut has left."""
        assert self._adopt
        self.chip.data[:] = self._adopt.data
        self._adopt = None
        self._watching = False
        self._boot(self._make(self.chip))
        self.truth.settings = self.journal.settings
        self._watching = True

    # ---- cuts

    def before(self, kind: str, *words: Any) -> None:
        """Before an operation: interrupts it in four ways, on copies."""
        if not self._watching or self.result.cuts >= self._most_cuts:
            return
        adopted = self._chance.randrange(300)  # one of the four ways, sometimes
        whole = self.chip.torn(flash.TEAR_WHOLE, 0)
        self._cut(whole, kind, words)
        for tear in flash.TEARS:
            torn = self.chip.torn(tear, self.result.cuts)
            self._cut(torn, kind, words)
            after = Chip()
            after.data[:] = torn.data
            self.result.cuts += 1
            self._is_whole = torn.data == whole.data
            self._check(torn, f"{self.doing}: {kind} at {words[0]:#x} torn {tear}")
            if tear == adopted:
                self._adopt = after
        if self._adopt:
            raise flash.PowerCut

    def _cut(self, torn: Chip, kind: str, words: tuple[Any, ...]) -> None:
        try:
            getattr(torn, kind)(*words)
        except flash.PowerCut:
            return
        raise AssertionError("the power was not cut")

    def _check(self, torn: Chip, where: str) -> None:
        """Reads the cut flash, cuts the power again during the start, and reads again."""
        journal = self._read(torn, where)
        if journal is None:
            return
        events = dict(self.truth.events)
        total, boot = total_pl(journal), journal.boots
        torn.cut(self._chance.randrange(4), self._chance.choice(flash.TEARS))
        values = (*divmod(total, _PL_PER_UL), 5, 5)
        acknowledged = None
        try:
            sequence = journal.next
            assert journal.write(_POWER_ON, boot, 0)
            events[sequence] = (_POWER_ON, boot, 0)
            assert journal.save(values)
            acknowledged = values
            journal.tend(1000, True)
        except flash.PowerCut:
            pass
        again = self._read(torn, f"{where}, and cut again", events)
        if again is not None:
            if total_pl(again) != total:
                self.result.count("lost" if total_pl(again) < total else "doubled", f"{where}: another total")
            if acknowledged and again.snapshot != acknowledged:
                self.result.count("lost", f"{where}: the snapshot after the cut")
            if sequence in events and again.boots <= boot:
                self.result.count("lost", f"{where}: the boot")

    def _read(self, torn: Chip, where: str, events: dict[int, tuple[int, int, int]] | None = None) -> Any:
        torn.uncut()
        torn.bytes_read = 0
        journal = self._make(torn)
        journal.recover()
        self.result.recovery_worst_bytes = max(self.result.recovery_worst_bytes, torn.bytes_read)
        if not journal.recovered:
            self.result.count("formatted", where)
            return None
        self._check_total(journal, where)
        self._check_records(journal, where, self.truth.events if events is None else events)
        if events is None:
            self._check_state(journal, where)
        return journal

    def _check_total(self, journal: Any, where: str) -> None:
        above_pl = total_pl(journal) - self.truth.moved_pl
        if above_pl < 0:
            self.result.count("lost", f"{where}: the total is {-above_pl} pL too low")
        if above_pl > STROKE_PL:
            self.result.count("doubled", f"{where}: the total is {above_pl} pL too high")

    def _check_records(self, journal: Any, where: str, events: dict[int, tuple[int, int, int]]) -> None:
        numbers = list(events)[-1500:]  # so many are kept at least
        for sequence in (*numbers[-3:], self._chance.choice(numbers), numbers[0]):
            if not journal.oldest() <= sequence < journal.next or tuple(journal.read(sequence)[3:]) != events[sequence]:
                self.result.count("lost", f"{where}: event {sequence}")

    def _check_state(self, journal: Any, where: str) -> None:
        """Snapshot and settings are the last confirmed ones, or those that were being written."""
        for name, doing in (("snapshot", "save"), ("settings", "settings")):
            found, right = getattr(journal, name), getattr(self.truth, name)
            if found != right and not (self.doing == doing and found == self.pending):
                self.result.count("lost", f"{where}: the {name}")
        if journal.boots <= self.truth.boot:
            self.result.count("lost", f"{where}: the boot")
        shown = self.truth.open
        right = {"intent": (shown, shown + 1), "save": (shown, int(self.truth.in_flight))}.get(self.doing, (shown,))
        if self.doing == "done" and self._is_whole:
            right = (shown - 1,)
        if journal.uncertain not in right:
            self.result.count("lost", f"{where}: {journal.uncertain} strokes are shown as uncertain, not {right}")


def open_journal(store: flash.Flash) -> Journal:
    """The journal over a flash."""
    time = uptime.Uptime(0)
    time.s = 1_000_000
    return Journal(store, time)


def main() -> None:
    naive = "naive" in sys.argv[2:]
    scenario = Scenario(journal_naive.Naive if naive else open_journal, int(sys.argv[1]))
    result = scenario.run(50 if naive else 9_000)
    print(json.dumps({name: value for name, value in result.__dict__.items() if not name.startswith("_")}))


if __name__ == "__main__":
    main()
