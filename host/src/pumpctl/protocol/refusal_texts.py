"""The pump's refusals as sentences: the value that is at fault, and what to do.

Each function of REASONS gets the command's name, the fields that were sent, the pump's answer, and the unit of amounts.
It returns None when the answer lacks a value that the sentence needs; then the definitions' own text is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pumpctl import defs, units
from pumpctl.therapy import plan

Fields = Mapping[str, Any]
Reason = Callable[[str, Fields, Fields, units.Amounts], str | None]


def phase_at_fault(name: str, sent: Fields, answer: Fields, amounts: units.Amounts) -> str | None:
    """Return the reason for refusing one row of therapy_set, None when the answer names no such row."""
    at, rows = answer.get("row"), sent.get("rows")
    if type(at) is not int or not isinstance(rows, list) or not 0 <= at < len(rows):
        return None
    words = _phase_words(name, plan.phases_of(rows), at, answer, amounts)
    return words and f"phase {at + 1}, {answer.get('field', 'row')}: {words}"


def _phase_words(
    name: str, phases: tuple[plan.Phase, ...], at: int, answer: Fields, amounts: units.Amounts
) -> str | None:
    phase, most = phases[at], answer.get("max")
    if name in ("plan_gap", "plan_overlap"):
        begins, ends = plan.days(phase.begin_h), plan.days(phases[at - 1].end_h or 0) if at else "0"
        before = "the phase before it ends" if at else "the plan begins"
        return f"it begins at day {begins}, but {before} at day {ends}; let it begin there."
    if name == "plan_length":
        length = f"a length of {phase.length_h} h" if phase.length_h else "a phase without an end"
        return f"{length} is not allowed here; set one within the limits (only the last phase may have no end)."
    if name == "over_reservoir" and isinstance(most, int):
        needs = f"{plan.days(phase.length_h)} days at {amounts.rate(phase.ul_day)} need more than the reservoir holds"
        return f"{needs}, which is enough for {plan.days(most)} days; shorten the phase."
    if name == "wrong_fluid":
        return f"{phase.fluid} is wrong here; intrahepatic alternates saline and drug, other plans have one fluid."
    if name == "unknown_name":
        return f"{phase.fluid} is not a fluid for a plan; use {' or '.join(plan.FLUIDS)}."
    if name == "out_of_range" and isinstance(most, int):
        return f"{answer.get('value')} is outside {answer.get('min', 0)} to {most}."
    return None


def _soft_limit(command: str, sent: Fields, answer: Fields, amounts: units.Amounts) -> str | None:
    value, most, override = (answer.get(name) for name in ("value", "max", "override"))
    if not isinstance(value, int) or not isinstance(most, int) or not isinstance(override, str):
        return None
    words = amounts.rate if override == "soft_rate" else amounts.volume
    return f"{words(value)} is above the soft limit of {words(most)}; add --override {override} to exceed it."


def _locked_out(command: str, sent: Fields, answer: Fields, amounts: units.Amounts) -> str | None:
    lockout_s, left = answer.get("lockout_s"), answer.get("boluses_left")
    if left == 0:
        return "all boluses of the last 24 h have been used; `dose` shows when the next one is allowed."
    if not isinstance(lockout_s, int):
        return None
    if lockout_s == 0:
        return "a bolus is being given; wait for its end or type `bolus cancel`."
    return f"the bolus lock-out lasts for another {units.duration(lockout_s)}; wait until then."


def _dose_limit(command: str, sent: Fields, answer: Fields, amounts: units.Amounts) -> str | None:
    value = answer.get("value", sent.get("volume_nl"))
    if not isinstance(value, int):
        return None
    more = f"another {amounts.volume(value)}"
    return f"{more} would exceed the limit of an hour or a day; see `dose`, give less or wait."


def _alarm_stands(command: str, sent: Fields, answer: Fields, amounts: units.Amounts) -> str | None:
    alarm = defs.ALARMS.get(answer.get("alarm", 0))
    return None if alarm is None else f"the alarm {alarm.name} is active. {alarm.action}"


def _above(field: str | None, words: Callable[[units.Amounts, int], str], text: str) -> Reason:
    """Return a reason that fills `text` with the answer's value (else the `field` that was sent) and its maximum."""

    def reason(command: str, sent: Fields, answer: Fields, amounts: units.Amounts) -> str | None:
        value, most = answer.get("value", sent.get(field) if field else None), answer.get("max")
        if not isinstance(value, int) or not isinstance(most, int):
            return None
        return text.format(words(amounts, value), words(amounts, most))

    return reason


def _wrong_fluid(command: str, sent: Fields, answer: Fields, amounts: units.Amounts) -> str | None:
    fluid = answer.get("value", sent.get("fluid"))
    return f"the plan does not need {fluid} now; `therapy` shows which fluid it needs." if fluid else None


def _nothing_to_do(command: str, sent: Fields, answer: Fields, amounts: units.Amounts) -> str | None:
    return {"bolus_cancel": "no bolus is being given.", "draft_drop": "no change is pending."}.get(command)


def _always(text: str) -> Reason:
    return lambda command, sent, answer, amounts: text


REASONS: dict[str, Reason] = {
    "soft_limit": _soft_limit,
    "locked_out": _locked_out,
    "dose_limit": _dose_limit,
    "alarm_stands": _alarm_stands,
    "over_capacity": _above(
        None, units.Amounts.ml, "{0} is above the reservoir's capacity of {1}; enter the volume that is in it now."
    ),
    "over_reservoir": _above(
        "volume_nl", units.Amounts.ml, "{0} is more than the {1} that the reservoir can give; give less or refill."
    ),
    "above_rate": _above(
        "value", units.Amounts.rate, "a keep-open rate of {0} is above the set rate of {1}; choose a lower one."
    ),
    "wrong_fluid": _wrong_fluid,
    "button_needed": _always(
        "a calibration that differs by more than 20 % needs a user at the pump: repeat the command, and press the "
        "pump's button when the values have been read back, before you confirm them."
    ),
    "phase_not_over": _always("the phase has time left; add --early to go on to the next fluid now."),
    "no_draft": _always(
        "there is no such pending change: it was confirmed, dropped or replaced, has expired or no longer fits; "
        "ask for it again."
    ),
    "draft_changed": _always(
        "a value that was read back has changed since, so nothing was done; ask for the change again and read it anew."
    ),
    "wrong_code": _always(
        "the confirmed values are not those that the pump read back; type `draft drop` and ask for the change again."
    ),
    "not_withdrawn": _always("enter the withdrawn volume first, with `refill withdrawn`."),
    "nothing_to_do": _nothing_to_do,
}
