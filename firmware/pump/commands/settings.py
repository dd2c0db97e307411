"""Commands that set a parameter, acknowledge or silence alarms, clear the journal, or reset the processor."""

from micropython import const

from pump import defs
from pump.commands import pending_change, validation
from pump.core import params

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from pump import controller

    Pairs = list[tuple[str, object]]
    Fields = dict[str, Any]


_SLOWEST_UL_DAY = const(50)  # D1
# What the time of a stroke follows from.
_STROKE = (defs.PARAM_STEPS_PER_STROKE, defs.PARAM_PL_PER_STEP, defs.PARAM_STEP_INTERVAL_US)


class Settings:
    """Methods named as the commands; see dispatcher.Dispatcher."""

    def __init__(self, pump: "controller.Controller") -> None:
        self._pump = pump

    def param_set(self, fields: "Fields", now: int) -> "pending_change.Change":
        pump = self._pump
        name = fields["name"]
        value = fields["value"]
        number = params.number_of(name)
        about: "Pairs" = [("field", validation.shorten(name)), ("value", value)]
        if number < 0:
            raise validation.Refused(defs.REFUSE_UNKNOWN_NAME, about)
        low, high = pump.params.limits(number)
        if not low <= value <= high:
            raise validation.Refused(defs.REFUSE_OUT_OF_RANGE, about + [("min", low), ("max", high)])
        if not pump.params.open_in(number, pump.supervisor.state):
            raise validation.Refused(defs.REFUSE_WRONG_STATE, about + [("state", pump.supervisor.state)])
        if not pump.params.stroke_fits(number, value):
            raise validation.Refused(defs.REFUSE_STROKE_SIZE, about)
        if number in _STROKE:
            self._require_stroke_time(number, value)
        if number == defs.PARAM_KEEP_OPEN_UL_DAY and pump.plan.profile >= 0:
            rate_ul_day = pump.delivery.rate_ul_day
            if value > rate_ul_day:  # D6
                raise validation.Refused(defs.REFUSE_ABOVE_RATE, about + [("max", rate_ul_day)])
        old = pump.params.get(number)
        service = pump.params.recalibrates(number, value)
        new: "Pairs" = [(name, value)]
        if service:
            new.append(("press_button", True))
        return pending_change.Change(
            [(name, old)],
            new,
            lambda: pump.set_param(number, value),
            pump.params.raises(number, value),
            lambda: pump.set_param(number, old),
            service,
        )

    def _require_stroke_time(self, number: int, value: int) -> None:
        """The drive can still deliver all rates of the plan, and the slowest where there is no plan."""
        pump = self._pump
        stroke = [value if number == other else pump.params.get(other) for other in _STROKE]
        ul_day = max(_SLOWEST_UL_DAY, pump.fastest_ul_day())
        if not pump.delivery.would_fit(ul_day, stroke[0], stroke[1], stroke[2]):
            raise validation.Refused(defs.REFUSE_STROKE_TOO_SLOW, [("value", ul_day)])

    def ack(self, fields: "Fields", now: int) -> "Pairs":
        pump = self._pump
        number = fields["alarm"]
        count = pump.alarms.acknowledge(number)
        if count == 0 and number:
            raise validation.Refused(defs.REFUSE_NO_SUCH_ALARM, [("field", "alarm"), ("value", number)])
        if pump.supervisor.state == defs.STATE_STOPPED_ALARM:
            pump.reminders.touch(now)
        if pump.alarms.acknowledged(defs.ALARM_REFILL_MISMATCH):
            pump.refill.settle()
        pump.evaluate(now)
        return [("acknowledged", count), ("standing", sum(row[1] for row in pump.alarms.rows()))]

    def journal_clear(self, fields: "Fields", now: int) -> "pending_change.Change":
        pump = self._pump
        area = defs.AREA_NAMES[pump.journal.area]
        if pump.journal.is_clearing or not pump.journal.size_bytes:
            raise validation.Refused(defs.REFUSE_NOTHING_TO_DO, [])
        return pending_change.Change([("area", area)], [("area", "blank")], pump.journal.clear)

    def reset(self, fields: "Fields", now: int) -> "pending_change.Change":
        pump = self._pump
        state = pump.supervisor.state
        runs = defs.MAY_MOVE >> state & 1 == 1 or state == defs.STATE_REFILLING
        new: "Pairs" = [("resumes", 1 if pump.resumes_after_reset() else 0)]
        return pending_change.Change([("state", state)], new, pump.request_reset, runs)

    def silence(self, fields: "Fields", now: int) -> "Pairs":
        return [("silence_s", self._pump.alarms.silence(now, self._pump.params.get(defs.PARAM_SILENCE_S)))]
