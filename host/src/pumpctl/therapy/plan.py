"""A therapy plan: its phases, and the checks before it is sent.

The pump makes the same checks and decides; the checks here can name the line of the plan's file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pumpctl import defs, errors, units
from pumpctl.frozen import frozen

PHASE_H = 336  # two weeks, as in the intrahepatic therapy
FLUIDS = defs.FLUID_NAMES[1:]


@frozen
class Phase:
    """One fluid at one rate; times are hours from the plan's beginning, a length of 0 has no end."""

    fluid: str
    ul_day: int
    begin_h: int
    length_h: int

    @property
    def end_h(self) -> int | None:
        """Hour at which the phase ends, None without an end."""
        return self.begin_h + self.length_h if self.length_h else None

    @property
    def volume_nl(self) -> int | None:
        """Volume of the phase, rounded up; None without an end."""
        return -(-self.ul_day * 1000 * self.length_h // 24) if self.length_h else None


@frozen
class Plan:
    """Phases in their order; those from the index `repeat_from` on are given `cycles` times.

    `volume_nl` ends a timed plan, 0 for no such end.
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


@frozen
class Limits:
    """Limits of a plan: the reservoir's volume from full to the empty mark, and the soft limit of the rate."""

    usable_nl: int
    soft_ul_day: int


@frozen
class Problem:
    """An error of a plan; `phase` is an index, None for the whole plan, `field` is a key of the plan's file."""

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
    """Return a plan for a profile.

    intrahepatic: a phase of saline, then `cycles` times a phase of drug and one of saline, each for `phase_h` hours.
    continuous, timed: one phase of `fluid`, which ends after `hours` or `volume_nl` if they are not 0.
    """
    if profile != "intrahepatic":
        return Plan(profile, (Phase(fluid, rate_ul_day, 0, hours),), cycles, 0, volume_nl)
    turns = ("saline", "drug", "saline")
    phases = (Phase(name, rate_ul_day, at * phase_h, phase_h) for at, name in enumerate(turns))
    return Plan(profile, tuple(phases), cycles, 1)


def phases_of(rows: Sequence[Sequence[int]]) -> tuple[Phase, ...]:
    """Return the phases in rows of [fluid number, uL/day, begin h, length h], as in commands and answers."""
    return tuple(Phase(_fluid(fluid), ul_day, begin_h, length_h) for fluid, ul_day, begin_h, length_h in rows)


def problems(plan: Plan, limits: Limits, override: str | None = None) -> list[Problem]:
    """Return all errors of a plan in the order of its phases; empty for a valid plan."""
    found = [*_of_phases(plan, limits, override), *_of_shape(plan, limits)]
    return sorted(found, key=lambda problem: -1 if problem.phase is None else problem.phase)


def _of_phases(plan: Plan, limits: Limits, override: str | None) -> Iterator[Problem]:
    end_h: int | None = 0
    for at, phase in enumerate(plan.phases):
        yield from _of_rate(at, phase, limits, override)
        if phase.length_h < 0 or (phase.length_h == 0 and at < len(plan.phases) - 1):
            yield Problem(at, "to_day", "the phase has no end; only the last phase may have none")
        elif (phase.volume_nl or 0) > limits.usable_nl:
            needs, gives = units.ml(phase.volume_nl or 0), units.ml(limits.usable_nl)
            yield Problem(at, "rate_ml_day", f"the phase needs {needs}, but the reservoir can give {gives}")
        if end_h is not None and phase.begin_h != end_h:
            kind = "a gap" if phase.begin_h > end_h else "an overlap"
            before = f"the phase before it ends at day {days(end_h)}" if at else "the plan begins at day 0"
            yield Problem(at, "from_day", f"it begins at day {days(phase.begin_h)}, but {before}: {kind}")
        end_h = phase.end_h


def _of_rate(at: int, phase: Phase, limits: Limits, override: str | None) -> Iterator[Problem]:
    slowest, fastest = rate_limits()
    if not slowest <= phase.ul_day <= fastest:
        between = f"{units.rate(slowest)} to {units.rate(fastest)}"
        yield Problem(at, "rate_ml_day", f"{units.rate(phase.ul_day)} is outside {between}")
    elif phase.ul_day > limits.soft_ul_day and override != "soft_rate":
        soft = units.rate(limits.soft_ul_day)
        reason = f"{units.rate(phase.ul_day)} is above the soft limit of {soft}; add --override soft_rate to exceed it"
        yield Problem(at, "rate_ml_day", reason)


def _of_shape(plan: Plan, limits: Limits) -> Iterator[Problem]:
    """Yield what doesn't match the plan's profile, cycles or total volume."""
    last = len(plan.phases) - 1
    endless = plan.phases[last].length_h == 0
    if endless and plan.cycles > 1:
        yield Problem(None, "cycles", "a plan whose last phase has no end can't have several cycles")
    if plan.volume_nl > limits.usable_nl:
        needs, gives = units.ml(plan.volume_nl), units.ml(limits.usable_nl)
        yield Problem(None, "volume_ml", f"{needs} is more than the {gives} that the reservoir can give")
    if plan.profile == "intrahepatic":
        yield from _of_turns(plan)
        return
    for at, phase in enumerate(plan.phases):
        first = plan.phases[0].fluid
        if phase.fluid != first:
            yield Problem(at, "fluid", f"{plan.profile} has one fluid; phase 1 has {first}, this phase {phase.fluid}")
    if plan.profile == "continuous" and not endless:
        yield Problem(last, "to_day", "continuous has no end; remove to_day of the last phase")
    if plan.profile == "timed" and endless and not plan.volume_nl:
        yield Problem(None, "profile", "timed needs an end; add volume_ml or hours")


def _of_turns(plan: Plan) -> Iterator[Problem]:
    """Yield what doesn't match intrahepatic: saline first, then drug and saline alternately, each with an end."""
    for at, phase in enumerate(plan.phases):
        due = "drug" if at % 2 else "saline"
        if phase.fluid != due:
            yield Problem(at, "fluid", f"intrahepatic alternates saline and drug; this phase must be {due}")
    if plan.phases[-1].length_h == 0:
        yield Problem(len(plan.phases) - 1, "to_day", "every phase of intrahepatic needs an end")
    if plan.cycles > 1 and plan.phases[plan.repeat_from].fluid == plan.phases[-1].fluid:
        reason = f"cycles begin and end with {plan.phases[-1].fluid}, so it would be given in two consecutive phases"
        yield Problem(None, "repeat_from_phase", reason)


def rate_limits() -> tuple[int, int]:
    """Return the lowest and the highest rate in uL/day that the pump accepts (D1)."""
    field = defs.COMMANDS["rate"].fields[0]
    return field.min or 0, field.max or 0


def days(hours: int) -> str:
    """Return hours as text in days: `14`, `0.5`, or `14 + 7 h` where three decimals are not enough."""
    whole, rest = divmod(hours, 24)
    thousandths, unclear = divmod(rest * 1000, 24)
    if unclear:
        return f"{whole} + {rest} h"
    return f"{whole}.{thousandths:03}".rstrip("0").rstrip(".")


def _number(fluid: str) -> int:
    if fluid not in FLUIDS:
        raise errors.UsageProblem(f"There is no fluid {fluid!r}; use {' or '.join(FLUIDS)}.")
    return defs.FLUID_NAMES.index(fluid)


def _fluid(number: int) -> str:
    return defs.FLUID_NAMES[number] if 0 <= number < len(defs.FLUID_NAMES) else str(number)
