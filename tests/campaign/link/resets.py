"""The verbs that only listen, over resets of the pump: none is passed over in silence, and no record is lost.

The port stays, or vanishes and comes back, under its name or another one; some of the lines from the pump are lost.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pump_rig
from plant.parts import flash
from pump import defs
from pumpctl import Pump, errors, listening, ports
from pumpctl.protocol import answers

KINDS = ("stays", "vanishes", "another name")
SERIAL_NUMBER = pump_rig.Board.UNIQUE_ID
_CHUNK_MS = 50  # of simulated time between two looks at the link
_BETWEEN_MS = (15_000, 40_000)  # resets
_AWAY_MS = (0, 20_000)  # how long a port is away


class Over(Exception):
    """The observation has ended."""


@dataclass
class Desk:
    """A pump with a flash, its USB port, and the time; a reset makes a new pump with the same flash."""

    seed: int
    most: int  # resets
    lost_share: float = 0.1  # of the lines that the pump sends by itself
    resets: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.store = flash.Flash()
        self.device = pump_rig.Pump(store=self.store)
        self.name: str | None = "/dev/ttyACM0"  # None while the port is away
        self.opened = 0  # how often the port has appeared: an open port of earlier is dead
        self.ms = 0
        self._back_ms = 0
        self._name_after = self.name
        self._next_ms = self.chance.randrange(*_BETWEEN_MS)
        self._last_record_ms = self._end_ms = 1 << 62

    def advance(self, ms: int) -> None:
        """Time passes; what is due happens. Raises Over a while after the last reset and the last record."""
        self.ms += ms
        if self.ms > self._end_ms:
            raise Over
        self.device.run(ms)
        if self.name is None and self.ms >= self._back_ms:
            self.name = self._name_after
        elif self.name is not None and self.ms >= self._next_ms and self.resets.total() < self.most:
            self._reset(self.chance.choice(KINDS))
        elif self.ms < self._last_record_ms and self.chance.random() < 0.02:
            self.device.app.journal.write(defs.EVENT_TIME_SET, 20_778, self.ms // 1000)

    def ports(self) -> list[ports.Port]:
        """The ports of the computer: that of the pump, if there is one, and another one."""
        other = ports.Port("/dev/ttyUSB0", "", "0403:6001", "A1", False)
        pump = [] if self.name is None else [ports.Port(self.name, "", "2E8A:0005", SERIAL_NUMBER, True)]
        return [other, *pump]

    def _reset(self, kind: str) -> None:
        self.resets[kind] += 1
        self.device = pump_rig.Pump(store=self.store)
        self._next_ms = self.ms + self.chance.randrange(*_BETWEEN_MS)
        if self.resets.total() == self.most:
            self._last_record_ms = self.ms + 40_000
            self._end_ms = self.ms + 60_000
        if kind != "stays":
            away_ms = self.chance.randrange(*_AWAY_MS)
            self.opened += 1
            self._name_after = f"/dev/ttyACM{self.opened}" if kind == "another name" else self.name
            self.name = None
            self._back_ms = self.ms + away_ms
            self._next_ms += away_ms


class DeskLink:
    """A transport to the pump of a desk, dead after its port has vanished."""

    def __init__(self, desk: Desk, name: str) -> None:
        if name != desk.name:
            raise errors.PortMissing(name)
        self.name = name
        self._desk = desk
        self._opened = desk.opened

    def write(self, data: bytes) -> None:
        self._check()
        self._desk.device.board.link.waiting.extend(data)

    def read(self, timeout_s: float) -> bytes:
        desk = self._desk
        left_ms = round(timeout_s * 1000)
        while True:
            self._check()
            step_ms = min(_CHUNK_MS, left_ms)
            desk.advance(step_ms)
            left_ms -= step_ms
            link = desk.device.board.link
            if link.sent or left_ms <= 0:
                data, link.sent = bytes(link.sent), bytearray()
                return b"".join(line for line in data.splitlines(keepends=True) if not self._is_lost(line))

    def now_s(self) -> float:
        return self._desk.ms / 1000

    def close(self) -> None:
        pass

    def _is_lost(self, line: bytes) -> bool:
        by_itself = line.startswith((b'{"event"', b'{"telemetry"'))
        return by_itself and self._desk.chance.random() < self._desk.lost_share

    def _check(self) -> None:
        if self._opened != self._desk.opened or self._desk.name is None:
            raise errors.LinkLost(self.name)


def listener(desk: Desk, say: Callable[[str], None] = lambda text: None) -> listening.Listener:
    tools = listening.Tools(
        lambda port: Pump.connect(DeskLink(desk, port)),
        say,
        desk.ports,
        lambda: desk.ms / 1000,
        lambda s: desk.advance(round(s * 1000)),
    )
    assert desk.name is not None
    return listening.Listener(desk.name, tools)


def run(resets: int, seed: int, lost_share: float = 0.1) -> Counter[str]:
    """Each verb over so many resets: how many of them were passed over in silence, how many records were lost."""
    found: Counter[str] = Counter()
    for verb in (_monitor_lines, _monitor_json, _log_follow):
        desk = Desk(seed, resets, lost_share)
        pump = listener(desk)
        items = list(_until_over(verb(desk, pump)))
        gaps = sum(isinstance(item, listening.Gap) and item.cause == "reset" for item in items)
        found["silent"] += max(0, resets - gaps)
        found["invented"] += max(0, gaps - resets)
        found.update(desk.resets)
        if verb is _log_follow:
            found.update(_records(desk, items))
    return found


def _until_over(items: Iterator[listening.Item]) -> Iterator[listening.Item]:
    try:
        yield from items
    except Over:
        return


def _monitor_lines(desk: Desk, pump: listening.Listener) -> Iterator[listening.Item]:
    while True:
        status, _ = pump.ask(lambda pump: (pump.status(), pump.alarms()))
        yield from pump.observe(status)
        yield status
        desk.advance(1000)


def _monitor_json(desk: Desk, pump: listening.Listener) -> Iterator[listening.Item]:
    return pump.listen(1)


def _log_follow(desk: Desk, pump: listening.Listener) -> Iterator[listening.Item]:
    return listening.LogFollower(pump).records()


def _records(desk: Desk, items: list[listening.Item]) -> dict[str, int]:
    """How many records the pump has, how many were not shown, and how many were shown twice or are not in the log."""
    shown = [
        (item.sequence, item.uptime_s, item.ms, item.event, item.a, item.b)
        for item in items
        if isinstance(item, answers.LogRow)
    ]
    stored = {tuple(row) for row in desk.device.log()}
    both = stored & set(shown)
    return {"records": len(stored), "lost": len(stored - both), "wrong": len(shown) - len(both)}
