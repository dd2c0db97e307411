"""A measurement with its conditions and figures, as the reports show it and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, field
from typing import Any

from pumpctl import errors
from pumpctl.frozen import frozen
from pumpctl.measurement import analysis, fluid as fluids, limits, sampling as samplings, weights as weighings

UL_DAY_PER_UL_H = 24


@frozen
class Conditions:
    """Under which a run was made; what is not known is empty. Stored with the weights."""

    rate_ul_day: int
    kind: str = "accuracy"
    fluid: str = "water"
    temperature_c: float = 20.0
    density_g_ml: float = 0.0  # 0: that of water at the temperature
    air_g_ml: float = fluids.AIR_G_ML
    evaporation_ug_h: float = 0.0
    back_pressure_kpa: float | None = None
    sampling: str = "continuous"
    shot_min: float = 0.0
    settling_min: float | None = None  # None: what the sampling says
    period_min: float | None = None
    began: str = ""
    pump: str = ""
    firmware: str = ""
    balance: str = ""
    note: str = ""

    @property
    def weighed_g_ml(self) -> float:
        """What a millilitre weighs in air, in g."""
        return fluids.weighed_g_ml(self.density_g_ml or fluids.water_g_ml(self.temperature_c), self.air_g_ml)

    def plan(self) -> samplings.Sampling:
        """Return interval, periods and windows; raises UsageProblem."""
        found = samplings.named(self.sampling, self.shot_min)
        return samplings.with_periods(found, self.settling_min, self.period_min)


@frozen
class Result:
    """A run with what was found in it: `figures` may have a limit, `table` are rows of the run's own kind."""

    name: str
    conditions: Conditions
    figures: dict[str, float | None]
    analysis: analysis.Analysis | None = None
    marks: Sequence[weighings.Mark] = ()
    columns: tuple[str, ...] = ()
    table: Sequence[Sequence[str]] = ()
    verdicts: list[limits.Verdict] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return all of it for JSON; flows in µL/h, None where not measured."""
        found = self.analysis
        return {
            "name": self.name,
            "conditions": asdict(self.conditions),
            "figures": self.figures,
            "verdict": limits.line(self.verdicts),
            "verdicts": [{**asdict(row), "good": row.good} for row in self.verdicts],
            "marks": [asdict(mark) for mark in self.marks],
            "table": [dict(zip(self.columns, row, strict=True)) for row in self.table],
            "interval_min": found and found.flows.interval_min,
            "flow_ul_h": found and [None if flow != flow else round(flow, 4) for flow in found.flows.ul_h.tolist()],
            "trumpet": found and [asdict(window) for window in found.trumpet],
            "missing_intervals": found and found.missing,
        }


def of_weights(
    name: str, weights: weighings.Weights, conditions: Conditions, wanted: Mapping[str, float] | None = None
) -> Result:
    """Return the result of a run at one rate, with the verdict on it; raises UsageProblem, ReportExtraMissing."""
    if conditions.rate_ul_day <= 0:
        raise errors.UsageProblem(f"The rate of {name} is not known; give it with --rate.")
    rows = weighings.corrected(weights.rows, conditions.evaporation_ug_h)
    rate_ul_h = conditions.rate_ul_day / UL_DAY_PER_UL_H
    found = analysis.analyse(rows, rate_ul_h, conditions.weighed_g_ml, conditions.plan())
    figures = {
        "overall_percent": found.overall_percent,
        "start_up_min": found.start_up_min,
        **{limits.trumpet_name(window.minutes): window.worst_percent for window in found.trumpet},
    }
    return Result(
        name, conditions, figures, found, tuple(weights.marks), verdicts=limits.verdicts(figures, wanted or {})
    )


def conditions_of(given: Mapping[str, str]) -> dict[str, Any]:
    """Return the conditions that a file of weights names, by their type; raises UsageProblem."""
    known = {**dict.fromkeys(_TEXTS, str), **dict.fromkeys(_NUMBERS, float), "rate_ul_day": int}
    found = {}
    for name, text in given.items():
        if name not in known:
            raise errors.UsageProblem(f"There is no condition {name!r}; there are {', '.join(known)}.")
        try:
            found[name] = known[name](text)
        except ValueError:
            raise errors.UsageProblem(f"The condition {name} is {text!r}, which is not a number.") from None
    return found


_NUMBERS = (
    "temperature_c", "density_g_ml", "air_g_ml", "evaporation_ug_h", "back_pressure_kpa", "shot_min", "settling_min",
    "period_min",
)  # fmt: skip
_TEXTS = ("kind", "fluid", "sampling", "began", "pump", "firmware", "balance", "note")
