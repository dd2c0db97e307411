"""Commands of the refill: begin, enter what came out, enter what is in now, or cancel (V4)."""

from micropython import const

from pump import defs
from pump.commands import answers, pending_change, validation

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from pump import controller

    Pairs = list[tuple[str, object]]
    Fields = dict[str, Any]

_SECONDS_PER_DAY = const(86400)


class Refill:
    """Methods named as the commands; see dispatcher.Dispatcher. Nothing of the ledger, the line or the plan changes
    before the confirmation; a withdrawal makes the contents unknown."""

    def __init__(self, pump: "controller.Controller", pending: "pending_change.PendingChange") -> None:
        self._pump = pump
        self._pending = pending

    def refill_begin(self, fields: "Fields", now: int) -> "Pairs":
        validation.require_granted(self._pump.request(defs.REQUEST_REFILL, now))
        self._pump.refill.begin()
        return [("ledger_nl", self._pump.reservoir.ledger_nl())]

    def refill_withdrawn(self, fields: "Fields", now: int) -> "Pairs":
        pump = self._pump
        self._entered(now)
        ledger_nl, difference_nl, commanded_nl, percent = pump.withdrawn(fields["volume_nl"])
        return [
            ("ledger_nl", ledger_nl),
            ("difference_nl", difference_nl),
            ("commanded_nl", commanded_nl),
            ("percent", percent),
        ]

    def refill_finish(self, fields: "Fields", now: int) -> "pending_change.Change":
        pump = self._pump
        volume_nl = fields["volume_nl"]
        fluid = fields["fluid"]
        capacity_nl = pump.params.get(defs.PARAM_RESERVOIR_CAPACITY_NL)
        if volume_nl > capacity_nl:
            about: "Pairs" = [("field", "volume_nl"), ("value", volume_nl)]
            raise validation.Refused(defs.REFUSE_OVER_CAPACITY, about + [("max", capacity_nl)])
        next_phase = self._begins_next_phase(fluid, fields["early"])
        if not pump.refill.withdrawn_known:
            raise validation.Refused(defs.REFUSE_NOT_WITHDRAWN, [])
        pump.reminders.touch(now)
        phase = pump.plan.phase
        old_fluid = pump.reservoir.fluid if pump.refill.began_known else defs.FLUID_NONE
        old: "Pairs" = [
            ("volume_nl", pump.reservoir.ledger_nl()),
            ("fluid", defs.FLUID_NAMES[old_fluid]),
            ("phase", phase),
        ]
        new: "Pairs" = [
            ("volume_nl", volume_nl),
            ("fluid", defs.FLUID_NAMES[fluid]),
            ("phase", phase + 1 if next_phase else phase),
        ]
        ul_day = pump.plan.next_rate_ul_day() if next_phase else pump.delivery.rate_ul_day
        new += self._predicted(volume_nl, fluid, ul_day)
        return pending_change.Change(old, new, lambda: pump.finish_refill(volume_nl, fluid, next_phase, now))

    def refill_cancel(self, fields: "Fields", now: int) -> "Pairs":
        pump = self._pump
        self._entered(now)
        pump.refill.cancel()
        pump.journal.write(defs.EVENT_REFILL_BROKEN_OFF)
        pump.request(defs.REQUEST_REFILL_END, now)
        return []

    def _entered(self, now: int) -> None:
        """An entry that makes a waiting end of the refill obsolete."""
        self._pending.drop_of("refill_finish", defs.DROP_REASON_REPLACED)
        self._pump.reminders.touch(now)

    def _begins_next_phase(self, fluid: int, early: bool) -> bool:
        """Whether this fluid begins the next phase of the plan; refused where the plan has no use for it."""
        plan = self._pump.plan
        about: "Pairs" = [("field", "fluid"), ("value", defs.FLUID_NAMES[fluid])]
        if fluid == defs.FLUID_NONE:
            raise validation.Refused(defs.REFUSE_UNKNOWN_NAME, about)
        if plan.profile < 0 or fluid == plan.fluid():
            return False
        if fluid != plan.next_fluid():
            raise validation.Refused(defs.REFUSE_WRONG_FLUID, about)
        if early and not plan.begun():
            raise validation.Refused(defs.REFUSE_PHASE_NOT_BEGUN, about)
        left_s = plan.left_s()
        if left_s != 0 and not early:
            raise validation.Refused(defs.REFUSE_PHASE_NOT_OVER if left_s > 0 else defs.REFUSE_WRONG_FLUID, about)
        return True

    def _predicted(self, volume_nl: int, fluid: int, ul_day: int) -> "Pairs":
        """Predicted at the coming rate: time until the old fluid has left, time left, the next refill."""
        if not ul_day:
            return [("hold_over_s", None), ("left_s", None), ("refill_in_s", None)]
        reservoir = self._pump.reservoir
        less_nl = reservoir.ledger_nl() - volume_nl
        old_fluid_nl = reservoir.dead.left_after_nl(fluid)
        return [
            ("hold_over_s", old_fluid_nl * _SECONDS_PER_DAY // (ul_day * 1000)),
            ("left_s", reservoir.left_s(ul_day, less_nl)),
            ("refill_in_s", reservoir.refill_in_s(ul_day, answers.bolus_nl_day(self._pump), less_nl)),
        ]
