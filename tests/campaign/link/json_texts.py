"""Random JSON texts, sound and spoilt, read by the pump and by a strict reference: both must say the same.

The reference is Python's own reader with what RFC 8259 leaves open decided: a name comes once in an object, halves of
surrogate pairs are no letters, and nesting ends at a depth.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any, NoReturn

from pump.link import json_reader

_MOST_NESTED = 8
_ALPHABET = b'{}[]:,"\\ /-+.0123456789eEtrufalsnbABDdx*~'
_TEXTS = ("id", "cmd", "rate", "a", "", "\u00b5", "\x00", "\n", '"', "\\", "\U0001f601", "\uffff", "}~*", "ul_day")
_NUMBERS = (0, -1, 7, 1000, 1 << 30, -(1 << 31), 10**30, 0.5, 1e9)


class _Refused(ValueError):
    pass


def compare(count: int, seed: int) -> list[bytes]:
    """The texts, of so many, that the pump's reader and the reference take differently."""
    chance = random.Random(seed)
    return [text for _, text in zip(range(count), texts(chance), strict=False) if by_pump(text) != by_reference(text)]


def texts(chance: random.Random) -> Iterator[bytes]:
    """Sound objects, and each with some bytes changed; printable ASCII, as the link lets nothing else through."""
    while True:
        fields = {_name(chance): _value(chance, 2) for _ in range(chance.randrange(5))}
        sound = json.dumps(fields, separators=chance.choice(((",", ":"), (", ", ": ")))).encode()
        yield sound
        for _ in range(4):
            yield _spoilt(chance, sound)


def by_pump(text: bytes) -> Any:
    """What the pump reads; None for a text that it refuses."""
    try:
        return _comparable(json_reader.read(text))
    except json_reader.JsonError:
        return None


def by_reference(text: bytes) -> Any:
    """The same by the reference."""
    try:
        fields = json.loads(text, parse_float=_sent, parse_constant=_refuse, object_pairs_hook=_once)
        if not isinstance(fields, dict) or _depth(fields) > _MOST_NESTED:
            return None
        json.dumps(_without_numbers(fields), ensure_ascii=False).encode()  # halves of pairs can't be encoded
    except (ValueError, RecursionError):
        return None
    return _comparable(fields)


def _name(chance: random.Random) -> str:
    return chance.choice(_TEXTS)


def _value(chance: random.Random, depth: int) -> Any:
    kind = chance.randrange(7 if depth else 5)
    if kind == 5:
        return [_value(chance, depth - 1) for _ in range(chance.randrange(4))]
    if kind == 6:
        return {_name(chance): _value(chance, depth - 1) for _ in range(chance.randrange(3))}
    return (chance.choice(_NUMBERS), chance.choice(_TEXTS), True, False, None)[kind]


def _spoilt(chance: random.Random, sound: bytes) -> bytes:
    """One to three bytes removed, put in, changed, or a piece doubled."""
    text = bytearray(sound)
    for _ in range(chance.randrange(1, 4)):
        at, end = sorted((chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)))
        kind = chance.randrange(4)
        if kind == 0:
            del text[at : at + 1]
        elif kind == 1:
            text.insert(at, chance.choice(_ALPHABET))
        elif kind == 2:
            text[at : at + 1] = bytes((chance.choice(_ALPHABET),))
        else:
            text[end:end] = text[at:end]
    return bytes(text[:500])


def _sent(text: str) -> tuple[str, str]:
    return "float", text


def _refuse(text: str) -> NoReturn:
    raise _Refused(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _Refused("a name comes twice")
    return fields


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


def _without_numbers(value: Any) -> Any:
    """The same with numbers left out, some of which are too long to be printed."""
    if isinstance(value, dict):
        return {name: _without_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_numbers(inner) for inner in value]
    return value if isinstance(value, str) else None


def _comparable(value: Any) -> Any:
    """With types, since to Python True is 1; a number that is not whole as the pair that the reference makes of it."""
    if isinstance(value, json_reader.NotWhole):
        return "tuple", ("float", str(value))
    if isinstance(value, dict):
        return "dict", [(name, _comparable(inner)) for name, inner in value.items()]
    if isinstance(value, list):
        return "list", [_comparable(inner) for inner in value]
    return type(value).__name__, value
