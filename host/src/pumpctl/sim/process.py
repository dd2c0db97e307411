"""The process of a simulated pump: how it is started, and its bench channel of text lines.

To the child: `run <ms>`, `rx <hex>`, `do <action> [int]`, `truth`, `changes`, `quit`; to an emulated Pico also `again
<json>`. From it: `tx <hex>` at any time during a run, one `= <json>` for each line except rx, again and quit; any other
line is device log.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, cast

from pumpctl import checkout as checkouts, errors
from pumpctl.frozen import frozen
from pumpctl.sim import compiled

_HEAP = "2m"  # with MicroPython's own 1 MB a pump that was started from its sources ran out of memory
_NATIVE_HEAP = "4m"
_LAST_LINES = 12  # of the output, stored for an error's text
_REPLY_TIMEOUT_S = 300.0
_END_TIMEOUT_S = 2.0


@frozen
class Program:
    """A program to start: its command line, environment variables, and what to do when it is missing."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    remedy: str
    is_emulator: bool = False


def unix(checkout: Path, interpreter: Path, heapsize: str | None = None, native: bool = False) -> Program:
    """Return the program that runs firmware and simulated world on MicroPython's unix port.

    With `native` it runs machine code, which lives on the heap: by default this has 4 MB then, else 2 MB.
    """
    heap = ("-X", f"heapsize={heapsize or (_NATIVE_HEAP if native else _HEAP)}")
    place = compiled.place(checkout, interpreter, native) or checkout
    return Program(
        (str(interpreter), *heap, str(place / "boards" / "unix" / "main.py")),
        {"MICROPYPATH": ":".join(str(place / folder) for folder in compiled.FOLDERS)},
        "run `make setup`",
    )


def emulated(checkout: Path, image: Path | None = None, key: bytes = b"") -> Program:
    """Return the program that runs the release image in an emulated RP2040; raises SimulatorMissing.

    With a key, the pump is paired with whoever has it.
    """
    place = image or checkouts.image_path(checkout)
    node = shutil.which("node")
    if not place.is_file():
        raise errors.SimulatorMissing(f"There is no image at {place}; run `make firmware`.")
    if node is None or not (checkout / "build" / "emulator" / "node_modules").is_dir():
        raise errors.SimulatorMissing("The emulated Pico is not installed; run `make emulator`.")
    program = checkout / "hil" / "emulator" / "main.js"
    variables = {"PUMP_PYTHON": sys.executable, "PUMP_KEY": key.hex()}
    return Program((node, str(program), "--image", str(place)), variables, "run `make emulator`", is_emulator=True)


class Child:
    """The process and its channel; two threads read its outputs, so that it never waits for this program."""

    def __init__(
        self,
        program: Program,
        arguments: Sequence[str],
        inherited_fd: int | None = None,
        on_log: Callable[[str], None] | None = None,
    ) -> None:
        """Start it; it inherits the file descriptor `inherited_fd`. Raises SimulatorMissing."""
        self.program, self.arguments = program, arguments
        self._process = _started(program, arguments, inherited_fd)
        self._stdin = cast(IO[bytes], self._process.stdin)
        outputs = (cast(IO[bytes], self._process.stdout), cast(IO[bytes], self._process.stderr))
        self.arrived = bytearray()
        self._asking = threading.Lock()  # one thread at a time
        self._on_log = on_log
        self._has_fd = inherited_fd is not None
        self._owes_reply = False
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._threads = [_reading(outputs[0], self._sort), _reading(outputs[1], self._store)]
        self._finish = weakref.finalize(self, _end, self._process, self._threads)

    @property
    def alive(self) -> bool:
        """Whether it is running."""
        return self._process.poll() is None

    @property
    def at_rest(self) -> bool:
        """Whether it runs, has replied to everything, and shares neither a descriptor nor its log with anybody."""
        return self.alive and not (self._owes_reply or self._has_fd or self._on_log)

    def again(self, program: Program, arguments: Sequence[str]) -> None:
        """Let an emulator end its device and start one with this program's command line; raises SimulatorDied."""
        self.program, self.arguments = program, arguments
        self.arrived.clear()
        self._last_lines.clear()
        words = [*program.command[2:], *arguments]
        self.send(f"again {json.dumps({'args': words, 'environment': dict(program.environment)})}")

    def send(self, line: str) -> None:
        """Send one line; raises SimulatorDied."""
        try:
            self._stdin.write(line.encode("ascii") + b"\n")
            self._stdin.flush()
        except (OSError, ValueError) as error:
            raise self.death() from error

    def ask(self, line: str) -> Any:
        """Send one line and return its reply; bytes of the link are added to `arrived`. Raises SimulatorDied."""
        with self._asking:
            self._owes_reply = True
            self.send(line)
            reply = self._reply(line)
            self._owes_reply = False
            return reply

    def _reply(self, line: str) -> Any:
        while True:
            try:
                answer = self._lines.get(timeout=_REPLY_TIMEOUT_S)
            except queue.Empty:
                raise errors.SimulatorDied(f"did not reply to {line!r} in {_REPLY_TIMEOUT_S:g} s") from None
            if answer is None:
                self._lines.put(None)  # for the next call
                raise self.death()
            try:
                if answer.startswith(b"tx "):
                    self.arrived += bytes.fromhex(answer[3:].decode("ascii"))
                else:
                    return json.loads(answer[1:])
            except ValueError as error:
                raise errors.SimulatorDied(f"sent {answer[:80]!r}, which is not a reply", self._last_lines) from error

    def death(self) -> errors.SimulatorDied:
        """Return the error for a process that ended by itself, with its last output."""
        try:
            code: int | None = self._process.wait(_END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            code = None
        for thread in self._threads:
            thread.join(_END_TIMEOUT_S)
        how = "closed its channel" if code is None else f"ended by itself with code {code}"
        return errors.SimulatorDied(how, tuple(self._last_lines))

    def close(self) -> None:
        """End the process and its threads in every case; may be called again."""
        self._finish()

    def _sort(self, line: bytes) -> None:
        """Queue a line of stdout as link bytes or reply, or log it; an empty line is the end."""
        if not line:
            self._lines.put(None)
        elif line.startswith((b"tx ", b"= ")):
            self._lines.put(line.rstrip(b"\r\n"))
        else:
            self._log(line)

    def _store(self, line: bytes) -> None:
        """Store a line of stderr for an error's text, and log it."""
        if line:
            self._last_lines.append(line.decode("utf-8", "replace").rstrip())
            self._log(line)

    def _log(self, line: bytes) -> None:
        if self._on_log:
            self._on_log(line.decode("utf-8", "replace").rstrip())


def _started(program: Program, arguments: Sequence[str], inherited_fd: int | None) -> subprocess.Popen[bytes]:
    """Start the program with pipes to its inputs and outputs; raises SimulatorMissing."""
    command = [*program.command, *arguments]
    pipe = subprocess.PIPE
    try:
        # In a new session, Ctrl-C at the terminal reaches only this program, which then ends the child.
        return subprocess.Popen(
            command,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env={**os.environ, **program.environment},
            pass_fds=() if inherited_fd is None else (inherited_fd,),
            start_new_session=True,
        )
    except OSError as error:
        raise errors.SimulatorMissing(f"{command[0]} can't be started ({error.strerror}); {program.remedy}.") from error


def _reading(stream: IO[bytes], handle: Callable[[bytes], None]) -> threading.Thread:
    """Start a thread that calls `handle` with each line of the stream, and with an empty one at its end."""

    def read() -> None:
        for line in stream:
            handle(line)
        handle(b"")

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


def _end(process: subprocess.Popen[bytes], threads: Sequence[threading.Thread]) -> None:
    """Ask the process to quit, else terminate or kill it; close its pipes."""
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    try:
        if stdin:
            stdin.write(b"quit\n")
            stdin.close()
    except OSError:
        pass  # it has ended, or no longer reads
    for stronger in (process.terminate, process.kill, None):
        try:
            process.wait(_END_TIMEOUT_S)
            break
        except subprocess.TimeoutExpired:
            if stronger:
                stronger()
    for thread in threads:
        thread.join(_END_TIMEOUT_S)
    for stream in (stdout, stderr):
        if stream:
            stream.close()
