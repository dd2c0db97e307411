"""The half of a pump that only looks: its answers as records, page after page, and what it says unasked."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, TypeVar

from pumpctl import defs, errors
from pumpctl.protocol import answers, exchange, wire

RAW_BYTES = 128  # of the journal's flash in an answer

_Row = TypeVar("_Row")


class Queries:
    """Every method raises Refused, NoAnswer, LinkLost or BadAnswer, and works with foreign definitions too."""

    def __init__(self, line: exchange.Exchange, hello: answers.Hello) -> None:
        """Use `Pump.connect`."""
        self._exchange = line
        self.hello = hello

    @property
    def foreign(self) -> bool:
        """Whether the pump's definitions are not this program's."""
        return self.hello.foreign

    def status(self) -> answers.Status:
        """How the pump is."""
        return answers.Status.from_answer(self._request("status"))

    def therapy(self) -> answers.Therapy | None:
        """The plan and where it stands, None without a plan."""
        answer = self._request("therapy")
        if answer.get("profile") is None:
            return None
        for row in _list(answer):
            exchange.numbers(row, 4)
        return answers.Therapy.from_answer(answer)

    def dose(self) -> answers.Dose:
        """What has been given of late and what may be given."""
        return answers.Dose.from_answer(self._request("dose"))

    def journal(self) -> answers.Journal:
        """The journal in flash and the story of the last reset."""
        return answers.Journal.from_answer(self._request("journal"))

    def journal_read(self) -> Iterator[bytes]:
        """The journal's flash as it lies there, in order, page by page."""
        at: int | None = 0
        while at is not None:
            answer = self._request("journal_read", at=at)
            text, at = answer.get("hex"), answer.get("next")
            try:
                yield b"\xff" * RAW_BYTES if text is None else bytes.fromhex(str(text))
            except ValueError as error:
                raise errors.BadAnswer(f"The pump's flash can't be read: it said {text!r}.") from error

    def draft(self) -> answers.Pending | None:
        """The change that waits to be confirmed, None for none."""
        answer = self._request("draft")
        return None if answer.get("draft") is None else answers.Pending.from_answer(answer)

    def params(self) -> list[answers.ParamRow]:
        """All parameters."""
        return [answers.ParamRow(*row) for _, rows in self._pages("params", 0, 2) for row in rows]

    def alarms(self) -> list[answers.AlarmRow]:
        """Alarms that stand or wait to be acknowledged, the highest first."""
        rows = (exchange.numbers(row, 4) for row in _list(self._request("alarms")))
        return [answers.AlarmRow(alarm, bool(stands), bool(seen), since) for alarm, stands, seen, since in rows]

    def trace(self) -> answers.Trace:
        """Pressure around the last strokes, as kept at the last alarm of the line (O6)."""
        alarm, samples = 0, []
        for answer, rows in self._pages("trace", 0, 3):
            alarm = whole(answer, "alarm")
            samples += [answers.Sample(*row) for row in rows]
        return answers.Trace(alarm, tuple(samples))

    def log(self, first: int = 0) -> list[answers.LogRow]:
        """Records kept by the pump from a sequence number on, oldest first."""
        return [row for page in self.log_pages(first) for row in page]

    def log_pages(self, first: int = 0) -> Iterator[list[answers.LogRow]]:
        """The same a page at a time, as they come."""
        for _, rows in self._pages("log", first, 6):
            yield [answers.LogRow(*row) for row in rows]

    def memory(self) -> tuple[int, int]:
        """Bytes of the pump's heap that are free, and in use, after a collection."""
        answer = self._request("memory")
        return whole(answer, "free_bytes"), whole(answer, "used_bytes")

    # ---- said unasked -----------------------------------------------------------------------------------------------

    def telemetry(self, period_s: int) -> None:
        """Have a status sent unasked every so many of the pump's seconds; 0 ends it."""
        self._request("telemetry", period_s=period_s)

    def poll(self, timeout_s: float) -> None:
        """Take in what the pump says unasked; waits up to `timeout_s` for the first of it."""
        self._exchange.poll(timeout_s)

    def events(self) -> list[answers.LogRow]:
        """Records that the pump has told unasked since the last call; does not wait."""
        self.poll(0)
        return _drained(self._exchange.events)

    def telemetries(self) -> list[answers.Status]:
        """Statuses that the pump has sent unasked since the last call; does not wait."""
        self.poll(0)
        return _drained(self._exchange.telemetry)

    def _request(self, command: str, **fields: wire.Value) -> dict[str, Any]:
        if self.foreign and defs.COMMANDS[command].key != "view":
            raise errors.ForeignDefinitions(command, self.hello.digest, defs.DIGEST)
        return self._exchange.request(command, fields)

    def _pages(self, command: str, first: int, columns: int) -> Iterator[tuple[dict[str, Any], list[list[int]]]]:
        """Yield the pages of a list, each with its answer; raises BadAnswer when they don't advance."""
        while True:
            answer = self._request(command, first=first)
            yield answer, [exchange.numbers(row, columns) for row in _list(answer)]
            following = answer.get("next")
            if following is None:
                return
            if type(following) is not int or following <= first:
                raise errors.BadAnswer(f"The pump's pages of {command} do not advance; check its version (`info`).")
            first = following


def whole(answer: dict[str, Any], name: str) -> int:
    """Return a whole number of an answer; raises BadAnswer."""
    value = answer.get(name)
    if type(value) is not int:
        raise errors.BadAnswer(f"The pump's answer has {name} {value!r}, which makes no sense; see `info`.")
    return value


def _drained(queue: deque[_Row]) -> list[_Row]:
    rows = list(queue)
    queue.clear()
    return rows


def _list(answer: dict[str, Any]) -> list[Any]:
    rows = answer.get("rows")
    if not isinstance(rows, list):
        raise errors.BadAnswer("The pump's answer lacks its rows; install the pumpctl of its firmware.")
    return rows
