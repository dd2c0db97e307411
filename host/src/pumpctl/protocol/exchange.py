"""Requests and answers over a link: matches answers to requests by id, collects events, telemetry and log."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from pumpctl import defs, errors
from pumpctl.protocol import answers, refusals, transport as transports, wire

_TRIES = 3  # a request that changes nothing is sent up to this often within the time-out
_QUEUE = 10_000  # events and statuses; older ones are dropped
_TAIL_OF_FRAME = re.compile(rb"\*[0-9A-F]{8}$")  # the end of a line that began before the port was opened
_UNREADABLE = frozenset(("bad_line", "bad_checksum", "too_long"))


class Exchange:
    """Sends requests and waits for their answers; queues events and telemetry, passes device log to `on_log`."""

    def __init__(
        self, transport: transports.Transport, timeout_s: float, first_id: int, on_log: Callable[[str], None] | None
    ) -> None:
        self.transport = transport
        self.timeout_s = timeout_s
        self.events: deque[answers.LogRow] = deque(maxlen=_QUEUE)
        self.telemetry: deque[answers.Status] = deque(maxlen=_QUEUE)
        self._answers: deque[dict[str, Any]] = deque()
        self._lines = transports.LineReader()
        self._next_id = first_id
        self._on_log = on_log
        self._greeted = False
        self._received = False

    def greet(self) -> dict[str, Any]:
        """End an incomplete line in the device's buffer, send hello and return the answer."""
        self.transport.write(b"\n")
        answer = self.request("hello", {})
        self._greeted = True
        return answer

    def request(self, command: str, fields: Mapping[str, wire.Value]) -> dict[str, Any]:
        """Return the answer's fields.

        Raises Refused, NoAnswer, LinkDamaged, LinkLost. Only reading commands and stop are sent again on silence.
        """
        repeatable = defs.COMMANDS[command].key == "view"
        tries = _TRIES if repeatable else 1
        ids: set[int] = set()
        self.poll(0)
        self._answers.clear()  # they were sent before this request, so none is its answer
        for _ in range(tries):
            answer = self._ask(command, fields, ids, self.timeout_s / tries)
            if answer is not None:
                if answer.get("ok") is not True:
                    raise refusals.refused(command, fields, answer)
                return answer
        raise self._no_answer(command, repeatable)

    def poll(self, timeout_s: float) -> None:
        """Read and sort incoming lines; wait up to `timeout_s` for the first bytes."""
        data = self.transport.read(timeout_s)
        self._received = self._received or bool(data)
        for line in self._lines.feed(data):
            self._sort(line)

    def _ask(
        self, command: str, fields: Mapping[str, wire.Value], ids: set[int], timeout_s: float
    ) -> dict[str, Any] | None:
        """Send the request, and again if it arrived damaged; None without an answer in time."""
        for _ in range(2):
            number = self._next_id
            self._next_id += 1
            ids.add(number)
            self.transport.write(wire.encode({"id": number, "cmd": command, **fields}))
            answer = self._answer(ids, self.transport.now_s() + timeout_s)
            if answer is None or answer.get("id") is not None:
                return answer
        raise errors.LinkDamaged(
            f"{refusals.typed_name(command)} arrived damaged two times, so nothing was changed; check the cable."
        )

    def _answer(self, ids: set[int], until_s: float) -> dict[str, Any] | None:
        """Return the answer to one of `ids`, the refusal of a damaged line (without an id), or None at `until_s`."""
        while True:
            while self._answers:
                answer = self._answers.popleft()
                number = answer.get("id")
                if number in ids or (number is None and self._greeted and _damaged(answer)):
                    return answer
            left_s = until_s - self.transport.now_s()
            if left_s <= 0:
                return None
            self.poll(left_s)

    def _sort(self, line: bytes) -> None:
        """Sort one line into answers, events, telemetry or log; a damaged line is dropped."""
        if not line.startswith(b"{"):
            if self._on_log and not _TAIL_OF_FRAME.search(line):
                self._on_log(printable(line))
            return
        try:
            fields = wire.decode(line).fields
            if "event" in fields:
                self.events.append(log_row(fields["event"]))
            elif isinstance(fields.get("telemetry"), dict):
                self.telemetry.append(answers.Status.from_answer(fields["telemetry"]))
            elif "ok" in fields:
                self._answers.append(fields)
        except (errors.WireError, errors.BadAnswer):
            return  # damaged: the missing answer, or the gap in the sequence numbers, shows it

    def _no_answer(self, command: str, repeatable: bool) -> errors.NoAnswer:
        """Return the error for a missing answer."""
        name, seconds = self.transport.name, f"{self.timeout_s:g} s"
        if self._greeted:
            advice = (
                "check the cable and try again"
                if repeatable
                else "it may have been executed, so check `status` before trying again"
            )
            return errors.NoAnswer(f"The pump did not answer {refusals.typed_name(command)} in {seconds}; {advice}.")
        if self._received:
            return errors.NoAnswer(f"{name} sends data but no answer in {seconds}; check that it is the pump's port.")
        return errors.NoAnswer(f"No answer at {name} in {seconds}; check that it is the pump's port and has power.")


def log_row(row: object) -> answers.LogRow:
    """Return a record of the log; raises BadAnswer."""
    return answers.LogRow(*numbers(row, 6))


def numbers(row: object, count: int) -> list[int]:
    """Return the row if it is `count` whole numbers; raises BadAnswer."""
    if not isinstance(row, list) or len(row) != count or not all(type(number) is int for number in row):
        raise errors.BadAnswer(f"has the row {row!r}, which is not {count} whole numbers")
    return row


def printable(line: bytes) -> str:
    """Return bytes of the device as text without control characters."""
    text = line.decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _damaged(answer: Mapping[str, Any]) -> bool:
    refusal = defs.REFUSALS.get(answer.get("refused", 0))
    return refusal is not None and refusal.name in _UNREADABLE
