"""Runs the service: the pumps, the web server, the entry by which other programs find it, and the end."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import field
from pathlib import Path

import uvicorn

from pumpctl import errors, ports, running
from pumpctl.frozen import frozen
from pumpctl.service import access, api, line_port, pumps as pumps_, web_client
from pumpctl.service.rights import tokens as tokens_
from pumpctl.session import store

_BACKLOG = 128
_END_S = 2  # for open connections, at the end


@frozen
class Options:
    """What to serve, and where. `session` is a file to continue; without it each pump gets a new one in `sessions`."""

    ports: Sequence[str]
    host: str = "127.0.0.1"
    http_port: int = 8421
    line_port: int = 0
    tokens: Mapping[str, tokens_.Grant] = field(default_factory=dict)
    period_s: int = 1
    record: bool = True
    sessions: Path = Path()
    session: Path | None = None


@frozen
class Told:
    """What the user is told: `ready` once, with address, token and pumps; `say` gets a sentence at any time."""

    ready: Callable[[str, str, Sequence[pumps_.ServedPump]], None]
    say: Callable[[str], None]


def run(options: Options, told: Told) -> None:
    """Serve until Ctrl-C or a termination; raises what can't be started, and SimulatorDied."""
    if not access.is_loopback(options.host) and not options.tokens:
        raise errors.TokenMissing(options.host)
    for port in options.ports:
        _check_free(port)
    asyncio.run(_run(options, told))


def _check_free(port: str) -> None:
    """Raise HeldByService when another service owns the port."""
    held = None if ports.starts_a_pump(port) else running.holder_of(port)
    if held is not None:
        entry, _ = held
        raise errors.HeldByService(port, entry.pid, entry.url)


async def _run(options: Options, told: Told) -> None:
    with _listening(options) as listener:
        pumps: list[pumps_.ServedPump] = []
        tokens = tokens_.Tokens(options.tokens)
        try:
            for at, port in enumerate(options.ports):
                pump = pumps_.ServedPump(str(at + 1), port, tokens, told.say)
                pumps.append(pump)
                line_port = options.line_port + at if options.line_port else 0
                await pump.start(line_port, options.period_s, _session(options, pump))
            url = f"http://{_shown(options.host)}:{listener.getsockname()[1]}"
            with running.entered(url, [pump.entry() for pump in pumps], tokens.own):
                await _serve(options, told, listener, pumps, url, tokens)
        finally:
            for pump in pumps:
                await pump.close()


def _session(options: Options, pump: pumps_.ServedPump) -> Path | None:
    if not options.record:
        return None
    return options.session or store.new_path(options.sessions, pump.hub.port.rpartition("/")[2])


async def _serve(
    options: Options,
    told: Told,
    listener: socket.socket,
    pumps: Sequence[pumps_.ServedPump],
    url: str,
    tokens: tokens_.Tokens,
) -> None:
    """Run the web server until the end is asked for, or a pump has ended for good."""
    by_name = {pump.hub.name: pump for pump in pumps}
    app = api.Api(by_name, options.sessions, tokens, told.say).app
    guarded = access.Access(app, options.host, listener.getsockname()[1], tokens)
    config = uvicorn.Config(
        guarded,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=web_client.LONGEST_BYTES,
        timeout_graceful_shutdown=_END_S,
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):  # not on this system, or not in the main thread
            loop.add_signal_handler(number, server.end)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    told.ready(url, tokens.own, pumps)
    failures = [pump.hub.failed for pump in pumps if pump.hub.failed is not None]
    await asyncio.wait([serving, *failures], return_when=asyncio.FIRST_COMPLETED)
    server.end()
    await serving
    for failure in failures:
        if failure.done():
            failure.result()


class _Server(uvicorn.Server):
    """uvicorn's server without its own handling of signals, which would end this program with ports open."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield

    def end(self) -> None:
        """Let `serve` return."""
        self.should_exit = True


@contextmanager
def _listening(options: Options) -> Iterator[socket.socket]:
    """Yield the socket of the web server; raises AddressBusy."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, line_port.MOST_UNSENT_BYTES)
        listener.bind((options.host, options.http_port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise errors.AddressBusy(options.host, options.http_port, error) from error
    with listener:
        yield listener


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
