"""Checks the fields of a request against the definitions: known, complete, of their type, within their limits."""

from micropython import const

from pump import defs

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_LARGEST = const(0x3FFFFFFF)
_ECHO = const(32)
_TYPES = {"int": int, "bool": bool, "choice": str, "name": str, "rows": list}


class Refused(Exception):
    """A request can't be granted; args are the refusal (defs.REFUSE_*) and pairs that say what was at fault."""


def fields(command: str, given: "dict[str, Any]", known: "tuple[tuple[Any, ...], ...]") -> "dict[str, Any]":
    """The fields of a request by name, those that were left out as their default; choices become their number."""
    for name in given:
        if name not in ("id", "cmd") and not any(row[0] == name for row in known):
            raise Refused(defs.REFUSE_UNKNOWN_FIELD, [("cmd", command), ("field", echo(name))])
    return {row[0]: _checked(command, row, given) for row in known}


def identity(given: "dict[str, Any]") -> "int | None":
    """The number that the answer will carry, None when there is none or it is not one of 0 to 2^30 - 1."""
    number = given.get("id")
    return number if type(number) is int and 0 <= number <= _LARGEST else None


def echo(value: object) -> str:
    """What was given, cut short; lists and objects by their kind alone, as deep ones would need a deep stack."""
    if isinstance(value, list):
        return "list"
    return "object" if isinstance(value, dict) else str(value)[:_ECHO]


def _checked(command: str, row: "tuple[Any, ...]", given: "dict[str, Any]") -> object:
    name, kind, low, high, default = row
    about: "list[tuple[str, object]]" = [("cmd", command), ("field", name)]
    if name not in given:
        if default is None:
            raise Refused(defs.REFUSE_MISSING_FIELD, about)
        return default
    value = given[name]
    if type(value) is not _TYPES[kind]:
        raise Refused(defs.REFUSE_WRONG_TYPE, about + [("value", echo(value))])
    if kind == "int" and not low <= value <= high:
        raise Refused(defs.REFUSE_OUT_OF_RANGE, about + [("value", echo(value)), ("min", low), ("max", high)])
    if kind == "choice":
        if value not in low:
            raise Refused(defs.REFUSE_UNKNOWN_NAME, about + [("value", echo(value))])
        return low.index(value)
    if kind == "rows":
        _check_rows(value, low, high, about)
    return value


def _check_rows(rows: "Any", columns: int, most: int, about: "list[tuple[str, object]]") -> None:
    """Lists of so many whole numbers from 0 to 2^30 - 1; what they mean is checked by the room that takes them."""
    if len(rows) > most:
        raise Refused(defs.REFUSE_OUT_OF_RANGE, about + [("value", str(len(rows))), ("min", 1), ("max", most)])
    for at, row in enumerate(rows):
        here = about + [("row", at)]
        if not isinstance(row, list) or len(row) != columns or any(type(number) is not int for number in row):
            raise Refused(defs.REFUSE_WRONG_TYPE, here + [("value", echo(row))])
        for number in row:
            if not 0 <= number <= _LARGEST:
                raise Refused(defs.REFUSE_OUT_OF_RANGE, here + [("value", echo(number)), ("min", 0), ("max", _LARGEST)])
