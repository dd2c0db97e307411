"""Reads a plan from its TOML file; errors name file, line and key.

    profile = "intrahepatic"
    rate_ml_day = 1.0
    phase_days = 14
    cycles = 3

Instead of this short form, [[phase]] tables give fluid, rate_ml_day, from_day, to_day.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pumpctl import defs, errors, units
from pumpctl.therapy import plan

_KEYS = ("profile", "rate_ml_day", "cycles", "phase_days", "fluid", "volume_ml", "hours", "repeat_from_phase", "phase")
_PHASE_KEYS = ("fluid", "rate_ml_day", "from_day", "to_day")
# Keys of the short form by profile, and those that are allowed beside [[phase]] tables too.
_SHORT = {
    "intrahepatic": ("rate_ml_day", "phase_days"),
    "continuous": ("fluid", "rate_ml_day"),
    "timed": ("fluid", "rate_ml_day", "hours"),
}
_SHARED = {"intrahepatic": ("cycles", "repeat_from_phase"), "continuous": (), "timed": ("volume_ml",)}
_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_-]+)\s*\]\]?")
_KEY = re.compile(r"\s*\"?([A-Za-z0-9_-]+)\"?\s*=")
_AT_LINE = re.compile(r"\s*\(at (?:line ([0-9]+), column [0-9]+|end of document)\)")

Where = tuple[int | None, str]  # phase from 0, or None for the top; key


class _Decimal(str):
    """A number with a fraction as text, so that it is never rounded to a float."""


@dataclass
class PlanFile:
    """A file that was read: its tables, the line of every key, and the errors found so far."""

    path: Path
    tables: dict[str, Any]
    lines: dict[Where, int]
    problems: list[str]

    def wrong(self, phase: int | None, key: str, reason: str) -> None:
        """Add an error at the line of the key, else at that of its table."""
        line = self.lines.get((phase, key)) or self.lines.get((phase, "")) or 1
        place = key if phase is None else f"phase {phase + 1}, {key}"
        self.problems.append(f"{self.path}:{line}: {place}: {reason}{'' if reason.endswith('?') else '.'}")

    def amount(self, table: dict[str, Any], phase: int | None, key: str, scale: int) -> int | None:
        """Return a decimal number times `scale`; None, with an error added, for any other value."""
        value = table[key]
        if type(value) not in (int, _Decimal):
            self.wrong(phase, key, f"{value!r} is not a number; write it as 1 or 1.5, without quotes")
            return None
        try:
            return units.scaled(str(value).replace("_", "").removeprefix("+"), scale, key)
        except errors.TooFine:
            self.wrong(phase, key, f"{value} is finer than the pump's resolution; use fewer decimals")
        except errors.BadAmount:
            self.wrong(phase, key, f"{value} is not a positive decimal number")
        return None


def load(path: Path, limits: plan.Limits, override: str | None = None) -> plan.Plan:
    """Return the plan in a file; raises BadPlan with all errors, UsageProblem when the file is not readable."""
    file = _open(path)
    wanted = _read(file)
    if wanted is not None and not file.problems:
        for problem in plan.problems(wanted, limits, override):
            file.wrong(*_place(file, problem), problem.reason)
    if wanted is None or file.problems:
        raise errors.BadPlan(file.problems)
    return wanted


def _open(path: Path) -> PlanFile:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise errors.UsageProblem(f"The plan {path} can't be read: {error}.") from error
    try:
        tables = tomllib.loads(text, parse_float=_Decimal)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        line = found[1] if found and found[1] else str(text.count("\n") + 1)
        raise errors.BadPlan([f"{path}:{line}: {_AT_LINE.sub('', str(error)).rstrip('.')}."]) from error
    return PlanFile(path, tables, _lines(text), [])


def _lines(text: str) -> dict[Where, int]:
    """Return the line of each key, and with an empty key that of each table; tomllib doesn't give them."""
    lines: dict[Where, int] = {}
    phase: int | None = None
    phases = 0
    for number, line in enumerate(text.splitlines(), 1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            phase, phases = phases, phases + 1
            lines[phase, ""] = number
            lines.setdefault((None, header[1]), number)
        elif key:
            lines.setdefault((phase, key[1]), number)
    return lines


def _read(file: PlanFile) -> plan.Plan | None:
    """Return the plan; None, with errors added, when keys are missing, unknown or invalid."""
    tables, profile = file.tables, file.tables.get("profile")
    _known(file, None, tables, _KEYS)
    if profile not in _SHORT:
        state = "is missing" if profile is None else f"{profile!r} is unknown"
        file.wrong(None, "profile", f"{state}; use one of {', '.join(_SHORT)}")
        return None
    rows = tables.get("phase")
    allowed = (*_SHARED[profile], *(() if rows is not None else _SHORT[profile]))
    for key in tables:
        if key in _KEYS and key not in (*allowed, "profile", "phase"):
            beside = " beside [[phase]] tables" if rows is not None and key in _SHORT[profile] else ""
            file.wrong(None, key, f"not allowed with {profile}{beside}")
    if file.problems:
        return None
    phases = _short(file, profile) if rows is None else _phases(file, rows)
    cycles = file.amount(tables, None, "cycles", 1) if "cycles" in tables else 1
    volume_nl = file.amount(tables, None, "volume_ml", 1_000_000) if "volume_ml" in tables else 0
    if cycles is None or volume_nl is None or file.problems or not phases:
        return None
    repeat_from = _repeat_from(file, profile, phases)
    _within(file, "cycles", cycles)
    return plan.Plan(profile, tuple(phases), cycles, repeat_from, volume_nl)


def _short(file: PlanFile, profile: str) -> list[plan.Phase]:
    """Return the phases of the short form; empty, with errors added, when something is missing."""
    tables = file.tables
    if "rate_ml_day" not in tables:
        file.wrong(None, "rate_ml_day", "is missing; add it, or [[phase]] tables")
        return []
    ul_day = file.amount(tables, None, "rate_ml_day", 1000)
    fluid = "saline" if profile == "intrahepatic" else _fluid(file, None, tables)
    phase_h = file.amount(tables, None, "phase_days", 24) if "phase_days" in tables else plan.PHASE_H
    hours = file.amount(tables, None, "hours", 1) if "hours" in tables else 0
    if "hours" in tables and "volume_ml" in tables:
        file.wrong(None, "hours", "a timed plan ends by volume_ml or by hours, not by both")
    for key, value in (("phase_days", phase_h), ("hours", hours)):
        if key in tables and value == 0:
            file.wrong(None, key, "must be above 0")
    if ul_day is None or fluid is None or phase_h is None or hours is None or file.problems:
        return []
    return list(plan.simple(profile, ul_day, phase_h, fluid=fluid, hours=hours).phases)


def _phases(file: PlanFile, rows: Any) -> list[plan.Phase]:
    most = next(field.max for field in defs.COMMANDS["therapy_set"].fields if field.name == "rows") or 0
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        file.wrong(None, "phase", "is not a [[phase]] table")
        return []
    if len(rows) > most:
        file.wrong(None, "phase", f"{len(rows)} phases are more than the pump's maximum of {most}; use cycles")
    phases = [_phase(file, at, row) for at, row in enumerate(rows)]
    return [phase for phase in phases if phase is not None]


def _phase(file: PlanFile, at: int, row: dict[str, Any]) -> plan.Phase | None:
    _known(file, at, row, _PHASE_KEYS)
    for key in ("rate_ml_day", "from_day"):
        if key not in row:
            file.wrong(at, key, "is missing")
    fluid = _fluid(file, at, row)
    ul_day = file.amount(row, at, "rate_ml_day", 1000) if "rate_ml_day" in row else None
    begin_h = file.amount(row, at, "from_day", 24) if "from_day" in row else None
    end_h = file.amount(row, at, "to_day", 24) if "to_day" in row else 0
    if fluid is None or ul_day is None or begin_h is None or end_h is None:
        return None
    if "to_day" in row and end_h <= begin_h:
        file.wrong(at, "to_day", f"{row['to_day']} is not after from_day {row['from_day']}")
        return None
    return plan.Phase(fluid, ul_day, begin_h, end_h - begin_h if "to_day" in row else 0)


def _fluid(file: PlanFile, phase: int | None, table: dict[str, Any]) -> str | None:
    fluid = table.get("fluid")
    if fluid in plan.FLUIDS:
        return str(fluid)
    state = "is missing" if fluid is None else f"{fluid!r} is unknown"
    file.wrong(phase, "fluid", f"{state}; use {' or '.join(plan.FLUIDS)}")
    return None


def _repeat_from(file: PlanFile, profile: str, phases: list[plan.Phase]) -> int:
    """Return the index of the phase with which cycles begin; by default, intrahepatic omits its first saline phase."""
    if "repeat_from_phase" not in file.tables:
        return int(profile == "intrahepatic" and len(phases) > 1 and phases[0].fluid == phases[-1].fluid)
    number = file.amount(file.tables, None, "repeat_from_phase", 1)
    if number is None or not 1 <= number <= len(phases):
        if number is not None:
            file.wrong(None, "repeat_from_phase", f"{number} is not one of the phases, 1 to {len(phases)}")
        return 0
    return number - 1


def _within(file: PlanFile, key: str, value: int) -> None:
    field = next(field for field in defs.COMMANDS["therapy_set"].fields if field.name == key)
    if not (field.min or 0) <= value <= (field.max or 0):
        file.wrong(None, key, f"{value} is outside {field.min} to {field.max}")


def _known(file: PlanFile, phase: int | None, table: dict[str, Any], keys: tuple[str, ...]) -> None:
    for key in table:
        if key not in keys:
            close = errors.closest(key, keys)
            hint = f"did you mean {close}?" if close else f"the keys are {', '.join(keys)}"
            file.wrong(phase, key, f"unknown key; {hint}")


def _place(file: PlanFile, problem: plan.Problem) -> Where:
    """Return the place of a plan's error in the file: the short form has its keys at the top."""
    return (problem.phase if "phase" in file.tables else None), problem.field
