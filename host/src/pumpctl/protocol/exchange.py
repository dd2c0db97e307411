"""Requests and their answers over a link: ids that rise, answers that belong to them, and what is said in between."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from pumpctl import defs, errors
from pumpctl.protocol import answers, refusals, transport as transports, wire

_TRIES = 3  # a request that changes nothing is sent this often within the time allowed
_QUEUE = 10_000
_TAIL_OF_FRAME = re.compile(rb"\*[0-9A-F]{8}$")  # what is left of a line that began before this program listened
_UNREADABLE = frozenset(("bad_line", "bad_checksum", "too_long"))


class Exchange:
    """Sends requests, waits for their answers, keeps events and telemetry, hands device log to `on_log`."""

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
        self._heard = False

    def greet(self) -> dict[str, Any]:
        """Flush half a line that may wait in the device, and return the answer to hello."""
        self.transport.write(b"\n")
        answer = self.request("hello", {})
        self._greeted = True
        return answer

    def request(self, command: str, fields: Mapping[str, wire.Value]) -> dict[str, Any]:
        """Return the answer's fields.

        Raises Refused, NoAnswer, LinkDamaged, LinkLost. Only what changes nothing, and stop, is sent again on silence.
        """
        repeatable = defs.COMMANDS[command].key == "view"
        tries = _TRIES if repeatable else 1
        ids: set[int] = set()
        self.poll(0)
        self._answers.clear()  # what was said before the question is no answer to it
        for _ in range(tries):
            answer = self._ask(command, fields, ids, self.timeout_s / tries)
            if answer is not None:
                if answer.get("ok") is not True:
                    raise refusals.refused(command, fields, answer)
                return answer
        raise self._silence(command, repeatable)

    def poll(self, timeout_s: float) -> None:
        """Take in what has come; wait up to `timeout_s` for the first of it."""
        data = self.transport.read(timeout_s)
        self._heard = self._heard or bool(data)
        for line in self._lines.feed(data):
            self._take(line)

    def _ask(
        self, command: str, fields: Mapping[str, wire.Value], ids: set[int], timeout_s: float
    ) -> dict[str, Any] | None:
        """Send once, or twice if the pump could not read it; None when nothing came in time."""
        for _ in range(2):
            number = self._next_id
            self._next_id += 1
            ids.add(number)
            self.transport.write(wire.encode({"id": number, "cmd": command, **fields}))
            answer = self._answer(ids, self.transport.now_s() + timeout_s)
            if answer is None or answer.get("id") is not None:
                return answer
        raise errors.LinkDamaged(
            f"The pump could not read {refusals.typed_name(command)} twice, so nothing was changed; check the cable."
        )

    def _answer(self, ids: set[int], until_s: float) -> dict[str, Any] | None:
        """Return the answer to one of `ids`, a refusal of a line whose id was not read, or None at `until_s`."""
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

    def _take(self, line: bytes) -> None:
        """Sort one line into answers, events, telemetry or log; one that can't be read is dropped."""
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
            return  # damaged on the way: the missing answer or the gap in the sequence numbers will tell

    def _silence(self, command: str, repeatable: bool) -> errors.NoAnswer:
        """Return the exception for an answer that did not come."""
        name, seconds = self.transport.name, f"{self.timeout_s:g} s"
        if self._greeted:
            advice = (
                "check the cable and try again"
                if repeatable
                else "it may have been taken, so look at `status` before trying again"
            )
            return errors.NoAnswer(
                f"The pump did not answer {refusals.typed_name(command)} in {seconds}; {advice}."
            )
        if self._heard:
            return errors.NoAnswer(f"{name} talks, but not as a pump within {seconds}; check that it is the pump.")
        return errors.NoAnswer(f"Nothing answers at {name} within {seconds}; check that it is the pump and has power.")


def log_row(row: object) -> answers.LogRow:
    """Return a record of the log; raises BadAnswer."""
    return answers.LogRow(*numbers(row, 6))


def numbers(row: object, count: int) -> list[int]:
    """Return a row of whole numbers; raises BadAnswer when it is none."""
    if not isinstance(row, list) or len(row) != count or not all(type(number) is int for number in row):
        raise errors.BadAnswer(f"The pump gave a row {row!r}, which makes no sense; check that versions fit (`info`).")
    return row


def printable(line: bytes) -> str:
    """Return bytes of the device as text that can't do anything to a terminal."""
    text = line.decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _damaged(answer: Mapping[str, Any]) -> bool:
    refusal = defs.REFUSALS.get(answer.get("refused", 0))
    return refusal is not None and refusal.name in _UNREADABLE
