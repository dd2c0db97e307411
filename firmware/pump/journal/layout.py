"""How the journal divides its area of flash among rings, and what it adds to every snapshot."""

from micropython import const

from pump.journal import event_log, snapshot, stroke_log

# number, first sector, sectors, bytes of a record, sectors kept erased ahead.
# tests/bench/journal_figures.py works out how long the split lasts.
SNAPSHOTS = (1, 0, 9, snapshot.RECORD_BYTES, 2)
STROKES = (2, 9, 32, stroke_log.RECORD_BYTES, 8)
EVENTS = (3, 41, 20, event_log.RECORD_BYTES, 1)
SETTINGS = (4, 61, 3, snapshot.RECORD_BYTES, 1)

# The journal's own numbers at the beginning of a snapshot.
SECTOR = const(0)  # the place in the ring of strokes that it holds for
SLOT = const(1)
OPEN = const(2)  # whether the stroke before that place was under way
STROKE_PL = const(3)  # no stroke since is larger, and few are smaller
TALLY_STROKES = const(4)  # since the last `save`, when the snapshot was written again
TALLY_UL = const(5)
TALLY_PL = const(6)
TALLY_UNCERTAIN = const(7)
BOOT = const(8)
OWN = const(9)
