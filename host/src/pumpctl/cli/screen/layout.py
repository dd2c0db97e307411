"""Texts laid out for a width: pairs, tables and sentences. Words and numbers are never broken, names never cut.

`paint(text, style)` returns a text in a style of the console; it is applied after the widths are known. A width of None
has no limit.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence

Paint = Callable[[str, str], str]

_NAME = 12  # narrowest column of names
_VALUE = 28  # narrower values than this go below their names
_GAP = "  "


def plain(text: str, _style: str) -> str:
    """Return the text without its style."""
    return text


def wrapped(text: str, width: int | None, indent: str = "") -> list[str]:
    """Return the lines of a text, each behind `indent`; a word that is longer than a line stands alone."""
    if width is None:
        return [indent + line for line in text.split("\n")]
    lines: list[str] = []
    for line in text.split("\n"):
        lines += textwrap.wrap(
            line, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        ) or [""]
    return lines


def pairs(rows: Iterable[tuple[str, str]], width: int | None, paint: Paint = plain) -> list[str]:
    """Return names and values in two columns; where the values' column is too narrow, below their names."""
    listed = list(rows)
    column = max([_NAME, *(len(name) for name, _ in listed)])
    value_width = None if width is None else width - column - len(_GAP)
    lines: list[str] = []
    for name, value in listed:
        if value_width is not None and value_width < _VALUE and column + len(_GAP) + len(value) > (width or 0):
            lines += [paint(name, "name"), *wrapped(value, width, _GAP)]
            continue
        first, *rest = wrapped(value, value_width)
        lines.append(f"{paint(name.ljust(column), 'name')}{_GAP}{first}".rstrip())
        lines += [" " * (column + len(_GAP)) + line for line in rest]
    return lines


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int | None, paint: Paint = plain) -> list[str]:
    """Return a table; if it is wider than `width`, each row as a block under its first cell."""
    widths = [max(len(row[place]) for row in (columns, *rows)) for place in range(len(columns))]
    if width is not None and sum(widths) + len(_GAP) * (len(columns) - 1) > width:
        return [line for row in rows for line in _block(columns, row, width, paint)]
    lines = []
    for row in (columns, *rows):
        cells = [
            cell.rjust(size) if width is not None and _numeric(rows, place) else cell.ljust(size)
            for place, (cell, size) in enumerate(zip(row, widths, strict=True))
        ]
        line = _GAP.join(cells).rstrip()
        lines.append(paint(line, "head") if row is columns else line)
    return lines


def _block(columns: Sequence[str], row: Sequence[str], width: int, paint: Paint) -> list[str]:
    """Return a row as its first cell that isn't empty, and `column value` for the others, as many in a line as fit."""
    first = next((place for place, cell in enumerate(row) if cell), 0)
    lines = wrapped(row[first], width)
    line = ""
    for place, cell in enumerate(row):
        if place == first or not cell:
            continue
        item = f"{columns[place]} {cell}".strip()
        longer = f"{line}, {item}" if line else _GAP + item
        if len(longer) < width:  # a comma may follow
            line = longer
            continue
        if line:
            lines.append(line + ",")
        *full, line = wrapped(item, width - 1, _GAP)
        lines += full
    return [paint(lines[0], "head"), *lines[1:], *([line] if line else [])]


def _numeric(rows: Sequence[Sequence[str]], place: int) -> bool:
    return bool(rows) and all(row[place].lstrip("-").isdecimal() or not row[place] for row in rows)
