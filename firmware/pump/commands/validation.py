"""Checks the fields of a request against the definitions: known, complete, of their type, within their limits."""

from micropython import const

from pump import defs

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

_LARGEST = const(0x3FFFFFFF)
_MOST_SHOWN = const(32)
_TYPES = {"int": int, "bool": bool, "choice": str, "name": str, "text": str, "rows": list}


class Refused(Exception):
    """A request can't be granted; args are the refusal (defs.REFUSE_*) and pairs that say what was at fault.

    The dispatcher adds the command's name as the pair "cmd" to these; `command` names another, "" for none.
    """

    def __init__(self, number: int, details: "list[tuple[str, object]]", command: "str | None" = None) -> None:
        super().__init__(number, details)
        self._command = command

    def name_command(self, command: str) -> None:
        """The command that was refused, unless one is named already."""
        if self._command is None:
            self._command = command

    def pairs(self) -> "list[tuple[str, object]]":
        """What was at fault, with the command."""
        details: "list[tuple[str, object]]" = self.args[1]
        return [("cmd", self._command)] + details if self._command else details


def require_granted(held_by: int) -> None:
    """Refuses a request that these bits of the supervisor prevent (0: none)."""
    if held_by:
        raise Refused(defs.REFUSE_HELD, [("bits", held_by)], "")


def fields(given: "dict[str, Any]", known: "tuple[tuple[Any, ...], ...]") -> "dict[str, Any]":
    """The fields of a request by name, those that were left out as their default; choices become their number."""
    for name in given:
        if name not in ("id", "cmd") and not any(row[0] == name for row in known):
            raise Refused(defs.REFUSE_UNKNOWN_FIELD, [("field", shorten(name))])
    return {row[0]: _checked(row, given) for row in known}


def identity(given: "dict[str, Any]") -> "int | None":
    """The number that the answer will carry, None when there is none or it is not one of 0 to 2^30 - 1."""
    number = given.get("id")
    return number if type(number) is int and 0 <= number <= _LARGEST else None


def shorten(value: object) -> str:
    """A given value, cut to 32 characters; of lists and objects only the kind, as deep ones would need a deep stack."""
    if isinstance(value, list):
        return "list"
    return "object" if isinstance(value, dict) else str(value)[:_MOST_SHOWN]


def _checked(row: "tuple[Any, ...]", given: "dict[str, Any]") -> object:
    name, kind, low, high, default = row
    about: "list[tuple[str, object]]" = [("field", name)]
    if name not in given:
        if default is None:
            raise Refused(defs.REFUSE_MISSING_FIELD, about)
        return default
    value = given[name]
    if type(value) is not _TYPES[kind]:
        raise Refused(defs.REFUSE_WRONG_TYPE, about + [("value", shorten(value))])
    if kind == "int" and not low <= value <= high:
        raise Refused(defs.REFUSE_OUT_OF_RANGE, about + [("value", shorten(value)), ("min", low), ("max", high)])
    if kind == "choice":
        if value not in low:
            raise Refused(defs.REFUSE_UNKNOWN_NAME, about + [("value", shorten(value))])
        return low.index(value)
    if kind == "rows":
        _check_rows(value, low, high, about)
    return value


def _check_rows(rows: "Any", columns: int, most: int, about: "list[tuple[str, object]]") -> None:
    """Lists of so many whole numbers from 0 to 2^30 - 1; what they mean is checked by the command."""
    if len(rows) > most:
        raise Refused(defs.REFUSE_OUT_OF_RANGE, about + [("value", str(len(rows))), ("min", 1), ("max", most)])
    for at, row in enumerate(rows):
        here = about + [("row", at)]
        if not isinstance(row, list) or len(row) != columns or any(type(number) is not int for number in row):
            raise Refused(defs.REFUSE_WRONG_TYPE, here + [("value", shorten(row))])
        for number in row:
            if not 0 <= number <= _LARGEST:
                details = [("value", shorten(number)), ("min", 0), ("max", _LARGEST)]
                raise Refused(defs.REFUSE_OUT_OF_RANGE, here + details)
