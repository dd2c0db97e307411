"""The oracle of what outlasts a reset: what was acknowledged, or that with the change under way wholly made."""

from plant import flash
from pump import journal_layout

_REMEMBERED = 100


def _booked_pl(app: "object") -> int:
    book = app.delivery
    return (book.book_ul + book.primed_ul) * 1000000 + book.book_pl + book.primed_pl


def _state_of(app: "object") -> "dict[str, object]":
    """What people have set, by name. The contents are as they were filled: what the ledger lost, the book has."""
    plan = app.therapy
    return {
        "plan": (plan.profile, plan.rows, plan.cycles, plan.repeat_from, plan.volume_nl, plan.phase),
        "rate": app.delivery.rate_ul_day,
        "fluid": app.reservoir.fluid,
        "contents": app.reservoir.ledger_nl() + _booked_pl(app) // 1000,
    }


def _is_in(place: int, ring: "tuple[int, ...]") -> bool:
    """Whether a place of the flash belongs to this ring of the journal."""
    return ring[1] <= place // flash.BLOCK < ring[1] + ring[2]


class Kept:
    """`acknowledge` when the pump has answered or a step is over: from then on no cut may take the change back.

    The firmware writes a change to the settings and then to the snapshot, each whole, before it answers. So the place
    of the operation that a cut hit says what may be found: while it was being written, the old or the new; before that,
    the old alone.
    """

    def __init__(self, stroke_pl: int, violation: "callable") -> None:
        self._stroke_pl = stroke_pl
        self._violation = violation
        self._rows = []  # of the log
        self._app = None
        self._state = {}
        self._settings = []

    def acknowledge(self) -> None:
        """What the pump is set to now is acknowledged."""
        self._state = _state_of(self._app)
        self._settings = self._app.params.all()

    def record(self, row: "tuple[int, ...]") -> None:
        """A record was written, and is acknowledged."""
        self._rows.append(row)
        if len(self._rows) > _REMEMBERED:
            self._rows.pop(0)

    def begin(self, app: "object", place: int) -> None:
        """A pump was switched on; `place` is that of the operation of the flash that was cut first, -1 for none."""
        before, self._app = self._app, app
        if before:
            self._compare_records(app.journal)
            self._compare_book(app, before)
            self._compare_settings(app, before, place)
            self._compare_state(app, before, place)
        self.acknowledge()

    def _compare_records(self, journal: "object") -> None:
        for row in self._rows:
            if journal.oldest() > row[0] or tuple(journal.read(row[0])) != row:
                self._violation("lost", "record: %r is %r" % (row, journal.read(row[0])))

    def _compare_book(self, app: "object", before: "object") -> None:
        """A stroke that was about to begin counts."""
        more_pl = _booked_pl(app) - _booked_pl(before)
        if not 0 <= more_pl <= self._stroke_pl:
            self._violation("lost", "book: %d pL more" % more_pl)

    def _compare_settings(self, app: "object", before: "object", place: int) -> None:
        old, new = self._settings, before.params.all()
        if _is_in(place, journal_layout.SNAPSHOTS):
            old = new
        elif not _is_in(place, journal_layout.SETTINGS):
            new = old
        found = app.params.all()
        if found not in (old, new):
            self._violation("lost", "settings: %r, not %r or %r" % (found, old, new))

    def _compare_state(self, app: "object", before: "object", place: int) -> None:
        found = _state_of(app)
        may_be = [self._state]
        if _is_in(place, journal_layout.SNAPSHOTS):
            may_be.append(_state_of(before))
        if found not in may_be:
            names = [name for name in sorted(found) if found[name] != self._state[name]]
            rows = [(name, found[name], [state[name] for state in may_be]) for name in names]
            self._violation("lost", "; ".join("%s: %r, not of %r" % row for row in rows))
