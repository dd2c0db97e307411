"""Commands that set a parameter, or that tell the alarms that a person has seen or heard them."""

from micropython import const

from pump import defs
from pump.commands import pending_change, validation
from pump.core import params

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from pump import app

    Pairs = list[tuple[str, object]]
    Fields = dict[str, Any]


class Settings:
    """See commands.Commands."""

    def __init__(self, app: "app.App") -> None:
        self._app = app

    def param_set(self, fields: "Fields", now: int) -> "pending_change.Change":
        app = self._app
        name = fields["name"]
        value = fields["value"]
        number = params.number_of(name)
        about: "Pairs" = [("cmd", "param_set"), ("field", validation.echo(name)), ("value", value)]
        if number < 0:
            raise validation.Refused(defs.REFUSE_UNKNOWN_NAME, about)
        low, high = app.params.limits(number)
        if not low <= value <= high:
            raise validation.Refused(defs.REFUSE_OUT_OF_RANGE, about + [("min", low), ("max", high)])
        if not app.params.open_in(number, app.supervisor.state):
            raise validation.Refused(defs.REFUSE_WRONG_STATE, about + [("state", app.supervisor.state)])
        if not app.params.stroke_fits(number, value):
            raise validation.Refused(defs.REFUSE_STROKE_SIZE, about)
        if number == defs.PARAM_KEEP_OPEN_UL_DAY and app.therapy.profile >= 0:
            rate_ul_day = app.delivery.rate_ul_day
            if value > rate_ul_day:  # D6
                raise validation.Refused(defs.REFUSE_ABOVE_RATE, about + [("max", rate_ul_day)])
        return pending_change.Change(
            [(name, app.params.get(number))],
            [(name, value)],
            lambda: app.set_param(number, value),
            app.params.raises(number, value),
        )

    def ack(self, fields: "Fields", now: int) -> "Pairs":
        app = self._app
        number = fields["alarm"]
        count = app.alarms.acknowledge(number)
        if count == 0 and number:
            raise validation.Refused(defs.REFUSE_NO_SUCH_ALARM, [("cmd", "ack"), ("field", "alarm"), ("value", number)])
        if app.alarms.acknowledged(defs.ALARM_REFILL_MISMATCH):
            app.reservoir.settle()
        app.judge(now)
        return [("acknowledged", count), ("standing", sum(row[1] for row in app.alarms.rows()))]

    def journal_clear(self, fields: "Fields", now: int) -> "pending_change.Change":
        app = self._app
        area = defs.AREA_NAMES[app.journal.area]
        if app.journal.is_clearing or not app.journal.size_bytes:
            raise validation.Refused(defs.REFUSE_NOTHING_TO_DO, [("cmd", "journal_clear")])
        return pending_change.Change([("area", area)], [("area", "blank")], app.journal.clear)

    def silence(self, fields: "Fields", now: int) -> "Pairs":
        span_s = self._app.params.get(defs.PARAM_SILENCE_S)
        self._app.alarms.silence(now, span_s)
        return [("silence_s", span_s)]
