"""The pressure around the last strokes before an alarm of the line, as a table or a plot (O6)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pumpctl import defs, errors, units
from pumpctl.protocol import answers
from pumpctl.report import plots

COLUMNS = ("stroke", "samples", "lowest", "highest", "last sample")
_DARKEST = 0.9  # opacity of the last stroke; earlier ones are lighter in proportion


def strokes(samples: Sequence[answers.Sample]) -> dict[int, list[answers.Sample]]:
    """Return the samples by stroke, oldest stroke first; the last stroke is 0, the one before it 1."""
    found: dict[int, list[answers.Sample]] = {}
    for sample in samples:
        found.setdefault(sample.stroke, []).append(sample)
    return found


def rows(samples: Sequence[answers.Sample]) -> list[tuple[str, ...]]:
    """Return a row per stroke."""
    table: list[tuple[str, ...]] = []
    for stroke, of_stroke in strokes(samples).items():
        pressures = [sample.pa for sample in of_stroke]
        bounds = (units.kpa(min(pressures)), units.kpa(max(pressures)), units.kpa(pressures[-1]))
        table.append((_name(stroke), str(len(of_stroke)), *bounds))
    return table


def write_png(path: Path, alarm: defs.Alarm, samples: Sequence[answers.Sample]) -> None:
    """Plot the pressure over the time since each stroke; raises ReportExtraMissing, NotSaved."""
    with plots.styled() as figure:
        axes = figure.subplots()
        by_stroke = strokes(samples)
        for at, (stroke, of_stroke) in enumerate(by_stroke.items(), 1):
            times_s = [sample.ms / 1000 for sample in of_stroke]
            pressures_kpa = [sample.pa / 1000 for sample in of_stroke]
            last = at == len(by_stroke)
            label = _name(stroke) if last or at == 1 else None
            colour = plots.RED if last else plots.BLUE
            axes.plot(
                times_s,
                pressures_kpa,
                color=colour,
                alpha=_DARKEST * at / len(by_stroke),
                linewidth=1.4,
                marker="o",  # a stroke may have a single sample
                markersize=3,
                label=label,
            )
        axes.axvline(0, color=plots.PALE, linewidth=1, linestyle=":")
        axes.set_title(f"Line pressure around the last strokes before {alarm.name}", fontsize=10)
        axes.set_xlabel("seconds since the stroke")
        axes.set_ylabel("kPa")
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1), title="stroke")  # beside the curves
        try:
            figure.savefig(path, format="png", dpi=150, bbox_inches="tight")
        except OSError as error:
            raise errors.NotSaved(path, error) from error


def _name(stroke: int) -> str:
    return "the last" if stroke == 0 else f"{stroke} before"
