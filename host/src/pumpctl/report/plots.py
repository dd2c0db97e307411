"""The plots of a report. matplotlib, the extra `report`, is imported only when a plot is drawn."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pumpctl import defs, errors
from pumpctl.frozen import frozen
from pumpctl.report.timeseries import Curves, Event, span

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, PALE, BLUE, ORANGE, RED, GREEN = "#1d2733", "#98a4b3", "#2166ac", "#d9822b", "#c0392b", "#2e8b57"
PRIORITY_COLOURS = {"high": RED, "medium": ORANGE, "low": BLUE}


@frozen
class Material:
    """The data of the plots: summary, hourly points, finer points around the occlusion, records of the log."""

    summary: dict[str, Any]
    hours: Curves
    minutes: Curves
    events: Sequence[Event]


Draw = Callable[["Figure", Material], None]


@contextmanager
def styled() -> Iterator[Figure]:
    """Yield a figure in the project's style; raises ReportExtraMissing when matplotlib isn't installed."""
    try:
        import matplotlib as mpl
        from matplotlib import figure as mpl_figure
    except ImportError:
        raise errors.ReportExtraMissing(
            "Plots need matplotlib, which isn't installed; type `pip install 'pumpctl[report]'`."
        ) from None
    style: dict[Any, Any] = {
        "axes.edgecolor": PALE,
        "axes.grid": True,
        "axes.labelcolor": INK,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 10,
        "grid.color": "#e6eaef",
        "legend.frameon": False,
        "svg.fonttype": "none",
        "svg.hashsalt": "pump",
        "xtick.color": INK,
        "ytick.color": INK,
    }
    with mpl.rc_context(style):
        yield mpl_figure.Figure(figsize=(9, 3.6), layout="constrained")


def svg(draw: Draw, material: Material) -> str:
    """Return the plot as SVG text; raises ReportExtraMissing when matplotlib isn't installed."""
    return svg_of(lambda figure: draw(figure, material))


def svg_of(draw: Callable[[Figure], None]) -> str:
    """Return what a function draws as SVG text; raises ReportExtraMissing when matplotlib isn't installed."""
    with styled() as figure:
        draw(figure)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def _days(curves: Curves) -> list[float]:
    return curves.scaled("t_s", 86400)


def _volume(figure: Figure, material: Material) -> None:
    hours = material.hours
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1.3))
    upper.plot(_days(hours), hours.scaled("programmed_nl", 1e6), color=PALE, linewidth=5, label="programmed")
    upper.plot(
        _days(hours), hours.scaled("delivered_nl", 1e6), color=BLUE, linewidth=1.5, label="delivered (true value)"
    )
    upper.set_ylabel("mL")
    upper.legend(loc="upper left")
    error = [(a - b) / 1000 for a, b in zip(hours["delivered_nl"], hours["programmed_nl"], strict=True)]
    lower.axhline(0, color=PALE, linewidth=1)
    lower.plot(_days(hours), error, color=BLUE, linewidth=1.2)
    lower.set_ylabel("difference, µL")
    lower.set_xlabel("days")


def _reservoir(figure: Figure, material: Material) -> None:
    hours = material.hours
    axes, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1.3))
    axes.plot(_days(hours), hours.scaled("reservoir_nl", 1e6), color=PALE, linewidth=5, label="true volume")
    axes.plot(_days(hours), hours.scaled("ledger_nl", 1e6), color=BLUE, linewidth=1.5, label="ledger")
    for name, colour, label in (("ledger_nl", BLUE, "ledger"), ("level_nl", ORANGE, "level sensor")):
        off_ul = [(a - b) / 1000 for a, b in zip(hours.scaled(name, 1), hours["reservoir_nl"], strict=True)]
        lower.plot(_days(hours), off_ul, color=colour, linewidth=1.2, label=label)
    lower.axhline(0, color=PALE, linewidth=1)
    lower.set_ylabel("error, µL")
    lower.set_xlabel("days")
    axes.plot([], [], color=ORANGE, linewidth=1.2, label="level sensor (below)")
    low_ml = next(p.default for p in defs.PARAMS.values() if p.name == "low_volume_nl") / 1e6
    axes.axhline(low_ml, color=RED, linewidth=1, linestyle=":")
    axes.annotate("low mark", (0, low_ml), xytext=(4, 4), textcoords="offset points", color=RED)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("mL left")
    axes.legend(loc="upper right", bbox_to_anchor=(0.85, 1))


def _pressure(figure: Figure, material: Material) -> None:
    minutes = material.minutes
    axes: Axes = figure.subplots()
    blocked_s = material.summary["occlusion"]["injected_s"]
    alarm_s = material.summary["occlusion"]["alarm_after_s"]
    t_min = [(t - blocked_s) / 60 for t in minutes["t_s"]]
    axes.plot(t_min, minutes.scaled("line_pa", 1000), color=PALE, linewidth=1.2, label="line (true value)")
    read_kpa, baseline_kpa = minutes.scaled("pressure_pa", 1000), minutes.scaled("baseline_pa", 1000)
    axes.plot(t_min, read_kpa, color=BLUE, linewidth=1.4, drawstyle="steps-post", label="measured by the pump")
    axes.plot(t_min, baseline_kpa, color=GREEN, linewidth=1.2, linestyle="--", label="baseline")
    marks = [(0.0, "blocked", INK, "right"), (alarm_s, f"alarm after {alarm_s:.0f} s", RED, "left")]
    for at_s, text, colour, side in marks + _resumed(material.events, blocked_s):
        axes.axvline(at_s / 60, color=colour, linewidth=1, linestyle=":")
        axes.annotate(
            text, (at_s / 60, 1), xytext=(4 if side == "left" else -4, 4), xycoords=("data", "axes fraction"),
            textcoords="offset points", color=colour, ha=side,
        )  # fmt: skip
    axes.set_ylabel("kPa")
    axes.set_xlabel("minutes after the block")
    axes.legend(loc="upper right")


def _resumed(events: Sequence[Event], after_s: float) -> list[tuple[float, str, str, str]]:
    infusing = next(number for number, state in defs.STATES.items() if state.name == "infusing")
    for event in events:
        if event.name == "state" and event.b == infusing and event.t_s > after_s:
            return [(event.t_s - after_s, "resumed", GREEN, "left")]
    return []


def _alarms(figure: Figure, material: Material) -> None:
    hours = material.hours
    axes: Axes = figure.subplots()
    rows = material.summary["alarms"]
    names = list(dict.fromkeys(row["alarm"] for row in rows))
    end_s = hours["t_s"][-1]
    for row in rows:
        at = names.index(row["alarm"])
        until_s = end_s if row["cleared_s"] is None else row["cleared_s"]
        colour = PRIORITY_COLOURS[row["priority"]]
        since_d = row["raised_s"] / 86400
        axes.plot([since_d, until_s / 86400], [at, at], color=colour, linewidth=6, solid_capstyle="butt")
        axes.plot(since_d, at, marker="o", color=colour, markersize=8)
        axes.annotate(
            f"{row['priority']}, {span(row['raised_s'])}", (since_d, at), xytext=(0, 9),
            textcoords="offset points", color=colour, ha="left" if row["raised_s"] < end_s * 0.7 else "right",
        )  # fmt: skip
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.7, max(len(names), 1) - 0.2)
    axes.set_xlim(0, end_s / 86400)
    axes.set_xlabel("days")
    axes.grid(axis="y", visible=False)


# title, description, function that draws it
PLOTS: tuple[tuple[str, str, Draw], ...] = (
    ("Volume", "Volume that reached the vessel, and volume programmed; below, their difference.", _volume),
    (
        "Reservoir",
        "True volume, and the estimates by ledger and level sensor; below, their errors.",
        _reservoir,
    ),
    (
        "Line pressure around the occlusion",
        "In the blocked line, each stroke raises the pressure until the alarm.",
        _pressure,
    ),
    ("Alarms", "Each alarm from when it was raised until it was cleared.", _alarms),
)
