"""A simulated pump that is paired and infuses; what it looks like, and whether an attack has changed that."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pumpctl import defs, sim
from pumpctl.protocol import answers, session, wire
from pumpctl.pump import Pump

RATE_UL_DAY = 1000
STROKE_MS = 21_600  # 250 nL at that rate, exactly
_LINE_MS = 30  # for a line to be read and answered
_LATE_MS = 720  # one control period
_WRONG_EVENTS = {"error", "query_failed"}


def framed(body: bytes) -> bytes:
    """A line with a right checksum, whatever is in it; an attacker can do that."""
    return body + b"*%08X\n" % zlib.crc32(body)


@dataclass
class Look:
    """What must be the same before and after an attack, and when the next stroke comes."""

    state: int
    rate_ul_day: int
    draft: int | None
    hosts: int
    params: tuple[int, ...]
    strokes: int
    uptime_ms: int
    stroke_at_ms: int


class Victim:
    """`cases` and `accepted` count the lines of attacks and those that the pump carried out, `late` late strokes."""

    def __init__(
        self, simulation: sim.Simulation, press: Callable[[], None] | None = None, answer_ms: int = _LINE_MS
    ) -> None:
        """Pair with the pump; `press` presses its button, and it answers a line within `answer_ms`."""
        self.simulation = simulation
        self._answer_ms = answer_ms
        self.cases = 0
        self.accepted: list[bytes] = []
        self.late = 0
        self.host = Pump.connect(simulation.transport(), first_id=1)
        self.board_id = self.host.hello.unique_id
        self.key = self.host.pair("bench", "service", press or (lambda: simulation.do("press")))
        self.next_id = 1000
        self.session = self.open()

    def infuse(self) -> None:
        """Reservoir, plan, start; as a user would, each with a code."""
        host = self.host
        host.refill_begin()
        host.refill_withdrawn(0)
        host.refill_finish(20_000_000, "saline")
        host.therapy_set("continuous", RATE_UL_DAY)
        host.start()
        self.session = self.open()

    def open(self, key: session.HostKey | None = None) -> session.Session:
        """A session of its own, of whose lines the test knows each byte."""
        key = key or self.key
        nonce = secrets.token_bytes(16)
        fields = {"name": key.name, "role": key.role, "nonce": nonce.hex()}
        answer = self.plain("session_open", **fields)
        return session.Session(key, self.board_id, nonce, answer)

    def id(self) -> int:
        self.next_id += 1
        return self.next_id

    def body(self, command: str, number: int | None = None, **fields: Any) -> bytes:
        return wire.body_of({"id": self.id() if number is None else number, "cmd": command, **fields})

    def sealed(self, command: str, number: int | None = None, **fields: Any) -> bytes:
        """A good line of the paired host."""
        body = self.body(command, number, **fields)
        return wire.framed(body, self.session.seal(body))

    def plain(self, command: str, **fields: Any) -> dict[str, Any]:
        """The answer to a command without a code."""
        return self.ask(wire.encode({"id": self.id(), "cmd": command, **fields}))

    def ask(self, line: bytes) -> dict[str, Any]:
        """The answer to one line."""
        (answer,) = self.answers(line)
        return answer

    def answers(self, data: bytes) -> list[dict[str, Any]]:
        """All answers to some lines."""
        self.simulation.receive()
        self.simulation.send(data)
        told = b""
        while True:
            self.simulation.run(self._answer_ms)
            more = self.simulation.receive()
            told += more
            if not more and (not told or told.endswith(b"\n")):
                break
        found = [wire.decode(line).fields for line in told.splitlines() if line.startswith(b"{")]
        return [fields for fields in found if "ok" in fields]

    def look(self) -> Look:
        """What the pump says of itself to anybody."""
        status = answers.Status.from_answer(self.plain("status"))
        draft = self.plain("draft")["draft"]
        hosts = len(self.plain("keys")["hosts"])
        rows: list[int] = []
        for first in range(0, len(defs.PARAMS), 8):
            page = self.plain("params", first=first)
            rows += [value for _, value in page["rows"]]
        at_ms = status.total_uptime_ms + (status.stroke_in_ms or 0)
        return Look(
            status.state, status.rate_ul_day, draft, hosts, tuple(rows), status.strokes, status.total_uptime_ms, at_ms
        )

    def attack(self, lines: Iterable[bytes], together: int = 20) -> None:
        """Sends hostile lines; none may be carried out, and nothing of `look` may change."""
        before = self.look()
        batch: list[bytes] = []
        for line in lines:
            batch.append(line)
            if len(batch) == together:
                self._send(batch)
                batch = []
        self._send(batch)
        self.unharmed_since(before)

    def _send(self, batch: list[bytes]) -> None:
        self.cases += len(batch)
        for fields in self.answers(b"".join(batch)):
            if fields["ok"]:
                self.accepted.append(wire.body_of(fields))

    def unharmed_since(self, before: Look) -> None:
        """Nothing has changed, strokes came at their times, no error is in the log, and a good line works."""
        after = self.look()
        same = ("state", "rate_ul_day", "draft", "hosts", "params")
        assert all(getattr(before, name) == getattr(after, name) for name in same), (before, after)
        strokes = (after.uptime_ms - before.stroke_at_ms) // STROKE_MS + 1
        off_ms = (after.stroke_at_ms - before.stroke_at_ms) % STROKE_MS
        self.late += min(off_ms, STROKE_MS - off_ms) > _LATE_MS
        assert after.strokes - before.strokes in (strokes, strokes - 1 if off_ms else strokes), (before, after)
        assert not _WRONG_EVENTS & {row.name for row in self.host.log()}
        assert self.ask(self.sealed("silence"))["ok"]
