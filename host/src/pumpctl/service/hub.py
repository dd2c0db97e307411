"""One pump of the service: its port, which is opened again when it vanishes, and what it sends, for many clients."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from pumpctl import defs, errors, ports
from pumpctl.protocol import answers, transport as transports, wire
from pumpctl.service import port_threads, requests
from pumpctl.service.rights import keyring, tokens

_RETRY_S = 0.5
_HELLO = "hello"
_OF_KEYS = frozenset(number for number, event in defs.EVENTS.items() if event.name in ("host_paired", "host_revoked"))
_STARTING_TRIES = 10  # to greet a pump that was started with the port: an emulated one takes its time

Fields = dict[str, Any]


class Client(Protocol):
    """Gets what a pump sends by itself. None of these may wait."""

    period_s: int  # of the telemetry that it wants, 0 for none

    def event(self, fields: Fields) -> None:
        """Take a record of the log."""

    def telemetry(self, fields: Fields) -> None:
        """Take a status."""

    def link(self, connected: bool, text: str) -> None:
        """Take note of a lost or a new link; `text` says why."""

    def gap(self, cause: str, text: str) -> None:
        """Take note that something may be missing here."""


class Observer(Protocol):
    """Is told what passes; it may not wait."""

    def request(self, who: str, command: str, fields: Mapping[str, Any], result: Fields | errors.PumpError) -> None:
        """A request was answered, or failed."""

    def say(self, text: str) -> None:
        """A sentence for the user of the service."""


class Hub:
    """Owns a port. `name` is the pump's name in the service; `hello` are its versions, None before the first link."""

    def __init__(
        self,
        name: str,
        port: str,
        observer: Observer,
        open_port: Callable[[str], transports.Transport] = ports.opened,
        find_ports: Callable[[], list[ports.Port]] = ports.listed,
    ) -> None:
        self.name = name
        self.port = port
        self.hello: Fields | None = None
        self.status: Fields | None = None  # the last telemetry or answer to `status`
        self.trouble = ""  # why there is no link
        self.transport: transports.Transport | None = None
        self.failed: asyncio.Future[None] | None = None  # gets the error that ends this pump for good
        self._observer = observer
        self._open_port = open_port
        self._find_ports = find_ports
        self._serial_number = ""
        self._threads: port_threads.PortThreads | None = None
        self._requests = requests.Requests()
        self._lines = transports.LineReader()
        # The last change that waits: its number, the role that it needs, and who asked for it.
        self._pending: tuple[int, str, tokens.Grant | None] | None = None
        self._clients: dict[Client, tuple[int, int]] = {}  # boot and uptime (ms) of the last telemetry sent to it
        self._period_s = 0
        self._connected = False
        self._lost: asyncio.Event = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._reopening: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether the pump can be asked now."""
        return self._connected

    @property
    def keyed(self) -> bool:
        """Whether the pump takes commands from paired hosts only."""
        return bool((self.hello or {}).get("keyed"))

    @property
    def device(self) -> str:
        """The path of the port, also that of a simulated pump; a URL as it is."""
        of_simulation = getattr(self.transport, "port", "")
        return str(of_simulation) or (self.port if "://" in self.port else os.path.realpath(self.port))

    async def start(self) -> None:
        """Open the port for the first time and greet the pump; raises what the port raises."""
        self.failed = asyncio.get_running_loop().create_future()
        place = ports.named(self.port, self._find_ports)
        self._serial_number = place.serial_number if place else ""
        try:
            await self._open(self.port)
        except BaseException:
            await self._close_port()
            raise
        self._reopening = asyncio.create_task(self._reopen())

    async def close(self) -> None:
        """Close the port."""
        for task in [self._reopening, *self._tasks]:
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError, errors.PumpError):
                    await task
        if self._connected and self._period_s:
            with suppress(errors.PumpError):
                await self._requests.ask("telemetry", {"period_s": 0})
        self._connected = False
        self._requests.drop(errors.LinkLost(self.port, "the service has ended"))
        await self._close_port()

    # ---- clients ----------------------------------------------------------------------------------------------------

    def attach(self, client: Client) -> None:
        """Send to this client too what the pump sends by itself."""
        self._clients[client] = (-1, 0)

    def detach(self, client: Client) -> None:
        """Forget a client; telemetry that only this one wanted ends."""
        if self._clients.pop(client, None) is not None and self._connected and self._wanted_s() != self._period_s:
            self._later(self._subscribe())

    async def ask(
        self, client: Client | None, who: tokens.Asker, command: str, fields: Mapping[str, wire.Value]
    ) -> Fields:
        """Return the pump's answer to a client's request, a refusal too.

        `telemetry` is the client's own: the pump gets the shortest period that any client wants. Raises TokenNeeded for
        a client whose role is too low, and what Requests.ask raises.
        """
        try:
            if not self._connected:
                raise errors.LinkLost(self.port, self.trouble.rstrip("."))
            self._check_role(who, command, fields)
            if command == "telemetry" and client is not None:
                answer = await self._telemetry(client, fields)
            else:
                answer = await self._requests.ask(command, fields)
        except errors.PumpError as error:
            self._observer.request(str(who), command, fields, error)
            raise
        if answer.get("ok") is True:
            await self._take_note(who, command, fields, answer)
        self._observer.request(str(who), command, fields, answer)
        return answer

    def _check_role(self, who: tokens.Asker, command: str, fields: Mapping[str, wire.Value]) -> None:
        """Raise TokenNeeded for what the asker may not do. The pump can't tell the clients of the service apart."""
        role, needed = who.role(self.keyed), tokens.role_for(command, fields)
        if command == "session_open":
            raise errors.UsageProblem("The service opens the pump's sessions itself.")
        if command == "confirm" and self._pending is not None and fields.get("draft") == self._pending[0]:
            _, needed, asked = self._pending
            if self.keyed and who.grant != asked:
                raise errors.TokenNeeded(command, role, "of whoever asked for the change")
        if not tokens.permits(role, needed):
            raise errors.TokenNeeded(command, role, f"with the role {needed}")

    async def _take_note(
        self, who: tokens.Asker, command: str, fields: Mapping[str, wire.Value], answer: Fields
    ) -> None:
        """Keep what an answer says about the pump."""
        if command == "status":
            self.status = {name: value for name, value in answer.items() if name not in ("id", "ok", "cmd")}
        if command == "pair_finish":
            with suppress(errors.PumpError):  # the pairing is done all the same; its record makes it ask once more
                await self._greet_again()
        if type(answer.get("draft")) is int and command != "draft":
            self._pending = (answer["draft"], tokens.role_for(command, fields), who.grant)

    async def _telemetry(self, client: Client, fields: Mapping[str, wire.Value]) -> Fields:
        period_s = fields.get("period_s")
        if list(fields) != ["period_s"] or type(period_s) is not int or not 0 <= period_s <= 86_400:
            return await self._requests.ask("telemetry", fields)  # the pump says what is wrong with it
        client.period_s = period_s
        if client in self._clients:
            self._clients[client] = (-1, 0)
        return await self._subscribe()

    async def _subscribe(self) -> Fields:
        self._period_s = self._wanted_s()
        return await self._requests.ask("telemetry", {"period_s": self._period_s})

    def _wanted_s(self) -> int:
        return min((client.period_s for client in self._clients if client.period_s), default=0)

    def _later(self, task: Any) -> None:
        made = asyncio.create_task(task)
        self._tasks.add(made)
        made.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # of the link: the clients are told of it anyway

    def mark(self, cause: str, text: str) -> None:
        """Tell all clients that something may be missing here."""
        for client in list(self._clients):
            client.gap(cause, text)

    # ---- the port ---------------------------------------------------------------------------------------------------

    async def _reopen(self) -> None:
        """Open the port again whenever the link was lost."""
        while True:
            await self._lost.wait()
            await self._close_port()
            while not self._connected:
                await asyncio.sleep(_RETRY_S)
                try:
                    await self._open(self._present_port())
                except errors.SimulatorDied as error:
                    self._end(error)
                    return
                except errors.PumpError as error:
                    self._note(str(error))
                    await self._close_port()

    def _present_port(self) -> str:
        """Return the name that the pump's port has now; raises PortMissing."""
        found = ports.with_serial_number(self._serial_number, self._find_ports)
        if found is None and self._serial_number:
            raise errors.PortMissing(self.port)
        return found.device if found else self.port

    async def _open(self, port: str) -> None:
        """Open the port and greet the pump; raises what the port raises, NoAnswer, OtherBoard."""
        self.transport = await asyncio.to_thread(self._open_port, port)
        self._lost.clear()
        self._lines = transports.LineReader()
        self._threads = port_threads.PortThreads(self.transport, self._received, self._on_lost)
        self._requests.write = self._threads.write
        self._threads.write(b"\n")  # ends an incomplete line in the device's buffer
        hello = await self._greet()
        if self.hello and hello.get("unique_id") != self.hello.get("unique_id"):
            raise errors.OtherBoard(port, str(hello.get("unique_id")), str(self.hello.get("unique_id")))
        self._take_hello(hello)
        self.port = port
        self._connected = True
        if self._wanted_s():
            await self._subscribe()
        self._tell_link(f"The pump is connected at {port}.")
        self.trouble = ""

    def _take_hello(self, hello: Fields) -> None:
        self.hello = {name: value for name, value in hello.items() if name not in ("id", "ok", "cmd")}
        started_with = transports.key_of(self.transport) if self.transport else None
        ring = keyring.Keyring(str(hello.get("unique_id")), started_with)
        self._requests.keyring = ring if self.keyed else None

    async def _greet_again(self) -> None:
        """The pump's keys have changed: ask whether it requires one now, and tell the clients."""
        was = self.keyed
        self._take_hello(await self._requests.ask(_HELLO, {}))
        if was != self.keyed:
            needs = "takes commands from paired hosts only" if self.keyed else "requires no keys"
            self._tell_link(f"The pump {needs} now.")

    async def _greet(self) -> Fields:
        tries = _STARTING_TRIES if ports.starts_a_pump(self.port) else 1
        for _ in range(tries):
            with suppress(errors.NoAnswer):
                answer = await self._requests.ask(_HELLO, {})
                answers.Hello.from_answer(answer)
                return answer
        raise errors.NoAnswer(f"No answer at {self.port}; check that it is the pump's port and has power.")

    def _on_lost(self, error: errors.PumpError) -> None:
        if isinstance(error, errors.SimulatorDied):
            self._end(error)
        was, self._connected = self._connected, False
        self._requests.drop(error)
        self._note(str(error))
        if was:
            self._tell_link(str(error))
        self._lost.set()

    def _end(self, error: errors.PumpError) -> None:
        if self.failed is not None and not self.failed.done():
            self.failed.set_exception(error)

    def say(self, text: str) -> None:
        """Tell the user of the service."""
        self._observer.say(f"pump {self.name}: {text}")

    def _note(self, text: str) -> None:
        """Tell the user of a trouble once."""
        if text != self.trouble:
            self.trouble = text
            self.say(text)

    def _tell_link(self, text: str) -> None:
        if self._connected and self.trouble:
            self.say(text)
        for client in list(self._clients):
            client.link(self._connected, text)

    async def _close_port(self) -> None:
        threads, self._threads = self._threads, None
        self._requests.drop(errors.LinkLost(self.port))
        if threads is not None:
            await threads.close()

    # ---- what the pump sends ----------------------------------------------------------------------------------------

    def _received(self, data: bytes) -> None:
        for line in self._lines.feed(data):
            if not line.startswith(b"{"):
                continue  # the device's log
            try:
                message = wire.decode(line)
            except errors.WireError:
                continue  # damaged: the missing answer, or the gap in the sequence numbers, shows it
            fields = message.fields
            if "event" in fields:
                if self._connected and _kind(fields["event"]) in _OF_KEYS:
                    self._later(self._greet_again())
                for client in list(self._clients):
                    client.event(fields)
            elif isinstance(fields.get("telemetry"), dict):
                self._send_telemetry(fields)
            elif "ok" in fields:
                self._requests.take(fields, message.body, message.code)

    def _send_telemetry(self, fields: Fields) -> None:
        """Pass a status to each client that is due for one; half a period may be missing."""
        status = fields["telemetry"]
        self.status = status
        boot, uptime_ms = _number(status, "boot"), _number(status, "uptime_s") * 1000 + _number(status, "uptime_ms")
        for client, (last_boot, last_ms) in list(self._clients.items()):
            if not client.period_s:
                continue
            passed_ms = uptime_ms - last_ms
            if boot == last_boot and 0 <= passed_ms < client.period_s * 1000 - self._period_s * 500:
                continue
            self._clients[client] = (boot, uptime_ms)
            client.telemetry(fields)


def _number(fields: Fields, name: str) -> int:
    value = fields.get(name)
    return value if type(value) is int else 0


def _kind(event: object) -> int:
    """Return the number of a record's kind."""
    return event[3] if isinstance(event, list) and len(event) > 3 and type(event[3]) is int else 0
