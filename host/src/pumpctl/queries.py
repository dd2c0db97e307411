"""The commands that only read: their answers as records, lists page by page, events and telemetry."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from pumpctl import defs, errors
from pumpctl.protocol import answers, exchange, names, wire

if TYPE_CHECKING:  # imported where a key is used, so that a pump without one is reached sooner
    from pumpctl.protocol import session as sessions

RAW_BYTES = 128  # of the journal's flash in one answer

_Row = TypeVar("_Row")


class Queries:
    """Reads a pump, also with foreign definitions. Every method raises Refused, NoAnswer, LinkLost or BadAnswer."""

    def __init__(self, line: exchange.Exchange, hello: answers.Hello, served: bool = False) -> None:
        """Use `Pump.connect`. `served` when a service of this user has the key; an answer can't claim that."""
        self._exchange = line
        self._served = served
        self._key: sessions.HostKey | None = None
        self._session: sessions.Session | None = None
        self.hello = hello

    @property
    def foreign(self) -> bool:
        """Whether the pump's definitions differ from this program's."""
        return self.hello.foreign

    def status(self) -> answers.Status:
        """Return state, rate, volumes, pressure and alarm."""
        return answers.Status.from_answer(self._request("status"))

    def therapy(self) -> answers.Therapy | None:
        """Return the plan and its progress, None without a plan."""
        answer = self._request("therapy")
        if answer.get("profile") is None:
            return None
        for row in _list(answer):
            exchange.numbers(row, 4)
        return answers.Therapy.from_answer(answer)

    def dose(self) -> answers.Dose:
        """Return the doses of the last hour and day and what may be given."""
        return answers.Dose.from_answer(self._request("dose"))

    def journal(self) -> answers.Journal:
        """Return the state of the journal in flash and the cause of the last reset."""
        return answers.Journal.from_answer(self._request("journal"))

    def journal_read(self) -> Iterator[bytes]:
        """Yield the journal's raw flash in order, RAW_BYTES at a time."""
        at: int | None = 0
        while at is not None:
            answer = self._request("journal_read", at=at)
            text, at = answer.get("hex"), answer.get("next")
            try:
                yield b"\xff" * RAW_BYTES if text is None else bytes.fromhex(str(text))
            except ValueError as error:
                raise errors.BadAnswer(f"has the flash content {text!r}, which is not hexadecimal") from error

    def draft(self) -> answers.Pending | None:
        """Return the change that is waiting for confirmation, None without one."""
        answer = self._request("draft")
        return None if answer.get("draft") is None else answers.Pending.from_answer(answer)

    def params(self) -> list[answers.ParamRow]:
        """Return all parameters."""
        return [answers.ParamRow(*row) for _, rows in self._pages("params", 0, 2) for row in rows]

    def alarms(self) -> list[answers.AlarmRow]:
        """Return the alarms that are active or not acknowledged, the highest priority first."""
        rows = (exchange.numbers(row, 5) for row in _list(self._request("alarms")))
        return [answers.AlarmRow(alarm, bool(stands), bool(seen), *rest) for alarm, stands, seen, *rest in rows]

    def trace(self) -> answers.Trace:
        """Return the pressure around the last strokes, as stored at the last alarm of the line (O6)."""
        alarm, samples = 0, []
        for answer, rows in self._pages("trace", 0, 3):
            alarm = whole(answer, "alarm")
            samples += [answers.Sample(*row) for row in rows]
        return answers.Trace(alarm, tuple(samples))

    def log(self, first: int = 0) -> list[answers.LogRow]:
        """Return the stored records from a sequence number on, oldest first."""
        return [row for page in self.log_pages(first) for row in page]

    def log_pages(self, first: int = 0) -> Iterator[list[answers.LogRow]]:
        """Yield the same, one page at a time."""
        for _, rows in self._pages("log", first, 6):
            yield [answers.LogRow(*row) for row in rows]

    def log_page(self, first: int) -> tuple[list[answers.LogRow], bool]:
        """Return the stored records from a sequence number on that fit one answer, and whether there are more."""
        answer, rows = next(self._pages("log", first, 6))
        return [answers.LogRow(*row) for row in rows], answer.get("next") is not None

    def exchanges(self) -> list[answers.ExchangeRow]:
        """Return for each supervised part how often it was read or written, and how often that was disturbed."""
        rows = (exchange.numbers(row, 3) for row in _list(self._request("exchanges")))
        return [answers.ExchangeRow(*row) for row in rows]

    def memory(self) -> tuple[int, int]:
        """Return the free and the used bytes of the pump's heap after a garbage collection."""
        answer = self._request("memory")
        return whole(answer, "free_bytes"), whole(answer, "used_bytes")

    def keys(self) -> answers.Keys:
        """Return the paired hosts."""
        answer = self._request("keys")
        rows = answer.get("hosts")
        pairs = [(row[0], row[1]) for row in rows if isinstance(row, list) and len(row) == 2] if rows else []
        hosts = [answers.PairedHost(str(name), names.choice(defs.ROLE_NAMES, int(role))) for name, role in pairs]
        return answers.Keys(str(answer.get("area")), whole(answer, "starts"), hosts)

    def pair_state(self) -> answers.PairState:
        """Return where a pairing is."""
        return answers.PairState.from_answer(self._request("pair_state"))

    # ---- events, telemetry ------------------------------------------------------------------------------------------

    def telemetry(self, period_s: int) -> None:
        """Let the pump send a status every `period_s` seconds; 0 switches telemetry off."""
        self._request("telemetry", period_s=period_s)

    def poll(self, timeout_s: float) -> None:
        """Read events and telemetry; wait up to `timeout_s` for the first bytes."""
        self._exchange.poll(timeout_s)

    def events(self) -> list[answers.LogRow]:
        """Return the records that the pump has sent as events since the last call; does not wait."""
        self.poll(0)
        return _drained(self._exchange.events)

    def telemetries(self) -> list[answers.Status]:
        """Return the statuses that the pump has sent as telemetry since the last call; does not wait."""
        self.poll(0)
        return _drained(self._exchange.telemetry)

    def _request(self, command: str, **fields: wire.Value) -> dict[str, Any]:
        if self.foreign and defs.COMMANDS[command].key != "view":
            raise errors.ForeignDefinitions(command, self.hello.digest, defs.DIGEST)
        if not self.hello.keyed or self._served or defs.COMMANDS[command].key == "view":
            return self._exchange.request(command, fields)
        try:
            return self._exchange.request(command, fields, self._session or self.session_open(command))
        except errors.SessionEnded:
            return self._exchange.request(command, fields, self.session_open(command))

    def session_open(self, command: str = "session_open") -> sessions.Session:
        """Open a session with this user's key for the pump, else with the one that the pump was started with.

        Raises KeyMissing for `command`, KeyUnfit, ProofWrong.
        """
        from pumpctl.protocol import key_files, session as sessions, transport

        started_with = transport.key_of(self._exchange.transport)
        self._key = key = self._key or key_files.load(self.hello.unique_id) or started_with
        if key is None:
            raise errors.KeyMissing(command)
        nonce = sessions.new_nonce()
        answer = self._exchange.request(
            "session_open", {"name": key.name, "role": key.role, "nonce": nonce.hex()}
        )
        self._session = sessions.Session(key, self.hello.unique_id, nonce, answer)
        return self._session

    def _pages(self, command: str, first: int, columns: int) -> Iterator[tuple[dict[str, Any], list[list[int]]]]:
        """Yield each page of a list as its answer and its rows; raises BadAnswer when the pages don't advance."""
        while True:
            answer = self._request(command, first=first)
            yield answer, [exchange.numbers(row, columns) for row in _list(answer)]
            following = answer.get("next")
            if following is None:
                return
            if type(following) is not int or following <= first:
                raise errors.BadAnswer(f"to {command} has pages that do not advance")
            first = following


def whole(answer: dict[str, Any], name: str) -> int:
    """Return a whole number of an answer; raises BadAnswer."""
    value = answer.get(name)
    if type(value) is not int:
        raise errors.BadAnswer(f"has {name} {value!r}, which is not a whole number")
    return value


def _drained(queue: deque[_Row]) -> list[_Row]:
    rows = list(queue)
    queue.clear()
    return rows


def _list(answer: dict[str, Any]) -> list[Any]:
    rows = answer.get("rows")
    if not isinstance(rows, list):
        raise errors.BadAnswer("has no rows")
    return rows
