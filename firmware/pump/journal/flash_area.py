"""The journal's area of flash as a whole: what is found at power-on, what is erased ahead of need, and clearing."""

from micropython import const

from pump import defs, hal
from pump.journal import event_log, flash_ring, layout, snapshot, stroke_log

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions, uptime

    Numbers = tuple[int, ...]

# What `recover` found. Only blank, sound and damaged areas are written to; the others are for a person, and `clear`.
NONE = const(0)  # no flash, or not asked yet: all is kept in memory alone
BLANK = const(1)
SOUND = const(2)
DAMAGED = const(3)  # records failed their check; the rest is good and is gone on with
UNREADABLE = const(4)
FOREIGN = const(5)  # another version's, or laid out otherwise

# Where the settings, and the snapshot, come from.
FOUND_NOTHING = const(0)
FOUND_NEWEST = const(1)
FOUND_OLDER = const(2)  # the newest was torn or damaged
FOUND_OTHER_LENGTH = const(3)  # another version's: they are in `settings_raw` alone

QUIET_MS = const(500)  # an erase stops everything for 45 ms, 400 ms at worst


class Area:
    """What was found, in attributes, and the rings; with `store` None there are none, and nothing lasts.

    `conditions` has `unfit_bit` set while the area can't be used or a write has failed.
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
        self.supply_good = True  # as `tend` was told last; while it is not, nothing is erased
        self._since = stroke_log.Tally()
        self._since_page = 0  # strokes since the newest snapshot in flash
        self._stroke_pl = 0  # as that snapshot says
        self._clearing = -1
        self._looks_whole = False  # what is to be cleared
        self._rings: tuple[flash_ring.Ring, ...] = ()
        self._forget()
        if store:
            page = bytearray(b"\xff" * store.page_bytes)
            record = bytearray(store.page_bytes)
            self._snapshot_ring = flash_ring.Ring(store, page, layout.SNAPSHOTS, record)
            self._stroke_ring = flash_ring.Ring(store, page, layout.STROKES)
            self._event_ring = flash_ring.Ring(store, page, layout.EVENTS)
            self._settings_ring = flash_ring.Ring(store, page, layout.SETTINGS, record)
            self._rings = (self._stroke_ring, self._event_ring, self._snapshot_ring, self._settings_ring)
            self._snapshots = snapshot.Pages(self._snapshot_ring, bytearray(store.page_bytes))
            self._settings = snapshot.Pages(self._settings_ring, bytearray(store.page_bytes))
            self._strokes = stroke_log.StrokeLog(self._stroke_ring, uptime)
            self._events = event_log.EventLog(self._event_ring)

    def _forget(self) -> None:
        """What is found in a blank area."""
        self.recovered = False
        self.boots = 0  # this one's number; 0 when the flash does not tell
        self.damaged = 0
        self.snapshot: Numbers | None = None
        self.snapshot_found = FOUND_NOTHING
        self.strokes_since = self.since_ul = self.since_pl = self.uncertain = 0
        self.settings: Numbers | None = None
        self.settings_raw: Numbers | None = None
        self.settings_found = FOUND_NOTHING

    def is_writable(self) -> bool:
        """Whether the area is this version's, and good to go on with."""
        return BLANK <= self.area <= DAMAGED

    # ---- at power-on

    def recover(self, settings_count: int) -> bool:
        """Reads what is there and writes nothing; whether there was anything.

        That is 8 KiB at most, unless the power was cut in many writes one after the other.

        `settings_count` is the number of settings of this version, 0 for any.
        """
        self._forget()
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
        self._tell()
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
        if not self._recover_snapshot():
            return UNREADABLE
        self._recover_settings(settings_count)
        self.damaged += self._events.damaged + self._snapshots.damaged + self._strokes.damaged + self._settings.damaged
        for ring in self._rings:
            self.damaged += ring.damaged
        # A record that is lost may have been a later boot's.
        self.boots = max(self.boots, self._events.boot) + 1 + self.damaged
        self.recovered = any(ring.head >= 0 for ring in self._rings)
        return DAMAGED if self.damaged else SOUND

    def _recover_snapshot(self) -> bool:
        """Finds the newest snapshot and counts the strokes since; False when the rings don't fit to each other."""
        page = self._snapshots
        ring = self._stroke_ring
        own: Numbers = (-1, ring.slots) + (0,) * (layout.OWN - 2)
        if page.load():
            own = page.numbers()
            if len(own) < layout.OWN:
                return False
            self.snapshot = own[layout.OWN :]
            self.snapshot_found = FOUND_OLDER if page.damaged else FOUND_NEWEST
        elif ring.head > 0:
            return False  # strokes are not written for long without a snapshot; in the first sector all are counted
        sector, slot = own[layout.SECTOR], own[layout.SLOT]
        if sector > ring.head or sector < ring.tail - 1 or sector == ring.head and slot > ring.slot:
            return False
        return self._recover_strokes(own)

    def _recover_strokes(self, own: "Numbers") -> bool:
        sector, slot, was_open, stroke_pl, strokes, ul, pl, uncertain, boot = own[: layout.OWN]
        since = self._since
        since.strokes, since.ul, since.pl, since.uncertain = strokes, ul, pl, uncertain
        if not self._strokes.count(since, sector, slot, stroke_pl, was_open != 0):
            return False
        self.strokes_since, self.since_ul, self.since_pl = since.strokes, since.ul, since.pl
        self.uncertain = since.uncertain
        self.boots = boot
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
        """What was read makes no sense: it is left as it is, like another version's, and nothing is written."""
        self._forget()
        self.area = FOREIGN
        self._tell()

    # ---- erasing

    @property
    def lacks_erased(self) -> bool:
        """Whether `tend` would erase something."""
        if self._clearing >= 0:
            return True
        if self.is_writable():
            for ring in self._rings:
                if ring.lacks():
                    return True
        return False

    @property
    def forced_erases(self) -> int:
        """Erases since power-on that a write had to make, because nobody had tended in time."""
        return sum([ring.forced for ring in self._rings])

    def tend(self, quiet_ms: int, supply_good: bool) -> bool:
        """Erases a sector ahead of need, one at most, if nothing else is to be done for so long; whether it did."""
        self.supply_good = supply_good
        if not supply_good or quiet_ms < QUIET_MS:
            return False
        if self._clearing >= 0:
            return self._clear_next()
        chosen = None
        if self.is_writable():
            for ring in self._rings:
                if ring.lacks() and (chosen is None or ring.ready - ring.head < chosen.ready - chosen.head):
                    chosen = ring
        if chosen is None:
            return False
        try:
            chosen.prepare()
        except hal.PartError:
            return self._outcome(chosen, False)
        return True

    def clear(self) -> None:
        """Forgets everything, on a person's word: `tend` erases sector by sector, and then the area is blank.

        Until then it is unfit: nothing is written, so nothing may be given.
        """
        if self._store is None:
            return
        self._clearing = self._store.size // self._store.block_bytes
        self._looks_whole = self.is_writable()
        self.area = NONE
        self._forget()
        self._tell()

    @property
    def is_clearing(self) -> bool:
        return self._clearing >= 0

    @property
    def size_bytes(self) -> int:
        """Size of the flash area, 0 for none."""
        return self._store.size if self._store else 0

    def read_raw(self, at: int, buffer: bytearray) -> None:
        """Bytes as they lie in the flash, for a rescue; PartError when there are none or they can't be read."""
        if self._store is None:
            raise hal.PartError(defs.FAULT_NO_ANSWER)
        self._store.read(at, buffer)

    def _clear_next(self) -> bool:
        """From the last sector down: the snapshots with their broken headers go last."""
        store = self._store
        if store is None or self._clearing == 0:
            self._clearing = -1
            self.recover(0)
            return True
        try:
            if self._looks_whole:
                self._snapshot_ring.break_headers()  # what is cleared by half must not be taken for whole
                self._looks_whole = False
            store.erase((self._clearing - 1) * store.block_bytes)
        except hal.PartError:
            return False  # the next `tend` tries again; until it is erased the area is not used
        self._clearing -= 1
        return True

    # ---- what became of it

    def _outcome(self, ring: "flash_ring.Ring", good: bool) -> bool:
        """Notes how a write to a ring went, and says it."""
        if ring.failed == good:
            ring.failed = not good
            self._tell()
        return good

    def _tell(self) -> None:
        unfit = not self.is_writable()
        for ring in self._rings:
            unfit = unfit or ring.failed
        if self._conditions:
            self._conditions.put(self._unfit_bit, unfit)
