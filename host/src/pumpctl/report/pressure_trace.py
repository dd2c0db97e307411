"""The pressure around the last strokes before an alarm of the line, as a table or drawn (O6)."""

from __future__ import annotations

from pathlib import Path

from pumpctl import defs, units
from pumpctl.protocol import answers
from pumpctl.report import plots

COLUMNS = ("stroke", "samples", "lowest", "highest", "at its end")
_FULL = 0.9


def strokes(trace: answers.Trace) -> dict[int, list[answers.Sample]]:
    """Return the samples by stroke, oldest stroke first; strokes count backwards from 0, the last."""
    found: dict[int, list[answers.Sample]] = {}
    for sample in trace.samples:
        found.setdefault(sample.stroke, []).append(sample)
    return found


def rows(trace: answers.Trace) -> list[tuple[str, ...]]:
    """Return a row per stroke."""
    table: list[tuple[str, ...]] = []
    for stroke, samples in strokes(trace).items():
        pressures = [sample.pa for sample in samples]
        bounds = (units.kpa(min(pressures)), units.kpa(max(pressures)), units.kpa(pressures[-1]))
        table.append((_name(stroke), str(len(samples)), *bounds))
    return table


def write_png(path: Path, alarm: defs.Alarm, trace: answers.Trace) -> None:
    """Draw pressure against the time from each stroke, the last stroke darkest; raises ReportExtraMissing."""
    with plots.styled() as figure:
        axes = figure.subplots()
        kept = strokes(trace)
        for at, (stroke, samples) in enumerate(kept.items(), 1):
            times_s = [sample.ms / 1000 for sample in samples]
            heights = [sample.pa / 1000 for sample in samples]
            last = at == len(kept)
            label = _name(stroke) if last or at == 1 else None
            colour = plots.RED if last else plots.BLUE
            axes.plot(times_s, heights, color=colour, alpha=_FULL * at / len(kept), linewidth=1.4, label=label)
        axes.axvline(0, color=plots.PALE, linewidth=1, linestyle=":")
        axes.set_title(f"Pressure of the line around the last strokes before {alarm.name}", fontsize=10)
        axes.set_xlabel("seconds from the stroke")
        axes.set_ylabel("kPa")
        axes.legend(loc="upper right")
        figure.savefig(path, format="png", dpi=150)


def _name(stroke: int) -> str:
    return "the last" if stroke == 0 else f"{stroke} before"
