"""The host library and the pump over a link with foreign lines, damage and loss: is what the library says true?

Each exchange is one method of `pumpctl.Pump`. When it returns, the pump must have done it once; when it raises Refused,
not at all; NoAnswer and LinkDamaged say that it is not known, so both are true. What it did is in its log.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pump_rig
from pump import defs
from pumpctl import Pump, errors
from pumpctl.protocol import wire

_CHUNK_MS = 50  # of simulated time between two looks at the link
_FOREIGN = (  # what other programs and devices on the same wire send
    b"\n", b"\r\n\x00\xff", b"login: \n", b"AT+GMM\r", b"{{{\n", b"garbage*00000000\n", b"status\n",
    wire.encode({"id": 5, "cmd": "status"}), wire.encode({"id": None, "ok": False, "refused": 201}),
    wire.encode({"id": 6, "ok": True}), wire.encode({"event": [1, 2, 3, 4, 5, 6]}),
    wire.encode({"id": 7, "cmd": "rate", "ul_day": 777})[:-4], b'{"id":8,"cmd":"rate","ul_day":778}\n',
)  # fmt: skip


class RoughLink:
    """A transport to a pump of fake parts. `harm` is the share of the lines, either way, that are spoilt."""

    name = "rough"

    def __init__(self, pump: pump_rig.Pump, chance: random.Random, harm: float) -> None:
        self.pump = pump
        self.harm = harm
        self._chance = chance
        self._ms = 0

    def write(self, data: bytes) -> None:
        self.pump.board.link.waiting.extend(self._spoilt(data))

    def read(self, timeout_s: float) -> bytes:
        link = self.pump.board.link
        left_ms = round(timeout_s * 1000)
        while True:
            step_ms = min(_CHUNK_MS, max(1, left_ms))
            self.pump.run(step_ms)
            self._ms += step_ms
            left_ms -= step_ms
            if link.sent or left_ms <= 0:
                data, link.sent = bytes(link.sent), bytearray()
                return self._spoilt(data)

    def now_s(self) -> float:
        return self._ms / 1000

    def close(self) -> None:
        pass

    def _spoilt(self, data: bytes) -> bytes:
        if not data or self._chance.random() >= self.harm:
            return data
        at = self._chance.randrange(len(data))
        foreign = self._chance.choice(_FOREIGN)
        kind = self._chance.randrange(6)
        if kind == 0:
            return b""
        if kind == 1:
            return data[:at] + bytes((data[at] ^ 1 << self._chance.randrange(7),)) + data[at + 1 :]
        if kind == 2:
            return data[:at]
        return (foreign + data, data + foreign, data[:at] + foreign + data[at:])[kind - 3]


def run(exchanges: int, seed: int, harm: float = 0.3) -> Counter[str]:
    """So many exchanges; counts what the library said, and what of it was wrong."""
    chance = random.Random(seed)
    device = pump_rig.infuse(pump_rig.Pump())
    device.heard()
    device.app.dispatcher._require_records = lambda _: None  # the exchanges take no time; the bound has its own test
    link = RoughLink(device, chance, 0)
    pump = Pump.connect(link)
    link.harm = harm
    found: Counter[str] = Counter()
    for _ in range(exchanges):
        action, event, most = chance.choice(_ACTIONS)
        since = device.app.journal.next
        said = _said(pump, action, chance)
        link.harm, harm_now = 0, link.harm
        link.read(0.2)  # what is still on its way arrives
        link.harm = harm_now
        done = _done(device, event, since)
        found[said] += 1
        if done > most:
            found["doubled"] += 1
        elif said == "done" and not done or said == "refused" and done:
            found["wrong"] += 1
        if device.controller.supervisor.state != defs.STATE_INFUSING:
            _recover(device)
    return found


def _said(pump: Pump, action: Callable[[Pump, random.Random], object], chance: random.Random) -> str:
    try:
        action(pump, chance)
    except errors.Refused:
        return "refused"
    except (errors.NoAnswer, errors.LinkDamaged, errors.BadAnswer):
        return "not known"
    return "done"


def _done(device: pump_rig.Pump, event: int, since: int) -> int:
    """Records of this kind from this sequence number on."""
    journal = device.app.journal
    return sum(journal.read(sequence)[3] == event for sequence in range(since, journal.next))


def _recover(device: pump_rig.Pump) -> None:
    """Back to delivery, past the link."""
    controller = device.controller
    for request in (defs.REQUEST_RESUME, defs.REQUEST_START):
        controller.request(request, device.board.clock.now)
    device.run(0)


def _rate(pump: Pump, chance: random.Random) -> None:
    pump.rate(chance.randrange(300, 1500))


def _lower(pump: Pump, chance: random.Random) -> None:
    pump.rate(chance.randrange(50, 300))


def _pause(pump: Pump, chance: random.Random) -> None:
    pump.pause()


def _silence(pump: Pump, chance: random.Random) -> None:
    pump.silence()


# What is asked for, the record that shows that it was done, and how many of these one call may write.
_ACTIONS = (
    (_rate, defs.EVENT_RATE, 1),
    (_lower, defs.EVENT_RATE, 1),
    (_pause, defs.EVENT_STATE, 1),
    (_silence, defs.EVENT_SILENCED, 1),
)
