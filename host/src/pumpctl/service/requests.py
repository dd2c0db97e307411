"""The requests of all clients to one pump: one at a time on the line, a stop ahead of all, answers matched by id."""

from __future__ import annotations

import asyncio
import json
import os
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from pumpctl import defs, errors, units
from pumpctl.protocol import refusals, session as sessions, wire
from pumpctl.service.rights import keyring as keyrings

TRY_S = 1.0  # after which a request without an answer is sent again
_TRIES = 3
_MOST_DAMAGED = 8  # refusals of damaged lines, after each of which the request is sent once more
_MOST_WAITING = 1000  # requests of all clients
_MOST_SESSIONS = 2  # for one request
_UNREADABLE = frozenset(("bad_line", "bad_checksum", "too_long"))
_ENDED = frozenset(("no_session", "code_invalid"))  # refusals by a pump that doesn't know the session, as after a reset
_STOPPED = next(mask for mask, bit in defs.BITS.items() if bit.name == "stopped")
_HELD = next(number for number, refusal in defs.REFUSALS.items() if refusal.name == "held")

Fields = dict[str, Any]


class Request:
    """A request on its way; `answer` gets the pump's fields."""

    def __init__(
        self, number: int, command: str, fields: Mapping[str, wire.Value], answer: asyncio.Future[Fields]
    ) -> None:
        self.number = number
        self.command = command
        self._body = wire.body_of({"id": number, "cmd": command, **fields})
        self.line = wire.framed(self._body)
        self.session: sessions.Session | None = None  # whose code the line has
        self.sessions = 0  # in which it was sent
        self.answer = answer
        self.tries = 0
        self.damaged = 0
        self.again = True  # it may be sent once more
        self.timer: asyncio.TimerHandle | None = None

    @property
    def operates(self) -> bool:
        """Whether it changes something, other than by stopping."""
        command = defs.COMMANDS.get(self.command)
        return command is None or command.key != "view"

    def seal(self, session: sessions.Session | None) -> None:
        """Give the line the code of a session; raises WireError when it gets too long."""
        self.session = session
        self.sessions += session is not None
        self.line = wire.framed(self._body, None if session is None else session.seal(self._body))

    def is_answered_by(self, answer: Fields, body: bytes, code: str | None) -> bool:
        """Return whether this is the pump's answer: to a line with a code, it has one as well."""
        of_command = answer.get("cmd", self.command) == self.command
        return of_command and (self.session is None or self.session.vouches_for(body, code))


class Requests:
    """Sends requests by `write`, which is None while there is no link.

    Requests to read that wait and are equal become one. After a stop, no earlier request that changes something is sent
    any more: one that still waited is refused as the pump would (`held`, an operator has stopped the pump); one without
    an answer is not sent again, as the pump would carry it out now.

    With a `keyring`, each request that changes something is sent in a session, which is opened before it. One that the
    pump refused as it doesn't know the session was not carried out, and is sent in a new one.
    """

    def __init__(self) -> None:
        self.write: Callable[[bytes], None] | None = None
        self.keyring: keyrings.Keyring | None = None
        self._opening: tuple[Request, Request] | None = None  # of a session, and the request that needs it
        self._waiting: deque[Request] = deque()
        self._under_way: dict[int, Request] = {}
        self._present: Request | None = None  # the one that the next has to wait for
        self._next_id = 100_000_000 + int.from_bytes(os.urandom(4), "big") % 800_000_000
        self._equal: dict[str, Request] = {}

    async def ask(self, command: str, fields: Mapping[str, wire.Value]) -> Fields:
        """Return the pump's answer, a refusal too; raises LinkLost, NoAnswer, LinkDamaged, WireError, ServiceBusy."""
        if self.write is None:
            raise errors.LinkLost("the pump")
        if command == "stop":
            return await self._stop(fields)
        key = json.dumps([command, fields])
        request = self._equal.get(key)
        if request is None:
            if len(self._waiting) >= _MOST_WAITING:
                raise errors.ServiceBusy(_MOST_WAITING)
            request = self._made(command, fields)
            if not request.operates:
                self._equal[key] = request
                request.answer.add_done_callback(lambda _: self._equal.pop(key, None))
            self._waiting.append(request)
            self._next()
        return await asyncio.shield(request.answer)

    async def _stop(self, fields: Mapping[str, wire.Value]) -> Fields:
        for request in [request for request in self._waiting if request.operates]:
            self._waiting.remove(request)
            self._settle(request, _held(request))
        for request in self._under_way.values():
            request.again = request.again and not request.operates
        stop = self._made("stop", fields)
        self._send(stop)
        return await asyncio.shield(stop.answer)

    def take(self, answer: Fields, body: bytes = b"", code: str | None = None) -> None:
        """Take an answer of the pump, with its bytes and their code; one that nothing waits for is left out."""
        number = answer.get("id")
        if number is None:
            self._unread(answer)
            return
        request = self._under_way.get(number)
        if request is not None and request.is_answered_by(answer, body, code):
            self._settle(request, answer)

    def drop(self, error: errors.PumpError) -> None:
        """The link is lost: no request gets an answer any more."""
        self.write = None
        self._opening = None
        for request in [*self._under_way.values(), *self._waiting]:
            self._settle(request, error)
        self._waiting.clear()

    def _made(self, command: str, fields: Mapping[str, wire.Value]) -> Request:
        number = self._next_id
        self._next_id = number + 1 if number < 999_999_999 else 100_000_000
        answer: asyncio.Future[Fields] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(_looked_at)
        return Request(number, command, fields, answer)

    def _next(self) -> None:
        """Send the next request when the line is free, or open the session that it needs."""
        while self._present is None and self._waiting and self.write is not None:
            request = self._waiting[0]
            try:
                if self._awaits_session(request):
                    return
            except errors.PumpError as error:
                self._waiting.popleft()
                self._settle(request, error)
                continue
            self._present = self._waiting.popleft()
            for key in [key for key, equal in self._equal.items() if equal is self._present]:
                del self._equal[key]  # what is asked from now on needs a newer answer
            self._send(self._present)

    def _awaits_session(self, request: Request) -> bool:
        """Seal a request in the open session; without one ask for one and return True. Raises PumpError."""
        if self.keyring is None or not request.operates:
            request.seal(None)
            return False
        session = self.keyring.session(request.number)
        if session is not None:
            request.seal(session)
            return False
        if request.sessions >= _MOST_SESSIONS:
            raise errors.SessionEnded
        opening = self._made("session_open", self.keyring.asked(request.command))
        self._opening = (opening, request)
        self._present = opening
        self._send(opening)
        return True

    def _opened(self, request: Request, result: Fields | errors.PumpError) -> None:
        """A session is open, or the request that needs it fails."""
        try:
            if isinstance(result, errors.PumpError):
                raise result
            if self.keyring is not None:
                self.keyring.opened(result)
        except errors.PumpError as error:
            if request in self._waiting:
                self._waiting.remove(request)
                self._settle(request, error)

    def _send(self, request: Request) -> None:
        if self.write is None:
            return
        self._under_way[request.number] = request
        request.tries += 1
        self.write(request.line)
        if request.timer:
            request.timer.cancel()
        request.timer = asyncio.get_running_loop().call_later(TRY_S, self._late, request)

    def _late(self, request: Request) -> None:
        """Send again what has no answer, or give up."""
        if request.tries < _TRIES and request.again:
            self._send(request)
        else:
            self._settle(request, _no_answer(request))

    def _unread(self, answer: Fields) -> None:
        """The pump received a damaged line, or one of a session that has ended."""
        refusal = defs.REFUSALS.get(answer.get("refused", 0))
        name = "" if refusal is None or self.write is None else refusal.name
        if name in _UNREADABLE:
            self._damaged()
        elif name in _ENDED and self._present is not None and self._present.session is not None:
            self._ended(self._present)

    def _damaged(self) -> None:
        """Send again what may have been damaged."""
        for request in list(self._under_way.values()):
            if request.again and request.damaged < _MOST_DAMAGED and self.write is not None:
                request.damaged += 1
                self.write(request.line)

    def _ended(self, request: Request) -> None:
        """Send a request in a new session, if it was certainly not carried out in the last one."""
        if self.keyring is not None:
            self.keyring.end()
        if request.tries > 1 or request.damaged:
            self._settle(request, _no_answer(request))  # an earlier copy may have been carried out
        elif not request.again:
            self._settle(request, _held(request))  # a stop has passed it
        else:
            self._under_way.pop(request.number, None)
            if request.timer:
                request.timer.cancel()
            request.tries = 0
            self._present = None
            self._waiting.appendleft(request)
            self._next()

    def _settle(self, request: Request, result: Fields | errors.PumpError) -> None:
        self._under_way.pop(request.number, None)
        if request.timer:
            request.timer.cancel()
        if self._opening is not None and self._opening[0] is request:
            _, needing = self._opening
            self._opening = None
            self._opened(needing, result)
        if not request.answer.done():
            if isinstance(result, errors.PumpError):
                request.answer.set_exception(result)
            else:
                request.answer.set_result(result)
        if self._present is request:
            self._present = None
            self._next()


def _held(request: Request) -> Fields:
    """Return the refusal of what waited behind a stop."""
    return {"id": request.number, "ok": False, "refused": _HELD, "cmd": request.command, "bits": _STOPPED}


def _no_answer(request: Request) -> errors.PumpError:
    """Return the error for a request without an answer."""
    typed = refusals.typed_name(request.command)
    advice = "check the cable and try again"
    if request.operates:
        advice = "it is not known whether it was executed, so check `status` before trying again"
    seconds = f"{_TRIES * TRY_S:g} s"
    if request.damaged:
        what = units.count(request.damaged, "damaged line")
        return errors.LinkDamaged(f"The pump received {what} and did not answer {typed} in {seconds}; {advice}.")
    return errors.NoAnswer(f"The pump did not answer {typed} in {seconds}; {advice}.")


def _looked_at(answer: asyncio.Future[Fields]) -> None:
    """Take note of an error that no client waits for any more."""
    if not answer.cancelled():
        answer.exception()
