"""Lines of a paired host, spoilt at random, to a pump of fake parts that infuses: none may be carried out.

Each begins as a good line that was never sent, so that only its code keeps a spoilt one from being carried out: bytes
are flipped, left out, put in and doubled, halves of two lines are joined, and half of the lines get a right checksum
again. Now and then the host opens a new session and sends a good line, which must be answered.
"""

from __future__ import annotations

import random
from collections import Counter

import link_rig
from attacks.lines import ABOVE_VIEW, FIELDS
from attacks.victim import framed
from pump import defs
from pump.core import ticks

_UL_DAY = 24_000
_PERIOD_MS = 900  # of strokes at this rate
_GOOD_EACH = 200  # lines
_TOGETHER = 4
_SPAN_MS = 100  # of device time for these
_SESSION_EACH = 4  # good lines
_BYTES = b'{}[]:,"\\~*0123456789abcdef \r\n\x00\x03\xff'


def run(count: int, seed: int) -> Counter[str]:
    """So many hostile lines; counts `accepted` ones, `late` strokes, good lines that `failed`, and `errors`."""
    chance = random.Random(seed)
    pump, host = link_rig.infusing(_UL_DAY)
    pump.board.drive.times = []
    began = pump.board.clock.now
    since = pump.app.journal.next
    before = _state(pump)
    found: Counter[str] = Counter()
    while found["lines"] < count:
        good = [host.line(name, **FIELDS.get(name, {})) for name in ABOVE_VIEW]  # never sent
        for _ in range(_GOOD_EACH // _TOGETHER):
            data = b"".join(_hostile(good, chance) for _ in range(_TOGETHER))
            pump.board.link.waiting.extend(data)
            pump.run(_SPAN_MS)
            found["accepted"] += bytes(pump.board.link.sent).count(b'"ok":true')
            pump.heard()
            found["lines"] += _TOGETHER
        pump.board.link.waiting.extend(b"\n")
        pump.run(_SPAN_MS)
        if chance.randrange(_SESSION_EACH) == 0:
            found["failed"] += not host.open()["ok"]
        found["failed"] += not host.ask("ack", alarm=0)["ok"]
        found["accepted"] += _state(pump) != before
    for sequence in range(since, pump.app.journal.next):
        found["errors"] += pump.app.journal.read(sequence)[3] in (defs.EVENT_ERROR, defs.EVENT_QUERY_FAILED)
    for at, time in enumerate(pump.board.drive.times, 1):
        found["late"] += ticks.diff(time, began) != at * _PERIOD_MS
        found["strokes"] += 1
    return found


def _state(pump: link_rig.pump_rig.Pump) -> tuple[object, ...]:
    parts = pump.controller
    hosts = [host and (host.name, host.key) for host in pump.app.access.store.hosts]
    values = [parts.params.get(number) for number in range(len(defs.PARAMS))]
    return parts.supervisor.state, parts.delivery.rate_ul_day, pump.app.dispatcher.pending.number, hosts, values


def _hostile(good: list[bytes], chance: random.Random) -> bytes:
    """A line that none of the good ones is part of."""
    while True:
        line = _spoilt(good, chance)
        if chance.randrange(2):
            line = framed(line.rpartition(b"*")[0] or line)
        if not any(one[:-1] in line for one in good) and b"stop" not in line.lower():
            return line


def _spoilt(good: list[bytes], chance: random.Random) -> bytes:
    line = bytearray(chance.choice(good))
    for _ in range(chance.randrange(1, 4)):
        at, end = sorted(chance.randrange(len(line) + 1) for _ in range(2))
        kind = chance.randrange(6)
        if kind == 0 and at < len(line):
            line[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del line[at : at + chance.randrange(1, 4)]
        elif kind == 2:
            line.insert(at, chance.choice(_BYTES))
        elif kind == 3:
            line[end:end] = line[at:end]
        elif kind == 4:
            line[at:] = chance.choice(good)[at:]
        else:
            line[at:end] = bytes(reversed(line[at:end]))
    return bytes(line)
