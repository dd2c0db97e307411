"""A running `pumpctl serve` for tests and figures, and small clients of it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from interpreters import LONGEST_S, ROOT
from pumpctl.protocol import wire
from websockets.sync.client import ClientConnection, connect


class Service:
    """The process; it serves when the constructor returns. `words` are options of the verb."""

    def __init__(self, *words: str) -> None:
        command = [sys.executable, "-m", "pumpctl", "serve", "--json", "--http-port", "0", *words]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "host" / "src")}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
        )
        self._said: list[str] = []
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        ready = json.loads(line or "{}")
        if "url" not in ready:  # nothing, or an error with its code
            self.process.wait(LONGEST_S)
            self._reader.join()
            self.process.stdout.close()
            raise AssertionError(f"the service ended: {self.said}")
        self.url: str = ready["url"]
        self.pumps: list[dict[str, Any]] = ready["pumps"]

    @property
    def said(self) -> str:
        """What it has written to stderr."""
        return "".join(self._said)

    @property
    def port(self) -> int:
        """The TCP port of the web server."""
        return int(self.url.rpartition(":")[2])

    @property
    def session(self) -> Path:
        """The session of the first pump."""
        return Path(self.pumps[0]["session"])

    def wait_for(self, text: str) -> None:
        """Wait until it has said a text."""
        with self._more:
            assert self._more.wait_for(lambda: text in self.said or not self._reader.is_alive(), LONGEST_S), self.said
        assert text in self.said

    def end(self, how: int = signal.SIGTERM) -> int:
        """End it; return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(LONGEST_S)
        self._reader.join()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.process.stdout is not None and not self.process.stdout.closed:
            self.end()

    def get(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Return the status and the JSON of a request; with a body it is a POST."""
        data = None if body is None else json.dumps(body).encode()
        kind = {} if body is None else {"Content-Type": "application/json"}
        sent = {**kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data, sent)
        try:
            with urllib.request.urlopen(request, timeout=LONGEST_S) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def command(self, name: str, **fields: Any) -> tuple[int, Any]:
        """Send a command to the first pump by REST."""
        return self.get(f"pumps/1/commands/{name}", fields)

    def until(self, name: str, holds: Callable[[Any], bool]) -> Any:
        """Send a command to the first pump until its answer is as awaited; return the answer."""
        until_s = time.monotonic() + LONGEST_S
        while not holds(answer := self.command(name)[1]):
            assert time.monotonic() < until_s, answer
        return answer

    def web(self, **options: Any) -> ClientConnection:
        """Open a WebSocket."""
        return connect(f"ws://127.0.0.1:{self.port}/api/v1/ws", **options)

    def line(self) -> LineClient:
        """Open the line port."""
        return LineClient(int(self.pumps[0]["line_port"].rpartition(":")[2]))

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._more:
                self._said.append(line)
                self._more.notify_all()
        with self._more:
            self._more.notify_all()


class LineClient:
    """A program at the line port that writes lines and reads them, as any serial program would."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=LONGEST_S)
        self._lines = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self) -> dict[str, Any]:
        """Return the next line's fields; {} when the port was closed."""
        try:
            line = self._lines.readline()
        except ConnectionError:
            return {}
        return wire.decode(line).fields if line else {}

    def read_until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first line that is wanted."""
        while True:
            fields = self.read()
            assert fields, "the port was closed"
            if wanted(fields):
                return fields

    def ask(self, number: int, command: str, **fields: Any) -> dict[str, Any]:
        """Send a request and return its answer."""
        self.send(wire.encode({"id": number, "cmd": command, **fields}))
        return self.read_until(lambda answer: answer.get("id") == number)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self._lines.close()
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def next_of(web: ClientConnection, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return the first message of a WebSocket that is wanted."""
    while True:
        message: dict[str, Any] = json.loads(web.recv(timeout=LONGEST_S))
        if wanted(message):
            return message
