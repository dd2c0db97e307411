"""The oracle of the saved state: after a reset it is the acknowledged one, or that with the complete pending change."""

from plant.parts import flash
from pump import defs
from pump.journal import layout

_REMEMBERED = 100
_LONGEST_LOCKOUT_MIN = 1 << 20  # so long that the time left shows the age of the last bolus
_MOST_BOLUSES = 48
_SAVED_EVERY_S = 60
_FAULT_RESETS = (defs.RESET_WATCHDOG, defs.RESET_FAULT)
_RESET_ALARMS = (defs.ALARM_RESET_BY_FAULT, defs.ALARM_RESETS_REPEAT)  # the first one, and the next in ten minutes


def _booked_pl(app: "object") -> int:
    account = app.controller.account
    return (account.delivered.ul + account.primed.ul) * 1000000 + account.delivered.pl + account.primed.pl


def _state_of(app: "object") -> "dict[str, object]":
    """What the operator has set, by name. Strokes do not change the contents: ledger plus delivered volume."""
    plan = app.controller.plan
    return {
        "plan": (plan.profile, plan.rows, plan.cycles, plan.repeat_from, plan.volume_nl, plan.phase),
        "rate": app.controller.delivery.rate_ul_day,
        "fluid": app.controller.reservoir.fluid,
        "contents": app.controller.reservoir.ledger_nl() + _booked_pl(app) // 1000,
    }


def _unacknowledged(app: "object") -> "list[int]":
    """Latched alarms that have not been acknowledged."""
    latched = [row[0] for row in defs.ALARMS if row[4]]
    return sorted(row[0] for row in app.controller.alarms.rows() if row[0] in latched and not row[2])


def _lockout_s(app: "object") -> int:
    """The time left of a very long lock-out."""
    return app.controller.lockout.lockout_s(_LONGEST_LOCKOUT_MIN)


def _is_in(place: int, ring: "tuple[int, ...]") -> bool:
    """Whether this flash address belongs to this ring of the journal."""
    return ring[1] <= place // flash.BLOCK < ring[1] + ring[2]


class PersistenceOracle:
    """Call `acknowledge` when the pump has answered or a step has ended: no later cut may undo the change.

    The firmware writes a change to the settings and then to the snapshot, each completely, before it answers. So the
    address of the cut operation says what may be found: the old or the new state if it was being written, else the old.
    """

    def __init__(self, stroke_pl: int, violation: "callable") -> None:
        self._stroke_pl = stroke_pl
        self._violation = violation
        self._rows = []  # of the log, the last _REMEMBERED
        self._app = None
        self._state = {}
        self._settings = []
        self._alarms = []
        self._lockout_s = 0
        self._kept_lockout_s = 0  # when the supply was good last: while it is out, what only flows is not saved
        self._boluses = 0  # left for the day

    def acknowledge(self) -> None:
        """The present state of the pump is acknowledged."""
        self._state = _state_of(self._app)
        self._settings = self._app.controller.params.all()
        self._alarms = _unacknowledged(self._app)
        self._lockout_s = _lockout_s(self._app)
        supply_out = self._app.controller.conditions.has(defs.BIT_SUPPLY_OUT)
        self._kept_lockout_s = max(self._lockout_s, self._kept_lockout_s if supply_out else 0)
        self._boluses = self._app.controller.lockout.left(_MOST_BOLUSES)

    def record(self, row: "tuple[int, ...]") -> None:
        """A record was written and acknowledged."""
        self._rows.append(row)
        if len(self._rows) > _REMEMBERED:
            self._rows.pop(0)

    def begin(self, app: "object", place: int, causes: "list[int]") -> None:
        """The pump was switched on; `place` is the address of the first cut flash operation, -1 for none.

        `causes` has this reset's cause last, before it those of power-ons that were cut before this was called.
        """
        before, self._app = self._app, app
        if before:
            self._compare_records(app.journal)
            self._compare_total(app, before)
            self._compare_settings(app, before, place)
            self._compare_state(app, before, place)
            self._compare_alarms(app, before, causes)
            self._compare_boluses(app, before)
            self._compare_limits(app, before)
        self.acknowledge()

    def _compare_records(self, journal: "object") -> None:
        for row in self._rows:
            if journal.oldest() > row[0] or tuple(journal.read(row[0])) != row:
                self._violation("lost", "record: %r is %r" % (row, journal.read(row[0])))

    def _compare_total(self, app: "object", before: "object") -> None:
        """A stroke that was about to begin may count."""
        more_pl = _booked_pl(app) - _booked_pl(before)
        if not 0 <= more_pl <= self._stroke_pl:
            self._violation("lost", "book: %d pL more" % more_pl)

    def _compare_settings(self, app: "object", before: "object", place: int) -> None:
        old, new = self._settings, before.controller.params.all()
        if _is_in(place, layout.SNAPSHOTS):
            old = new
        elif not _is_in(place, layout.SETTINGS):
            new = old
        found = app.controller.params.all()
        if found not in (old, new):
            self._violation("lost", "settings: %r, not %r or %r" % (found, old, new))

    def _compare_state(self, app: "object", before: "object", place: int) -> None:
        found = _state_of(app)
        may_be = [self._state]
        if _is_in(place, layout.SNAPSHOTS):
            may_be.append(_state_of(before))
        if found not in may_be:
            names = [name for name in sorted(found) if found[name] != self._state[name]]
            rows = [(name, found[name], [state[name] for state in may_be]) for name in names]
            self._violation("lost", "; ".join("%s: %r, not of %r" % row for row in rows))

    def _compare_alarms(self, app: "object", before: "object", causes: "list[int]") -> None:
        """Each alarm of the last step, or its acknowledgement, is in the log by itself, whatever was cut.

        A reset by the watchdog or after a fatal error is an alarm from the power-on that follows it.
        """
        found, old, new = _unacknowledged(app), self._alarms, _unacknowledged(before)
        may_be = old + new
        if any(cause in _FAULT_RESETS for cause in causes):
            may_be.extend(_RESET_ALARMS)
        lost = [alarm for alarm in old if alarm in new and alarm not in found]
        if lost or [alarm for alarm in found if alarm not in may_be]:
            self._violation("lost", "alarms: %r, not between %r and %r" % (found, old, new))
        if causes[-1] in _FAULT_RESETS and not [alarm for alarm in found if alarm in _RESET_ALARMS]:
            self._violation("lost", "alarms: %r, and none of the reset" % found)

    def _compare_boluses(self, app: "object", before: "object") -> None:
        """Time without power is not counted, nor is the time since the state was saved.

        So a lock-out may be longer than it was, never shorter.
        """
        found_s, before_s = _lockout_s(app), _lockout_s(before)
        if before_s > self._lockout_s:  # a bolus began in the last step
            least_s, most_s = 0, before_s
        else:
            least_s, most_s = before_s, self._kept_lockout_s + _SAVED_EVERY_S
        if not least_s <= found_s <= most_s:
            self._violation("lost", "lock-out: %d s, not %d to %d" % (found_s, least_s, most_s))
        left = app.controller.lockout.left(_MOST_BOLUSES)
        most = max(self._boluses, before.controller.lockout.left(_MOST_BOLUSES))
        if left > most:
            self._violation("lost", "boluses of the day: %d left, not %d" % (left, most))

    def _compare_limits(self, app: "object", before: "object") -> None:
        """The limits' sums must not shrink. Not checked with a faulty counter, whose strokes may count or not."""
        if before.conditions.has(defs.BIT_COUNT_WRONG):
            return
        for name in ("hour_nl", "day_nl"):
            found_nl, least_nl = getattr(app.controller.guards, name)(), getattr(before.controller.guards, name)()
            if found_nl < least_nl:
                self._violation("lost", "%s: %d, not %d" % (name, found_nl, least_nl))
