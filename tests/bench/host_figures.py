"""The host: the service with many clients and over interruptions, and the start of pumpctl."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import service_runs
from figures import Figure, Group, span
from interpreters import ROOT
from pumpctl import defs
from service_process import Service

_CLIENTS = span(20, 2)
_ASKED = span(240, 4)  # by each client, four times a second
_UNPLUGS = span(100, 1)
_KILLS = span(20, 1)
_SESSION_HOURS = span(24, 0)
_STARTS = span(10, 1)
_FRAMES = span(100_000, 100)
_INFUSING = next(number for number, state in defs.STATES.items() if state.name == "infusing")


def fan_out() -> list[Figure]:
    """The p99 of `status` with 20 clients, with that at a direct port of the same pump as the baseline."""
    direct_ms, served_ms = service_runs.fan_out(_CLIENTS, _ASKED)
    return [Figure("service.fanout.p99_ms", served_ms, f"ms, {_CLIENTS} clients at 4 Hz", direct_ms, None)]


def cuts() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        found = service_runs.cuts(Path(folder), _UNPLUGS, _KILLS, _SESSION_HOURS)
    unit = f"of {found['records']} records, {found['telemetry']} rows; {_UNPLUGS} unplugs, {_KILLS} kills"
    names = ("lost", "doubled", "unmarked")
    return [Figure(f"service.fanout.{name}", found[name], unit, None, 0) for name in names]


def hostile() -> list[Figure]:
    with service_runs.running_pump(1) as simulation, Service("--port", simulation.port, "--no-record") as service:
        wrong = service_runs.hostile_frames(service, _FRAMES) + (service.process.poll() is not None)
        strokes = service.command("status")[1]["state"] == _INFUSING
    return [Figure("service.hostile.failed", wrong + (not strokes), f"after {_FRAMES} frames", None, 0)]


def start() -> list[Figure]:
    """Seconds of the help, of a status and of Tab, each beside the nearest of mpremote in the same run."""
    tools = Path(sys.executable).parent
    pumpctl, mpremote = str(tools / "pumpctl"), str(tools / "mpremote")
    tab = {"_PUMPCTL_COMPLETE": "complete_bash", "COMP_WORDS": "pumpctl st", "COMP_CWORD": "1"}
    with tempfile.TemporaryDirectory() as cache, service_runs.running_pump(1) as simulation:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "host" / "src"), "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's second start has it
        status, listed, helped, completed, theirs = _medians_s(
            (environment, pumpctl, "--port", simulation.port, "status"),
            (environment, mpremote, "connect", "list"),
            (environment, pumpctl, "--help"),
            (environment | tab, pumpctl),
            (environment, mpremote, "--help"),
        )
    return [
        Figure("host.start_s", helped, "s, pumpctl --help", theirs, theirs),
        Figure("host.start_s.status", status, "s, pumpctl status", listed, listed),
        Figure("host.start_s.tab", completed, "s, Tab behind `pumpctl st`", listed, listed),
    ]


def _medians_s(*commands: tuple[Any, ...]) -> list[float]:
    """Return the median time of each command; they take turns, so that a busy machine slows all alike."""
    found: list[list[float]] = [[] for _ in commands]
    for turn in range(_STARTS + 1):
        for times_s, (environment, *words) in zip(found, commands, strict=True):
            began = time.monotonic()
            subprocess.run(words, env=environment, capture_output=True, check=True)
            if turn:  # the first one compiles
                times_s.append(time.monotonic() - began)
    return [round(sorted(times_s)[len(times_s) // 2], 3) for times_s in found]


GROUPS = [
    Group(("service.fanout.p99_ms",), "20 clients of the service at 4 Hz (two minutes)", fan_out),
    Group(
        ("service.fanout.lost", "service.fanout.doubled", "service.fanout.unmarked"),
        "a session over unplugged ports and killed services (some minutes)",
        cuts,
    ),
    Group(("service.hostile.failed",), "hostile frames on a WebSocket", hostile),
    Group(("host.start_s", "host.start_s.status", "host.start_s.tab"), "start of pumpctl", start),
]
