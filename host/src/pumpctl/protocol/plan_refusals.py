"""Refusals of a plan in words: the phase and the field that are at fault, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pumpctl import units
from pumpctl.cli.screen import tables
from pumpctl.therapy import plan


def reason(name: str, sent: Mapping[str, Any], answer: Mapping[str, Any]) -> str | None:
    """Return the reason for refusing a row of therapy_set, None where it can't be told."""
    at, rows = answer["row"], sent.get("rows")
    if not isinstance(rows, list) or not 0 <= at < len(rows):
        return None
    phases = tables.phases_of(rows)
    words = _words(name, phases, at, answer)
    return words and f"phase {at + 1}, {answer.get('field', 'row')}: {words}"


def _words(name: str, phases: tuple[plan.Phase, ...], at: int, answer: Mapping[str, Any]) -> str | None:
    phase, most = phases[at], answer.get("max")
    if name in ("plan_gap", "plan_overlap"):
        begins, ends = plan.days(phase.begin_h), plan.days(phases[at - 1].end_h or 0) if at else "0"
        before = "the phase before it ends" if at else "the plan begins"
        return f"it begins at day {begins}, where {before} at day {ends}; let it begin there."
    if name == "plan_length":
        end = f"a length of {phase.length_h} h" if phase.length_h else "no end"
        return f"{end} is not taken here; give the phase an end within the limits, only a last one may have none."
    if name == "over_reservoir" and isinstance(most, int):
        longest = f"at {units.rate(phase.ul_day)} it lasts for {plan.days(most)} days"
        return f"{plan.days(phase.length_h)} days need more than the reservoir gives, {longest}; shorten the phase."
    if name == "wrong_fluid":
        return f"{phase.fluid} is not due here; intrahepatic takes saline and drug in turn, other plans one fluid."
    if name == "unknown_name":
        return f"{phase.fluid} is no fluid for a plan; say {' or '.join(plan.FLUIDS)}."
    if name == "out_of_range" and isinstance(most, int):
        return f"{answer.get('value')} is outside {answer.get('min', 0)} to {most}."
    return None
