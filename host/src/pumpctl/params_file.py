"""The parameters of a pump as a TOML file; a file with any error is refused as a whole, and every error is told."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from pumpctl import defs, errors

_BY_NAME = {entry.name: entry for entry in defs.PARAMS.values()}


def text(values: Mapping[str, int], comment: str) -> str:
    """Return the text of a file with these values by name."""
    lines = [f"# {comment}"]
    for name, value in values.items():
        unit = _BY_NAME[name].unit if name in _BY_NAME else ""
        lines.append(f"{name} = {value}" + (f"  # {unit}" if unit else ""))
    return "\n".join(lines) + "\n"


def load(path: Path) -> dict[str, int]:
    """Return the values in a file by name; raises BadParams with all errors, UsageProblem when it is not readable."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise errors.BadParams([f"{path}: {error}."]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise errors.UsageProblem(f"The file {path} can't be read ({errors.reason(error)}).") from error
    problems = [f"{path}: {problem}" for name, value in found.items() if (problem := _problem(name, value))]
    if problems:
        raise errors.BadParams(problems)
    return found


def _problem(name: str, value: object) -> str:
    entry = _BY_NAME.get(name)
    if entry is None:
        close = errors.closest(name, _BY_NAME)
        return f"there is no parameter {name!r}{f'; did you mean {close}?' if close else '.'}"
    unit = f" {entry.unit}" if entry.unit else ""
    if type(value) is not int:
        return f"{name} is {value!r}, which is not a whole number{f' of{unit}' if unit else ''}."
    if not entry.min <= value <= entry.max:
        return f"{name} {value} is outside {entry.min} to {entry.max}{unit}."
    return ""
