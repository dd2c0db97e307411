"""Keeps a journal through a day at 24 mL/day and counts what the flash had to do. Runs in CPython.

    PYTHONPATH=firmware:hil:tests/shim:tests:tests/power_cuts python tests/power_cuts/journal_wear.py STROKES [naive]

prints as JSON the programs of a stroke, the erases of such a day, and the years until the first sector has had as many
erases as its maker promises. Everything that is kept counts: strokes, a snapshot a minute, events, settings.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import journal_cuts
import journal_naive
from plant.parts import flash
from pump.journal import layout

STROKES_A_DAY = 96_000  # 24 mL of 0.25 uL
_PERIOD_MS = 900
EVENTS_A_DAY = 76  # what the ring of events keeps for 30 days
ERASES = 100_000  # W25Q16JV and its like: program and erase cycles of a sector
DAYS_A_YEAR = 365.25


def run(make: Any, strokes: int) -> tuple[journal_cuts.Chip, Any]:
    """The flash and its journal after so many strokes; it is tended once a minute, and never else."""
    chip = journal_cuts.Chip()
    kept = make(chip)
    kept.recover()
    for _ in range(16):
        kept.tend(1000, True)
    minute = 0
    for stroke in range(strokes):
        assert kept.intent(journal_cuts.STROKE_PL) and kept.done()
        if stroke * _PERIOD_MS // 60_000 != minute:
            minute = stroke * _PERIOD_MS // 60_000
            assert kept.save(tuple(range(40)))
            kept.tend(1000, True)
        if stroke % (STROKES_A_DAY // EVENTS_A_DAY) == 0:
            assert kept.write(4, stroke, 0)
        if stroke % STROKES_A_DAY == 50:
            assert kept.save_settings(tuple(range(40)))
    return chip, kept


def wear(make: Any, strokes: int) -> dict[str, float]:
    """Programs a stroke, erases a day, years; a ring takes its sectors in turn, so they share its erases."""
    chip, kept = run(make, strokes)
    days = strokes / STROKES_A_DAY
    rings = (layout.SNAPSHOTS, layout.STROKES, layout.EVENTS, layout.SETTINGS)
    shares = [(first, sectors) for _, first, sectors, _, _ in rings]
    if make is journal_naive.Naive:
        shares = [(0, 1)]
    most_a_day = max(sum(chip.wear[first : first + sectors]) / sectors / days for first, sectors in shares)
    return {
        "programs_per_stroke": round(chip.programs / strokes, 4),
        "erases_per_day": round(chip.erases / days, 1),
        "years": round(ERASES / most_a_day / DAYS_A_YEAR, 4),
        "forced": kept.forced_erases,
    }


def kept_events() -> int:
    """Events that are still read when the ring of events has gone round twice, at the worst moment."""
    chip = journal_cuts.Chip()
    kept = journal_cuts.kept_in(chip)
    kept.recover()
    least = EVENTS_A_DAY * 1000
    for number in range(2 * layout.EVENTS[2] * flash.BLOCK // layout.EVENTS[3]):
        kept.tend(1000, True)
        assert kept.write(3, number)
        if kept.oldest() > 1:
            least = min(least, kept.next - kept.oldest())
    return least


def main() -> None:
    make = journal_naive.Naive if "naive" in sys.argv[2:] else journal_cuts.kept_in
    print(json.dumps(wear(make, int(sys.argv[1]))))


if __name__ == "__main__":
    main()
