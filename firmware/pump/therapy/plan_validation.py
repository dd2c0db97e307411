"""Whether a plan can be set: its rows one after the other, what the reservoir gives, and the shape of its profile."""

from micropython import const

from pump import defs

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    Refusal = tuple[int, list[tuple[str, object]]]

# D1; the rate command has the same limits.
_SLOWEST_UL_DAY = const(50)
_FASTEST_UL_DAY = const(24000)
_LONGEST_H = const(2160)  # 90 days
_ANY_NL = const(0x3FFFFFFF)


def check(fields: "dict[str, Any]", usable_nl: int) -> "Refusal | None":
    """None for a good plan, else the refusal (defs.REFUSE_*) and pairs that name row, field and value.

    fields are those of therapy_set; usable_nl is what the reservoir gives from full to the empty mark.
    """
    rows = fields["rows"]
    if not rows:
        return defs.REFUSE_MISSING_FIELD, [("field", "rows")]
    if fields["repeat_from"] >= len(rows):
        about: "list[tuple[str, object]]" = [("field", "repeat_from"), ("value", fields["repeat_from"])]
        return defs.REFUSE_OUT_OF_RANGE, about + [("min", 0), ("max", len(rows) - 1)]
    return _check_rows(rows, fields["cycles"], usable_nl) or _check_shape(fields, usable_nl)


def are_rows(rows: "list[list[int]]", cycles: int) -> bool:
    """Whether these can be the rows of a plan that was once set, for whatever reservoir."""
    return _check_rows(rows, cycles, _ANY_NL) is None


def _check_rows(rows: "list[list[int]]", cycles: int, usable_nl: int) -> "Refusal | None":
    end_h = 0
    for at, row in enumerate(rows):
        last = at == len(rows) - 1 and cycles == 1
        found = _check_row(at, row, end_h, last, usable_nl)
        if found is not None:
            return found
        end_h += row[3]
    return None


def _check_row(at: int, row: "list[int]", end_h: int, last: bool, usable_nl: int) -> "Refusal | None":
    fluid, ul_day, begin_h, length_h = row
    if not defs.FLUID_NONE < fluid < len(defs.FLUID_NAMES):
        return defs.REFUSE_UNKNOWN_NAME, _about(at, "fluid", fluid)
    if not _SLOWEST_UL_DAY <= ul_day <= _FASTEST_UL_DAY:
        limits: "list[tuple[str, object]]" = [("min", _SLOWEST_UL_DAY), ("max", _FASTEST_UL_DAY)]
        return defs.REFUSE_OUT_OF_RANGE, _about(at, "ul_day", ul_day) + limits
    if begin_h > end_h:
        return defs.REFUSE_PLAN_GAP, _about(at, "begin_h", begin_h)
    if begin_h < end_h:
        return defs.REFUSE_PLAN_OVERLAP, _about(at, "begin_h", begin_h)
    if not 0 <= length_h <= _LONGEST_H or (length_h == 0 and not last):
        return defs.REFUSE_PLAN_LENGTH, _about(at, "length_h", length_h)
    longest_h = usable_nl * 24 // (ul_day * 1000)
    if length_h > longest_h:
        return defs.REFUSE_OVER_RESERVOIR, _about(at, "length_h", length_h) + [("max", longest_h)]
    return None


def _check_shape(fields: "dict[str, Any]", usable_nl: int) -> "Refusal | None":
    """What the profile's name promises."""
    rows = fields["rows"]
    profile = fields["profile"]
    volume_nl = fields["volume_nl"]
    if volume_nl and profile != defs.PROFILE_TIMED:
        return defs.REFUSE_OUT_OF_RANGE, [("field", "volume_nl"), ("value", volume_nl), ("min", 0), ("max", 0)]
    if profile == defs.PROFILE_INTRAHEPATIC:
        return _check_turns(rows, fields["repeat_from"] if fields["cycles"] > 1 else -1)
    for at, row in enumerate(rows):  # one fluid; its rate may change
        if row[0] != rows[0][0]:
            return defs.REFUSE_WRONG_FLUID, _about(at, "fluid", row[0])
    endless = rows[-1][3] == 0
    if endless != (profile == defs.PROFILE_CONTINUOUS) and volume_nl == 0:
        return defs.REFUSE_PLAN_LENGTH, _about(len(rows) - 1, "length_h", rows[-1][3])
    if volume_nl > usable_nl:
        return defs.REFUSE_OVER_RESERVOIR, [("field", "volume_nl"), ("value", volume_nl), ("max", usable_nl)]
    return None


def _check_turns(rows: "list[list[int]]", again: int) -> "Refusal | None":
    """Intrahepatic: saline first, then drug and saline in turn, each with a length; `again` follows on the last row."""
    for at, row in enumerate(rows):
        if row[0] != (defs.FLUID_DRUG if at % 2 else defs.FLUID_SALINE):
            return defs.REFUSE_WRONG_FLUID, _about(at, "fluid", row[0])
        if row[3] == 0:
            return defs.REFUSE_PLAN_LENGTH, _about(at, "length_h", 0)
    if again >= 0 and rows[again][0] == rows[-1][0]:
        return defs.REFUSE_WRONG_FLUID, _about(again, "fluid", rows[again][0])
    return None


def _about(at: int, field: str, value: int) -> "list[tuple[str, object]]":
    return [("row", at), ("field", field), ("value", value)]
