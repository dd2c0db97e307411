"""Plans and changes as rows of a table: the phases of a plan, the present values beside the new ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pumpctl import defs, units
from pumpctl.cli.screen import describe
from pumpctl.therapy import plan

PLAN_COLUMNS = ("", "fluid", "rate", "from day", "to day", "volume")


def plan_rows(phases: Sequence[plan.Phase], now: int | None = None) -> list[tuple[str, ...]]:
    """Return the phases as rows of a table; `now` is the index of the present one."""
    return [
        (
            f"{at + 1}{' now' if at == now else ''}",
            phase.fluid,
            units.rate(phase.ul_day),
            plan.days(phase.begin_h),
            "no end" if phase.end_h is None else plan.days(phase.end_h),
            "" if phase.volume_nl is None else units.ml(phase.volume_nl),
        )
        for at, phase in enumerate(phases)
    ]


def change_rows(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return a change as rows of name, present and new value; a value that is 0 or none in both is left out."""
    rows: list[tuple[str, str, str]] = []
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if name == "rows":
            rows += [(f"phase {at}", "", _phase(row)) for at, row in enumerate(after or (), 1)]
        elif before or after:
            present, wanted = (value_text(name, side[name]) if name in side else "" for side in (old, new))
            rows.append((label(name), present, wanted))
    return rows


def label(name: str) -> str:
    """Return the name of a quantity without its unit."""
    if name in _LABELS:
        return _LABELS[name]
    for ending in ("_ul_day", "_nl", "_pa", "_mv", "_ppm", "_s", "_h"):
        if name.endswith(ending):
            return name.removesuffix(ending).replace("_", " ")
    return name.replace("_", " ")


def value_text(name: str, value: Any) -> str:
    """Return a value as text, in the unit that its name ends in."""
    if name == "refill_in_s":
        return describe.refill_by(value)
    if value is None or isinstance(value, str):
        return value or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "phase":
        return str(value + 1)
    for ending, words in _UNITS.items():
        if name.endswith(ending):
            return words(value)
    unit = next((param.unit for param in defs.PARAMS.values() if param.name == name), "")
    return f"{value} {unit}".rstrip()


_LABELS = {
    "rate_ul_day": "set rate",
    "ul_day": "rate given",
    "repeat_from": "cycles begin after phase",
    "volume_nl": "volume",
    "hold_over_s": "old fluid remaining for",
    "left_s": "reservoir empty in",
    "lasts_s": "takes",
    "refill_in_s": "refill by",
    "tip_fluid": "at the catheter tip",
}
_UNITS: dict[str, Callable[[int], str]] = {
    "ul_day": lambda ul_day: units.rate(ul_day) if ul_day else "none",
    "_nl": units.volume,
    "_pa": units.kpa,
    "_s": units.duration,
    "_h": lambda hours: units.duration(hours * 3600),
}


def _phase(row: Sequence[int]) -> str:
    (phase,) = plan.phases_of([row])
    end = "on" if phase.end_h is None else f"to {plan.days(phase.end_h)}"
    return f"{phase.fluid} {units.rate(phase.ul_day)} from day {plan.days(phase.begin_h)} {end}"
