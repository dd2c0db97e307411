"""A plan as the text of its TOML file, which plan_file reads back to the same plan."""

from __future__ import annotations

from pumpctl import errors, units
from pumpctl.therapy import plan


def of(wanted: plan.Plan, comment: str) -> str:
    """Return the text; raises UsageProblem for times that a file can't express."""
    lines = [f"# {comment}", f'profile = "{wanted.profile}"']
    if wanted.cycles != 1:
        lines.append(f"cycles = {wanted.cycles}")
    if wanted.profile == "intrahepatic":
        lines.append(f"repeat_from_phase = {wanted.repeat_from + 1}")
    if wanted.volume_nl:
        lines.append(f"volume_ml = {_ml(wanted.volume_nl)}")
    if wanted.profile == "timed" and len(wanted.phases) == 1:
        (phase,) = wanted.phases
        lines += [f'fluid = "{phase.fluid}"', f"rate_ml_day = {_ml(phase.ul_day * 1000)}"]
        lines += [f"hours = {phase.length_h}"] if phase.length_h else []
        return "\n".join(lines) + "\n"
    for at, phase in enumerate(wanted.phases, 1):
        lines += ["", "[[phase]]", f'fluid = "{phase.fluid}"', f"rate_ml_day = {_ml(phase.ul_day * 1000)}"]
        lines.append(f"from_day = {_days(phase.begin_h, at)}")
        if phase.end_h is not None:
            lines.append(f"to_day = {_days(phase.end_h, at)}")
    return "\n".join(lines) + "\n"


def _ml(nl: int) -> str:
    return units.exact(nl, "mL").removesuffix(" mL")


def _days(hours: int, phase: int) -> str:
    """Return hours as a decimal number of days, which is finite for multiples of three hours only."""
    if hours % 3:
        raise errors.UsageProblem(
            f"Phase {phase} has a time of {hours} h, which is no finite number of days, so the plan can't be saved."
        )
    thousandths = hours * 1000 // 24
    whole, rest = divmod(thousandths, 1000)
    return f"{whole}.{rest:03}".rstrip("0").rstrip(".")
