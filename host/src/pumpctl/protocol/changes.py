"""A change in two steps: what the pump understood, beside how it is, and whether that is what was asked (C1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from pumpctl import errors
from pumpctl.protocol import wire

# Fields that say how a change may be made and are no part of it; the pump need not echo them.
_PERMISSIONS = ("override", "early")
# These are given in whole strokes, rounded down; no stroke is larger (D3).
_IN_STROKES = ("bolus", "prime")
_LARGEST_STROKE_NL = 500


@dataclass(frozen=True)
class Change:
    """How it was and how it is now (of a bolus or a prime: what is given), by name."""

    old: dict[str, Any]
    new: dict[str, Any]


@dataclass(frozen=True)
class PendingChange(Change):
    """A change that waits to be confirmed, as the pump echoed it; `number` is None when it was made at once."""

    command: str
    number: int | None
    code: int | None

    @classmethod
    def from_answer(cls, command: str, answer: Mapping[str, Any]) -> Self:
        """Return the draft in an answer; raises BadAnswer."""
        old, new, number, code = (answer.get(name) for name in ("old", "new", "draft", "code"))
        numbers_fit = (number is None and code is None) or (type(number) is int and type(code) is int)
        if not isinstance(old, dict) or not isinstance(new, dict) or not numbers_fit:
            raise errors.BadAnswer(f"The pump's answer to {command} has no echo; install the pumpctl of its firmware.")
        return cls(old, new, command, number, code)


Agree = Callable[[PendingChange], bool]


def always_agree(_pending: PendingChange) -> bool:
    """What a program says to a draft: that the echo is what it asked for has been compared already."""
    return True


def differences(command: str, asked: Mapping[str, wire.Value], new: Mapping[str, Any]) -> list[str]:
    """Return in words where the echo is not what was asked; empty when the pump understood it all."""
    found = []
    for name, value in _expected(command, asked).items():
        if name in _PERMISSIONS and name not in new:
            continue
        if name not in new:
            found.append(f"{name} {value} was asked and not understood")
        elif not _same(command, name, value, new[name]):
            found.append(f"{name} {value} was asked and {new[name]} understood")
    return found


def _expected(command: str, asked: Mapping[str, wire.Value]) -> dict[str, Any]:
    """Return what was asked by the names of the echo."""
    wanted: dict[str, Any] = dict(asked)
    if command == "rate":
        wanted["rate_ul_day"] = wanted.pop("ul_day")
    elif command == "param_set":
        wanted = {wanted["name"]: wanted["value"]}
    elif command == "therapy_set":
        repeated = len(wanted["rows"]) - wanted["repeat_from"]
        wanted["phases"] = wanted["repeat_from"] + wanted.pop("cycles") * repeated
    return wanted


def _same(command: str, name: str, asked: wire.Value, echo: Any) -> bool:
    if command in _IN_STROKES and name == "volume_nl" and isinstance(asked, int) and type(echo) is int:
        return 0 <= asked - echo < _LARGEST_STROKE_NL
    return type(echo) is type(asked) and bool(echo == asked)
