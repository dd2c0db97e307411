"""The round trip of a command over a pty, with and without a code, beside lines that are only sent back or executed.

The same interpreter does all of it, and the four take turns, so that what else the computer does falls on each.
"""

from __future__ import annotations

import os
import pty
import subprocess
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import interpreters
from figures import Figure, Group, span
from pumpctl import sim
from pumpctl.protocol import transport
from pumpctl.pump import Pump

_TRIPS = span(2_000, 5)
_LINES = {"echo": b'{"id":123456789,"cmd":"ack","alarm":0}*00000000\n', "exec": b"print('x')\n"}
_READ_S = 5.0


def trips() -> list[Figure]:
    with ExitStack() as stack:
        plain, keyed = (stack.enter_context(_pump(seed)) for seed in (1, 2))
        keyed[1].pair("bench", "operate", lambda: keyed[0].do("press"))
        calls: dict[str, Callable[[], object]] = {"plain": plain[1].ack, "keyed": keyed[1].ack}
        calls |= {how: stack.enter_context(_loop(how)) for how in _LINES}
        took_us: dict[str, list[float]] = {name: [] for name in calls}
        for call in calls.values():
            call()  # the first of a pump opens its session
        for _ in range(_TRIPS):
            for name, call in calls.items():
                began_s = time.perf_counter()
                call()
                took_us[name].append((time.perf_counter() - began_s) * 1e6)
    rows = []
    for name, baseline in (("plain", "echo"), ("keyed", "plain"), ("exec", "echo")):
        for kind, share in (("median", 0.5), ("p99", 0.99)):
            values = [round(_quantile(took_us[one], share)) for one in (name, baseline)]
            rows.append(Figure(f"link.trip_{name}_{kind}_us", values[0], "us", values[1], None))
    return rows


@contextmanager
def _pump(seed: int) -> Iterator[tuple[sim.Simulation, Pump]]:
    """A simulated pump in wall time, ready, and the host on its pty."""
    with sim.Simulation(seed=seed, time="wall") as simulation, Pump.connect(simulation.transport()) as pump:
        while pump.status().state_name != "standby":
            time.sleep(0.05)
        yield simulation, pump


@contextmanager
def _loop(how: str) -> Iterator[Callable[[], object]]:
    """The interpreter on a pty of its own; the call sends it a line and reads the answer."""
    device, user = pty.openpty()
    tty.setraw(user)
    words = interpreters.command("pico-sized", Path("tests/bench/round_trips/loop.py"), how)
    process = subprocess.Popen(words, cwd=interpreters.ROOT, stdin=device, stdout=device)
    link = transport.SerialTransport(os.ttyname(user))

    def call() -> None:
        link.write(_LINES[how])
        answer = b""
        while not answer.endswith(b"\n"):
            answer += link.read(_READ_S)

    try:
        yield call
    finally:
        process.kill()
        process.wait()
        link.close()
        os.close(device)
        os.close(user)


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, round(len(values) * share))]


GROUPS = [
    Group(
        (
            "link.trip_plain_median_us",
            "link.trip_plain_p99_us",
            "link.trip_keyed_median_us",
            "link.trip_keyed_p99_us",
            "link.trip_exec_median_us",
            "link.trip_exec_p99_us",
        ),
        "round trips over a pty, with and without a code",
        trips,
    )
]
