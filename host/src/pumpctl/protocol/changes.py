"""Changes in two steps: the pump reads back the new values, which are compared with those that were sent (C1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

from pumpctl import errors
from pumpctl.frozen import frozen
from pumpctl.protocol import wire

# Fields that permit a change and are no part of it; the pump need not read them back.
_PERMISSIONS = ("override", "early")
# Volumes that the pump rounds down to whole strokes; no stroke is larger than this (D3).
_IN_STROKES = ("bolus", "prime")
_LARGEST_STROKE_NL = 500


@frozen
class Change:
    """Values before and after a change, by name; of a bolus or a prime, `new` is what is given."""

    old: dict[str, Any]
    new: dict[str, Any]


@frozen
class PendingChange(Change):
    """A change as the pump read it back; `number` is None when it needed no confirmation and is made."""

    command: str
    number: int | None
    code: int | None

    @classmethod
    def from_answer(cls, command: str, answer: Mapping[str, Any]) -> Self:
        """Return the change in the answer to a command; raises BadAnswer."""
        old, new, number, code = (answer.get(name) for name in ("old", "new", "draft", "code"))
        numbers_fit = (number is None and code is None) or (type(number) is int and type(code) is int)
        if not isinstance(old, dict) or not isinstance(new, dict) or not numbers_fit:
            raise errors.BadAnswer(f"to {command} has no read-back")
        return cls(old, new, command, number, code)


Agree = Callable[[PendingChange], bool]


def always_agree(_pending: PendingChange) -> bool:
    """Agree without asking: the read-back has been compared with what was sent before this is called."""
    return True


def differences(command: str, asked: Mapping[str, wire.Value], new: Mapping[str, Any]) -> list[str]:
    """Return a text for each value that was not read back as it was sent; empty when all agree."""
    found = []
    for name, value in _expected(command, asked).items():
        if name in _PERMISSIONS and name not in new:
            continue
        if name not in new:
            found.append(f"{name} {value} was sent and not read back")
        elif not _same(command, name, value, new[name]):
            found.append(f"{name} {value} was sent and {new[name]} read back")
    return found


def _expected(command: str, asked: Mapping[str, wire.Value]) -> dict[str, Any]:
    """Return the values that were sent, by the names of the read-back."""
    wanted: dict[str, Any] = dict(asked)
    if command == "rate":
        wanted["rate_ul_day"] = wanted.pop("ul_day")
    elif command == "param_set":
        wanted = {wanted["name"]: wanted["value"]}
    elif command == "therapy_set":
        repeated = len(wanted["rows"]) - wanted["repeat_from"]
        wanted["phases"] = wanted["repeat_from"] + wanted.pop("cycles") * repeated
    return wanted


def _same(command: str, name: str, asked: wire.Value, read_back: Any) -> bool:
    if command in _IN_STROKES and name == "volume_nl" and isinstance(asked, int) and type(read_back) is int:
        return 0 <= asked - read_back < _LARGEST_STROKE_NL
    return type(read_back) is type(asked) and bool(read_back == asked)
