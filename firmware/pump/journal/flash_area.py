"""The journal's flash area as a whole: what is found at power-on, erasing ahead of need, and clearing."""

from micropython import const

from pump import defs, hal
from pump.core import tally
from pump.journal import event_log, flash_ring, layout, snapshot, stroke_log

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions, uptime

    Numbers = tuple[int, ...]

# What `recover` found. Only blank, sound and damaged areas are written to; the others need `clear`.
NONE = const(0)  # no flash, or not read yet: everything is in memory only
BLANK = const(1)
SOUND = const(2)
DAMAGED = const(3)  # some records failed their check; the others are used
UNREADABLE = const(4)
FOREIGN = const(5)  # another version, or another layout

# Source of the settings, and of the snapshot.
FOUND_NOTHING = const(0)
FOUND_NEWEST = const(1)
FOUND_OLDER = const(2)  # the newest was torn or damaged
FOUND_OTHER_LENGTH = const(3)  # of another version: they are in `settings_raw` only

QUIET_MS = const(500)  # an erase blocks the processor for 45 ms, 400 ms at worst


class Area:
    """Rings of the area, and what was found in them; with `store` None there are none, and nothing survives a reset.

    `unfit_bit` of the conditions is set while the area can't be used or a write has failed.
    """

    def __init__(
        self,
        store: "hal.Store | None",
        uptime: "uptime.Uptime",
        conditions: "conditions.Conditions | None",
        unfit_bit: int,
    ) -> None:
        self._store = store
        self._uptime = uptime
        self._conditions = conditions
        self._unfit_bit = unfit_bit
        self.area = NONE
        self.supply_good = True  # as `tend` was called last; without a good supply nothing is erased
        self._since = stroke_log.Tally()  # strokes since the last `save`
        self._since_page = 0  # strokes since the newest snapshot in flash, which may be written again without a `save`
        self._stroke_pl = 0  # largest stroke by that snapshot
        self._clearing = -1  # sectors of an area that can't be used that are still to be erased, -1 for none
        self._headers_broken = False  # of that area: half erased it must not be valid
        self._settled = False  # nothing was to be erased, and nothing was written since
        self._rings: tuple[flash_ring.Ring, ...] = ()
        self._forget()
        if store:
            self._make_rings(store)

    def _make_rings(self, store: "hal.Store") -> None:
        page = bytearray(b"\xff" * store.page_bytes)
        record = bytearray(store.page_bytes)
        self._snapshot_ring = flash_ring.Ring(store, page, layout.SNAPSHOTS, record)
        self._stroke_ring = flash_ring.Ring(store, page, layout.STROKES)
        self._event_ring = flash_ring.Ring(store, page, layout.EVENTS)
        self._fault_ring = flash_ring.Ring(store, page, layout.FAULTS, self._event_ring.record)
        self._settings_ring = flash_ring.Ring(store, page, layout.SETTINGS, record)
        self._rings = (
            self._stroke_ring, self._event_ring, self._snapshot_ring, self._settings_ring, self._fault_ring
        )  # fmt: skip
        self._snapshots = snapshot.Pages(self._snapshot_ring, bytearray(store.page_bytes))
        self._settings = snapshot.Pages(self._settings_ring, bytearray(store.page_bytes))
        self._strokes = stroke_log.StrokeLog(self._stroke_ring, self._uptime)
        self._events = event_log.EventLog(self._event_ring)
        self._faults = event_log.EventLog(self._fault_ring)

        self.tally = tally.Tally()  # of writes

    def _forget(self) -> None:
        """Sets the findings to those of a blank area."""
        self.recovered = False
        self.boots = 0  # number of this start, 0 when it is unknown
        self.damaged = 0  # records that failed their check
        self.saved_event = 1  # number of the first record of the log that the snapshot does not include
        self.snapshot: Numbers | None = None
        self.snapshot_found = FOUND_NOTHING
        # Strokes since the snapshot, their volume, and how many of them are uncertain.
        self.strokes_since = self.since_ul = self.since_pl = self.uncertain = 0
        self.settings: Numbers | None = None
        self.settings_raw: Numbers | None = None
        self.settings_found = FOUND_NOTHING

    def is_writable(self) -> bool:
        """Whether the area has this version's layout and can be used."""
        return BLANK <= self.area <= DAMAGED

    # ---- at power-on

    def recover(self, settings_count: int) -> bool:
        """Reads what is there and writes nothing; returns whether there was anything.

        It reads 8 KiB at most, unless power was lost during many writes in succession.

        `settings_count` is the number of settings of this version, 0 for any.
        """
        self._forget()
        self._settled = False
        self._since.clear()
        self._since_page = self._stroke_pl = 0
        if self._store is None:
            return False
        self._snapshots.resize(layout.OWN)
        try:
            self.area = self._scan()
            if self.area == SOUND:
                self.area = self._recover_all(settings_count)
        except hal.PartError:
            self.area = UNREADABLE
        if not self.is_writable():
            self._forget()
        elif not self.recovered:
            self.boots = 1
        self._update_condition()
        return self.recovered

    def _scan(self) -> int:
        found = [ring.scan() for ring in self._rings]
        if flash_ring.FOREIGN in found:
            return FOREIGN
        if flash_ring.UNREADABLE in found:
            return UNREADABLE
        return SOUND if flash_ring.SOUND in found else BLANK

    def _recover_all(self, settings_count: int) -> int:
        self._events.recover()
        self._faults.recover()
        if not self._recover_snapshot():
            return UNREADABLE
        self._recover_settings(settings_count)
        self.damaged += self._events.damaged + self._faults.damaged
        self.damaged += self._snapshots.damaged + self._strokes.damaged + self._settings.damaged
        for ring in self._rings:
            self.damaged += ring.damaged
        # A damaged record may be of a later start.
        self.boots = max(self.boots, self._events.boot, self._faults.boot) + 1 + self.damaged
        self.recovered = any(ring.head >= 0 for ring in self._rings)
        return DAMAGED if self.damaged else SOUND

    def _recover_snapshot(self) -> bool:
        """Finds the newest snapshot and counts the strokes since; False when the rings contradict each other."""
        page = self._snapshots
        ring = self._stroke_ring
        own: Numbers = (-1, ring.slots) + (0,) * (layout.OWN - 3) + (1,)
        if page.load():
            own = page.numbers()
            if len(own) < layout.OWN:
                return False
            self.snapshot = own[layout.OWN :]
            self.snapshot_found = FOUND_OLDER if page.damaged else FOUND_NEWEST
        elif ring.head > 0:
            return False  # only in the first sector there may be strokes without a snapshot; all are counted
        sector, slot = own[layout.SECTOR], own[layout.SLOT]
        if sector > ring.head or sector < ring.tail - 1 or sector == ring.head and slot > ring.slot:
            return False
        return self._recover_strokes(own)

    def _recover_strokes(self, own: "Numbers") -> bool:
        sector, slot, was_open, stroke_pl, strokes, ul, pl, uncertain, boot, event = own[: layout.OWN]
        since = self._since
        since.strokes, since.ul, since.pl, since.uncertain = strokes, ul, pl, uncertain
        if not self._strokes.count(since, sector, slot, stroke_pl, was_open != 0):
            return False
        self.strokes_since, self.since_ul, self.since_pl = since.strokes, since.ul, since.pl
        self.uncertain = since.uncertain
        self.boots = boot
        self.saved_event = event
        self._since_page = since.strokes - strokes
        self._stroke_pl = stroke_pl
        self._stroke_ring.keep_from = sector - 1
        return True

    def _recover_settings(self, count: int) -> None:
        page = self._settings
        if page.load():
            self.settings_raw = page.numbers()
            if count in (0, page.count()):
                self.settings = self.settings_raw
                self.settings_found = FOUND_OLDER if page.damaged else FOUND_NEWEST
            else:
                self.settings_found = FOUND_OTHER_LENGTH

    def refuse(self) -> None:
        """Rejects what was read as invalid: as with another version's, nothing is written."""
        self._forget()
        self.area = FOREIGN
        self._update_condition()

    # ---- erasing

    @property
    def lacks_erased(self) -> bool:
        """Whether `tend` has something to erase; asked in every step, so the rings are looked at only after a write."""
        if self._settled:
            return False
        lacks = self._clearing >= 0 or self._next_ring() is not None
        self._settled = not lacks
        return lacks

    def _next_ring(self) -> "flash_ring.Ring | None":
        """The ring of which a sector should be erased next: the one with the fewest ahead, then one to be cleared."""
        if not self.is_writable():
            return None
        chosen = None
        for ring in self._rings:
            if ring.lacks() and (chosen is None or ring.ready - ring.head < chosen.ready - chosen.head):
                chosen = ring
        return chosen or self._clearing_ring()

    def _clearing_ring(self) -> "flash_ring.Ring | None":
        for ring in self._rings:
            if ring.clearing():
                return ring
        return None

    @property
    def forced_erases(self) -> int:
        """Erases since power-on during a write, because no sector was erased ahead."""
        return sum([ring.forced for ring in self._rings])

    def tend(self, quiet_ms: int, supply_good: bool) -> bool:
        """Erases at most one sector ahead of need, if nothing else is due for `quiet_ms`; returns whether it did."""
        self.supply_good = supply_good
        if not supply_good or quiet_ms < QUIET_MS:
            return False
        if self._clearing >= 0:
            return self._clear_next()
        chosen = self._next_ring()
        if chosen is None:
            return False
        try:
            if chosen.clearing():
                chosen.renew()
            else:
                chosen.prepare()
        except hal.PartError:
            return self._outcome(chosen, False)
        return self._outcome(chosen, True)

    def clear(self) -> None:
        """Clears the log on the user's request; `tend` erases sector by sector.

        Settings, state and strokes stay, and the journal is used meanwhile: a power cut loses nothing of them. An area
        that can't be used is erased as a whole; until then nothing is written, so nothing may be delivered.
        """
        self._settled = False
        if self.is_writable():
            self._event_ring.begin_clearing()
            self._fault_ring.begin_clearing()
        elif self._store is not None:
            self._clearing = self._store.size // self._store.block_bytes
            self._headers_broken = False
            self.area = NONE
            self._forget()
            self._update_condition()

    @property
    def is_clearing(self) -> bool:
        return self._clearing >= 0 or self._clearing_ring() is not None

    @property
    def size_bytes(self) -> int:
        """Size of the flash area, 0 for none."""
        return self._store.size if self._store else 0

    def read_raw(self, at: int, buffer: bytearray) -> None:
        """Reads raw bytes of the area; PartError without flash, or when they can't be read."""
        if self._store is None:
            raise hal.PartError(defs.FAULT_NO_ANSWER)
        self._store.read(at, buffer)

    def _clear_next(self) -> bool:
        """Erases the next sector, from the last down; the snapshots, whose headers are broken first, come last."""
        store = self._store
        if store is None or self._clearing == 0:
            self._clearing = -1
            self.recover(0)
            return True
        try:
            if not self._headers_broken:
                self._snapshot_ring.break_headers()
                self._headers_broken = True
            store.erase((self._clearing - 1) * store.block_bytes)
        except hal.PartError:
            return False  # the next `tend` tries again; until then the area is not used
        self._clearing -= 1
        return True

    # ---- results of writes

    def _outcome(self, ring: "flash_ring.Ring", good: bool) -> bool:
        """Records whether a write to a ring worked, updates the condition, and returns it."""
        self._settled = False
        self.tally.add(good)
        if ring.failed == good:
            ring.failed = not good
            self._update_condition()
        return good

    def _update_condition(self) -> None:
        unfit = not self.is_writable()
        for ring in self._rings:
            unfit = unfit or ring.failed
        if self._conditions:
            self._conditions.put(self._unfit_bit, unfit)
