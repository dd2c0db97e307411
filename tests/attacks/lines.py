"""The hostile lines, each made from what an attacker has: definitions, recorded lines, a key of another pump."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pumpctl import defs
from pumpctl.protocol import session, wire

from attacks.victim import Victim, framed

# Good values for the fields of each command above the role view, so that only keys keep it from being carried out.
FIELDS: dict[str, dict[str, Any]] = {
    "rate": {"ul_day": 900},
    "therapy_set": {"profile": "continuous", "rows": [[1, 900, 0, 0]]},
    "param_set": {"name": "silence_s", "value": 60},
    "ack": {"alarm": 0},
    "refill_finish": {"volume_nl": 1_000_000, "fluid": "drug"},
    "refill_withdrawn": {"volume_nl": 0},
    "confirm": {"draft": 1, "code": 1},
    "bolus": {"volume_nl": 1000},
    "prime": {"volume_nl": 1000},
    "time_set": {"day": 20_000, "second": 0},
    "key_revoke": {"name": "bench"},
}
ABOVE_VIEW = [name for name, command in defs.COMMANDS.items() if command.key != "view"]
_INTS = {
    "rate": "ul_day", "param_set": "value", "ack": "alarm", "refill_finish": "volume_nl", "bolus": "volume_nl",
    "prime": "volume_nl", "confirm": "draft", "time_set": "day", "refill_withdrawn": "volume_nl",
}  # fmt: skip
_SHAPES = ("7", 7.5, None, True, [], [7], {}, {"a": 7}, "", "stopp")


def without_code(victim: Victim) -> Iterator[bytes]:
    for name in ABOVE_VIEW:
        yield framed(victim.body(name, **FIELDS.get(name, {})))


def wrong_codes(victim: Victim) -> Iterator[bytes]:
    """Codes of zeros, of another key, of capitals, of a wrong length, and of the pump's direction."""
    stranger = session.HostKey("bench", "service", bytes(32))
    for name in ABOVE_VIEW:
        body = victim.body(name, **FIELDS.get(name, {}))
        good = victim.session.seal(body)
        yield framed(body + b"~" + b"0" * 32)
        yield framed(body + b"~" + session.code(stranger.key, b"h" + body).encode())
        yield framed(body + b"~" + session.code(victim.key.key, b"h" + body).encode())
        if good.upper() != good:
            yield framed(body + b"~" + good.upper().encode())
        yield framed(body + b"~" + good[:-1].encode())
        yield framed(body + b"~" + good.encode() + b"0")
        yield framed(body + b"~" + good[::-1].encode())
        yield framed(body + b"~" + session.code(victim.session._key, b"p" + body).encode())


def flipped_bits(victim: Victim) -> Iterator[bytes]:
    """Every bit of a good line of every command, with a checksum that is right again."""
    for name in ABOVE_VIEW:
        body = victim.body(name, **FIELDS.get(name, {}))
        whole = body + b"~" + victim.session.seal(body).encode()
        for bit in range(8 * len(whole)):
            changed = bytearray(whole)
            changed[bit // 8] ^= 1 << bit % 8
            if changed[bit // 8] not in b"\r\n":  # that is two lines: see cut_lines
                yield framed(bytes(changed))


def cut_lines(victim: Victim) -> Iterator[bytes]:
    """A good line of every command, cut at every byte, and its end alone; with its checksum, and with a new one."""
    for name in ABOVE_VIEW:
        body = victim.body(name, **FIELDS.get(name, {}))
        line = wire.framed(body, victim.session.seal(body))[:-1]
        for at in range(1, len(line) - 1):
            yield line[:at] + b"\n"
            if at != len(line) - len("*00000000"):  # with a new checksum that is the whole line
                yield framed(line[:at])
            yield line[at:] + b"\n"


def spliced(victim: Victim, other: Victim) -> Iterator[bytes]:
    """Objects and codes of two good lines of one session changed over, and lines of another pump."""
    bodies = [victim.body(name, **FIELDS.get(name, {})) for name in ABOVE_VIEW]
    codes = [victim.session.seal(body).encode() for body in bodies]
    for at, body in enumerate(bodies):
        for shift in (1, 2, len(bodies) - 1):
            yield framed(body + b"~" + codes[(at + shift) % len(bodies)])
    for name in ABOVE_VIEW:
        body = victim.body(name, **FIELDS.get(name, {}))
        yield wire.framed(body, other.session.seal(body))


def bad_ids(victim: Victim) -> Iterator[bytes]:
    """Good codes over ids that aren't one: too large, negative, text, none at all."""
    for number in (-1, 0, 1, 2**30, 2**31, 2**32, 2**63, "7", None, True, [7], {"a": 7}):
        body = wire.body_of({"id": number, "cmd": "silence"})
        yield wire.framed(body, victim.session.seal(body))
    for body in (b'{"cmd":"silence"}', b'{"id":7.0,"cmd":"silence"}', b'{"id":1e3,"cmd":"silence"}'):
        yield wire.framed(body, victim.session.seal(body))
    body = b'{"id":%d,"id":%d,"cmd":"silence"}' % (victim.id(), victim.id())
    yield wire.framed(body, victim.session.seal(body))


def bad_values(victim: Victim) -> Iterator[bytes]:
    """Good codes over values outside the limits, and of every other type."""
    for name, field in _INTS.items():
        entry = next(entry for entry in defs.COMMANDS[name].fields if entry.name == field)
        low, high = entry.min or 0, entry.max or 0
        limit = defs.PARAMS[10] if name == "param_set" else None
        if limit is not None:
            low, high = limit.min, limit.max
        values = [low - 1, high + 1, -1 if low > -1 else low - 7, 2**30, 2**31, 2**32, -(2**31), *_SHAPES]
        for value in values:
            if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
                continue
            body = wire.body_of({"id": victim.id(), "cmd": name, **FIELDS[name], field: 0})
            text = body.replace(b'"%s":0' % field.encode(), b'"%s":%s' % (field.encode(), _json(value)))
            yield wire.framed(text, victim.session.seal(text))


def _json(value: object) -> bytes:
    return b"7.5" if isinstance(value, float) else wire.body_of({"v": value})[5:-1]  # type: ignore[dict-item]
