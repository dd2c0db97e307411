"""The report of a run as one HTML file: figures, and plots of volume, reservoir, pressure and alarms.

Needs the extra `report` (matplotlib), which is imported only when a page is written.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

from pumpctl import defs, errors, units
from pumpctl.report import plots
from pumpctl.report.timeseries import Curves, Event, span

Summary = dict[str, Any]
Section = tuple[str, str, str]


def alarms_of(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Return each alarm of a run with the times (s) when it was raised, acknowledged and cleared, None for never."""
    found: list[dict[str, Any]] = []
    marks = {"alarm_cleared": "cleared_s", "alarm_acknowledged": "acknowledged_s"}
    for event in events:
        alarm = defs.ALARMS.get(event.a)
        if event.name == "alarm_raised" and alarm:
            found.append(
                {
                    "alarm": alarm.name,
                    "priority": alarm.priority,
                    "raised_s": event.t_s,
                    "acknowledged_s": None,
                    "cleared_s": None,
                }
            )
        elif event.name in marks and alarm:
            for row in reversed(found):
                if row["alarm"] == alarm.name:
                    row[marks[event.name]] = event.t_s
                    break
    return found


def rows_of(summary: Summary) -> list[tuple[str, str]]:
    """Return the figures of a summary as names and texts."""
    occlusion = summary["occlusion"]
    return [
        ("simulated days", f"{summary['days']:g}"),
        ("rate", f"{summary['rate_ul_day'] / 1000:g} mL/day"),
        ("programmed", _ml(summary["programmed_nl"])),
        ("delivered (true value)", _ml(summary["delivered_nl"])),
        ("delivered (pump's total)", _ml(summary["book_nl"])),
        ("deviation from programmed", f"{summary['error_ppm']:+d} ppm"),
        ("left in the reservoir", _ml(summary["reservoir_left_nl"])),
        ("refills", str(summary["refills"])),
        *(("withdrawn minus ledger", _withdrawal(row)) for row in summary["withdrawals"]),
        ("drug at the catheter tip after", units.duration(summary["hold_over_s"])),
        ("dose of the last day", _ml(summary["dose"]["day_nl"])),
        ("moved, by the independent counter", f"{summary['dose']['moved_ul'] / 1e3:.3f} mL"),
        ("line blocked at", span(occlusion["injected_s"])),
        ("occlusion alarm after", f"{occlusion['alarm_after_s']:.1f} s"),
        ("volume not delivered at the alarm", f"{occlusion['missing_nl'] / 1000:.2f} µL"),
        ("released when the line opened", f"{occlusion['released_nl'] / 1000:.2f} µL"),
        ("alarms", ", ".join(row["alarm"] for row in summary["alarms"]) or "none"),
        ("wall time", f"{summary['wall_s']:.1f} s"),
        ("interpreter", summary["interpreter"]),
    ]


def write(
    path: Path, summary: Summary, hours: Curves, minutes: Curves, events: Sequence[Event], more: Sequence[Section] = ()
) -> None:
    """Write the page; `hours` holds hourly points, `minutes` finer ones, `more` sections (title, text, SVG).

    Raises ReportExtraMissing, NotSaved.
    """
    material = plots.Material(summary, hours, minutes, events)
    sections = [
        f"<section><h2>{html.escape(title)}</h2><p>{html.escape(text)}</p>{plots.svg(draw, material)}</section>"
        for title, text, draw in plots.PLOTS
    ]
    sections += [
        f"<section><h2>{html.escape(title)}</h2><p>{html.escape(text)}</p>{svg}</section>" for title, text, svg in more
    ]
    rows = [f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>" for name, value in rows_of(summary)]
    text = _PAGE.substitute(rows="\n".join(rows), figures="\n".join(sections))
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise errors.NotSaved(path, error) from error


def _withdrawal(row: dict[str, int]) -> str:
    found_nl = row["ledger_nl"] + row["difference_nl"]
    return f"{units.ml(found_nl, 1)}, {row['difference_nl'] / 1000:+.0f} µL, {row['percent']} %"


def _ml(nl: int) -> str:
    return f"{nl / 1e6:.6f} mL"


_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pump report</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #1d2733; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 0; }
p { margin: .2rem 0 .6rem; color: #56616e; }
.warning { border-left: 4px solid #d9822b; padding: .3rem .8rem; background: #fdf5ec; color: #1d2733; }
table { border-collapse: collapse; margin: 1.2rem 0; }
th, td { text-align: left; padding: .25rem 1.2rem .25rem 0; border-bottom: 1px solid #e6eaef; vertical-align: top; }
th { font-weight: normal; color: #56616e; }
td { font-variant-numeric: tabular-nums; }
svg { width: 100%; height: auto; }
</style></head><body>
<h1>Two weeks at 1 mL/day</h1>
<p>The unmodified firmware on the simulated board; line, vessel and reservoir are the models in hil/plant.</p>
<p class="warning">A bench prototype, for water. Not for use on patients.</p>
<table>$rows</table>
$figures
</body></html>
""")
