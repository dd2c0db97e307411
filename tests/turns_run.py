"""An hour of a simulated pump as lines of the bench channel: recorded with boards/unix, replayed elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import interpreters
from pumpctl.protocol import wire

PATH = ("firmware", "hil", "boards/unix", "boards/web")
OPTIONS = ("--seed", "3", "--set", "reservoir_nl=4000000")
HEAP = "2m"  # as for a simulated pump that `pumpctl` starts
_PART_MS = 600_000


def environment() -> dict[str, str]:
    """The path of the modules, of which boards/web has the second main."""
    return {**os.environ, "MICROPYPATH": ":".join((".frozen", *PATH))}


class Recorder:
    """A simulated pump in host time; `lines` are those sent, each with the lines that came back."""

    def __init__(self) -> None:
        main = interpreters.ROOT / "boards" / "unix" / "main.py"
        command = interpreters.command("pico-sized", main, *OPTIONS, heap_size=HEAP)
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(), cwd=interpreters.ROOT
        )
        self.lines: list[tuple[str, list[str]]] = []
        self._next_id = 1

    def send(self, line: str) -> list[str]:
        """Send a line; return what came back, up to its answer."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        found: list[str] = []
        while not line.startswith("rx") and not (found and found[-1].startswith("= ")):
            found.append(self._process.stdout.readline().rstrip("\n"))
            assert found[-1], "the simulated pump has ended"
        self.lines.append((line, found))
        return found

    def ask(self, command: str, **fields: Any) -> dict[str, Any]:
        """Send a request on the link; return its answer."""
        self._next_id += 1
        self.send("rx " + wire.encode({"id": self._next_id, "cmd": command, **fields}).hex())
        sent = b"".join(bytes.fromhex(line[3:]) for line in self.send("run 1000") if line.startswith("tx "))
        answers = [wire.decode(line).fields for line in sent.splitlines() if line.startswith(b'{"id"')]
        answer = next(fields for fields in answers if fields["id"] == self._next_id)
        assert answer["ok"], answer
        if answer.get("draft") is not None:
            self.ask("confirm", draft=answer["draft"], code=answer["code"])
        return answer

    def end(self) -> None:
        """End the process."""
        self._process.communicate("quit\n")


def prepare(pump: Recorder, volume_nl: int, ul_day: int) -> None:
    """Fill the reservoir, plan a rate, start."""
    pump.send("run 2000")
    pump.ask("refill_begin")
    pump.ask("refill_withdrawn", volume_nl=0)
    pump.ask("refill_finish", volume_nl=volume_nl, fluid="saline")
    pump.ask("therapy_set", profile="continuous", rows=[[1, ul_day, 0, 0]])
    pump.ask("start")


def recorded() -> list[tuple[str, list[str]]]:
    """A refill, a plan, telemetry, a stroke at a time, an occlusion, a power cut and a watchdog's reset, in an hour."""
    pump = Recorder()
    try:
        prepare(pump, 4_000_000, 4_000)
        pump.ask("telemetry", period_s=600)
        pump.send(f"run {_PART_MS}")
        pump.send("run 7")  # in the middle of a stroke, it may be
        pump.send("do nonsense")
        pump.send("run 99999999999")
        for action in ("block", "hang 9", "power_cut 60", "unblock"):
            pump.send(f"do {action}")
            pump.send(f"run {_PART_MS}")
            pump.send("truth")
        pump.ask("status")
        pump.send("changes")
    finally:
        pump.end()
    return pump.lines


def of_world(lines: list[str]) -> list[Any]:
    """Return lines with each answer as its value: the order of its names depends on the interpreter."""
    return [json.loads(line[2:]) if line.startswith("= ") else line for line in lines]
