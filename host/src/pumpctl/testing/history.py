"""The measurements of all runs in a folder as one page: a line for each measurement, with its course and limits."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from pumpctl.testing import evidence
from pumpctl.testing.evidence import Measurement

_WIDTH, _HEIGHT, _EDGE = 240, 36, 4


def runs_in(folder: Path) -> list[dict[str, Any]]:
    """Return the records of a folder, oldest first; raises BadEvidence."""
    return [evidence.read(path) for path in evidence.files_in(folder)]


def page(runs: Sequence[Mapping[str, Any]]) -> str:
    """Return the page as HTML."""
    series: dict[tuple[str, str, int], list[Measurement | None]] = {}
    for place, run in enumerate(runs):
        for key, row in evidence.numbered(run["measurements"]).items():
            series.setdefault(key, [None] * len(runs))[place] = row
    lines = "".join(_line([row for row in rows if row], len(runs)) for _, rows in sorted(series.items()))
    listed = "".join(_cells([run["path"].name, run["target"], run["image"], run["began"]]) for run in runs)
    return _PAGE.substitute(lines=lines, runs=listed)


def _line(rows: Sequence[Measurement], runs: int) -> str:
    """A measurement: its last value, limits, and the values of the runs that made it, as a curve."""
    last = rows[-1]
    limits = " to ".join("" if limit is None else f"{limit:g}" for limit in (last.low, last.high))
    verdict = "good" if last.good else "bad"
    cells = _cells([last.name, f"{last.value:g} {last.unit}", limits, f"{len(rows)} of {runs}"])
    return f'<tr class="{verdict}">{cells.removeprefix("<tr>").removesuffix("</tr>")}<td>{_curve(rows)}</td></tr>'


def _curve(rows: Sequence[Measurement]) -> str:
    """A polyline over the runs; the limits of the last one are dashed lines."""
    shown = [*(row.value for row in rows), *(limit for limit in (rows[-1].low, rows[-1].high) if limit is not None)]
    least, most = min(shown), max(shown)

    def at(value: float) -> float:
        share = (value - least) / (most - least) if most > least else 0.5
        return round(_HEIGHT - _EDGE - share * (_HEIGHT - 2 * _EDGE), 1)

    step = (_WIDTH - 2 * _EDGE) / max(len(rows) - 1, 1)
    points = " ".join(f"{_EDGE + number * step:.1f},{at(row.value)}" for number, row in enumerate(rows))
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="2"/>' for x, y in (point.split(",") for point in points.split()))
    dashes = "".join(
        f'<line x1="0" x2="{_WIDTH}" y1="{at(limit)}" y2="{at(limit)}"/>'
        for limit in (rows[-1].low, rows[-1].high)
        if limit is not None
    )
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}">{dashes}<polyline points="{points}"/>{dots}</svg>'


def _cells(texts: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in texts) + "</tr>"


_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Measurements of bench tests</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #1d2733; max-width: 70rem; margin: 1rem auto; padding: 0 1rem; }
table { border-collapse: collapse; }
td, th { text-align: left; padding: .2rem 1rem .2rem 0; border-bottom: 1px solid #e6eaef; }
td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; } svg { width: 15rem; height: 2.25rem; }
polyline { fill: none; stroke: #2b6cb0; stroke-width: 1.5; } line { stroke: #c0392b; stroke-dasharray: 4 3; }
.bad td:nth-child(2) { color: #c0392b; font-weight: bold; }
</style></head><body>
<h1>Measurements of bench tests</h1>
<p>A bench prototype, for water. The dashed lines are the limits of the last run.</p>
<table><tr><th>measurement</th><th>last</th><th>limits</th><th>runs</th><th>course</th></tr>$lines</table>
<h2>Runs</h2>
<table><tr><th>file</th><th>target</th><th>image</th><th>began</th></tr>$runs</table>
</body></html>
""")
