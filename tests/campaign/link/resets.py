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


@dataclass
class Desk:
    """A pump with a flash, its USB port, and the time; a reset makes a new pump with the same flash."""

    seed: int
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

    def advance(self, ms: int) -> None:
        """Time passes; what is due happens."""
        self.ms += ms
        self.device.run(ms)
        if self.name is None and self.ms >= self._back_ms:
            self.name = self._name_after
        elif self.name is not None and self.ms >= self._next_ms:
            self._reset(self.chance.choice(KINDS))
        elif self.chance.random() < 0.02:
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
        desk = Desk(seed, lost_share)
        verb(desk, resets, found)
        found.update(desk.resets)
    return found


def _until(desk: Desk, resets: int, items: Iterator[listening.Item]) -> Iterator[listening.Item]:
    """The items until the last reset is long over."""
    for item in items:
        yield item
        if desk.resets.total() == resets:
            desk._next_ms = desk.ms + 10_000_000
            resets, end_ms = -1, desk.ms + 60_000
        if resets < 0 and desk.ms > end_ms:
            return


def _count(desk: Desk, gaps: int, found: Counter[str]) -> None:
    found["silent"] += max(0, desk.resets.total() - gaps)
    found["invented"] += max(0, gaps - desk.resets.total())


def _monitor_lines(desk: Desk, resets: int, found: Counter[str]) -> None:
    def read() -> Iterator[listening.Item]:
        with listener(desk) as pump:
            while True:
                status, _ = pump.ask(lambda pump: (pump.status(), pump.alarms()))
                yield from pump.observe(status)
                yield status
                desk.advance(1000)

    _count(desk, _resets_of(_until(desk, resets, read())), found)


def _monitor_json(desk: Desk, resets: int, found: Counter[str]) -> None:
    with listener(desk) as pump:
        _count(desk, _resets_of(_until(desk, resets, pump.listen(1))), found)


def _log_follow(desk: Desk, resets: int, found: Counter[str]) -> None:
    with listener(desk) as pump:
        items = list(_until(desk, resets, listening.LogFollower(pump).records()))
    _count(desk, _resets_of(iter(items)), found)
    shown = [tuple(row) for row in map(_row, items) if row]
    stored = [tuple(row) for row in desk.device.log()]
    found["records"] += len(stored)
    found["lost"] += len(set(stored) - set(shown))
    found["wrong"] += len(shown) - len(set(stored) & set(shown))  # twice, or not in the log


def _row(item: listening.Item) -> list[int]:
    if not isinstance(item, answers.LogRow):
        return []
    return [item.sequence, item.uptime_s, item.ms, item.event, item.a, item.b]


def _resets_of(items: Iterator[listening.Item]) -> int:
    return sum(isinstance(item, listening.Gap) and item.cause == "reset" for item in items)
