"""The requests of all clients to one pump: one at a time on the line, a stop ahead of all, answers matched by id."""

from __future__ import annotations

import asyncio
import json
import os
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from pumpctl import defs, errors, units
from pumpctl.protocol import refusals, wire

TRY_S = 1.0  # after which a request without an answer is sent again
_TRIES = 3
_MOST_DAMAGED = 8  # refusals of damaged lines, after each of which the request is sent once more
_MOST_WAITING = 1000  # requests of all clients
_UNREADABLE = frozenset(("bad_line", "bad_checksum", "too_long"))
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
        self.line = wire.encode({"id": number, "cmd": command, **fields})
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


class Requests:
    """Sends requests by `write`, which is None while there is no link.

    Requests to read that wait and are equal become one. After a stop, no earlier request that changes something is sent
    any more: one that still waited is refused as the pump would (`held`, an operator has stopped the pump); one without
    an answer is not sent again, as the pump would carry it out now.
    """

    def __init__(self) -> None:
        self.write: Callable[[bytes], None] | None = None
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
            refusal = {"ok": False, "refused": _HELD, "cmd": request.command, "bits": _STOPPED}
            self._settle(request, {"id": request.number, **refusal})
        for request in self._under_way.values():
            request.again = request.again and not request.operates
        stop = self._made("stop", fields)
        self._send(stop)
        return await asyncio.shield(stop.answer)

    def take(self, answer: Fields) -> None:
        """Take an answer of the pump; one that nothing waits for is left out."""
        number = answer.get("id")
        if number is None:
            self._damaged(answer)
            return
        request = self._under_way.get(number)
        if request is not None and answer.get("cmd", request.command) == request.command:
            self._settle(request, answer)

    def drop(self, error: errors.PumpError) -> None:
        """The link is lost: no request gets an answer any more."""
        self.write = None
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
        """Send the next request when the line is free."""
        if self._present is None and self._waiting:
            self._present = self._waiting.popleft()
            for key in [key for key, equal in self._equal.items() if equal is self._present]:
                del self._equal[key]  # what is asked from now on needs a newer answer
            self._send(self._present)

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

    def _damaged(self, answer: Fields) -> None:
        """The pump received a damaged line: send again what it may have been."""
        refusal = defs.REFUSALS.get(answer.get("refused", 0))
        if refusal is None or refusal.name not in _UNREADABLE or self.write is None:
            return
        for request in list(self._under_way.values()):
            if request.again and request.damaged < _MOST_DAMAGED:
                request.damaged += 1
                self.write(request.line)

    def _settle(self, request: Request, result: Fields | errors.PumpError) -> None:
        self._under_way.pop(request.number, None)
        if request.timer:
            request.timer.cancel()
        if not request.answer.done():
            if isinstance(result, errors.PumpError):
                request.answer.set_exception(result)
            else:
                request.answer.set_result(result)
        if self._present is request:
            self._present = None
            if self.write is not None:
                self._next()


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
