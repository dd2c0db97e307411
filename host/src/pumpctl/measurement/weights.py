"""The weights of a run over time, in pieces without a gap; a file of them.

A file is CSV with the columns `time_s` and `mass_mg`, and `piece` if there is more than one. Lines before them that
begin with `#` hold conditions, as `# rate_ul_day: 1000`. Between two pieces the weight may have changed for another
reason than delivery (a tare, a balance that was unplugged), so nothing is computed over such a place.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pumpctl import errors
from pumpctl.frozen import frozen

_COLUMNS = ("time_s", "mass_mg", "piece")


@frozen
class Weight:
    """What the balance showed, `time_ms` after the run began. Weights of the same piece may be compared."""

    time_ms: int
    mass_ug: int
    piece: int = 1


@frozen
class Mark:
    """A place where a piece ends, and why."""

    time_ms: int
    cause: str
    text: str


@dataclass
class Weights:
    """The weights of a run in the order of time, its marks, and the conditions that its file names."""

    rows: list[Weight] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    conditions: dict[str, str] = field(default_factory=dict)


def read(path: Path) -> Weights:
    """Return the weights of a file; raises BadWeights, which names the line.

    A last line without an end is left out and marked: the program that wrote it was interrupted. A time that does not
    increase begins a new piece, whose times count from the last one.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise errors.BadWeights(path, 0, f"can't be read ({errors.reason(error)})") from error
    lines = text.splitlines()
    found = Weights()
    if lines and not text.endswith("\n"):
        lines.pop()
        found.marks.append(Mark(0, "cut", "The last line of the file is not complete and was left out."))
    at = 0
    while at < len(lines) and lines[at].startswith("#"):
        name, _, value = lines[at].lstrip("# ").partition(":")
        found.conditions[name.strip()] = value.strip()
        at += 1
    _read_rows(path, list(csv.reader(lines[at:])), at + 1, found)
    return found


def write(path: Path, weights: Weights) -> None:
    """Write weights and conditions to a file; raises NotSaved."""
    rows = [f"{row.time_ms / 1000:.3f},{row.mass_ug / 1000:.3f},{row.piece}" for row in weights.rows]
    head = [f"# {name}: {value}" for name, value in weights.conditions.items()]
    try:
        path.write_text("\n".join([*head, ",".join(_COLUMNS), *rows]) + "\n", encoding="utf-8")
    except OSError as error:
        raise errors.NotSaved(path, error) from error


def _read_rows(path: Path, rows: Sequence[Sequence[str]], first_line: int, found: Weights) -> None:
    head = [name.strip() for name in rows[0]] if rows else []
    if "time_s" not in head or "mass_mg" not in head:
        raise errors.BadWeights(path, first_line, "has no header with the columns time_s and mass_mg")
    shift_ms = piece_shift = 0
    for line, cells in enumerate(rows[1:], first_line + 1):
        if not cells:
            continue
        row = dict(zip(head, cells, strict=False))
        try:
            time_s, mass_mg = float(row["time_s"]), float(row["mass_mg"])
            piece = int(row.get("piece", 1))
        except (KeyError, ValueError):
            raise errors.BadWeights(path, line, f"is {','.join(cells)!r}, not a time and a mass") from None
        if not (math.isfinite(time_s) and math.isfinite(mass_mg)):
            raise errors.BadWeights(path, line, f"is {','.join(cells)!r}, not a time and a mass")
        time_ms = round(time_s * 1000) + shift_ms
        if found.rows and time_ms <= found.rows[-1].time_ms:
            found.marks.append(
                Mark(found.rows[-1].time_ms, "clock", f"The time of line {line} is not after the last one.")
            )
            step_ms = found.rows[-1].time_ms + 1 - time_ms
            shift_ms, time_ms, piece_shift = shift_ms + step_ms, time_ms + step_ms, piece_shift + 1
        found.rows.append(Weight(time_ms, round(mass_mg * 1000), piece + piece_shift))


def corrected(rows: Iterable[Weight], evaporation_ug_h: float) -> list[Weight]:
    """Return the weights without the loss by evaporation at a constant rate."""
    return [
        Weight(row.time_ms, round(row.mass_ug + evaporation_ug_h * row.time_ms / 3_600_000), row.piece) for row in rows
    ]
