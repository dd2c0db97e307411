"""A client on a WebSocket: JSON texts both ways; one that doesn't read is closed and never delays others."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from starlette.websockets import WebSocket

from pumpctl import defs, errors
from pumpctl.protocol import refusals
from pumpctl.service import hub as hubs
from pumpctl.service.rights import tokens

LONGEST_BYTES = 65_536  # of a message from a client
_MOST_UNSENT = 2000  # messages; then the client doesn't read
_MOST_REQUESTS = 64  # of one client that are not answered yet

Fields = dict[str, Any]


class WebClient:
    """One WebSocket with all pumps of the service, by their names."""

    def __init__(
        self, socket: WebSocket, who: tokens.Asker, hubs_by_name: Mapping[str, hubs.Hub], say: Callable[[str], None]
    ) -> None:
        self.who = who
        self._socket = socket
        self._say = say
        self._unsent: deque[str] = deque()
        self._waiting = asyncio.Event()
        self._too_slow = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._views = {name: _View(self, hub) for name, hub in hubs_by_name.items()}

    async def run(self) -> None:
        """Serve the client until it has gone, or doesn't read."""
        await self._socket.accept()
        for view in self._views.values():
            view.begin()
        tasks = [asyncio.ensure_future(part) for part in (self._send_all(), self._receive_all(), self._too_slow.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for view in self._views.values():
                view.hub.detach(view)

    def put(self, message: Fields) -> None:
        """Send a message as soon as the client takes it."""
        if self._too_slow.is_set():
            return
        if len(self._unsent) >= _MOST_UNSENT:
            self._too_slow.set()
            self._unsent.clear()
            self._say(f"{self.who}: {_MOST_UNSENT} messages were not read, so the connection is closed.")
        else:
            self._unsent.append(json.dumps(message, separators=(",", ":")))
        self._waiting.set()

    async def _send_all(self) -> None:
        while True:
            await self._waiting.wait()
            self._waiting.clear()
            while self._unsent:
                await self._socket.send_text(self._unsent.popleft())

    async def _receive_all(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            self._take(text if isinstance(text, str) else "")

    def _take(self, text: str) -> None:
        """Take a request: {"id": ..., "pump": name, "cmd": name, fields of the command}."""
        request = json_object(text)
        identity = request.pop("id", None) if request else None
        if not isinstance(identity, int | str):
            identity = None
        if request is None:
            self.put(_error(identity, "bad_message", 'A message is one JSON object, as {"id":1,"cmd":"status"}.'))
        elif len(self._tasks) >= _MOST_REQUESTS:
            self.put(_error(identity, "busy", f"{_MOST_REQUESTS} requests of this client are not answered yet; wait."))
        else:
            task = asyncio.create_task(self._answer(identity, request))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, identity: int | str | None, request: Fields) -> None:
        name = request.pop("pump", next(iter(self._views)))
        command = request.pop("cmd", None)
        view = self._views.get(name) if isinstance(name, str) else None
        if view is None:
            names = ", ".join(self._views)
            self.put(_error(identity, "no_such_pump", f"There is no pump {str(name)[:40]!r}; there are {names}."))
            return
        try:
            answer = await ask(view.hub, view, self.who, command, request)
        except errors.PumpError as error:
            self.put({**_error(identity, code_of(error), str(error)), "pump": name, "cmd": command})
        else:
            self.put({"id": identity, "pump": name, "cmd": command, **answer})


class _View:
    """What one pump sends by itself, for one WebSocket."""

    def __init__(self, client: WebClient, hub: hubs.Hub) -> None:
        self.period_s = 0
        self.hub = hub
        self._client = client

    def begin(self) -> None:
        """Say how the pump is, and attach."""
        self._client.put({"port": self.hub.port, "status": self.hub.status, **self._is(self.hub.connected)})
        self.hub.attach(self)

    def event(self, fields: Fields) -> None:
        """Send a record of the log, with its name and its numbers as text."""
        self._client.put({"pump": self.hub.name, **fields})

    def telemetry(self, fields: Fields) -> None:
        """Send a status."""
        self._client.put({"pump": self.hub.name, **fields})

    def link(self, connected: bool, text: str) -> None:
        """Tell of a lost or a new link."""
        self._client.put({"text": text, **self._is(connected)})

    def _is(self, connected: bool) -> Fields:
        role = self._client.who.role(self.hub.keyed)
        return {"pump": self.hub.name, "connected": connected, "hello": self.hub.hello, "role": role}

    def gap(self, cause: str, text: str) -> None:
        """Mark a place where something may be missing."""
        self._client.put({"pump": self.hub.name, "gap": cause, "text": text})


async def ask(hub: hubs.Hub, client: hubs.Client | None, who: tokens.Asker, command: object, fields: Fields) -> Fields:
    """Return the answer to a request as JSON has it: without the id of the line, with a text if it was refused.

    Raises UsageProblem, ForeignDefinitions, and what the hub raises.
    """
    if not isinstance(command, str) or command not in defs.COMMANDS:
        raise errors.UsageProblem(f"There is no command {command!r}; /api/v1/ lists them.")
    theirs = str((hub.hello or {}).get("digest"))
    if theirs != defs.DIGEST and defs.COMMANDS[command].key != "view":
        raise errors.ForeignDefinitions(command, theirs, defs.DIGEST)
    answer = dict(await hub.ask(client, who, command, fields))
    answer.pop("id", None)
    if answer.get("ok") is not True:
        refused = refusals.refused(command, fields, answer)
        answer |= {"name": refused.name, "text": str(refused)}
    return answer


def code_of(error: errors.PumpError) -> str:
    """Return an error's code: the name of its class in small letters, as no_answer."""
    name = type(error).__name__
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _error(identity: int | str | None, code: str, text: str) -> Fields:
    return {"id": identity, "ok": False, "error": code, "text": text}


def json_object(text: str) -> Fields | None:
    """Return the JSON object in a text, None when it is none."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None
