"""Tables and plots of the occlusion campaign, into build/bench/occlusion/."""

from __future__ import annotations

import statistics
from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib

from occlusion import rivals

matplotlib.use("Agg")
from matplotlib import pyplot

Rows = list[dict[str, Any]]
_OWN = "cumulative sum"
_TEN_UL = 40  # strokes
_FIVE = 5
_KINDS = (rivals.Pressures, rivals.Slopes, rivals.Sums)
_DEFAULT = [100, 2000, 1000]


def draw(rows: Rows, folder: Path) -> None:
    """Writes detectors.txt (time to detection), worst.txt (by line and rate), roc.txt and the plots."""
    sudden = [row for row in rows if row["run"][0] == "sudden"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "detectors.txt").write_text("\n".join(compare(rows)) + "\n")
    (folder / "worst.txt").write_text("\n".join(worst(rows)) + "\n")
    points = roc(rows)
    (folder / "roc.txt").write_text("\n".join(roc_lines(points)) + "\n")
    _roc(points, folder / "roc.png")
    _strokes(sudden, folder / "sudden.png")
    _missing([row for row in rows if row["run"][0] in ("sudden", "grown")], folder / "missing.png")


def compare(rows: Rows) -> list[str]:
    """A line for each detector: strokes to the alarm at the default line, missing volume on the grid, false alarms."""
    sudden = [row for row in rows if row["run"][0] == "sudden"]
    clean = [row for row in rows if row["run"][0] == "clean" and row["rivals"]]
    years = sum(row["days"] for row in clean) / 365
    names = sorted({name for row in sudden for name in row["rivals"]} | set(clean[0]["rivals"] if clean else ()))
    lines = [f"{'detector':26} default p50 p99 max  grid max nL  found of {len(sudden)}  false in {years:.2f} years"]
    for name in [_OWN, *names]:
        found = [_strokes_of(row, name) for row in sudden]
        default = sorted(_strokes_of(row, name) or 800 for row in sudden if row["run"][1:4] == _DEFAULT)
        most = max(strokes or 800 for strokes in found) * 250
        false = sum(_false_of(row, name) for row in clean)
        middle, late = default[len(default) // 2], default[-(-len(default) * 99 // 100) - 1]
        there = sum(strokes is not None for strokes in found)
        lines.append(f"{name:26} {middle:11} {late:3} {default[-1]:3}  {most:11}  {there:8}  {false:8}")
    return lines


def worst(rows: Rows) -> list[str]:
    """The largest missing volume of each line, rate and kind."""
    most: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for row in rows:
        kind, compliance, tau, rate, value, _, _ = row["run"]
        if kind in ("sudden", "grown") and row["missing_nl"] is not None:
            most[compliance, tau, rate, kind, value].append(row["missing_nl"])
    lines = ["C pL/Pa  tau ms  uL/day  kind    minutes  runs  median nL  max nL"]
    for (compliance, tau, rate, kind, value), volumes in sorted(most.items()):
        middle = int(statistics.median(volumes))
        lines.append(
            f"{compliance:7} {tau:7} {rate:7}  {kind:7} {value:7} {len(volumes):5} {middle:10} {max(volumes):7}"
        )
    return lines


def roc(rows: Rows) -> dict[str, list[tuple[int, float, float, float]]]:
    """(mark, false alarms in a pump-year, % of sudden blocks found in 10 uL, % of the default line's in 5 strokes)."""
    clean = [row for row in rows if row["run"][0] == "clean" and row["curve"]]
    sudden = [row for row in rows if row["run"][0] == "sudden"]
    default = [row for row in sudden if row["run"][1:4] == _DEFAULT]
    years = sum(row["days"] for row in clean) / 365
    points: dict[str, list[tuple[int, float, float, float]]] = {}
    for kind in _KINDS:
        points[kind.name] = []
        for at, mark in enumerate(kind.marks):
            false = sum(row["curve"][kind.name][at] for row in clean) / years if years else 0.0
            there = (_share(sudden, kind.name, at, _TEN_UL), _share(default, kind.name, at, _FIVE))
            points[kind.name].append((mark, false, *there))
    return points


def roc_lines(points: dict[str, list[tuple[int, float, float, float]]]) -> list[str]:
    lines = ["detector    mark  false per pump-year  % of all found in 10 uL  % of the default line found in 5 strokes"]
    for name, marks in points.items():
        lines += [f"{name:10} {mark:6} {false:19.1f} {all_:24.1f} {five:30.1f}" for mark, false, all_, five in marks]
    return lines


def _share(rows: Rows, name: str, at: int, strokes: int) -> float:
    found = [row["curve"][name][at] for row in rows]
    return 100 * sum(first is not None and first <= strokes for first in found) / max(1, len(found))


def _roc(points: dict[str, list[tuple[int, float, float, float]]], path: Path) -> None:
    figure, axes = pyplot.subplots(figsize=(7, 4))
    for name, marks in points.items():
        axes.plot([false for _, false, _, _ in marks], [all_ for _, _, all_, _ in marks], marker="o", label=name)
    axes.set_xscale("symlog", linthresh=1)
    axes.set(xlabel="false alarms in a pump-year", ylabel="% of sudden blocks found in 10 uL", xlim=(0, None))
    axes.set_title("Three detectors at eight marks each, all lines and rates")
    axes.legend()
    figure.savefig(path, dpi=120, bbox_inches="tight")
    pyplot.close(figure)


def _strokes_of(row: dict[str, Any], name: str) -> int | None:
    found = row["strokes_to_alarm"] if name == _OWN else row["rivals"].get(name)
    return None if found is None else int(found)


def _false_of(row: dict[str, Any], name: str) -> int:
    if name == _OWN:
        return sum(found == "occluded" for _, found in row["found"])
    return int(row["rivals"][name])


def _strokes(sudden: Rows, path: Path) -> None:
    figure, axes = pyplot.subplots(figsize=(7, 4))
    default = [row for row in sudden if row["run"][1:4] == _DEFAULT]
    names = [_OWN, *sorted({name for row in default for name in row["rivals"]})]
    for name in names:
        values = sorted(_strokes_of(row, name) or 800 for row in default)
        axes.step(values, [100 * (place + 1) / len(values) for place in range(len(values))], label=name, where="post")
    axes.set(xlabel="strokes of 0.25 uL from the block to the alarm", ylabel="% of runs", xlim=(0, 30))
    axes.set_title("Sudden block, default line, 1 mL/day")
    axes.legend()
    figure.savefig(path, dpi=120, bbox_inches="tight")
    pyplot.close(figure)


def _missing(blocked: Rows, path: Path) -> None:
    figure, axes = pyplot.subplots(figsize=(7, 4))
    for kind, mark in (("sudden", "o"), ("grown", "x")):
        picked = [row for row in blocked if row["run"][0] == kind and row["missing_nl"] is not None]
        # Lines of the same compliance are drawn side by side, ordered by tau.
        across = [row["run"][1] * (0.8 + 0.1 * len(str(row["run"][2]))) for row in picked]
        axes.scatter(across, [max(1, row["missing_nl"]) / 1000 for row in picked], s=9, marker=mark, label=kind)
    axes.axhline(10, color="black", linewidth=0.8)
    axes.set(xscale="log", yscale="log", ylim=(0.05, 200))
    axes.set(xlabel="compliance, pL/Pa", ylabel="missing at the alarm, uL")
    axes.legend()
    figure.savefig(path, dpi=120, bbox_inches="tight")
    pyplot.close(figure)
