"""Commands that change nothing of the pump: who is there, how it is, plan, parameters, alarms, log, journal, time."""

from micropython import const

from pump import defs, hal
from pump.commands import answers, validation

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from pump import app

    Pairs = list[tuple[str, object]]
    Fields = dict[str, Any]

VERSION = "0.1.0"
_ROWS_A_PAGE = const(8)
_MOST_ALARMS = const(20)  # that fit a line
_RAW_BYTES = const(128)


class Views:
    """They change nothing; see commands.Commands."""

    def __init__(self, app: "app.App") -> None:
        self._app = app

    def hello(self, fields: "Fields", now: int) -> "Pairs":
        return [
            ("protocol", defs.PROTOCOL),
            ("version", VERSION),
            ("board", self._app.board.NAME),
            ("image", self._app.board.IMAGE),
            ("digest", defs.DIGEST),
        ]

    def status(self, fields: "Fields", now: int) -> "Pairs":
        return answers.status(self._app, now)

    def dose(self, fields: "Fields", now: int) -> "Pairs":
        return answers.dose(self._app)

    def therapy(self, fields: "Fields", now: int) -> "Pairs":
        return answers.plan(self._app)

    def params(self, fields: "Fields", now: int) -> "Pairs":
        first = fields["first"]
        last = min(first + _ROWS_A_PAGE, len(defs.PARAMS))
        rows = [[number, self._app.params.get(number)] for number in range(first, last)]
        return [("rows", rows), ("next", last if last < len(defs.PARAMS) else None)]

    def alarms(self, fields: "Fields", now: int) -> "Pairs":
        return [("rows", self._app.alarms.rows()[:_MOST_ALARMS])]

    def log(self, fields: "Fields", now: int) -> "Pairs":
        journal = self._app.journal
        first = max(fields["first"], journal.oldest())
        last = min(first + _ROWS_A_PAGE, journal.next)
        rows = [list(journal.read(sequence)) for sequence in range(first, last)]
        return [("rows", rows), ("next", last if last < journal.next else None)]

    def journal(self, fields: "Fields", now: int) -> "Pairs":
        return answers.journal(self._app)

    def journal_read(self, fields: "Fields", now: int) -> "Pairs":
        book = self._app.journal
        at = fields["at"]
        if at % _RAW_BYTES or at + _RAW_BYTES > book.size_bytes:
            about: "Pairs" = [("cmd", "journal_read"), ("field", "at"), ("value", at)]
            limits: "Pairs" = [("min", 0), ("max", book.size_bytes - _RAW_BYTES)]
            raise validation.Refused(defs.REFUSE_OUT_OF_RANGE, about + limits)
        page = bytearray(_RAW_BYTES)
        try:
            book.read_raw(at, page)
        except hal.PartError as error:
            raise validation.Refused(defs.REFUSE_NOTHING_TO_DO, [("cmd", "journal_read"), ("value", error.args[0])])
        text = None if page == b"\xff" * _RAW_BYTES else "".join(["%02x" % byte for byte in page])
        at += _RAW_BYTES
        return [("hex", text), ("next", at if at < book.size_bytes else None)]

    def time_set(self, fields: "Fields", now: int) -> "Pairs":
        self._app.journal.write(defs.EVENT_TIME_SET, fields["day"], fields["second"])
        return []

    def trace(self, fields: "Fields", now: int) -> "Pairs":
        traces = self._app.line.traces
        first = fields["first"]
        rows = [list(row) for row in traces.rows(first)]
        after = first + len(rows)
        return [("alarm", traces.alarm), ("rows", rows), ("next", after if traces.rows(after) else None)]

    def telemetry(self, fields: "Fields", now: int) -> "Pairs":
        self._app.port.telemetry(now, fields["period_s"])
        return []

    def memory(self, fields: "Fields", now: int) -> "Pairs":
        free, used = self._app.board.memory_bytes()
        return [("free_bytes", free), ("used_bytes", used)]
