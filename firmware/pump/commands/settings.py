"""Commands that set a parameter, acknowledge or silence alarms, or clear the journal."""

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

    def ack(self, fields: "Fields", now: int) -> "Pairs":
        pump = self._pump
        number = fields["alarm"]
        count = pump.alarms.acknowledge(number)
        if count == 0 and number:
            raise validation.Refused(defs.REFUSE_NO_SUCH_ALARM, [("field", "alarm"), ("value", number)])
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

    def silence(self, fields: "Fields", now: int) -> "Pairs":
        span_s = self._pump.params.get(defs.PARAM_SILENCE_S)
        self._pump.alarms.silence(now, span_s)
        return [("silence_s", span_s)]
