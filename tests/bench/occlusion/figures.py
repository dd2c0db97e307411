"""Occlusion: time to detection, missing volume by then, false findings, and the cost of the monitor."""

from __future__ import annotations

import math
import statistics
from typing import Any

from figures import Figure, Group, on_micropython, span

from occlusion import campaign as occlusion_campaign, plots, rig, rivals, runs

Rows = list[dict[str, Any]]
Measured = tuple[float, str, float | None, float]  # value, unit, baseline, goal
_PATIENCE = 800  # the strokes counted for a rival that found nothing
_THRESHOLD = rivals.Threshold.name
_PRESENT_UL_DAY = 500  # the limit is 10 uL from this rate on, 20 uL below
_STOPS = frozenset(rig.STOPS.values())
_NAMES = (
    "occlusion.sudden.strokes_p99",
    "occlusion.sudden.strokes_max",
    "occlusion.sudden.seconds_max",
    "occlusion.grid.missing_nl_max",
    "occlusion.grid.sudden_missing_nl_max",
    "occlusion.grid.slow_missing_nl_max",
    "occlusion.partial.strokes_max",
    "occlusion.released_nl_max",
    "occlusion.missed",
    "occlusion.false_alarms",
    "occlusion.false_findings",
    "occlusion.clean_pump_years",
    "occlusion.time_ratio",
)


def of_kind(rows: Rows, *kinds: str) -> Rows:
    return [row for row in rows if row["run"][0] in kinds]


def of_line(rows: Rows, line: tuple[int, int, int]) -> Rows:
    """The rows of one line at one rate."""
    return [row for row in rows if tuple(row["run"][1:4]) == line]


def percentile(values: list[int], percent: int) -> int:
    """The smallest value that this percentage of the values doesn't exceed."""
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


def rival_strokes(row: dict[str, Any], name: str) -> int:
    """Strokes to a rival's alarm."""
    return int(row["rivals"].get(name, _PATIENCE))


def missing(rows: Rows, fast: bool) -> list[int]:
    """Missing volume at the alarm, in nL, at 0.5 mL/day and more, or (not `fast`) at less."""
    picked = [row for row in rows if (row["run"][3] >= _PRESENT_UL_DAY) == fast]
    return [row["missing_nl"] for row in picked if row["missing_nl"] is not None]


def stopped(row: dict[str, Any]) -> bool:
    """Whether a clean or warming run stopped the pump."""
    return any(name in _STOPS for _, name in row.get("found", [])) or bool(row.get("false"))


def campaign() -> list[Figure]:
    """All figures of the campaign; the baselines are those of the plain threshold on the same traces."""
    rows: Rows = occlusion_campaign.perform(span(1, 0.001), every=span(1, 37))  # type: ignore[assignment]
    plots.draw(rows, occlusion_campaign.FOLDER)
    values = [*_strokes_to_alarm(rows), *_missing_volumes(rows), *_partial_and_released(rows), *_wrong_findings(rows)]
    return [
        Figure(name, value, unit, baseline, goal, "least" if name.endswith("years") else "most")
        for name, (value, unit, baseline, goal) in zip(_NAMES, [*values, _time_ratio(rows)], strict=True)
    ]


# Each of these returns its rows (value, unit, baseline, goal) in the order of _NAMES.


def _strokes_to_alarm(rows: Rows) -> list[Measured]:
    default = of_line(of_kind(rows, "sudden"), runs.DEFAULT)
    strokes = [row["strokes_to_alarm"] for row in default]
    plain = [rival_strokes(row, _THRESHOLD) for row in default]
    return [
        (percentile(strokes, 99), "strokes", percentile(plain, 99), 5),
        (max(strokes), "strokes", max(plain), 10),
        (max(row["seconds"] for row in default), "s", None, 900),
    ]


def _missing_volumes(rows: Rows) -> list[Measured]:
    sudden, blocked = of_kind(rows, "sudden"), of_kind(rows, "sudden", "grown")
    plain_nl = max(rival_strokes(row, _THRESHOLD) for row in sudden) * rig.STROKE_NL
    return [
        (max(missing(blocked, True)), "nL", plain_nl, 10000),
        (max(missing(sudden, True)), "nL", plain_nl, 10000),
        (max(missing(blocked, False)), "nL", plain_nl, 20000),
    ]


def _partial_and_released(rows: Rows) -> list[Measured]:
    partial = [row["warned"] for row in of_line(of_kind(rows, "partial"), runs.DEFAULT)]
    relieved = [row["released_nl"] for row in of_kind(rows, "released") if row["run"][4]]
    unrelieved = [row["released_nl"] for row in of_kind(rows, "released") if not row["run"][4]]
    return [
        (max(200 if strokes is None else strokes for strokes in partial), "strokes", None, 50),
        (max(relieved), "nL", max(unrelieved), 5000),
    ]


def _wrong_findings(rows: Rows) -> list[Measured]:
    """Missed blocks, false alarms, false findings, and the pump-years in which these were counted."""
    blocked, clean = of_kind(rows, "sudden", "grown"), of_kind(rows, "clean")
    years = sum(row["days"] for row in clean) / 365
    threshold_alarms = sum(row["rivals"].get(_THRESHOLD, 0) for row in clean)
    return [
        (sum(row["by"] not in ("occluded", "pressure_high") for row in blocked), "runs", None, 0),
        (sum(stopped(row) for row in rows), "alarms", threshold_alarms, 0),
        (sum(len(row["found"]) for row in clean), "findings", None, 0),
        (round(years, 2), "years", None, 10),
    ]


def _time_ratio(rows: Rows) -> Measured:
    ratios = [row["strokes_to_alarm"] / rival_strokes(row, _THRESHOLD) for row in of_kind(rows, "sudden")]
    return round(statistics.fmean(ratios), 3), "ratio", 1, 1


def costs() -> list[Figure]:
    """Costs of the monitor, on the Pico-sized build on this machine."""
    row = on_micropython("occlusion/cost.py", "costs")
    return [
        Figure("occlusion.samples_per_stroke", row["samples"], "samples", None, 40),
        Figure("occlusion.us_per_stroke", round(row["us"], 1), "us", None, None),
        Figure("occlusion.ram_bytes", row["bytes_kept"], "bytes", None, 4096),
        Figure("occlusion.alloc_bytes", row["bytes_allocated"], "bytes", None, 0),
    ]


GROUPS = [
    Group(_NAMES, "the occlusion campaign (a quarter of an hour; continues where it was stopped)", campaign),
    Group(
        ("occlusion.samples_per_stroke", "occlusion.us_per_stroke", "occlusion.ram_bytes", "occlusion.alloc_bytes"),
        "cost of the pressure monitor",
        costs,
    ),
]
