"""`pumpctl serve`: owns the ports of one or several pumps, for many clients, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pumpctl import errors, ports
from pumpctl.cli import options
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console

if TYPE_CHECKING:
    from pumpctl.service import pumps as pumps_

_NEEDED = ("starlette", "uvicorn", "websockets")


@options.sharing("as_json")
def serve(
    chosen: Options,
    port: Annotated[
        list[str] | None, typer.Option("--port", "-p", help="Port of a pump, as everywhere; may be repeated.")
    ] = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen at; off this computer it needs a token.")] = (
        "127.0.0.1"
    ),
    http_port: Annotated[int, typer.Option("--http-port", min=0, max=65535, help="0 takes a free one.")] = 8421,
    line_port: Annotated[
        int, typer.Option("--line-port", min=0, max=65535, help="Of the first pump, for socket://; 0 takes a free one.")
    ] = 0,
    token_file: Annotated[Path | None, typer.Option("--token-file", help="File with lines of TOKEN ROLE NAME.")] = None,
    every: Annotated[int, typer.Option("--every", min=1, max=3600, help="Seconds between two rows of telemetry.")] = 1,
    record: Annotated[bool, typer.Option("--record/--no-record", help="Record a session.")] = True,
    session: Annotated[Path | None, typer.Option("--session", help="Session file to continue, or to make.")] = None,
    sessions: Annotated[Path | None, typer.Option("--sessions", help="Folder of new sessions.")] = None,
) -> None:
    """Own the port of a pump and let many programs use it: pumpctl, a browser, REST, WebSocket, a line port.

    The other verbs find the service by themselves. Everything that passes is recorded in a session.
    """
    wanted = port or [ports.choose(chosen.port)]
    if session is not None and len(wanted) > 1:
        raise errors.UsageProblem("--session takes one pump; with several, each gets a session of its own.")
    server = _server()
    from pumpctl.service.rights import tokens as tokens_
    from pumpctl.session import store

    place = sessions or store.folder()
    tokens = {} if token_file is None else tokens_.read(token_file)
    chosen_here = server.Options(wanted, host, http_port, line_port, tokens, every, record, place, session)

    def ready(url: str, token: str, pumps: Sequence[pumps_.ServedPump]) -> None:
        _tell(url, token, pumps, chosen.as_json)

    server.run(chosen_here, server.Told(ready, console.say))


def _server() -> Any:
    """Return the module of the server; raises ServiceExtraMissing."""
    for name in _NEEDED:
        try:
            import_module(name)
        except ImportError as error:
            raise errors.ServiceExtraMissing(name) from error
    return import_module("pumpctl.service.server")


def _tell(url: str, token: str, pumps: Sequence[pumps_.ServedPump], as_json: bool) -> None:
    entries = [(pump.entry(), pump.recording.path if pump.recording else None) for pump in pumps]
    if as_json:
        rows = [
            {"name": e.name, "port": e.port, "device": e.device, "line_port": e.line, "session": path and str(path)}
            for e, path in entries
        ]
        console.put_json({"url": url, "page": f"{url}/?token={token}", "pumps": rows})
        return
    console.put(f"{url}/?token={token}")
    for entry, path in entries:
        device = "" if entry.device == entry.port else f" ({entry.device})"
        console.put(f"pump {entry.name}: {entry.port}{device}, line port {entry.line}")
        if path is not None:
            console.put(f"session: {path}")
    console.say("Ready for `pumpctl status` in another terminal; Ctrl-C ends the service.")
