"""Occlusion in the hard world: blocks that are missed, the missing volume, and false findings in a busy body.

The baselines are those of the detector of the release before (false stops) and of the absolute limit (blocks), on the
same runs.
"""

from __future__ import annotations

from typing import Any

from figures import Figure, Group, span

from occlusion import campaign, hard, rivals

Rows = list[dict[str, Any]]
_THRESHOLD, _PAST = rivals.Threshold.name, rivals.Past.name
_FAST_UL_DAY = 500  # the limit is 10 uL from this rate on, 20 uL below
_SOFT_PL_PA = 500  # the limits hold up to this compliance
_BUSY_NAMES = (
    "occlusion.busy_pump_years", "occlusion.false_stops", "occlusion.false_stops_a_year.soft",
    "occlusion.false_warnings_a_year", "occlusion.busy_samples_per_stroke",
)  # fmt: skip
_BLOCK_NAMES = (
    "occlusion.hard.blocks", "occlusion.hard.missed", "occlusion.hard.wrong_name", "occlusion.hard.missing_nl_max",
    "occlusion.hard.slow_missing_nl_max", "occlusion.hard.sac_missing_nl_max", "occlusion.hard_kink.over_limit_nl",
)  # fmt: skip
_SHORT = frozenset(("plain", "at the tip", "kink, 10 % left", "sac of 1 C"))


def busy(rows: Rows) -> list[Figure]:
    """The busy body; its lines are soft above 0.5 uL/kPa."""
    rows = [row for row in rows if row["run"][1] == "busy body"]
    soft = [row for row in rows if row["run"][2] > _SOFT_PL_PA]
    firm = [row for row in rows if row["run"][2] <= _SOFT_PL_PA]
    everyday = [row for row in rows if row["run"][4] == 1000]
    years, soft_years = (sum(row["days"] for row in some) / 365 for some in (rows, soft))
    warnings = sum(len(row["found"]) - row["stops"] for row in rows)
    samples = sum(row["samples"] for row in everyday) / max(1, sum(row["strokes"] for row in everyday))
    theirs, soft_theirs = (sum(row["rivals"][_PAST] for row in some) for some in (firm, soft))
    values = (
        (round(years, 1), "years", None, 10),
        (sum(row["stops"] for row in firm), "stops", theirs, 0),
        (_each(sum(row["stops"] for row in soft), soft_years), "stops", _each(soft_theirs, soft_years), 0.1),
        (_each(warnings, years), "warnings", None, 1),
        (round(samples, 1), "samples", None, 9),
    )
    return [
        Figure(name, *value, "least" if name.endswith("years") else "most")
        for name, value in zip(_BUSY_NAMES, values, strict=True)
    ]


def _each(count: int, years: float) -> float:
    return round(count / years, 2) if years else 0.0


def blocks(rows: Rows) -> list[Figure]:
    """The blocks that shut for good, in quiet and busy bodies."""
    rows = [row for row in rows if row["run"][0] != "clean" and row["run"][1] in hard.BLOCKS]
    found = [row for row in rows if row["by"]]
    firm = [row for row in found if row["run"][2] <= _SOFT_PL_PA]
    sacs = [row for row in firm if row["run"][1].startswith("sac")]
    others = [row for row in firm if row not in sacs]
    fast = [row for row in others if row["run"][4] >= _FAST_UL_DAY]
    slow = [row for row in others if row["run"][4] < _FAST_UL_DAY]
    kinks = [row for row in rows if row["run"][1].startswith("kink")]
    misnamed = sum(row["by"] not in ("occluded", "pressure_high") for row in found)
    values = (
        (len(rows), "blocks", None, None),
        (len(rows) - len(found), "blocks", sum(row["rivals"][_THRESHOLD] is None for row in rows), 0),
        (misnamed, "stops", None, 0),
        (*_most(fast), 10000), (*_most(slow), 20000), (*_most(sacs), 25000),
        (max((row["over_limit_nl"] for row in kinks), default=0), "nL", None, 250),
    )  # fmt: skip
    return [Figure(name, *value) for name, value in zip(_BLOCK_NAMES, values, strict=True)]


def _most(rows: Rows) -> tuple[int, str, int]:
    """The largest missing volume, its unit, and the largest of the absolute limit."""
    theirs = max((row["rivals"][_THRESHOLD] or 0 for row in rows), default=0)
    return max((row["missing_nl"] for row in rows), default=0), "nL", theirs


def measure() -> list[Figure]:
    """All figures of the hard world."""
    rows: Rows = campaign.perform_hard(span(1, 0.001), classes=span(frozenset(), _SHORT))
    return [*blocks(rows), *busy(rows)]


GROUPS = [
    Group((*_BLOCK_NAMES, *_BUSY_NAMES), "occlusion in the hard world (two hours; goes on where it stopped)", measure)
]
