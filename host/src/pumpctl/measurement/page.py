"""The report of one or several measurements as one HTML page that can be printed, and its data as JSON beside it."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from string import Template

from pumpctl import __version__, errors, units
from pumpctl.measurement import curves, limits
from pumpctl.measurement.result import Result

_LABELS = {
    "overall_percent": "overall error A",
    "start_up_min": "start-up to ±10 %",
    "occlusion_alarm_s": "occlusion alarm after",
    "occlusion_released_ul": "released after the occlusion",
    "bolus_percent": "largest error of a bolus",
    "free_flow_ul": "passed while stopped",
    "pl_per_step": "volume per step",
    "uncertainty_pl": "its uncertainty (k = 2)",
    "before_pl": "volume per step before",
}
_UNITS = {**limits.FIGURES, "pl_per_step": "pL", "uncertainty_pl": "pL", "before_pl": "pL"}
_UNKNOWN = "not measured"


def write(path: Path, results: Sequence[Result]) -> Path:
    """Write the page, and a file with the ending .json, whose path is returned. Raises NotSaved, ReportExtraMissing."""
    data = json.dumps([result.to_json() for result in results], indent=1)
    text = _PAGE.substitute(
        title=html.escape(", ".join(result.name for result in results)),
        verdicts="".join(map(_verdict, results)),
        figures=_side_by_side(results, figure_rows),
        curves="".join(_curves(results)),
        tables="".join(map(_table, results)),
        marks="".join(map(_marks, results)),
        conditions=_side_by_side(results, condition_rows),
        versions=html.escape(f"pumpctl {__version__}"),
    )
    beside = path.with_suffix(".json")
    for target, content in ((path, text), (beside, data + "\n")):
        try:
            target.write_text(content, encoding="utf-8")
        except OSError as error:
            raise errors.NotSaved(target, error) from error
    return beside


def figure_rows(result: Result) -> dict[str, str]:
    """Return the figures of a result as names and texts."""
    rows = {}
    for name, value in result.figures.items():
        unit = _UNITS.get(name, "%")
        sign = "+" if unit == "%" else ""
        rows[_label(name)] = _UNKNOWN if value is None else f"{value:{sign}.2f} {unit}"
    if result.analysis is not None:
        rows["measured intervals"] = f"{len(result.analysis.flows.ul_h) - result.analysis.missing}"
        rows["intervals without a flow"] = f"{result.analysis.missing}"
    return rows


def condition_rows(result: Result) -> dict[str, str]:
    """Return the conditions of a result as names and texts; an empty one is not known."""
    found = {name: "" if value is None else str(value) for name, value in asdict(result.conditions).items()}
    found["rate"] = units.rate(int(found.pop("rate_ul_day")))
    found["density_g_ml"] = f"{result.conditions.weighed_g_ml:.5f} as weighed in air"
    return {name.replace("_", " "): text for name, text in found.items() if text}


def _label(name: str) -> str:
    if name in _LABELS:
        return _LABELS[name]
    return f"worst error over {name.removeprefix('trumpet_percent_').removesuffix('_min')} min"


def _curves(results: Sequence[Result]) -> Iterable[str]:
    if any(result.analysis is not None for result in results):
        yield f"<section><h2>Flow after the start</h2>{curves.start_up(results)}</section>"
        yield f"<section><h2>Trumpet curve</h2>{curves.trumpet(results)}</section>"


def _verdict(result: Result) -> str:
    line = limits.line(result.verdicts)
    kind = "good" if line == "passed" else "bad" if line.startswith("failed") else "open"
    rows = "".join(
        _row(
            [
                _label(row.name),
                _UNKNOWN if row.value is None else f"{row.value:.2f} {row.unit}",
                f"±{row.limit:g} {row.unit}",
            ]
        )
        for row in result.verdicts
    )
    table = f"<table><tr><th>figure</th><th>value</th><th>limit</th></tr>{rows}</table>" if rows else ""
    return f'<p class="{kind}"><b>{html.escape(result.name)}</b>: {html.escape(line)}</p>{table}'


def _side_by_side(results: Sequence[Result], rows_of: Callable[[Result], dict[str, str]]) -> str:
    columns = [rows_of(result) for result in results]
    names = dict.fromkeys(name for column in columns for name in column)
    head = _row(["", *(result.name for result in results)], "th")
    rows = "".join(_row([name, *(column.get(name, "") for column in columns)]) for name in names)
    return f'<div class="wide"><table>{head}{rows}</table></div>'


def _table(result: Result) -> str:
    if not result.table:
        return ""
    rows = "".join(map(_row, result.table))
    head = _row(result.columns, "th")
    return f'<h2>{html.escape(result.name)}</h2><div class="wide"><table>{head}{rows}</table></div>'


def _marks(result: Result) -> str:
    rows = "".join(_row([f"{mark.time_ms / 3_600_000:.2f} h", mark.cause, mark.text]) for mark in result.marks)
    return f"<h2>Interruptions of {html.escape(result.name)}</h2><table>{rows}</table>" if rows else ""


def _row(cells: Iterable[str], tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"


_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Measurement: $title</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #1d2733; max-width: 62rem; margin: 1rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin: 2rem 0 0; }
.warning, .good, .bad, .open { border-left: 4px solid #d9822b; padding: .3rem .8rem; background: #fdf5ec; }
.good { border-color: #2e8b57; background: #eef7f1; } .bad { border-color: #c0392b; background: #fbeeec; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: .8rem 0; }
th, td { text-align: left; padding: .25rem 1rem .25rem 0; border-bottom: 1px solid #e6eaef; vertical-align: top; }
td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; } svg { width: 100%; height: auto; }
@page { size: A4; margin: 15mm; }
@media print { body { margin: 0; max-width: none; } .wide { overflow: visible; } section, tr { break-inside: avoid; } }
</style></head><body>
<h1>Measurement: $title</h1>
<p class="warning">A bench prototype, for water. Not for use on patients.</p>
$verdicts
<h2>Figures</h2>
$figures
$curves
$tables
$marks
<h2>Conditions</h2>
$conditions
<p>Formulas of IEC 60601-2-24; docs/measurements.md explains them. $versions</p>
</body></html>
""")
