"""Who may use the service: this computer's programs and its own page; others need a token."""

from __future__ import annotations

import ipaddress
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pumpctl import errors
from pumpctl.service import page
from pumpctl.service.rights import tokens as tokens_

_NAMES = frozenset(("localhost", "127.0.0.1", "[::1]", "::1"))
_POLICY_VIOLATION = 1008
TOKEN = "pumpctl.token"  # in the scope of a request: what was given, None for nothing
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def is_loopback(host: str) -> bool:
    """Return whether only this computer reaches an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Access:
    """Checks Host and Origin of every request before it reaches the application, and the token where one is needed.

    It is needed for an address that other computers reach, and when the service was given tokens.
    The host name protects against a page whose name was made to lead to this computer, the origin against a page from
    elsewhere that sends requests to this address.
    """

    def __init__(self, app: ASGIApp, host: str, port: int, tokens: tokens_.Tokens) -> None:
        self._app = app
        names = _NAMES if is_loopback(host) else {*_NAMES, host}
        self._hosts = {f"{name}:{port}" for name in names} | ({*names} if port == 80 else set())
        self._any_host = host in ("0.0.0.0", "::")
        self._port = port
        self._tokens = tokens
        self._needs_token = tokens.given or not is_loopback(host)
        self._without_token = page.files().keys()  # a browser asks for these by itself

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope[TOKEN] = _token(headers, scope)
        refusal = self._refusal(headers, scope)
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": str(refusal)[:120]})
        else:
            body = {"error": {"code": "not_authorised", "text": str(refusal)}}
            await JSONResponse(body, 403, SECURITY_HEADERS)(scope, receive, send)

    def _refusal(self, headers: Headers, scope: Scope) -> errors.NotAuthorised | None:
        host = headers.get("host", "").lower()
        if host not in self._hosts and not (self._any_host and _is_address(host, self._port)):
            return errors.NotAuthorised(f"The host {host!r} is not this service's; use the address that it printed.")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host:
            return errors.NotAuthorised(f"A page from {origin} may not use this service; open the service's own page.")
        asks_for_token = self._needs_token and scope["path"] not in self._without_token
        if asks_for_token and self._tokens.grant(scope[TOKEN] or "") is None:
            return errors.NotAuthorised("The token is missing or wrong; send it as `Authorization: Bearer TOKEN`.")
        return None


def _token(headers: Headers, scope: Scope) -> str | None:
    kind, _, given = headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
    return given or None


def _is_address(host: str, port: int) -> bool:
    """Return whether a host is written as an address and the port, which no other page's name can be."""
    name, _, number = host.rpartition(":")
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return number == str(port)
