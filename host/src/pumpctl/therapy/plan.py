"""A therapy plan: its phases as the pump takes them, and what has to be right before it is sent.

The pump makes the same checks and has the last word; made here, they name the place in the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pumpctl import defs, errors, units

PHASE_H = 336  # two weeks, the intrahepatic therapy's own text
FLUIDS = defs.FLUID_NAMES[1:]


@dataclass(frozen=True)
class Phase:
    """One fluid at one rate; times are hours from the plan's beginning, a length of 0 has no end."""

    fluid: str
    ul_day: int
    begin_h: int
    length_h: int

    @property
    def end_h(self) -> int | None:
        """When it ends, None for never."""
        return self.begin_h + self.length_h if self.length_h else None

    @property
    def volume_nl(self) -> int | None:
        """What it gives, rounded up; None without an end."""
        return -(-self.ul_day * 1000 * self.length_h // 24) if self.length_h else None


@dataclass(frozen=True)
class Plan:
    """Phases in their order, of which those from `repeat_from` on run `cycles` times.

    `volume_nl` ends a timed plan, 0 for none.
    """

    profile: str
    phases: tuple[Phase, ...]
    cycles: int = 1
    repeat_from: int = 0
    volume_nl: int = 0

    def fields(self) -> dict[str, Any]:
        """Return the fields of the command therapy_set; raises UsageProblem for an unknown fluid."""
        rows = [[_number(phase.fluid), phase.ul_day, phase.begin_h, phase.length_h] for phase in self.phases]
        return {
            "profile": self.profile,
            "rows": rows,
            "cycles": self.cycles,
            "repeat_from": self.repeat_from,
            "volume_nl": self.volume_nl,
        }


@dataclass(frozen=True)
class Limits:
    """What a plan keeps to: what the reservoir gives from full to the empty mark, and the soft limit of the rate."""

    usable_nl: int
    soft_ul_day: int


@dataclass(frozen=True)
class Problem:
    """What is wrong; `phase` counts from 0, None for the plan as a whole, `field` is a key of a plan's file."""

    phase: int | None
    field: str
    reason: str


def simple(
    profile: str,
    rate_ul_day: int,
    phase_h: int = PHASE_H,
    cycles: int = 1,
    fluid: str = "saline",
    volume_nl: int = 0,
    hours: int = 0,
) -> Plan:
    """Return a plan of a usual shape: of intrahepatic, saline and then drug and saline in turn `cycles` times, each for
    `phase_h`; of continuous and timed, one phase of `fluid`, ended by `volume_nl` or `hours`."""
    if profile != "intrahepatic":
        return Plan(profile, (Phase(fluid, rate_ul_day, 0, hours),), cycles, 0, volume_nl)
    turns = ("saline", "drug", "saline")
    phases = (Phase(name, rate_ul_day, at * phase_h, phase_h) for at, name in enumerate(turns))
    return Plan(profile, tuple(phases), cycles, 1)


def phases_of(rows: Sequence[Sequence[int]]) -> tuple[Phase, ...]:
    """Return the phases in rows of [fluid number, uL/day, begin h, length h], as the pump sends and takes them."""
    return tuple(Phase(_fluid(fluid), ul_day, begin_h, length_h) for fluid, ul_day, begin_h, length_h in rows)


def problems(plan: Plan, limits: Limits, override: str | None = None) -> list[Problem]:
    """Return all that is wrong with a plan, in the order of its phases; empty for a good one."""
    found = [*_of_phases(plan, limits, override), *_of_shape(plan, limits)]
    return sorted(found, key=lambda problem: -1 if problem.phase is None else problem.phase)


def _of_phases(plan: Plan, limits: Limits, override: str | None) -> Iterator[Problem]:
    end_h: int | None = 0
    for at, phase in enumerate(plan.phases):
        yield from _of_rate(at, phase, limits, override)
        if phase.length_h < 0 or (phase.length_h == 0 and at < len(plan.phases) - 1):
            yield Problem(at, "to_day", "the phase has no length; only the last one may have no end")
        elif (phase.volume_nl or 0) > limits.usable_nl:
            needs, gives = units.ml(phase.volume_nl or 0), units.ml(limits.usable_nl)
            yield Problem(at, "rate_ml_day", f"the phase needs {needs} and the reservoir gives {gives}")
        if end_h is not None and phase.begin_h != end_h:
            kind = "a gap" if phase.begin_h > end_h else "an overlap"
            before = f"the phase before it ends at day {days(end_h)}" if at else "the plan begins at day 0"
            yield Problem(at, "from_day", f"it begins at day {days(phase.begin_h)} and {before}: {kind}")
        end_h = phase.end_h


def _of_rate(at: int, phase: Phase, limits: Limits, override: str | None) -> Iterator[Problem]:
    slowest, fastest = rate_limits()
    if not slowest <= phase.ul_day <= fastest:
        between = f"{units.rate(slowest)} to {units.rate(fastest)}"
        yield Problem(at, "rate_ml_day", f"{units.rate(phase.ul_day)} is outside {between}")
    elif phase.ul_day > limits.soft_ul_day and override != "soft_rate":
        soft = units.rate(limits.soft_ul_day)
        reason = f"{units.rate(phase.ul_day)} is above the soft limit of {soft}; --override soft_rate goes beyond it"
        yield Problem(at, "rate_ml_day", reason)


def _of_shape(plan: Plan, limits: Limits) -> Iterator[Problem]:
    """What the profile's name promises."""
    last = len(plan.phases) - 1
    endless = plan.phases[last].length_h == 0
    if endless and plan.cycles > 1:
        yield Problem(None, "cycles", "a plan whose last phase has no end can't be repeated")
    if plan.volume_nl > limits.usable_nl:
        needs, gives = units.ml(plan.volume_nl), units.ml(limits.usable_nl)
        yield Problem(None, "volume_ml", f"{needs} is more than the reservoir gives, {gives}")
    if plan.profile == "intrahepatic":
        yield from _of_turns(plan)
        return
    for at, phase in enumerate(plan.phases):
        first = plan.phases[0].fluid
        if phase.fluid != first:
            yield Problem(at, "fluid", f"{plan.profile} has one fluid, {first}, and not {phase.fluid} as well")
    if plan.profile == "continuous" and not endless:
        yield Problem(last, "to_day", "continuous has no end; leave to_day of the last phase out")
    if plan.profile == "timed" and endless and not plan.volume_nl:
        yield Problem(None, "profile", "timed needs an end: give volume_ml or hours")


def _of_turns(plan: Plan) -> Iterator[Problem]:
    """Intrahepatic: saline first, then drug and saline in turn, each with an end."""
    for at, phase in enumerate(plan.phases):
        due = "drug" if at % 2 else "saline"
        if phase.fluid != due:
            yield Problem(at, "fluid", f"intrahepatic gives saline first and drug in turn with it; {due} is due here")
    if plan.phases[-1].length_h == 0:
        yield Problem(len(plan.phases) - 1, "to_day", "every phase of intrahepatic has an end")
    if plan.cycles > 1 and plan.phases[plan.repeat_from].fluid == plan.phases[-1].fluid:
        reason = f"a cycle begins and ends with {plan.phases[-1].fluid}, so it would be given twice in a row"
        yield Problem(None, "repeat_from_phase", reason)


def rate_limits() -> tuple[int, int]:
    """Return the slowest and the fastest rate in uL/day that a pump takes (D1)."""
    field = defs.COMMANDS["rate"].fields[0]
    return field.min or 0, field.max or 0


def days(hours: int) -> str:
    """Return whole hours as text in days: `14`, `0.5`, or `7 h` where decimals don't say it."""
    whole, rest = divmod(hours, 24)
    thousandths, unclear = divmod(rest * 1000, 24)
    if unclear:
        return f"{whole} + {rest} h"
    return f"{whole}.{thousandths:03}".rstrip("0").rstrip(".")


def _number(fluid: str) -> int:
    if fluid not in FLUIDS:
        raise errors.UsageProblem(f"There is no fluid {fluid!r}; say {' or '.join(FLUIDS)}.")
    return defs.FLUID_NAMES.index(fluid)


def _fluid(number: int) -> str:
    return defs.FLUID_NAMES[number] if 0 <= number < len(defs.FLUID_NAMES) else str(number)
