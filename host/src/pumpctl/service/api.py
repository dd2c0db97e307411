"""The web application of the service: the page, REST and the WebSocket under /api/v1."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from pumpctl import defs, errors
from pumpctl.protocol import port_holder
from pumpctl.service import access, openapi, page, pumps as pumps_, web_client
from pumpctl.service.rights import tokens as tokens_
from pumpctl.session import curves, schema, store

_LONGEST_BODY_BYTES = 65_536
_MOST_ROWS = 5000
_STATUS = {
    errors.ExitCode.REFUSED: 409,
    errors.ExitCode.USAGE: 400,
    errors.ExitCode.NO_DEVICE: 404,
    errors.ExitCode.LINK_LOST: 503,
    errors.ExitCode.CHECK_FAILED: 409,
    errors.ExitCode.NOT_AUTHORISED: 403,
}

Handler = Callable[[Request], Awaitable[Response]]


class Api:
    """The handlers; `app` is the application."""

    def __init__(
        self,
        pumps: Mapping[str, pumps_.ServedPump],
        sessions: Path,
        tokens: tokens_.Tokens,
        say: Callable[[str], None],
    ) -> None:
        self._pumps = pumps
        self._sessions = sessions
        self._tokens = tokens
        self._say = say
        v1 = "/api/v1"
        routes: list[Any] = [Route(path, _text(text, kind)) for path, (text, kind) in page.files().items()]
        routes += [
            Route(f"{v1}/", _text(openapi.page(), "text/html")),
            Route(f"{v1}/names", _told(self._names)),
            Route(f"{v1}/openapi.json", _told(self._openapi)),
            Route(f"{v1}/pumps", _told(self._list)),
            Route(f"{v1}/pumps/{{pump}}", _told(self._one)),
            Route(f"{v1}/pumps/{{pump}}/commands/{{command}}", _told(self._command), methods=["POST"]),
            Route(f"{v1}/pumps/{{pump}}/world", _told(self._truth)),
            Route(f"{v1}/pumps/{{pump}}/world", _told(self._act), methods=["POST"]),
            Route(f"{v1}/pumps/{{pump}}/pair", _told(self._pair), methods=["POST"]),
            Route(f"{v1}/sessions", _told(self._list_sessions)),
            Route(f"{v1}/sessions/{{session}}/curves", _told(self._curves)),
            Route(f"{v1}/sessions/{{session}}/{{kind}}", _told(self._rows)),
            WebSocketRoute(f"{v1}/ws", self._socket),
        ]
        self.app = Starlette(routes=routes, exception_handlers={HTTPException: _no_such})

    async def _openapi(self, _request: Request) -> Response:
        return _json(openapi.document())

    async def _names(self, _request: Request) -> Response:
        return _json(page.names())

    async def _list(self, request: Request) -> Response:
        who = await self._who(request)
        return _json([pump.about(who) for pump in self._pumps.values()])

    async def _one(self, request: Request) -> Response:
        return _json(self._pump(request).about(await self._who(request)))

    async def _command(self, request: Request) -> Response:
        pump, command = self._pump(request), request.path_params["command"]
        if command == "telemetry":
            raise errors.UsageProblem("Telemetry comes by the WebSocket at /api/v1/ws only.")
        fields = await _fields(request)
        answer = await web_client.ask(pump.hub, None, await self._who(request), command, fields)
        return _json(answer, 200 if answer.get("ok") is True else 409)

    async def _truth(self, request: Request) -> Response:
        return _json(await asyncio.to_thread(self._pump(request).truth))

    async def _act(self, request: Request) -> Response:
        pump, fields = self._pump(request), await _fields(request)
        action, value = fields.get("action"), fields.get("value")
        if not isinstance(action, str) or not (value is None or type(value) is int):
            raise errors.UsageProblem(
                'An action on the world is {"action": name}, and "value": number if it needs one.'
            )
        await asyncio.to_thread(pump.act, await self._who(request), action, value)
        return _json({"ok": True})

    async def _pair(self, request: Request) -> Response:
        """Pair the service with the pump; the answer comes when the button was pressed, or after a minute."""
        pump, fields = self._pump(request), await _fields(request)
        name, role = fields.get("name"), fields.get("role")
        if not isinstance(name, str) or not isinstance(role, str) or role not in defs.ROLE_NAMES:
            raise errors.UsageProblem(
                f'A pairing is {{"name": of the service on the pump, "role": {" or ".join(defs.ROLE_NAMES)}}}.'
            )
        loop = asyncio.get_running_loop()
        path = await asyncio.to_thread(pump.pair, await self._who(request), name, role, loop)
        return _json({"ok": True, "name": name, "role": role, "file": str(path)})

    async def _list_sessions(self, _request: Request) -> Response:
        found = await asyncio.to_thread(store.all_in, self._sessions)
        return _json([{**asdict(summary), "path": str(summary.path)} for summary in found])

    async def _rows(self, request: Request) -> Response:
        kind = request.path_params["kind"]
        if kind not in schema.KINDS:
            raise errors.UsageProblem(f"There is no kind {kind!r}; there are {', '.join(schema.KINDS)}.")
        after = request.query_params.get("after", "0")
        if not after.isdecimal():
            raise errors.UsageProblem("`after` is the id of a row.")
        return _json(await asyncio.to_thread(_rows_of, self._session(request), kind, int(after)))

    async def _curves(self, request: Request) -> Response:
        path = self._session(request)
        return _json({"columns": curves.COLUMNS, "rows": await asyncio.to_thread(curves.of, path)})

    def _session(self, request: Request) -> Path:
        """Return the file of a session: one that is recorded now may be in another folder."""
        name = request.path_params["session"]
        recordings = [pump.recording for pump in self._pumps.values() if pump.recording is not None]
        paths = [recording.path for recording in recordings if recording.path.stem == name]
        return paths[0] if paths else store.find_in(name, self._sessions)

    async def _socket(self, socket: WebSocket) -> None:
        hubs_by_name = {name: pump.hub for name, pump in self._pumps.items()}
        client = web_client.WebClient(socket, await self._who(socket), hubs_by_name, self._say)
        await client.run()

    async def _who(self, connection: HTTPConnection) -> tokens_.Asker:
        """Return who asks: the program if it is on this computer, else its address; and the token's grant."""
        address = connection.client
        program = None if address is None else await asyncio.to_thread(port_holder.peer, address.port)
        come = "" if address is None else f"{program or address.host}, "
        return self._tokens.asker(f"{come}web", connection.scope.get(access.TOKEN))

    def _pump(self, request: Request) -> pumps_.ServedPump:
        name = request.path_params["pump"]
        if name not in self._pumps:
            raise errors.NoPump(f"There is no pump {name!r}; there are {', '.join(self._pumps)}.")
        return self._pumps[name]


async def _no_such(request: Request, error: Exception) -> Response:
    """Answer a path or a method that there is not."""
    text = f"There is no {request.method} {request.url.path[:100]}; /api/v1/ lists what there is."
    return _json({"ok": False, "error": {"code": "no_such", "text": text}}, getattr(error, "status_code", 404))


def _rows_of(path: Path, kind: str, after: int) -> list[dict[str, Any]]:
    with store.to_read(path) as database:
        found = database.execute(f"SELECT * FROM {kind} WHERE id > ? ORDER BY id LIMIT ?", (after, _MOST_ROWS))
        return [dict(row) for row in found]


async def _fields(request: Request) -> dict[str, Any]:
    """Return the JSON object of a request's body, {} for none; raises UsageProblem."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_BODY_BYTES:
            raise errors.UsageProblem(f"The body is longer than {_LONGEST_BODY_BYTES} bytes.")
    if not body:
        return {}
    fields = web_client.json_object(body.decode("utf-8", "replace"))
    if fields is None or request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise errors.UsageProblem("The body must be one JSON object, sent as application/json.")
    return fields


def _told(handler: Handler) -> Handler:
    """Turn an error into its code and sentence."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except errors.PumpError as error:
            body = {"ok": False, "error": {"code": web_client.code_of(error), "text": str(error)}}
            return _json(body, _STATUS.get(error.exit_code, 500))

    return handle


def _text(text: str, kind: str) -> Handler:
    async def handle(_request: Request) -> Response:
        return HTMLResponse(text, headers=access.SECURITY_HEADERS, media_type=kind)

    return handle


def _json(value: Any, status: int = 200) -> Response:
    return JSONResponse(value, status, access.SECURITY_HEADERS)

