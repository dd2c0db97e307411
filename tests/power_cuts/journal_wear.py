"""Runs a journal for a day at 24 mL/day and counts the flash operations. CPython only.

    PYTHONPATH=firmware:hil:tests/shim:tests:tests/power_cuts python tests/power_cuts/journal_wear.py STROKES [naive]

prints as JSON the page programs of a stroke, the erases of such a day, and the years until the first sector has reached
its rated number of erases. All writes count: strokes, a snapshot a minute, events, settings.
"""

from __future__ import annotations

import json
import struct
import sys
from typing import Any

import journal_cuts
import journal_naive
from plant.parts import flash
from pump.journal import layout

STROKES_A_DAY = 96_000  # 24 mL of 0.25 uL
_PERIOD_MS = 900
EVENTS_A_DAY = 50  # so many fit in the ring of events for 30 days
ERASES = 100_000  # W25Q16JV and similar parts: program and erase cycles of a sector
DAYS_A_YEAR = 365.25


def run(make: Any, strokes: int) -> tuple[journal_cuts.Chip, Any]:
    """The flash and its journal after this many strokes; `tend` is called only once a minute."""
    chip = journal_cuts.Chip()
    journal = make(chip)
    journal.recover()
    for _ in range(16):
        journal.tend(1000, True)
    chip.wear[:] = [0] * len(chip.wear)  # the first erases are made once in a life
    minute = 0
    for stroke in range(strokes):
        assert journal.intent(journal_cuts.STROKE_PL) and journal.done()
        if stroke * _PERIOD_MS // 60_000 != minute:
            minute = stroke * _PERIOD_MS // 60_000
            assert journal.save(tuple(range(40)))
            journal.tend(1000, True)
        if stroke % (STROKES_A_DAY // EVENTS_A_DAY) == 0:
            assert journal.write(4, stroke, 0)
        if stroke % STROKES_A_DAY == 50:
            assert journal.save_settings(tuple(range(40)))
    return chip, journal


def wear(make: Any, strokes: int) -> dict[str, float]:
    """Programs per stroke, erases per day, years; the erases of a ring are spread equally over its sectors."""
    chip, journal = run(make, strokes)
    days = strokes / STROKES_A_DAY
    rings = (layout.SNAPSHOTS, layout.STROKES, layout.EVENTS, layout.FAULTS, layout.SETTINGS)
    shares = [(first, sectors) for _, first, sectors, _, _ in rings]
    if make is journal_naive.Naive:
        shares = [(0, 1)]
    most_a_day = max(sum(chip.wear[first : first + sectors]) / sectors / days for first, sectors in shares)
    return {
        "programs_per_stroke": round(chip.programs / strokes, 4),
        "erases_per_day": round(chip.erases / days, 1),
        "years": round(ERASES / most_a_day / DAYS_A_YEAR, 4),
        "forced": journal.forced_erases,
    }


def stored_events() -> int:
    """The smallest number of readable events while the ring is filled twice."""
    chip = journal_cuts.Chip()
    journal = journal_cuts.open_journal(chip)
    journal.recover()
    least = EVENTS_A_DAY * 1000
    for number in range(2 * layout.EVENTS[2] * flash.BLOCK // layout.EVENTS[3]):
        journal.tend(1000, True)
        assert journal.write(3, number)
        if journal.oldest() > 1:
            least = min(least, journal.next - journal.oldest())
    return least


def stored_strokes() -> int:
    """The smallest number of strokes that are in flash with their time while the ring of strokes is filled twice."""
    chip = journal_cuts.Chip()
    journal = journal_cuts.open_journal(chip)
    journal.recover()
    _, first, sectors, size, _ = layout.STROKES
    ring = range(first * flash.BLOCK, (first + sectors) * flash.BLOCK, size)
    done = struct.Struct("<I8xI")  # its volume, and the mark
    full = len(ring)
    least = full
    for number in range(2 * full):
        journal.tend(1000, True)
        assert journal.intent(journal_cuts.STROKE_PL) and journal.done()
        if number > full and number % 64 == 0:
            least = min(least, sum(done.unpack_from(chip.data, at) == (journal_cuts.STROKE_PL, 0) for at in ring))
    return least


def main() -> None:
    make = journal_naive.Naive if "naive" in sys.argv[2:] else journal_cuts.open_journal
    print(json.dumps(wear(make, int(sys.argv[1]))))


if __name__ == "__main__":
    main()
