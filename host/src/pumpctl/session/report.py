"""A session as one HTML page: figures, delivered against programmed for each day, alarms, events, gaps, plots.

A day is 24 hours of the session, counted from its first row of telemetry.
"""

from __future__ import annotations

import html
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from pumpctl import __version__, defs, errors, units
from pumpctl.measurement import curves
from pumpctl.report import plots
from pumpctl.session import export, measurements, steady

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DAY_MS = 86_400_000
_MOST_EVENTS = 500
_MOST_POINTS = 2000  # of a curve: the lowest and the highest value of each part of the time are drawn
_GOAL_PPM = 50_000  # of the programmed volume (D4 and D5 raise alarms at twice this)
_INFUSING = next(number for number, state in defs.STATES.items() if state.name == "infusing")
_COLUMNS = "at_ms, boot, uptime_ms, state, rate_ul_day, book_ul, book_pl, ledger_nl, level_nl, pressure_pa"

_Rows = Sequence[sqlite3.Row]
_Cells = Iterable[Sequence[str]]


@dataclass
class Day:
    """A day of a session: what the plan's rate gives for the time that was recorded, and what was delivered in it."""

    number: int
    programmed_pl: int = 0
    delivered_pl: int = 0
    recorded_ms: int = 0

    @property
    def error_ppm(self) -> int | None:
        """Deviation from what was programmed, None when nothing was."""
        if self.programmed_pl == 0:
            return None
        return round((self.delivered_pl - self.programmed_pl) * 1_000_000 / self.programmed_pl)


def days(rows: _Rows) -> list[Day]:
    """Return the days of a session, by the pump's own time; only steps in which it was infusing at one rate count."""
    found: list[Day] = []
    passed_ms = 0
    for before, after in pairwise(rows):
        step_ms = after["uptime_ms"] - before["uptime_ms"]
        if after["boot"] != before["boot"] or not 0 < step_ms <= steady.LONGEST_STEP_MS:
            continue
        number = passed_ms // _DAY_MS + 1
        passed_ms += step_ms
        if not found or found[-1].number != number:
            found.append(Day(number))
        day = found[-1]
        day.recorded_ms += step_ms
        if before["state"] == after["state"] == _INFUSING and before["rate_ul_day"] == after["rate_ul_day"]:
            day.programmed_pl += before["rate_ul_day"] * 1_000_000 * step_ms // _DAY_MS
            day.delivered_pl += _book_pl(after) - _book_pl(before)
    return found


def write(path: Path, database: sqlite3.Connection, session: Path) -> None:
    """Write the page; raises NotSaved, ReportExtraMissing."""
    rows = database.execute(f"SELECT {_COLUMNS} FROM telemetry ORDER BY id").fetchall()
    overview = export.overview(database, session)
    events = database.execute("SELECT * FROM event ORDER BY id DESC LIMIT ?", (_MOST_EVENTS,)).fetchall()[::-1]
    text = _PAGE.substitute(
        name=html.escape(overview["name"]),
        figures=_table(("", ""), export.overview_pairs(overview)),
        days=_table(("day", "recorded", "programmed", "delivered", "deviation", "verdict"), map(_day_row, days(rows))),
        alarms=_table(("alarm", "times raised"), ((name, str(count)) for name, count in overview["alarms"].items())),
        events=_table(("time (UTC)", "number", "event", "detail"), map(_event_row, events)),
        plots="".join([*_plots(rows), *_curves(database, rows, session)]),
        data=json.dumps(overview).replace("<", "\\u003c"),
        versions=html.escape(f"pumpctl {__version__}, definitions {defs.DIGEST}"),
    )
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise errors.NotSaved(path, error) from error


def thinned(points: Sequence[tuple[float, float | None]], most: int = _MOST_POINTS) -> list[tuple[float, float]]:
    """Return at most `most` points, with the lowest and highest of each part of the time: no peak is lost."""
    known = [(at, value) for at, value in points if value is not None]
    width = max(1, -(-2 * len(known) // most))
    if width <= 2:
        return known
    found = []
    for begin in range(0, len(known), width):
        part = known[begin : begin + width]
        found += sorted({min(part, key=lambda point: point[1]), max(part, key=lambda point: point[1])})
    return found


def _plots(rows: _Rows) -> Iterable[str]:
    """Yield the plots over the hours of the session."""
    if len(rows) < 2:
        return
    began_ms = rows[0]["at_ms"]
    hours = [(row["at_ms"] - began_ms) / 3_600_000 for row in rows]
    for title, unit, named in (
        ("Pressure", "kPa", {"last line pressure": [_scaled(row["pressure_pa"], 1000) for row in rows]}),
        ("Delivered", "mL", {"since the session began": [(_book_pl(r) - _book_pl(rows[0])) / 1e9 for r in rows]}),
        (
            "Reservoir",
            "mL",
            {
                "level sensor": [_scaled(row["level_nl"], 1_000_000) for row in rows],
                "ledger": [_scaled(row["ledger_nl"], 1_000_000) for row in rows],
            },
        ),
    ):
        lines = {name: thinned(list(zip(hours, values, strict=True))) for name, values in named.items()}
        yield f"<section><h2>{title}</h2>{plots.svg_of(_draw(lines, unit))}</section>"


def _curves(database: sqlite3.Connection, rows: _Rows, session: Path) -> Iterable[str]:
    """Yield flow and trumpet curves of the measurements by weight, and of the longest part at one rate."""
    weighed = [found for found in measurements.results_in(database, session.stem, {}, {}) if found.analysis is not None]
    account = steady.longest(rows)
    for title, found in (("by weight", weighed), ("by the pump's account", [account] if account else [])):
        if found:
            yield f"<section><h2>Flow {title}</h2>{curves.start_up(found)}</section>"
            yield f"<section><h2>Trumpet curve {title}</h2>{curves.trumpet(found)}</section>"


def _draw(lines: dict[str, list[tuple[float, float]]], unit: str) -> Any:
    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for (name, points), colour in zip(lines.items(), (plots.ORANGE, plots.BLUE)[-len(lines) :], strict=True):
            axes.plot([x for x, _ in points], [y for _, y in points], color=colour, linewidth=1.2, label=name)
        axes.set_xlabel("hours since the session began")
        axes.set_ylabel(unit)
        axes.legend(loc="best")

    return draw


def _day_row(day: Day) -> tuple[str, ...]:
    error = day.error_ppm
    verdict = "nothing programmed"
    if error is not None:
        verdict = "within 5 %" if abs(error) <= _GOAL_PPM else "beyond 5 %"
    return (
        str(day.number),
        units.duration(day.recorded_ms // 1000),
        units.ml(day.programmed_pl // 1000),
        units.ml(day.delivered_pl // 1000),
        "" if error is None else f"{error / 10_000:+.2f} %",
        verdict,
    )


def _event_row(row: sqlite3.Row) -> tuple[str, ...]:
    return (export.time_text(row["at_ms"]), str(row["sequence"]), row["name"], row["detail"])


def _table(columns: Sequence[str], rows: _Cells) -> str:
    lines = ["".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows]
    if not lines:
        return "<p>None.</p>"
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns) if any(columns) else ""
    return f'<div class="wide"><table><tr>{head}</tr>{"".join(f"<tr>{line}</tr>" for line in lines)}</table></div>'


def _book_pl(row: sqlite3.Row) -> int:
    return int(row["book_ul"]) * 1_000_000 + int(row["book_pl"])


def _scaled(value: int | None, unit: int) -> float | None:
    return None if value is None else value / unit


_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Session $name</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #1d2733; max-width: 62rem; margin: 1rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin: 2rem 0 0; }
.warning { border-left: 4px solid #d9822b; padding: .3rem .8rem; background: #fdf5ec; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: .8rem 0; }
th, td { text-align: left; padding: .25rem 1rem .25rem 0; border-bottom: 1px solid #e6eaef; vertical-align: top; }
td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; } svg { width: 100%; height: auto; }
@media print { .wide { overflow: visible; } section { break-inside: avoid; } }
</style></head><body>
<h1>Session $name</h1>
<p class="warning">A bench prototype, for water. Not for use on patients.</p>
$figures
<h2>Delivered against programmed</h2>
<p>Each day by the pump's own account, for the recorded time in which it was infusing.</p>
$days
<h2>Alarms</h2>
$alarms
$plots
<h2>Events</h2>
<p>The last 500 at most; <code>pumpctl session export</code> has all.</p>
$events
<p>$versions</p>
<script type="application/json" id="data">$data</script>
</body></html>
""")
