"""Answers the requests of the link: checks them against the definitions, then asks the app.

Each request is checked whole before anything is changed: known command, known fields, types, limits, state. A refusal
carries its number and what was at fault.
"""

from micropython import const

from pump import checks, defs, params, wire

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from pump import app

    Pairs = list[tuple[str, object]]
    Fields = dict[str, Any]

VERSION = "0.1.0"
_ROWS_A_PAGE = const(8)


class Commands:
    """One method per command, named as the command; each takes its checked fields and returns the answer's pairs."""

    def __init__(self, app: "app.App") -> None:
        self._app = app
        self._now = 0

    def answer(self, line: bytes, now: int) -> "Pairs":
        """The answer to one line; b"" stands for a line that was too long."""
        self._now = now
        identity: "object" = None
        try:
            frame = self._decode(line)
            identity = checks.identity(frame.fields)
            name = frame.fields.get("cmd")
            fields = self._check(name, frame, identity)
            pairs: "Pairs" = [("id", identity), ("ok", True)]
            pairs.extend(getattr(self, str(name))(fields))
            return pairs
        except checks.Refused as refusal:
            number, details = refusal.args
            pairs = [("id", identity), ("ok", False), ("refused", number)]
            pairs.extend(details)
            return pairs

    def heed(self, line: bytes, now: int) -> None:
        """Obeys a stop whose answer nobody would read (D9), and passes over all else."""
        self._now = now
        try:
            if self._decode(line).fields.get("cmd") == "stop":
                self.stop({})
        except checks.Refused:
            pass

    def _decode(self, line: bytes) -> wire.Frame:
        if not line:
            raise checks.Refused(defs.REFUSE_TOO_LONG, [])
        try:
            return wire.decode(line)
        except wire.WireError as error:
            raise checks.Refused(error.args[0], [])

    def _check(self, name: object, frame: wire.Frame, identity: object) -> "Fields":
        if not isinstance(name, str) or name not in defs.COMMANDS:
            raise checks.Refused(defs.REFUSE_UNKNOWN_COMMAND, [("cmd", checks.echo(name))])
        _, bare, states, known = defs.COMMANDS[name]
        if frame.code is not None:
            raise checks.Refused(defs.REFUSE_NO_SESSION, [("cmd", name)])
        if not bare and (not frame.checked or identity is None):
            raise checks.Refused(defs.REFUSE_NO_CHECKSUM, [("cmd", name)])
        fields = checks.fields(name, frame.fields, known)
        if not states >> self._app.supervisor.state & 1:
            raise checks.Refused(defs.REFUSE_WRONG_STATE, [("cmd", name), ("state", self._app.supervisor.state)])
        return fields

    # ---- reading -----------------------------------------------------------------------------------------------

    def hello(self, fields: "Fields") -> "Pairs":
        return [
            ("protocol", defs.PROTOCOL),
            ("version", VERSION),
            ("board", self._app.board.NAME),
            ("image", self._app.board.IMAGE),
            ("digest", defs.DIGEST),
        ]

    def status(self, fields: "Fields") -> "Pairs":
        return self._app.status(self._now)

    def therapy(self, fields: "Fields") -> "Pairs":
        plan = self._app.therapy
        if plan.profile < 0:
            return [("profile", None)]
        following = plan.next_fluid()
        left_s = plan.left_s()
        return [
            ("profile", defs.PROFILE_NAMES[plan.profile]),
            ("rate_ul_day", self._app.delivery.rate_ul_day),
            ("phase", plan.phase),
            ("phases", plan.phases),
            ("fluid", defs.FLUID_NAMES[plan.fluid()]),
            ("next_fluid", None if following == defs.FLUID_NONE else defs.FLUID_NAMES[following]),
            ("phase_left_s", None if left_s < 0 else left_s),
        ]

    def params(self, fields: "Fields") -> "Pairs":
        first = fields["first"]
        last = min(first + _ROWS_A_PAGE, len(defs.PARAMS))
        rows = [[number, self._app.params.get(number)] for number in range(first, last)]
        return [("rows", rows), ("next", last if last < len(defs.PARAMS) else None)]

    def alarms(self, fields: "Fields") -> "Pairs":
        return [("rows", self._app.alarms.rows())]

    def log(self, fields: "Fields") -> "Pairs":
        journal = self._app.journal
        first = max(fields["first"], journal.oldest())
        last = min(first + _ROWS_A_PAGE, journal.next)
        rows = [list(journal.read(sequence)) for sequence in range(first, last)]
        return [("rows", rows), ("next", last if last < journal.next else None)]

    def telemetry(self, fields: "Fields") -> "Pairs":
        self._app.port.telemetry(self._now, fields["period_s"])
        return []

    def memory(self, fields: "Fields") -> "Pairs":
        free, used = self._app.board.memory_bytes()
        return [("free_bytes", free), ("used_bytes", used)]

    # ---- delivery ----------------------------------------------------------------------------------------------

    def start(self, fields: "Fields") -> "Pairs":
        if self._app.therapy.profile >= 0:
            self._require_pace("start", self._app.delivery.rate_ul_day)
        self._ask(defs.BIT_ASK_START)
        return []

    def stop(self, fields: "Fields") -> "Pairs":
        self._app.request(defs.BIT_ASK_STOP, self._now)
        return []

    def pause(self, fields: "Fields") -> "Pairs":
        self._ask(defs.BIT_ASK_PAUSE)
        return []

    def resume(self, fields: "Fields") -> "Pairs":
        self._ask(defs.BIT_ASK_RESUME)
        return []

    def rate(self, fields: "Fields") -> "Pairs":
        if self._app.therapy.profile < 0:
            raise checks.Refused(defs.REFUSE_PLAN_MISSING, [("cmd", "rate")])
        self._require_pace("rate", fields["ul_day"])
        self._app.set_rate(fields["ul_day"], self._now)
        return []

    def therapy_set(self, fields: "Fields") -> "Pairs":
        continuous = fields["profile"] == defs.PROFILE_CONTINUOUS
        if continuous and fields["fluid"] == defs.FLUID_NONE:
            about: "Pairs" = [("cmd", "therapy_set"), ("field", "fluid"), ("value", "none")]
            raise checks.Refused(defs.REFUSE_UNKNOWN_NAME, about)
        self._require_pace("therapy_set", fields["rate_ul_day"])
        self._app.set_plan(fields, self._now)
        return []

    # ---- settings and alarms -----------------------------------------------------------------------------------

    def param_set(self, fields: "Fields") -> "Pairs":
        app = self._app
        number = params.number_of(fields["name"])
        value = fields["value"]
        about: "Pairs" = [("cmd", "param_set"), ("field", checks.echo(fields["name"])), ("value", value)]
        if number < 0:
            raise checks.Refused(defs.REFUSE_UNKNOWN_NAME, about)
        if not app.params.in_range(number, value):
            _, low, high, _, _ = defs.PARAMS[number]
            raise checks.Refused(defs.REFUSE_OUT_OF_RANGE, about + [("min", low), ("max", high)])
        if not app.params.open_in(number, app.supervisor.state):
            raise checks.Refused(defs.REFUSE_WRONG_STATE, about + [("state", app.supervisor.state)])
        if not app.params.stroke_fits(number, value):
            raise checks.Refused(defs.REFUSE_STROKE_SIZE, about)
        old = app.params.get(number)
        app.set_param(number, value)
        return [("old", old), ("new", value)]

    def ack(self, fields: "Fields") -> "Pairs":
        number = fields["alarm"]
        count = self._app.alarms.acknowledge(number)
        if count == 0 and number:
            raise checks.Refused(defs.REFUSE_NO_SUCH_ALARM, [("cmd", "ack"), ("field", "alarm"), ("value", number)])
        return [("acknowledged", count), ("standing", sum(row[1] for row in self._app.alarms.rows()))]

    def silence(self, fields: "Fields") -> "Pairs":
        span_s = self._app.params.get(defs.PARAM_SILENCE_S)
        self._app.alarms.silence(self._now, span_s)
        return [("silence_s", span_s)]

    # ---- refill ------------------------------------------------------------------------------------------------

    def refill_begin(self, fields: "Fields") -> "Pairs":
        self._ask(defs.BIT_ASK_REFILL)
        return [("ledger_nl", self._app.reservoir.ledger_nl())]

    def refill_finish(self, fields: "Fields") -> "Pairs":
        app = self._app
        capacity_nl = app.params.get(defs.PARAM_RESERVOIR_CAPACITY_NL)
        about: "Pairs" = [("cmd", "refill_finish"), ("field", "fluid"), ("value", defs.FLUID_NAMES[fields["fluid"]])]
        if fields["volume_nl"] > capacity_nl:
            over: "Pairs" = [("cmd", "refill_finish"), ("field", "volume_nl"), ("value", fields["volume_nl"])]
            raise checks.Refused(defs.REFUSE_OVER_CAPACITY, over + [("max", capacity_nl)])
        if fields["fluid"] == defs.FLUID_NONE:
            raise checks.Refused(defs.REFUSE_UNKNOWN_NAME, about)
        plan = app.therapy
        onward = plan.profile >= 0 and fields["fluid"] != plan.fluid()
        if onward and fields["fluid"] != plan.next_fluid():
            raise checks.Refused(defs.REFUSE_WRONG_FLUID, about)
        if onward and plan.left_s() != 0 and not fields["early"]:
            raise checks.Refused(defs.REFUSE_PHASE_NOT_OVER if plan.left_s() > 0 else defs.REFUSE_WRONG_FLUID, about)
        app.refill(fields["volume_nl"], fields["fluid"], onward, self._now)
        return [("phase", plan.phase)]

    def refill_cancel(self, fields: "Fields") -> "Pairs":
        self._app.journal.write(defs.EVENT_REFILL_BROKEN_OFF)
        self._app.request(defs.BIT_ASK_REFILL_END, self._now)
        return []

    # ---- checks shared by several ------------------------------------------------------------------------------

    def _ask(self, request: int) -> None:
        held_by = self._app.request(request, self._now)
        if held_by:
            raise checks.Refused(defs.REFUSE_HELD, [("bits", held_by)])

    def _require_pace(self, command: str, ul_day: int) -> None:
        if not self._app.delivery.fits(ul_day):
            raise checks.Refused(defs.REFUSE_STROKE_TOO_SLOW, [("cmd", command), ("value", ul_day)])
