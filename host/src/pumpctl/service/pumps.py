"""A pump of the service with all that belongs to it: hub, line port, watcher, session, the world of a simulated one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pumpctl import errors, listening, running, sim
from pumpctl.protocol import key_files
from pumpctl.pump import Pump
from pumpctl.service import hub as hubs, inner_link, line_port, watcher
from pumpctl.service.rights import tokens as tokens_
from pumpctl.session import recording as recordings, store
from pumpctl.sim import world_socket


class ServedPump:
    """Starts and ends them in their order. `session` is a file to continue, None for a new one in the folder."""

    def __init__(self, name: str, port: str, tokens: tokens_.Tokens, say: Callable[[str], None]) -> None:
        self.hub = hubs.Hub(name, port, self)
        self._tokens = tokens
        self.recording: recordings.Recording | None = None
        self.say = say
        self._command = f"pumpctl serve --port {port}"
        self._line = line_port.LinePort(self.hub, tokens, say)
        self._watcher: watcher.Watcher | None = None
        self._world: world_socket.WorldSocket | None = None

    async def start(self, line_port_number: int, period_s: int, session: Path | None) -> None:
        """Open the port, then all the rest; raises what the port raises, AddressBusy, and what a session raises."""
        await self.hub.start()
        await self._line.start(line_port_number)
        if session is not None:
            self.recording = recordings.Recording(session, self._command, self.hub.hello or {}, self.say)
        simulation = self._simulation
        if simulation is not None:
            self._world = world_socket.WorldSocket(simulation, self._noted)
        self._watcher = watcher.Watcher(self.hub, period_s, self.recording, self._tokens, self._mark, self.say)

    async def close(self) -> None:
        """End all of it."""
        if self._watcher is not None:
            await self._watcher.close()
        if self._world is not None:
            self._world.close()
        await self._line.close()
        await self.hub.close()
        if self.recording is not None:
            self.recording.close()

    def entry(self) -> running.Pump:
        """Return what other programs find."""
        hub = self.hub
        return running.Pump(hub.name, hub.port, hub.device, self._line.url, self._world.path if self._world else "")

    def about(self, who: tokens_.Asker) -> dict[str, Any]:
        """Return what is known of the pump, and the role of whoever asks, for JSON."""
        hub = self.hub
        return {
            "name": hub.name,
            "port": hub.port,
            "line_port": self._line.url,
            "connected": hub.connected,
            "trouble": hub.trouble,
            "keyed": hub.keyed,
            "role": who.role(hub.keyed),
            "simulated": self._simulation is not None,
            "hello": hub.hello,
            "status": hub.status,
            "session": None if self.recording is None else self.recording.path.stem,
        }

    def truth(self) -> dict[str, int]:
        """Return the true values of the world; raises NoWorld, SimulatorDied."""
        return self._needed().truth()

    def act(self, who: tokens_.Asker, action: str, value: int | None) -> None:
        """Run an action on the world; raises NoWorld, UnknownWorldAction, SimulatorDied, TokenNeeded."""
        role = who.role(self.hub.keyed)
        if not tokens_.permits(role, "operate"):
            raise errors.TokenNeeded(action, role, "with the role operate")
        self._needed().do(action, value)
        self._noted(str(who), action, value)

    def pair(self, who: tokens_.Asker, name: str, role: str, loop: asyncio.AbstractEventLoop) -> Path:
        """Pair the service with the pump, and return the key's file; waits for the button, so not in the event loop.

        Raises TokenNeeded, KeyUnfit, PairingOver, ProofWrong, and what the pump refuses.
        """
        link = inner_link.InnerLink(self.hub, loop, who, self._tokens)
        with Pump.connect(link) as pump:  # without a token: the role stays that of whoever asks
            key_files.place_of(pump.hello.unique_id)
            return key_files.save(pump.hello.unique_id, pump.pair(name, role))

    # ---- hubs.Observer ----------------------------------------------------------------------------------------------

    def request(self, who: str, command: str, fields: Mapping[str, Any], result: Any) -> None:
        """Record a request, unless it only reads."""
        if self.recording is None or (command != "stop" and tokens_.role_for(command, fields) == "view"):
            return
        if isinstance(result, errors.PumpError):
            self.recording.request(who, command, fields, False, str(result))
        else:
            answer = {name: value for name, value in result.items() if name != "id"}
            self.recording.request(who, command, fields, result.get("ok") is True, store.as_json(answer))

    # ---- inner ------------------------------------------------------------------------------------------------------

    @property
    def _simulation(self) -> sim.Simulation | None:
        found = getattr(self.hub.transport, "simulation", None)
        return found if isinstance(found, sim.Simulation) else None

    def _needed(self) -> sim.Simulation:
        simulation = self._simulation
        if simulation is None:
            raise errors.NoWorld(f"The pump at {self.hub.port} was not started by this service: it has no world here.")
        return simulation

    def _noted(self, who: str, action: str, value: int | None) -> None:
        if self.recording is not None:
            self.recording.world(who, action, value)

    def _mark(self, gap: listening.Gap) -> None:
        self.hub.mark(gap.cause, gap.text)
