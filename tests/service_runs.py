"""Long runs of the service with a simulated pump: unplugged ports, killed services, many clients."""

from __future__ import annotations

import itertools
import json
import os
import pty
import random
import select
import signal
import threading
import time
import tty
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pumpctl import errors, sim
from pumpctl.protocol import transport
from pumpctl.pump import Pump
from pumpctl.session import store
from service_process import Service, next_of

PERIOD_S = 60  # of the pump's time, between two rows of telemetry
_DEEP = "[" * 20_000


class Plug:
    """A cable between a simulated pump and `link`, a name that leads to a new port after each unplugging."""

    def __init__(self, port: str, link: Path) -> None:
        self.link = link
        self._pump = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self._host: int | None = None
        self._user = -1
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self.plug()
        self._thread = threading.Thread(target=self._relay)
        self._thread.start()

    def plug(self) -> None:
        with self._lock:
            self._host, self._user = pty.openpty()
            tty.setraw(self._user)
            os.set_blocking(self._host, False)
            made = self.link.with_suffix(".new")
            made.symlink_to(os.ttyname(self._user))
            made.replace(self.link)

    def unplug(self) -> None:
        with self._lock:
            host, self._host = self._host, None
            self.link.unlink()
            if host is not None:
                os.close(self._user)
                os.close(host)

    def close(self) -> None:
        self._ending.set()
        self._thread.join()
        if self._host is not None:
            self.unplug()
        os.close(self._pump)

    def _relay(self) -> None:
        """Copy both ways; what the pump sends while the cable is out is lost, what an end can't take yet waits."""
        waiting = {True: b"", False: b""}  # True: to the pump
        while not self._ending.is_set():
            with self._lock:
                host = self._host
                if host is None:
                    waiting = {True: b"", False: b""}
                ends = [end for end in (self._pump, host) if end is not None and not waiting[end == host]]
                ready, _, _ = select.select(ends, [], [], 0.002)
                for end in ready:
                    with suppress(OSError):
                        waiting[end == host] = os.read(end, 65536)
                for to_pump, data in waiting.items():
                    end = self._pump if to_pump else host
                    with suppress(OSError):
                        waiting[to_pump] = b"" if end is None else data[os.write(end, data) :]
            time.sleep(0.0005)  # the lock is free


@contextmanager
def running_pump(speed: int) -> Iterator[sim.Simulation]:
    """Yield a simulated pump in wall time that infuses 1 mL/day."""
    with sim.Simulation(seed=1, time="wall", speed=speed) as simulation:
        with Pump.connect(simulation.transport()) as pump:
            pump.refill_begin()
            pump.refill_finish(16_000_000, "saline")
            pump.therapy_set("continuous", 1000)
            pump.start()
        yield simulation


def cuts(folder: Path, unplugs: int, kills: int, hours: int = 0, speed: int = 1000, seed: int = 1) -> Counter[str]:
    """Count what was lost or doubled in one session over unpluggings of the port and kills of the service.

    The session has the telemetry of `hours` of the pump's time at least.
    """
    chance = random.Random(seed)
    session = folder / "cuts.session"
    with running_pump(speed) as simulation:
        plug = Plug(simulation.port, folder / "pump")
        words = ("--port", str(plug.link), "--session", str(session), "--every", str(PERIOD_S))
        service = Service(*words)
        try:
            _wait_for_rows(service, session, 1)
            kinds = ["unplug"] * unplugs + ["kill"] * kills
            chance.shuffle(kinds)
            for number, kind in enumerate(kinds):
                _make_records(service, number)
                if kind == "kill":
                    service.end(signal.SIGKILL)
                    service = Service(*words)
                else:
                    plug.unplug()
                    time.sleep(chance.random() * 0.3)
                    plug.plug()
                _wait_for_rows(service, session, _rows(session) + 3)
            _wait_for_rows(service, session, hours * 3600 // PERIOD_S)
            log = _log_of(service)
            _wait_for_record(service, session, log[-1])
        finally:
            service.end()
            plug.close()
    return _found(session, log)


def _make_records(service: Service, number: int) -> None:
    """Let the pump write a record or two, if it can be reached now."""
    for second in range(2):
        service.command("time_set", day=20_000 + number, second=second)


def _rows(session: Path) -> int:
    return store.summary(session).counts.get("telemetry", 0)


def _wait_for_rows(service: Service, session: Path, count: int) -> None:
    while _rows(session) < count:
        assert service.process.poll() is None, service.said
        time.sleep(0.1)


def _log_of(service: Service) -> list[int]:
    """The numbers of all records that the pump has."""
    while True:
        try:
            with Pump.connect(transport.SerialTransport(service.pumps[0]["line_port"])) as pump:
                return [row.sequence for row in pump.log()]
        except errors.PumpError:
            time.sleep(0.2)


def _wait_for_record(service: Service, session: Path, sequence: int) -> None:
    while True:
        with store.to_read(session) as database:
            if (database.execute("SELECT max(sequence) FROM event").fetchone()[0] or 0) >= sequence:
                return
        assert service.process.poll() is None, service.said
        time.sleep(0.1)


def _found(session: Path, log: list[int]) -> Counter[str]:
    with store.to_read(session) as database:
        events = [row["sequence"] for row in store.rows(database, "event")]
        rows = list(store.rows(database, "telemetry"))
        marks = [row["at_ms"] for row in store.rows(database, "gap")]
    first = min(events)
    wanted = {sequence for sequence in log if sequence >= first}
    found = Counter(
        lost=len(wanted - set(events)),
        doubled=len(events) - len(set(events)) + len(rows) - len({(row["boot"], row["uptime_ms"]) for row in rows}),
        records=len(events),
        telemetry=len(rows),
        gaps=len(marks),
        unmarked=0,
    )
    for before, after in itertools.pairwise(rows):
        hole = after["uptime_ms"] - before["uptime_ms"] > 3 * PERIOD_S * 1000
        if hole and not any(before["at_ms"] <= mark <= after["at_ms"] for mark in marks):
            found["unmarked"] += 1
    return found


def hostile(chance: random.Random) -> str | bytes:
    """A frame that asks nothing that the pump could be asked for."""
    good = json.dumps({"id": 1, "cmd": "no_such_command", "pump": "1"})
    at = chance.randrange(len(good))
    kinds: list[str | bytes] = [
        "",
        "null",
        "[]",
        "{",
        "\0" * chance.randrange(1, 100),
        _DEEP,
        chance.randbytes(chance.randrange(200)),
        good[:at],
        good[:at] + chr(chance.randrange(0x20, 0xD800)) * 3 + good[at:],
        json.dumps({"id": {"a": [1]}, "cmd": ["start"]}),
        json.dumps({"id": 1, "cmd": "start", "pump": {"x": 1}}),
        json.dumps({"id": 1, "cmd": "start", "pump": "x" * 1000}),
        json.dumps({"id": 10**30, "cmd": "no_such"}),
        json.dumps({"cmd": "rate", "ul_day": 1.5}),
        json.dumps({"cmd": "rate", "x" * 600: 1}),
        json.dumps({"cmd": "rate", "ul_day": float("nan")}),
        json.dumps({"cmd": "telemetry", "period_s": -1}),
    ]
    return chance.choice(kinds)


def hostile_frames(service: Service, count: int, seed: int = 1) -> int:
    """Send hostile frames on a WebSocket; return how many good requests between them were not answered well."""
    chance = random.Random(seed)
    wrong = 0
    with service.web() as web:
        for number in range(count):
            web.send(hostile(chance))
            if number % 20 == 0:
                identity = f"n{number}"
                web.send(json.dumps({"id": identity, "cmd": "status"}))
                wrong += next_of(web, lambda message, wanted=identity: message.get("id") == wanted)["ok"] is not True
    return wrong


def p99_ms(seconds: list[float]) -> float:
    """The 99th percentile in ms."""
    ordered = sorted(seconds)
    return round(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1000, 2)


def fan_out(clients: int, asked: int, every_s: float = 0.25) -> tuple[float, float]:
    """Return the p99 (ms) of `status` at a direct port, and by the service with clients that ask so many times."""
    with running_pump(1) as simulation:
        with Pump.connect(simulation.transport()) as pump:
            direct = _timed(pump, asked, every_s)
        with Service("--port", simulation.port, "--no-record") as service:
            found: list[list[float]] = [[] for _ in range(clients)]
            threads = [threading.Thread(target=_client, args=(service, asked, every_s, mine)) for mine in found]
            for thread in threads:
                thread.start()
                time.sleep(every_s / clients)
            for thread in threads:
                thread.join()
    return p99_ms(direct), p99_ms([seconds for mine in found for seconds in mine])


def _client(service: Service, asked: int, every_s: float, found: list[float]) -> None:
    with Pump.connect(transport.SerialTransport(service.pumps[0]["line_port"])) as pump:
        found += _timed(pump, asked, every_s)


def _timed(pump: Pump, asked: int, every_s: float) -> list[float]:
    found = []
    for _ in range(asked):
        began = time.monotonic()
        pump.status()
        took = time.monotonic() - began
        found.append(took)
        time.sleep(max(0.0, every_s - took))
    return found
