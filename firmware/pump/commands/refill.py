"""Commands of the refill: begin, enter what came out, enter what is in now, or break it off (V4)."""

from micropython import const

from pump import defs
from pump.commands import answers, pending_change, validation

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from pump import app

    Pairs = list[tuple[str, object]]
    Fields = dict[str, Any]

_SECONDS_PER_DAY = const(86400)


class Refills:
    """See commands.Commands. Nothing of the ledger, the fluid, the line or the plan changes before the confirmation."""

    def __init__(self, app: "app.App") -> None:
        self._app = app

    def refill_begin(self, fields: "Fields", now: int) -> "Pairs":
        held_by = self._app.request(defs.BIT_ASK_REFILL, now)
        if held_by:
            raise validation.Refused(defs.REFUSE_HELD, [("bits", held_by)])
        self._app.reservoir.begin_refill()
        return [("ledger_nl", self._app.reservoir.ledger_nl())]

    def refill_withdrawn(self, fields: "Fields", now: int) -> "Pairs":
        app = self._app
        self._entered(now)
        ledger_nl, difference_nl, commanded_nl, percent = app.reservoir.withdrawn(fields["volume_nl"])
        app.journal.write(defs.EVENT_WITHDRAWN, fields["volume_nl"], difference_nl)
        return [
            ("ledger_nl", ledger_nl),
            ("difference_nl", difference_nl),
            ("commanded_nl", commanded_nl),
            ("percent", percent),
        ]

    def refill_finish(self, fields: "Fields", now: int) -> "pending_change.Change":
        app = self._app
        volume_nl = fields["volume_nl"]
        fluid = fields["fluid"]
        capacity_nl = app.params.get(defs.PARAM_RESERVOIR_CAPACITY_NL)
        if volume_nl > capacity_nl:
            about: "Pairs" = [("cmd", "refill_finish"), ("field", "volume_nl"), ("value", volume_nl)]
            raise validation.Refused(defs.REFUSE_OVER_CAPACITY, about + [("max", capacity_nl)])
        onward = self._goes_on(fluid, fields["early"])
        if not app.reservoir.withdrawn_known:
            raise validation.Refused(defs.REFUSE_NOT_WITHDRAWN, [("cmd", "refill_finish")])
        app.reminders.touch(now)
        phase = app.therapy.phase
        old: "Pairs" = [
            ("volume_nl", app.reservoir.ledger_nl()),
            ("fluid", defs.FLUID_NAMES[app.reservoir.fluid]),
            ("phase", phase),
        ]
        new: "Pairs" = [
            ("volume_nl", volume_nl),
            ("fluid", defs.FLUID_NAMES[fluid]),
            ("phase", phase + 1 if onward else phase),
        ]
        ul_day = app.therapy.next_rate_ul_day() if onward else app.delivery.rate_ul_day
        new += self._foretold(volume_nl, fluid, ul_day)
        return pending_change.Change(old, new, lambda: app.refill(volume_nl, fluid, onward, now))

    def refill_cancel(self, fields: "Fields", now: int) -> "Pairs":
        app = self._app
        self._entered(now)
        app.reservoir.cancel_refill()
        app.journal.write(defs.EVENT_REFILL_BROKEN_OFF)
        app.request(defs.BIT_ASK_REFILL_END, now)
        return []

    def _entered(self, now: int) -> None:
        """An entry that a waiting end of the refill doesn't know of."""
        self._app.drafts.drop_of("refill_finish", defs.DROP_REASON_REPLACED)
        self._app.reminders.touch(now)

    def _goes_on(self, fluid: int, early: bool) -> bool:
        """Whether this fluid begins the next phase of the plan; refused where the plan has no use for it."""
        plan = self._app.therapy
        about: "Pairs" = [("cmd", "refill_finish"), ("field", "fluid"), ("value", defs.FLUID_NAMES[fluid])]
        if fluid == defs.FLUID_NONE:
            raise validation.Refused(defs.REFUSE_UNKNOWN_NAME, about)
        if plan.profile < 0 or fluid == plan.fluid():
            return False
        if fluid != plan.next_fluid():
            raise validation.Refused(defs.REFUSE_WRONG_FLUID, about)
        left_s = plan.left_s()
        if left_s != 0 and not early:
            raise validation.Refused(defs.REFUSE_PHASE_NOT_OVER if left_s > 0 else defs.REFUSE_WRONG_FLUID, about)
        return True

    def _foretold(self, volume_nl: int, fluid: int, ul_day: int) -> "Pairs":
        """What follows from it at the rate that comes: hold-over of the old fluid, time left, the next refill."""
        if not ul_day:
            return [("hold_over_s", None), ("left_s", None), ("refill_in_s", None)]
        reservoir = self._app.reservoir
        less_nl = reservoir.ledger_nl() - volume_nl
        old_fluid_nl = reservoir.dead.left_after_nl(fluid)
        return [
            ("hold_over_s", old_fluid_nl * _SECONDS_PER_DAY // (ul_day * 1000)),
            ("left_s", reservoir.left_s(ul_day, less_nl)),
            ("refill_in_s", reservoir.refill_in_s(ul_day, answers.bolus_nl_day(self._app), less_nl)),
        ]
