"""A transport from a thread of the service to its own hub: what listens for the records is a client like others."""

from __future__ import annotations

import asyncio
import queue
import time

from pumpctl import errors
from pumpctl.service import hub as hubs, line_client
from pumpctl.service.rights import tokens as tokens_


class Ended(Exception):
    """The service ends, and with it the thread that reads."""


class InnerLink:
    """A link to the hub for one thread. Raises LinkLost when there is none, Ended after `end`."""

    def __init__(
        self, hub: hubs.Hub, loop: asyncio.AbstractEventLoop, who: tokens_.Asker, tokens: tokens_.Tokens
    ) -> None:
        self.name = hub.port
        self._loop = loop
        self._data: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._over: type[Exception] | None = None
        if not hub.connected:
            raise errors.LinkLost(hub.port, hub.trouble.rstrip("."))
        self._client = asyncio.run_coroutine_threadsafe(self._attach(hub, who, tokens), loop).result()

    async def _attach(self, hub: hubs.Hub, who: tokens_.Asker, tokens: tokens_.Tokens) -> line_client.LineClient:
        return line_client.LineClient(hub, who, tokens, self._data.put, lambda: self._data.put(None))

    def read(self, timeout_s: float) -> bytes:
        """Return what the hub sent; raises LinkLost, Ended."""
        try:
            data = self._data.get(timeout=timeout_s) if timeout_s > 0 else self._data.get_nowait()
        except queue.Empty:
            return b""
        if data is None:
            self._data.put(None)
            if self._over:
                raise self._over
            raise errors.LinkLost(self.name)
        return data

    def write(self, data: bytes) -> None:
        """Hand bytes to the hub."""
        self._call(self._client.feed, data)

    def now_s(self) -> float:
        """Return seconds of this computer's monotonic clock."""
        return time.monotonic()

    def close(self) -> None:
        """Detach from the hub."""
        self._call(self._client.detach)

    def end(self) -> None:
        """Let the thread that reads end."""
        self._over = Ended
        self._data.put(None)

    def _call(self, what: object, *values: object) -> None:
        try:
            self._loop.call_soon_threadsafe(what, *values)  # type: ignore[arg-type]
        except RuntimeError:
            return  # the loop has ended
