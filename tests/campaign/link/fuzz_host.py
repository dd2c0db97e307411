"""What the host does with any bytes of a pump: it sorts them, or says in an error of its own what is wrong with them.

fuzz.py lets atheris choose the bytes.
"""

from __future__ import annotations

import tomllib
import zlib

import interpreters
from pumpctl import defs, errors
from pumpctl.protocol import answers, changes, exchange, refusals, transport, wire
from pumpctl.pump import Pump

_EXAMPLES = interpreters.ROOT / "firmware/definitions/examples.toml"
_COMMANDS = sorted(defs.COMMANDS)
_RECORDS = (answers.Hello, answers.Status, answers.Dose, answers.Therapy, answers.Journal, answers.PairState)
# What is asked of a pump that answers with the bytes.
_QUESTIONS = (
    Pump.status, Pump.therapy, Pump.dose, Pump.journal, Pump.draft, Pump.params, Pump.alarms, Pump.trace, Pump.log,
    Pump.exchanges, Pump.memory, Pump.keys, Pump.pair_state, Pump.ack, Pump.silence, Pump.session_open,
)  # fmt: skip
_HELLO = {"protocol": 1, "version": "0", "board": "x", "image": "x", "digest": defs.DIGEST, "unique_id": "x"}


class _Link:
    """Answers each request with the same object, under the request's id."""

    name = "fuzz"

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._ready = b""
        self._now_s = 0.0

    def read(self, timeout_s: float) -> bytes:
        data, self._ready = self._ready, b""
        self._now_s += timeout_s
        return data

    def write(self, data: bytes) -> None:
        if data.startswith(b"{"):
            request = wire.decode(data).fields
            head = b'{"id":%d,"ok":true' % request["id"]
            hello = wire.body_of({"id": request["id"], "ok": True, **_HELLO})
            self._ready += framed(hello if request["cmd"] == "hello" else head + self._body)

    def now_s(self) -> float:
        return self._now_s

    def close(self) -> None:
        pass


def framed(body: bytes) -> bytes:
    """The bytes with a right checksum."""
    return body + b"*%08X\n" % zlib.crc32(body)


def seeds() -> list[bytes]:
    """Inputs for `one`: the answers of the definitions' examples, to each question."""
    texts = [str(example.get("answer", "")) for example in tomllib.loads(_EXAMPLES.read_text())["example"]]
    bodies = [text.partition("~")[0].partition('"ok":')[2].partition(",")[2][:-1].encode() for text in texts]
    return [bytes([choice]) + body for choice in range(len(_QUESTIONS)) for body in bodies]


def one(data: bytes) -> None:
    """Any bytes as lines of a pump, then as an object with a right checksum, as records, as an answer to a question."""
    for line in transport.LineReader().feed(data + b"\n"):
        _decoded(line)
        exchange.printable(line)
    choice, body = data[0] if data else 0, data[1:]
    fields = _decoded(framed(b"{" + body + b"}"))
    if fields is not None:
        command = _COMMANDS[choice % len(_COMMANDS)]
        str(refusals.refused(command, fields, fields))
        for record in _RECORDS:
            try:
                record.from_answer(fields)
            except errors.BadAnswer:
                continue
        try:
            changes.differences(command, {}, changes.PendingChange.from_answer(command, fields).new)
            exchange.log_row(fields.get("event"))
        except errors.BadAnswer:
            pass
    try:
        question = _QUESTIONS[choice % len(_QUESTIONS)]
        with Pump.connect(_Link((b"," if body else b"") + body + b"}"), timeout_s=0.3) as pump:
            question(pump)
    except errors.PumpError:
        return


def _decoded(line: bytes) -> dict[str, object] | None:
    try:
        return wire.decode(line).fields
    except errors.WireError:
        return None
