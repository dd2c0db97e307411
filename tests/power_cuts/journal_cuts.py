"""Cuts the power in every operation of the flash while a journal is kept, and counts what that costs. Runs in CPython.

    PYTHONPATH=firmware:hil:tests/shim:tests:tests/power_cuts python tests/power_cuts/journal_cuts.py CUTS [naive]

prints as JSON {cuts, lost, doubled, formatted, recovery_worst_bytes, findings}. A story of strokes, events, snapshots,
settings and tending stands for two weeks of the pump; before each operation of the flash a copy of it is torn in four
ways and read again by a fresh journal, which is held against what the story knows to be true. Now and then the story
goes on with such a copy.
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
from pump.journal import journal

STROKE_PL = 250_000
_PL_PER_UL = 1_000_000
_POWER_ON, _NOTE = 1, 4  # events
_MOST_FINDINGS = 10


class Chip(flash.Flash):
    """The simulated flash, with a quicker read."""

    def read(self, at: int, buffer: bytearray) -> None:
        buffer[:] = self.data[at : at + len(buffer)]
        self.bytes_read += len(buffer)

    def torn(self, tear: int, seed: int) -> Chip:
        """A copy whose power goes in the next operation."""
        copy = Chip(self.size // flash.BLOCK, seed)
        copy.data[:] = self.data
        copy.cut(0, tear)
        return copy


class Watched(Chip):
    """Lets the story look at every operation before it is done."""

    story: Story

    def program(self, at: int, page: bytes | bytearray) -> None:
        self.story.before("program", at, page)
        super().program(at, page)

    def erase(self, at: int) -> None:
        self.story.before("erase", at)
        super().erase(at)


@dataclass
class Truth:
    """What has really happened, and what the journal has acknowledged."""

    moved_pl: int = 0
    book_pl: int = 0  # of the snapshot that was acknowledged last, and what was moved since
    boot: int = 0
    open: int = 0  # strokes since the snapshot that were not told to be done
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
        """A cut that cost something; each is counted once."""
        if self._last.get(what) == self.cuts:
            return
        self._last[what] = self.cuts
        setattr(self, what, getattr(self, what) + 1)
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(f"{what}: {words}")


def book_pl(kept: Any) -> int:
    """Volume that a recovered journal accounts for."""
    saved = kept.snapshot[0] * _PL_PER_UL + kept.snapshot[1] if kept.snapshot else 0
    return int(saved + kept.since_ul * _PL_PER_UL + kept.since_pl)


class Story:
    """The pump's days, and the judge of every cut; `make` gives a journal over a flash."""

    def __init__(self, make: Any, cuts: int, seed: int = 1) -> None:
        self._make = make
        self._chance = random.Random(seed)
        self._most_cuts = cuts
        self.result = Result()
        self.truth = Truth()
        self.doing = ""
        self.pending: Any = None
        self._watching = False
        self._adopt: Chip | None = None
        self._is_whole = False  # whether the operation that was cut has done all of its work
        self.chip = Watched(seed=seed)
        self.chip.story = self
        self._boot(self._make(self.chip))

    # ---- what the pump does

    def run(self, unwatched_strokes: int) -> Result:
        """Lives so many strokes without a cut, so that every ring has gone round; then cuts until there are enough."""
        for _ in range(unwatched_strokes):
            self._live()
            for _ in range(self._chance.randrange(3)):
                self._event(_NOTE, 1, 2)
        self._watching = True
        while self.result.cuts < self._most_cuts:
            self._live()
        return self.result

    def _live(self) -> None:
        """A stroke, and now and then something else; power that goes ends it."""
        try:
            self._stroke()
            dice = self._chance.randrange(60)
            if dice < 6:
                self._event(_NOTE, dice, -dice)
            elif dice < 10:
                self._save()
            elif dice == 10:
                self._settings()
            self._say("tend")
            self.kept.tend(1000 if self._chance.randrange(4) else 100, True)
        except flash.PowerCut:
            self._resume()

    def _say(self, doing: str, pending: Any = None) -> None:
        self.doing, self.pending = doing, pending

    def _stroke(self) -> None:
        self._say("intent")
        assert self.kept.intent(STROKE_PL)
        self.truth.moved_pl += STROKE_PL
        self.truth.book_pl += STROKE_PL
        self.truth.open += 1
        self.truth.in_flight = True
        self._say("done")
        if self._chance.randrange(50):
            assert self.kept.done()
            self.truth.open -= 1
            self.truth.in_flight = False

    def _event(self, event: int, a: int, b: int) -> None:
        sequence = self.kept.next
        self._say("event", (sequence, event, a, b))
        assert self.kept.write(event, a, b)
        self.truth.events[sequence] = (event, a, b)

    def _save(self) -> None:
        self._say("save", (*divmod(self.truth.book_pl, _PL_PER_UL), self._chance.randrange(1 << 30), -7))
        assert self.kept.save(self.pending)
        self.truth.snapshot = self.pending
        self.truth.open = int(self.truth.in_flight)

    def _settings(self) -> None:
        self._say("settings", tuple(self._chance.randrange(1 << 30) for _ in range(20)))
        assert self.kept.save_settings(self.pending)
        self.truth.settings = self.pending

    def _boot(self, kept: Any) -> None:
        """Power is on: reads, counts what was uncertain as delivered, and says so."""
        self.kept = kept
        kept.recover()
        self._start(kept)

    def _start(self, kept: Any) -> None:
        self.truth.book_pl = book_pl(kept)
        self.truth.moved_pl = self.truth.book_pl  # from here on: an uncertain stroke counts as delivered
        self.truth.in_flight = False
        self._event(_POWER_ON, kept.boots, 0)
        self.truth.boot = kept.boots
        self._save()

    def _resume(self) -> None:
        """Goes on with the flash that a cut has left."""
        assert self._adopt
        self.chip.data[:] = self._adopt.data
        self._adopt = None
        self._watching = False
        self._boot(self._make(self.chip))
        self.truth.settings = self.kept.settings
        self._watching = True

    # ---- cuts

    def before(self, kind: str, *words: Any) -> None:
        """An operation is about to begin: cuts it four ways, on copies."""
        if not self._watching or self.result.cuts >= self._most_cuts:
            return
        adopted = self._chance.randrange(300)  # one of four, now and then
        whole = self.chip.torn(flash.TEAR_WHOLE, 0)
        self._cut(whole, kind, words)
        for tear in flash.TEARS:
            torn = self.chip.torn(tear, self.result.cuts)
            self._cut(torn, kind, words)
            after = Chip()
            after.data[:] = torn.data
            self.result.cuts += 1
            self._is_whole = torn.data == whole.data
            self._judge(torn, f"{self.doing}: {kind} at {words[0]:#x} torn {tear}")
            if tear == adopted:
                self._adopt = after
        if self._adopt:
            raise flash.PowerCut

    def _cut(self, torn: Chip, kind: str, words: tuple[Any, ...]) -> None:
        try:
            getattr(torn, kind)(*words)
        except flash.PowerCut:
            return
        raise AssertionError("the power was to be cut")

    def _judge(self, torn: Chip, where: str) -> None:
        """Reads what the cut has left; cuts the pump again while it starts; and reads once more."""
        kept = self._read(torn, where)
        if kept is None:
            return
        told = dict(self.truth.events)
        book, boot = book_pl(kept), kept.boots
        torn.cut(self._chance.randrange(4), self._chance.choice(flash.TEARS))
        values = (*divmod(book, _PL_PER_UL), 5, 5)
        acknowledged = None
        try:
            sequence = kept.next
            assert kept.write(_POWER_ON, boot, 0)
            told[sequence] = (_POWER_ON, boot, 0)
            assert kept.save(values)
            acknowledged = values
            kept.tend(1000, True)
        except flash.PowerCut:
            pass
        again = self._read(torn, f"{where}, and cut again", told)
        if again is not None:
            if book_pl(again) != book:
                self.result.count("lost" if book_pl(again) < book else "doubled", f"{where}: a second book")
            if acknowledged and again.snapshot != acknowledged:
                self.result.count("lost", f"{where}: the snapshot after the cut")
            if sequence in told and again.boots <= boot:
                self.result.count("lost", f"{where}: the boot")

    def _read(self, torn: Chip, where: str, told: dict[int, tuple[int, int, int]] | None = None) -> Any:
        torn.uncut()
        torn.bytes_read = 0
        kept = self._make(torn)
        kept.recover()
        self.result.recovery_worst_bytes = max(self.result.recovery_worst_bytes, torn.bytes_read)
        if not kept.recovered:
            self.result.count("formatted", where)
            return None
        self._judge_book(kept, where)
        self._judge_records(kept, where, self.truth.events if told is None else told)
        if told is None:
            self._judge_state(kept, where)
        return kept

    def _judge_book(self, kept: Any, where: str) -> None:
        above_pl = book_pl(kept) - self.truth.moved_pl
        if above_pl < 0:
            self.result.count("lost", f"{where}: the book is {-above_pl} pL below the truth")
        if above_pl > STROKE_PL:
            self.result.count("doubled", f"{where}: the book is {above_pl} pL above the truth")

    def _judge_records(self, kept: Any, where: str, told: dict[int, tuple[int, int, int]]) -> None:
        numbers = list(told)[-2000:]
        for sequence in (*numbers[-3:], self._chance.choice(numbers), numbers[0]):
            if not kept.oldest() <= sequence < kept.next or tuple(kept.read(sequence)[3:]) != told[sequence]:
                self.result.count("lost", f"{where}: event {sequence}")

    def _judge_state(self, kept: Any, where: str) -> None:
        """Snapshot and settings are those acknowledged last, or those that were being written."""
        for name, doing in (("snapshot", "save"), ("settings", "settings")):
            found, right = getattr(kept, name), getattr(self.truth, name)
            if found != right and not (self.doing == doing and found == self.pending):
                self.result.count("lost", f"{where}: the {name}")
        if kept.boots <= self.truth.boot:
            self.result.count("lost", f"{where}: the boot")
        shown = self.truth.open
        right = {"intent": (shown, shown + 1), "save": (shown, int(self.truth.in_flight))}.get(self.doing, (shown,))
        if self.doing == "done" and self._is_whole:
            right = (shown - 1,)
        if kept.uncertain not in right:
            self.result.count("lost", f"{where}: {kept.uncertain} strokes are shown as uncertain, not {right}")


def kept_in(store: flash.Flash) -> journal.Journal:
    """The journal, over a flash."""
    time = uptime.Uptime(0)
    time.s = 1_000_000
    return journal.Journal(store, time)


def main() -> None:
    naive = "naive" in sys.argv[2:]
    story = Story(journal_naive.Naive if naive else kept_in, int(sys.argv[1]))
    result = story.run(50 if naive else 9_000)
    print(json.dumps({name: value for name, value in result.__dict__.items() if not name.startswith("_")}))


if __name__ == "__main__":
    main()
