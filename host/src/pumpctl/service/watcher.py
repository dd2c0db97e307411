"""Listens to a pump in a thread: notices resets and silence, marks gaps, fetches and records what was missed."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Iterator

from pumpctl import configuration, errors, listening
from pumpctl.pump import Pump
from pumpctl.service import hub as hubs, inner_link
from pumpctl.service.rights import tokens as tokens_
from pumpctl.session import follow, recording as recordings

_RETRY_S = 5.0
WHO = "service"


class Watcher:
    """The thread of one pump. `marked` gets each gap, in the event loop."""

    def __init__(
        self,
        hub: hubs.Hub,
        period_s: int,
        recording: recordings.Recording | None,
        tokens: tokens_.Tokens,
        marked: Callable[[listening.Gap], None],
        say: Callable[[str], None],
    ) -> None:
        """Start it; must be called in the event loop."""
        self._hub = hub
        self._period_s = period_s
        self._recording = recording
        self._tokens = tokens
        self._marked = marked
        self._say = say
        self._loop = asyncio.get_running_loop()
        self._ending = threading.Event()
        self._link: inner_link.InnerLink | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """End the thread."""
        self._ending.set()
        if self._link is not None:
            self._link.end()
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        told = ""
        while not self._ending.is_set():
            try:
                self._listen()
            except inner_link.Ended:
                return
            except errors.PumpError as error:
                if str(error) != told and self._hub.connected:
                    told = str(error)
                    self._say(f"pump {self._hub.name}: {error} Telemetry and records are not followed meanwhile.")
            self._ending.wait(_RETRY_S)

    def _listen(self) -> None:
        tools = listening.Tools(self._connect, lambda _: None, list, sleep=self._sleep, prepare=self._prepare)
        with listening.Listener(self._hub.port, tools, math.inf) as listener:
            for item in self._items(listener):
                if isinstance(item, listening.Gap):
                    self._loop.call_soon_threadsafe(self._marked, item)

    def _items(self, listener: listening.Listener) -> Iterator[listening.Item]:
        if self._recording is None:
            return listening.LogFollower(listener, from_now=True).items(self._period_s)
        return follow.items(listener, self._period_s, self._recording)

    def _connect(self, _port: str) -> Pump:
        self._sleep(0)
        who = self._tokens.asker(WHO, self._tokens.own)
        self._link = inner_link.InnerLink(self._hub, self._loop, who, self._tokens)
        if self._ending.is_set():
            self._link.end()
        return Pump.connect(self._link, token=self._tokens.own)

    def _prepare(self, pump: Pump) -> None:
        if configuration.read().get("set_clock", True):
            pump.keep_clock()

    def _sleep(self, seconds: float) -> None:
        if self._ending.wait(seconds):
            raise inner_link.Ended
