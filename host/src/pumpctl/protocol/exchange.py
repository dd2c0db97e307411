"""Requests and answers over a link: matches answers to requests by id, collects events, telemetry and log."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pumpctl import defs, errors, units
from pumpctl.protocol import answers, refusals, transport as transports, wire

if TYPE_CHECKING:  # imported where a key is used, so that a pump without one is reached sooner
    from pumpctl.protocol import session as sessions

_TRIES = 3  # a request is sent up to this often within the time-out, as long as there is no answer
_MOST_DAMAGED = 8  # refusals of damaged lines, after each of which it is sent once more
_QUEUE = 10_000  # events and statuses; older ones are dropped
_TAIL_OF_FRAME = re.compile(rb"\*[0-9A-F]{8}$")  # the end of a line that began before the port was opened
# Refusals of a line that was damaged on its way. A request is sent with an id and a checksum; a line end that gets
# between them leaves a line without a checksum.
_UNREADABLE = frozenset(("bad_line", "bad_checksum", "too_long", "no_checksum"))
# Refusals by a pump that doesn't know the session, as after a reset; they can't carry its code.
_ENDED = frozenset(("no_session", "code_invalid"))


class Exchange:
    """Sends requests and waits for their answers; queues events and telemetry, passes device log to `on_log`."""

    def __init__(
        self,
        transport: transports.Transport,
        timeout_s: float,
        first_id: int | None,
        on_log: Callable[[str], None] | None,
    ) -> None:
        """`first_id` is the id of the first request; None draws one, so that no answer to another program has it."""
        self.transport = transport
        self.timeout_s = timeout_s
        self.events: deque[answers.LogRow] = deque(maxlen=_QUEUE)
        self.telemetry: deque[answers.Status] = deque(maxlen=_QUEUE)
        self._answers: deque[wire.Message] = deque()
        self._lines = transports.LineReader()
        self._next_id = _drawn_id() if first_id is None else first_id
        self._on_log = on_log
        self._greeted = False
        self._received = False

    def greet(self, token: str | None = None) -> dict[str, Any]:
        """End an incomplete line in the device's buffer, send hello, return the answer; a service gets the token."""
        self.transport.write(b"\n")
        answer = self.request("hello", {"token": token} if token else {})
        self._greeted = True
        return answer

    def request(
        self, command: str, fields: Mapping[str, wire.Value], session: sessions.Session | None = None
    ) -> dict[str, Any]:
        """Return the answer's fields; in a session, the line has a code, and only an answer with one counts.

        Without an answer the same line is sent again; the pump carries out a line with an id only once, and answers it
        each time. Raises Refused, NoAnswer, LinkDamaged, LinkLost, and SessionEnded when the pump has certainly not
        carried it out as it doesn't know the session.
        """
        number = self._next_id
        self._next_id += 1
        body = wire.body_of({"id": number, "cmd": command, **fields})
        line = wire.framed(body, None if session is None else session.seal(body))
        self.poll(0)
        self._answers.clear()  # sent before this request, so no answer to it
        damaged = 0
        for tries in range(_TRIES):
            until_s = self.transport.now_s() + self.timeout_s / _TRIES
            self.transport.write(line)
            answer = self._answer(number, command, until_s, session)
            while answer is not None and _damaged(answer) and damaged < _MOST_DAMAGED:
                damaged += 1
                self.transport.write(line)
                answer = self._answer(number, command, until_s, session)
            if answer is not None and session is not None and _refusal(answer) in _ENDED:
                if tries or damaged:
                    raise self._no_answer(command, damaged)  # an earlier copy may have been carried out
                raise errors.SessionEnded
            if answer is not None and not _damaged(answer):
                if answer.get("ok") is not True:
                    raise refusals.refused(command, fields, answer)
                return answer
        raise self._no_answer(command, damaged)

    def poll(self, timeout_s: float) -> None:
        """Read and sort incoming lines; wait up to `timeout_s` for the first bytes."""
        data = self.transport.read(timeout_s)
        self._received = self._received or bool(data)
        for line in self._lines.feed(data):
            self._sort(line)

    def _answer(
        self, number: int, command: str, until_s: float, session: sessions.Session | None
    ) -> dict[str, Any] | None:
        """Return the answer to request `number`, a refusal without an id of a damaged line, or None at `until_s`."""
        while True:
            while self._answers:
                message = self._answers.popleft()
                answer = message.fields
                if session is not None and not _may_count(message, session):
                    continue
                if answer.get("id") == number and answer.get("cmd", command) == command:
                    return answer
                unread = _damaged(answer) or (session is not None and _refusal(answer) in _ENDED)
                if answer.get("id") is None and self._greeted and unread:
                    return answer  # perhaps of this request, perhaps of what another program sent
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
            message = wire.decode(line)
            fields = message.fields
            if "event" in fields:
                self.events.append(log_row(fields["event"]))
            elif isinstance(fields.get("telemetry"), dict):
                self.telemetry.append(answers.Status.from_answer(fields["telemetry"]))
            elif "ok" in fields:
                self._answers.append(message)
        except (errors.WireError, errors.BadAnswer):
            return  # damaged: the missing answer, or the gap in the sequence numbers, shows it

    def _no_answer(self, command: str, damaged: int) -> errors.NoAnswer | errors.LinkDamaged:
        """Return the error for a missing answer: what is known, and what to do."""
        name, seconds = self.transport.name, f"{self.timeout_s:g} s"
        if not self._greeted:
            port = "check that it is the pump's port"
            if self._received:
                return errors.NoAnswer(f"{name} sends data but no answer in {seconds}; {port}.")
            return errors.NoAnswer(f"No answer at {name} in {seconds}; {port} and has power.")
        advice = "check the cable and try again"
        if defs.COMMANDS[command].key != "view":
            advice = "it is not known whether it was executed, so check `status` before trying again"
        typed = refusals.typed_name(command)
        if damaged:
            what = units.count(damaged, "damaged line")
            return errors.LinkDamaged(f"The pump received {what} and did not answer {typed} in {seconds}; {advice}.")
        return errors.NoAnswer(f"The pump did not answer {typed} in {seconds}; {advice}.")


def _drawn_id() -> int:
    """Return an id of nine digits, below the pump's limit of 2^30: all lines are of the same length in every run."""
    return 100_000_000 + int.from_bytes(os.urandom(4), "big") % 900_000_000


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


def _may_count(message: wire.Message, session: sessions.Session) -> bool:
    """Return whether the pump said this, or refused a line that it could not check."""
    without = _refusal(message.fields) in _UNREADABLE | _ENDED
    return without or session.vouches_for(message.body, message.code)


def _refusal(answer: Mapping[str, Any]) -> str:
    """Return the name of the refusal in an answer, empty for none."""
    refusal = defs.REFUSALS.get(answer.get("refused", 0))
    return "" if refusal is None else refusal.name


def _damaged(answer: Mapping[str, Any]) -> bool:
    return _refusal(answer) in _UNREADABLE
