"""The two threads of an open port: one reads, one writes, so that the event loop never waits for a device."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable

from pumpctl import errors
from pumpctl.protocol import transport as transports

_READ_S = 0.2  # after which the reading thread looks whether it shall end


class PortThreads:
    """An open port. `received` gets bytes and `lost` the error that ended it, both in the event loop."""

    def __init__(
        self,
        transport: transports.Transport,
        received: Callable[[bytes], None],
        lost: Callable[[errors.PumpError], None],
    ) -> None:
        """Start the threads; must be called in the event loop."""
        self.transport = transport
        self._loop = asyncio.get_running_loop()
        self._received = received
        self._lost = lost
        self._ending = threading.Event()
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._read, self._write)]
        for thread in self._threads:
            thread.start()

    def write(self, data: bytes) -> None:
        """Hand bytes to the writing thread."""
        self._lines.put(data)

    async def close(self) -> None:
        """End the threads, then close the port."""
        self._ending.set()
        self._lines.put(None)
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        for thread in self._threads:
            thread.join()
        self.transport.close()

    def _read(self) -> None:
        while not self._ending.is_set():
            try:
                data = self.transport.read(_READ_S)
            except errors.PumpError as error:
                self._tell(self._lost, error)
                return
            if data:
                self._tell(self._received, data)

    def _write(self) -> None:
        while (data := self._lines.get()) is not None:
            try:
                self.transport.write(data)
            except errors.PumpError as error:
                self._tell(self._lost, error)
                return

    def _tell(self, told: Callable[..., None], what: object) -> None:
        """Call in the event loop, unless the port or the loop is being closed."""
        if self._ending.is_set():
            return
        try:
            self._loop.call_soon_threadsafe(told, what)
        except RuntimeError:
            return  # the loop has ended
