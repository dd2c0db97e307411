"""Hostile or corrupted input on the link: none of it may change the pump's state."""

from pump import defs
from pump.link import wire

from campaign import scenario

_CHUNK = 200
# Well-formed frames with invalid content. `stop` is left out: it is always allowed.
_FRAMES = (
    [("id", 1), ("cmd", "rate"), ("ul_day", 1000000)],
    [("id", 1), ("cmd", "rate"), ("ul_day", -50)],
    [("id", 2), ("cmd", "rate"), ("ul_day", "1000")],
    [("id", 3), ("cmd", "confirm"), ("draft", 7), ("code", 0)],
    [("id", 4), ("cmd", "bolus"), ("volume_nl", 0)],
    [("id", 5), ("cmd", "param_set"), ("name", "pl_per_step"), ("value", 1)],
    [("id", 6), ("cmd", "therapy_set"), ("profile", "continuous"), ("rows", [[1, 2], []])],
    [("id", 7), ("cmd", "prime"), ("volume_nl", 1000000), ("purpose", "all")],
    [("id", 8), ("cmd", "open_the_valves")],
    [("id", 9), ("cmd", "status"), ("cmd", "start")],
    [("id", 2**40), ("cmd", "telemetry"), ("period_s", -1)],
    [("cmd", "refill_finish"), ("volume_nl", 1), ("fluid", "none")],
    [("id", 10), ("cmd", [[[[[[[[]]]]]]]])],
    [("id", 11), ("cmd", "ack"), ("alarm", 200)],
)


def chunks(chance: scenario.Chance, count: int) -> "list[bytes]":
    """About this many bytes, in the pieces in which they arrive."""
    data = bytearray()
    while len(data) < count:
        data.extend(_KINDS[chance.below(len(_KINDS))](chance))
    return [bytes(data[at : at + _CHUNK]) for at in range(0, len(data), _CHUNK)]


def _noise(chance: scenario.Chance) -> bytes:
    return bytes(chance.below(256) for _ in range(chance.between(1, 300)))


def _senseless(chance: scenario.Chance) -> bytes:
    return wire.encode(chance.pick(_FRAMES))


def _torn(chance: scenario.Chance) -> bytes:
    """A valid frame, cut short or with one bit flipped, so that its checksum is wrong."""
    frame = bytearray(wire.encode([("id", 12), ("cmd", "start")]))
    at = chance.below(len(frame) - 1)
    if chance.below(2):
        return bytes(frame[:at])
    frame[at] ^= 1 << chance.below(7)
    return bytes(frame)


def _too_long(chance: scenario.Chance) -> bytes:
    return b'{"id":13,"cmd":"' + b"a" * chance.between(defs.LINE_BYTES, 2 * defs.LINE_BYTES) + b'"}\n'


def _questions(chance: scenario.Chance) -> bytes:
    return b"status\nlog\nparams\n" * chance.between(1, 8)


_KINDS = (_noise, _senseless, _torn, _too_long, _questions)
