"""The world of a simulated pump for other programs: a socket file that takes one action for each line.

A line is `truth` or `do <action> [number]`; the answer is one line of JSON, with `error` if it was refused.
"""

from __future__ import annotations

import json
import os
import socket
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from pumpctl import errors
from pumpctl.sim.simulation import Simulation

_WAIT_S = 30.0
_LONGEST_BYTES = 1000

Noted = Callable[[str, str, int | None], None]


class WorldSocket:
    """Serves until `close`. `path` is empty on a system without such sockets; `noted` gets each action done."""

    def __init__(self, simulation: Simulation, noted: Noted = lambda who, action, value: None) -> None:
        self.path = ""
        self._simulation = simulation
        self._noted = noted
        if not hasattr(socket, "AF_UNIX"):
            return
        self._folder = tempfile.mkdtemp(prefix="pumpctl-world-")  # only this user may enter it
        self.path = str(Path(self._folder) / "world")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(self.path)
        self._socket.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it; may be called again."""
        if not self.path:
            return
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # ends the thread's accept
        self._thread.join()
        self._socket.close()
        with suppress(OSError):
            os.unlink(self.path)
            os.rmdir(self._folder)
        self.path = ""

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with client, suppress(OSError, ValueError):
            client.settimeout(_WAIT_S)
            with client.makefile("rwb") as lines:
                while line := lines.readline(_LONGEST_BYTES):
                    lines.write(json.dumps(self._done(line.decode("utf-8", "replace"))).encode("ascii") + b"\n")
                    lines.flush()

    def _done(self, line: str) -> dict[str, Any]:
        word, _, rest = line.strip().partition(" ")
        action, _, number = rest.partition(" ")
        try:
            if word == "truth":
                return dict(self._simulation.truth())
            if word != "do" or not action or (number and not number.removeprefix("-").isdecimal()):
                return {"error": "write `truth` or `do ACTION [NUMBER]`"}
            value = int(number) if number else None
            self._simulation.do(action, value)
        except errors.PumpError as error:
            return {"error": str(error)}
        self._noted("world", action, value)
        return {"ok": True}


def ask(path: str, line: str) -> dict[str, Any]:
    """Return the answer of a world to one line; raises UnknownWorldAction, SimulatorDied."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(_WAIT_S)
            client.connect(path)
            client.sendall(line.encode("utf-8") + b"\n")
            with client.makefile("rb") as lines:
                answer = json.loads(lines.readline() or b"{}")
    except (OSError, ValueError) as error:
        raise errors.SimulatorDied(f"can't be reached ({errors.reason(error)})") from error
    if not isinstance(answer, dict) or not answer:
        raise errors.SimulatorDied("ended before it answered")
    if "error" in answer:
        raise errors.UnknownWorldAction(str(answer["error"]))
    return answer
