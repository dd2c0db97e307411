"""The plots of a measurement: start-up curve and trumpet curve, of one run or of several."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

from pumpctl.measurement.result import UL_DAY_PER_UL_H, Result
from pumpctl.report import plots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SCALE_PERCENT = 15  # the scale of a test house's trumpet curve
_COLOURS = (plots.BLUE, plots.ORANGE, plots.GREEN, plots.RED)


def start_up(results: Sequence[Result]) -> str:
    """Return the flow over time as SVG text; raises ReportExtraMissing."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for result, colour in zip(results, cycle(_COLOURS), strict=False):
            if result.analysis is None:
                continue
            flows = result.analysis.flows
            hours = [at * flows.interval_min / 60 for at in range(len(flows.ul_h) + 1)]
            axes.stairs(flows.ul_h, hours, color=colour, linewidth=1.2, label=result.name)
            rate_ul_h = result.conditions.rate_ul_day / UL_DAY_PER_UL_H
            axes.axhline(rate_ul_h, color=colour, linewidth=0.8, linestyle=":")
        axes.set_xlabel("hours")
        axes.set_ylabel("flow, µL/h")
        axes.legend(loc="best")

    return plots.svg_of(draw)


def trumpet(results: Sequence[Result]) -> str:
    """Return the trumpet curves as SVG text, on a scale of ±15 % or more; raises ReportExtraMissing."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        worst = 0.0
        for result, colour in zip(results, cycle(_COLOURS), strict=False):
            if result.analysis is None or not result.analysis.trumpet:
                continue
            windows = result.analysis.trumpet
            minutes = [window.minutes for window in windows]
            highest = [window.highest_percent for window in windows]
            lowest = [window.lowest_percent for window in windows]
            axes.plot(
                minutes, highest, color=colour, marker="o", linewidth=1.2, label=f"{result.name}: Ep(max), Ep(min)"
            )
            axes.plot(minutes, lowest, color=colour, marker="o", linewidth=1.2)
            _overall(axes, result, colour)
            worst = max([worst, *map(abs, highest), *map(abs, lowest)])
        scale = max(_SCALE_PERCENT, 1.1 * worst)
        axes.set_ylim(-scale, scale)
        axes.set_xlabel("observation window, minutes")
        axes.set_ylabel("error, %")
        axes.legend(loc="upper right")

    return plots.svg_of(draw)


def _overall(axes: Any, result: Result, colour: str) -> None:
    overall = result.figures.get("overall_percent")
    if overall is not None:
        axes.axhline(
            overall, color=colour, linewidth=1, linestyle="--", label=f"{result.name}: overall {overall:+.2f} %"
        )
