"""Commands that change nothing of the delivery: versions, state, plan, parameters, alarms, log, journal, time."""

from micropython import const

from pump import defs, hal, version
from pump.commands import answers, validation

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pump import controller
    from pump.link import access

    Pairs = list[tuple[str, object]]
    Fields = dict[str, Any]

_ROWS_A_PAGE = const(8)
_MOST_ALARMS = const(19)  # that fit a line
_RAW_BYTES = const(128)
_HELP = "Type one of these words. All else takes a program: pumpctl, or your own by REFERENCE.md."


def _is_a_whole_line(_id: int, _role: int, bare: bool, _states: int, fields: "tuple[Any, ...]") -> bool:
    """Whether a command needs nothing but its name."""
    return bare and all(default is not None for _, _, _, _, default in fields)


class Queries:
    """Methods named as the commands; see dispatcher.Dispatcher."""

    def __init__(
        self,
        pump: "controller.Controller",
        board: "hal.Board",
        set_telemetry: "Callable[[int, int], None]",
        access: "access.Access",
    ) -> None:
        self._pump = pump
        self._board = board
        self._set_telemetry = set_telemetry
        self._access = access
        self._time_known = False  # the pump has no clock that runs without power

    def hello(self, fields: "Fields", now: int) -> "Pairs":
        return [
            ("protocol", defs.PROTOCOL),
            ("version", version.VERSION),
            ("board", self._board.NAME),
            ("image", self._board.IMAGE),
            ("digest", defs.DIGEST),
            ("unique_id", self._board.UNIQUE_ID),
            ("keyed", self._access.required),
            ("time_known", self._time_known),
        ]

    def help(self, fields: "Fields", now: int) -> "Pairs":
        words = [name for name in sorted(defs.COMMANDS) if _is_a_whole_line(*defs.COMMANDS[name])]
        return [("words", words), ("text", _HELP)]

    def status(self, fields: "Fields", now: int) -> "Pairs":
        return answers.status(self._pump, now)

    def dose(self, fields: "Fields", now: int) -> "Pairs":
        return answers.dose(self._pump)

    def therapy(self, fields: "Fields", now: int) -> "Pairs":
        return answers.plan(self._pump)

    def params(self, fields: "Fields", now: int) -> "Pairs":
        first = fields["first"]
        last = min(first + _ROWS_A_PAGE, len(defs.PARAMS))
        rows = [[number, self._pump.params.get(number)] for number in range(first, last)]
        return [("rows", rows), ("next", last if last < len(defs.PARAMS) else None)]

    def alarms(self, fields: "Fields", now: int) -> "Pairs":
        return [("rows", self._pump.alarms.rows()[:_MOST_ALARMS])]

    def log(self, fields: "Fields", now: int) -> "Pairs":
        journal = self._pump.journal
        rows: "list[list[int]]" = []
        sequence = journal.following(fields["first"])
        while len(rows) < _ROWS_A_PAGE and sequence < journal.next:
            rows.append(list(journal.read(sequence)))
            sequence = journal.following(sequence + 1)
        return [("rows", rows), ("next", sequence if sequence < journal.next else None)]

    def exchanges(self, fields: "Fields", now: int) -> "Pairs":
        return [("rows", answers.exchanges(self._pump, self._board))]

    def journal(self, fields: "Fields", now: int) -> "Pairs":
        return answers.journal(self._pump)

    def journal_read(self, fields: "Fields", now: int) -> "Pairs":
        journal = self._pump.journal
        at = fields["at"]
        if at % _RAW_BYTES or at + _RAW_BYTES > journal.size_bytes:
            about: "Pairs" = [("field", "at"), ("value", at)]
            limits: "Pairs" = [("min", 0), ("max", journal.size_bytes - _RAW_BYTES)]
            raise validation.Refused(defs.REFUSE_OUT_OF_RANGE, about + limits)
        page = bytearray(_RAW_BYTES)
        try:
            journal.read_raw(at, page)
        except hal.PartError as error:
            raise validation.Refused(defs.REFUSE_NOTHING_TO_DO, [("value", error.args[0])])
        text = None if page == b"\xff" * _RAW_BYTES else "".join(["%02x" % byte for byte in page])
        at += _RAW_BYTES
        return [("hex", text), ("next", at if at < journal.size_bytes else None)]

    def time_set(self, fields: "Fields", now: int) -> "Pairs":
        self._pump.journal.write(defs.EVENT_TIME_SET, fields["day"], fields["second"])
        self._time_known = True
        return []

    def trace(self, fields: "Fields", now: int) -> "Pairs":
        traces = self._pump.monitor.trace
        first = fields["first"]
        rows = [list(row) for row in traces.rows(first)]
        after = first + len(rows)
        return [("alarm", traces.alarm), ("rows", rows), ("next", after if traces.rows(after) else None)]

    def telemetry(self, fields: "Fields", now: int) -> "Pairs":
        self._set_telemetry(now, fields["period_s"])
        return []

    def memory(self, fields: "Fields", now: int) -> "Pairs":
        free, used = self._board.memory_bytes()
        return [("free_bytes", free), ("used_bytes", used)]
