"""A client that speaks the pump's own protocol: lines in, lines out, as if it had the port for itself."""

from __future__ import annotations

import asyncio
import json
import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from pumpctl import __version__, defs, errors
from pumpctl.protocol import transport as transports, wire
from pumpctl.service import hub as hubs
from pumpctl.service.rights import tokens as tokens_

_MOST_ANSWERS = 64  # stored for requests that are sent again
_MOST_REQUESTS = 64  # of one client that are not answered yet
_WORD = re.compile(rb"[A-Za-z_]+")
_STOP = re.compile(rb"stop$|stop(?![a-z0-9_])|(?<![a-z0-9_])stop", re.IGNORECASE)
_REFUSALS = {refusal.name: number for number, refusal in defs.REFUSALS.items()}
_HTTP = re.compile(rb"[A-Z]+ \S+ HTTP/")

Fields = dict[str, Any]


class LineClient:
    """Passes lines of one client to a hub. `send` gets the bytes for the client; `closed` is called to end it."""

    def __init__(
        self,
        hub: hubs.Hub,
        who: tokens_.Asker,
        tokens: tokens_.Tokens,
        send: Callable[[bytes], None],
        closed: Callable[[], None],
    ) -> None:
        """Attach it to the hub; must be called in the event loop."""
        self.period_s = 0
        self.who = who
        self._tokens = tokens
        self._hub = hub
        self._send = send
        self._closed = closed
        self._lines = transports.LineReader()
        self._answers: OrderedDict[bytes, bytes] = OrderedDict()
        self._tasks: dict[bytes, asyncio.Task[None]] = {}
        hub.attach(self)

    def detach(self) -> None:
        """The client has gone. What it asked for is still carried out, as the pump may have it already."""
        self._hub.detach(self)

    def feed(self, data: bytes) -> None:
        """Take bytes of the client."""
        for line in self._lines.feed(data):
            if _HTTP.match(line):
                self._closed()  # a web page must not reach the pump by this port
                return
            self._take(line)

    def event(self, fields: Fields) -> None:
        """Send a record of the log to the client."""
        self._send(wire.encode(fields))

    def telemetry(self, fields: Fields) -> None:
        """Send a status to the client."""
        self._send(wire.encode(fields))

    def link(self, connected: bool, text: str) -> None:
        """A port that is lost is closed, here too."""
        if not connected:
            self._closed()

    def gap(self, cause: str, text: str) -> None:
        """The protocol of the pump has no gaps: the numbers of the records show them."""

    def _take(self, line: bytes) -> None:
        """Ask what a line asks; one that is sent again is answered again and not carried out a second time."""
        if line in self._answers:
            self._send(self._answers[line])
        elif line not in self._tasks:
            if len(self._tasks) >= _MOST_REQUESTS:
                self._closed()
                return
            self._tasks[line] = asyncio.create_task(self._answer(line))

    async def _answer(self, line: bytes) -> None:
        try:
            identity, command, fields = _read(line)
            if command == "hello":
                self._take_token(fields.pop("token", None))
            answer = await self._asked(command, fields)
        except errors.WireError as error:
            self._send(wire.encode({"id": None, "ok": False, "refused": _REFUSALS[error.reason]}))
        except errors.PumpError:
            return  # no answer, as with a pump that sends none
        else:
            answer = {**answer, "id": identity}
            if command == "hello":
                answer |= {"service": __version__, "role": self.who.role(self._hub.keyed)}
            text = wire.encode(answer)
            if identity is not None and command != "stop":
                self._store(line, text)
            elif command == "stop":
                self._answers.clear()
            self._send(text)
        finally:
            self._tasks.pop(line, None)

    async def _asked(self, command: str, fields: Fields) -> Fields:
        """Return the pump's answer, or the service's own refusal: `service` says what is missing."""
        try:
            return await self._hub.ask(self, self.who, command, fields)
        except (errors.NotAuthorised, errors.UsageProblem):
            missing = "token"
        except (errors.KeyMissing, errors.KeyUnfit, errors.ProofWrong, errors.NotPermitted) as error:
            self._hub.say(str(error))
            missing = "key"
        return {"ok": False, "refused": _REFUSALS["key_needed"], "cmd": command, "service": missing}

    def _take_token(self, token: object) -> None:
        """A token comes with `hello`; one that is wrong gives nothing."""
        if isinstance(token, str):
            self.who = self._tokens.asker(self.who.program, token)

    def _store(self, line: bytes, answer: bytes) -> None:
        self._answers[line] = answer
        while len(self._answers) > _MOST_ANSWERS:
            self._answers.popitem(last=False)


def _read(line: bytes) -> tuple[int | None, str, Fields]:
    """Return id, command and fields of a line, as the pump would read it; raises WireError."""
    try:
        fields = _fields(line)
    except errors.WireError:
        if _STOP.search(line):
            return None, "stop", {}  # D9: whatever else the line holds
        raise
    identity, command = fields.pop("id", None), fields.pop("cmd", None)
    if not isinstance(command, str) or not (identity is None or type(identity) is int):
        raise errors.WireError("bad_line", "no command")
    return identity, command, fields


def _fields(line: bytes) -> Fields:
    """Return the fields of a frame, of one without a checksum, or of a bare word; raises WireError."""
    if _WORD.fullmatch(line):
        fields: Fields = {"cmd": line.decode("ascii").lower()}
    else:
        try:
            return wire.decode(line).fields
        except errors.WireError as error:
            if error.reason != "no_checksum":
                raise
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise errors.WireError("bad_line", "not JSON") from error
    command = defs.COMMANDS.get(str(fields.get("cmd")))
    if command is None or not command.bare:
        raise errors.WireError("no_checksum", "this command needs an id and a checksum")
    return fields
