"""Events, strokes, the state and the settings, in flash so that they survive power loss."""

import struct

from micropython import const

from pump import hal
from pump.journal import flash_area, layout, snapshot, stroke_log

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions, uptime
    from pump.journal import event_log, flash_ring

MOST_NUMBERS = snapshot.MOST - layout.OWN  # of a state

_ROWS = const(128)  # events in memory
_ROW = "<iiHHii"  # sequence, uptime s, ms, event, a, b
_BYTES = const(20)  # of a row


class Journal(flash_area.Area):
    """Call `recover` first; then `write` or `fault`, `intent` and `done`, `save`, `save_settings`; `tend` when at rest.

    A call that returns True has written to flash; with `store` None all calls work and nothing survives a reset. The
    last events are in memory too; `next` is the sequence number of the next event.
    """

    def __init__(
        self,
        store: "hal.Store | None",
        uptime: "uptime.Uptime",
        conditions: "conditions.Conditions | None" = None,
        unfit_bit: int = 0,
    ) -> None:
        super().__init__(store, uptime, conditions, unfit_bit)
        self._ring = bytearray(_ROWS * _BYTES)  # the last events
        self.next = 1
        self._first = 1  # first event since power-on, the oldest that can be in memory

    def recover(self, settings_count: int = 0) -> bool:
        """Reads what is in flash and writes nothing; returns whether there was anything.

        `settings_count` is the number of settings of this version, 0 for any.
        """
        if super().recover(settings_count):
            # Damaged records at the end may be events that a host has read: their numbers are not used again.
            after = max(self._events.newest + self._events.damaged, self._faults.newest + self._faults.damaged) + 1
            self.next = self._first = max(after, self.saved_event)
        return self.recovered

    def clear(self) -> None:
        """Clears the log, see flash_area; the records in memory go at once."""
        super().clear()
        self._first = self.next

    # ---- events

    def oldest(self) -> int:
        """Sequence number from which on all records are kept; of older ones only faults are (`following`)."""
        in_memory = max(self._first, self.next - _ROWS)
        if not self.is_writable():
            return in_memory
        return min(self._events.oldest() or in_memory, in_memory)

    def following(self, sequence: int) -> int:
        """This number if its record is kept, else the next one that is."""
        oldest = self.oldest()
        if sequence >= oldest:
            return sequence
        row = self._faults.following(sequence) if self.is_writable() else None
        return min(row[0], oldest) if row else oldest

    def write(self, event: int, a: int = 0, b: int = 0) -> bool:
        """Adds a record; allocates nothing. a and b: whole numbers of 32 bits; the event defines their meaning."""
        sequence = self.next
        s, ms = self._uptime.s, self._uptime.ms
        struct.pack_into(_ROW, self._ring, sequence % _ROWS * _BYTES, sequence, s, ms, event, a, b)
        self.next = sequence + 1
        if not self.is_writable():
            return self._store is None
        try:
            self._events.write(self.supply_good, sequence, s, ms, event, a, b, self.boots)
        except hal.PartError:
            return self._outcome(self._event_ring, False)
        return self._outcome(self._event_ring, True)

    def fault(self, event: int, a: int = 0, b: int = 0) -> bool:
        """As `write`, for a fault: it is in a ring of its own as well, and a flood of others can't push it out (L1).

        There it is first: a cut between the two costs no record.
        """
        good = True
        if self.is_writable():
            s, ms = self._uptime.s, self._uptime.ms
            try:
                self._faults.write(self.supply_good, self.next, s, ms, event, a, b, self.boots)
            except hal.PartError:
                good = False
            self._outcome(self._fault_ring, good)
        return self.write(event, a, b) and good

    def retry(self) -> None:
        """Writes the newest record again to a ring whose last write failed: nothing else might ask it for long."""
        if self.is_writable():
            if self._event_ring.failed:
                self._rewrite(self._event_ring, self._events)
            if self._fault_ring.failed:
                self._rewrite(self._fault_ring, self._faults)

    def _rewrite(self, ring: "flash_ring.Ring", log: "event_log.EventLog") -> None:
        self._settled = False
        sequence, s, ms, event, a, b = self.read(self.next - 1)
        try:
            log.write(self.supply_good, sequence, s, ms, event, a, b, self.boots)
        except hal.PartError:
            return
        self._outcome(ring, True)

    def read(self, sequence: int) -> "tuple[int, ...]":
        """(sequence, uptime s, ms, event, a, b) of a record between `oldest` and `next`.

        Older ones are read from flash; one that is damaged, or was not written there, has event 0.
        """
        if sequence >= max(self._first, self.next - _ROWS) or not self.is_writable():
            return struct.unpack_from(_ROW, self._ring, sequence % _ROWS * _BYTES)
        return self._events.find(sequence) or self._fault_row(sequence) or (sequence, 0, 0, 0, 0, 0)

    def _fault_row(self, sequence: int) -> "tuple[int, ...] | None":
        row = self._faults.following(sequence)
        return row if row and row[0] == sequence else None

    # ---- strokes

    def intent(self, volume_pl: int) -> bool:
        """Call before a motion, and move only if it returns True: else a power loss could lose the stroke.

        Allocates nothing.
        """
        if not self.is_writable():
            return self._store is None
        if not self._fits_page(volume_pl) and not self._save_page(volume_pl):
            return False
        unfinished = self._strokes.is_open()
        try:
            self._strokes.intent(volume_pl, self.boots, self.supply_good)
        except hal.PartError:
            return self._outcome(self._stroke_ring, False)
        if unfinished:
            self._since.uncertain += 1
        self._since.add(volume_pl)
        self._since_page += 1
        return self._outcome(self._stroke_ring, True)

    def _fits_page(self, volume_pl: int) -> bool:
        """Whether the newest snapshot is recent enough for recovery, and its stroke size within 25 % above this one."""
        known_pl = self._stroke_pl
        return self._since_page < stroke_log.CARRY_STROKES and volume_pl <= known_pl and known_pl * 4 <= volume_pl * 5

    def done(self) -> bool:
        """Call after the motion; until then the stroke counts as delivered, but uncertain. Allocates nothing."""
        if not self.is_writable():
            return self._store is None
        try:
            self._strokes.done()
        except hal.PartError:
            return self._outcome(self._stroke_ring, False)
        return self._outcome(self._stroke_ring, True)

    # ---- state and settings

    def save(self, values: "list[int] | tuple[int, ...]") -> bool:
        """Saves the state, up to 53 whole numbers of 32 bits. It must include all strokes with an intent."""
        if not self.is_writable():
            return self._store is None
        self._snapshots.fill(layout.OWN, values)
        self._snapshots.put(layout.EVENT, self.next)
        self._since.clear()
        return self._save_page(self._stroke_pl)

    def save_settings(self, values: "list[int] | tuple[int, ...]") -> bool:
        """Saves the settings, up to 63 whole numbers of 32 bits; the previous ones stay in flash as a fallback."""
        if not self.is_writable():
            return self._store is None
        self._settings.fill(0, values)
        return self._save(self._settings_ring, self._settings)

    def _save_page(self, stroke_pl: int) -> bool:
        """Writes the snapshot with the present place in the ring of strokes."""
        page = self._snapshots
        ring = self._stroke_ring
        since = self._since
        page.put(layout.SECTOR, ring.head)
        page.put(layout.SLOT, ring.slot)
        page.put(layout.OPEN, 1 if self._strokes.is_open() else 0)
        page.put(layout.STROKE_PL, stroke_pl)
        page.put(layout.TALLY_STROKES, since.strokes)
        page.put(layout.TALLY_UL, since.ul)
        page.put(layout.TALLY_PL, since.pl)
        page.put(layout.TALLY_UNCERTAIN, since.uncertain)
        page.put(layout.BOOT, self.boots)
        if not self._save(self._snapshot_ring, page):
            return False
        ring.keep_from = ring.head - 1
        self._settled = False
        self._stroke_pl = stroke_pl
        self._since_page = 0
        return True

    def _save(self, ring: "flash_ring.Ring", page: "snapshot.Pages") -> bool:
        try:
            page.save(self.supply_good)
        except hal.PartError:
            return self._outcome(ring, False)
        return self._outcome(ring, True)
