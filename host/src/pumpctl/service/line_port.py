"""The line port: any program reaches the pump over TCP as it would over the serial port. On this computer only."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from pumpctl import errors
from pumpctl.protocol import port_holder
from pumpctl.service import hub as hubs, line_client
from pumpctl.service.rights import tokens as tokens_

LOOPBACK = "127.0.0.1"
_CHUNK_BYTES = 4096
MOST_UNSENT_BYTES = 262_144  # then the client doesn't read, and its connection is closed


class LinePort:
    """A TCP port for one pump; `url` is for `--port`."""

    def __init__(self, hub: hubs.Hub, tokens: tokens_.Tokens, say: Callable[[str], None]) -> None:
        """`say` gets a sentence when a client doesn't read."""
        self._hub = hub
        self._tokens = tokens
        self._say = say
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.url = ""

    async def start(self, port: int) -> None:
        """Listen; 0 takes a free port. Raises AddressBusy."""
        try:
            self._server = await asyncio.start_server(self._serve, LOOPBACK, port, limit=_CHUNK_BYTES)
        except OSError as error:
            raise errors.AddressBusy(LOOPBACK, port, error) from error
        for listener in self._server.sockets:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MOST_UNSENT_BYTES)
        self.url = f"socket://{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Close the port and its connections."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._hub.connected:
            writer.transport.abort()
            return

        def send(data: bytes) -> None:
            if writer.transport.is_closing():
                return
            writer.write(data)
            if writer.transport.get_write_buffer_size() > MOST_UNSENT_BYTES:
                self._say(f"{who}: {MOST_UNSENT_BYTES} bytes were not read, so the connection is closed.")
                writer.transport.abort()

        port = writer.get_extra_info("peername")[1]
        program = await asyncio.to_thread(port_holder.peer, port)
        who = f"{program or f'port {port}'}, line port"
        asker = self._tokens.asker(who, None)
        client = line_client.LineClient(self._hub, asker, self._tokens, send, writer.transport.abort)
        self._writers.add(writer)
        try:
            while data := await reader.read(_CHUNK_BYTES):
                client.feed(data)
        except OSError:
            return  # the client has gone
        finally:
            client.detach()
            self._writers.discard(writer)
            writer.close()
