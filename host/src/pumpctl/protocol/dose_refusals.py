"""Refusals of a dose, a refill or a draft in words: the value that is at fault, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pumpctl import defs, units

Fields = Mapping[str, Any]


def _soft_limit(command: str, sent: Fields, answer: Fields) -> str | None:
    value, most, override = (answer.get(name) for name in ("value", "max", "override"))
    if not isinstance(value, int) or not isinstance(most, int) or not isinstance(override, str):
        return None
    words = units.rate if override == "soft_rate" else units.volume
    return f"{words(value)} is above the soft limit of {words(most)}; say --override {override} to go beyond it."


def _locked_out(command: str, sent: Fields, answer: Fields) -> str | None:
    lockout_s, left = answer.get("lockout_s"), answer.get("boluses_left")
    if left == 0:
        return "the boluses of the 24 h are used up; `dose` says when one may begin again."
    if not isinstance(lockout_s, int):
        return None
    if lockout_s == 0:
        return "a bolus is being given; wait for its end, or end it with `bolus cancel`."
    return f"the lock-out of the last bolus has {units.duration(lockout_s)} to go; wait until then."


def _dose_limit(command: str, sent: Fields, answer: Fields) -> str | None:
    value = answer.get("value", sent.get("volume_nl"))
    if not isinstance(value, int):
        return None
    more = f"with {units.volume(value)} more"
    return f"{more} the limit of an hour or a day would be passed; see `dose`, give less or wait."


def _alarm_stands(command: str, sent: Fields, answer: Fields) -> str | None:
    alarm = defs.ALARMS.get(answer.get("alarm", 0))
    return None if alarm is None else f"the alarm {alarm.name} stands. {alarm.action}"


def _over_capacity(command: str, sent: Fields, answer: Fields) -> str | None:
    value, most = answer.get("value"), answer.get("max")
    if not isinstance(value, int) or not isinstance(most, int):
        return None
    return f"{units.ml(value)} is more than the reservoir holds, {units.ml(most)}; enter what it holds now."


def _over_reservoir(command: str, sent: Fields, answer: Fields) -> str | None:
    value, most = answer.get("value", sent.get("volume_nl")), answer.get("max")
    if not isinstance(value, int) or not isinstance(most, int):
        return None
    return f"{units.ml(value)} is more than the reservoir gives, {units.ml(most)}; give less or refill."


def _above_rate(command: str, sent: Fields, answer: Fields) -> str | None:
    value, most = answer.get("value", sent.get("value")), answer.get("max")
    if not isinstance(value, int) or not isinstance(most, int):
        return None
    return f"a keep-open rate of {units.rate(value)} is above the set rate of {units.rate(most)}; set it lower."


def _wrong_fluid(command: str, sent: Fields, answer: Fields) -> str | None:
    fluid = answer.get("value", sent.get("fluid"))
    return f"the plan does not ask for {fluid} now; `therapy` says which fluid it asks for." if fluid else None


def _phase_not_over(command: str, sent: Fields, answer: Fields) -> str:
    return "the phase has not run its time; say --early to go on to the next fluid all the same."


def _no_draft(command: str, sent: Fields, answer: Fields) -> str:
    return "no such draft waits: it was confirmed, dropped or replaced, has expired or no longer fits; ask anew."


def _wrong_code(command: str, sent: Fields, answer: Fields) -> str:
    return "what was confirmed is not what the pump understood; drop the draft and ask anew."


def _not_withdrawn(command: str, sent: Fields, answer: Fields) -> str:
    return "what came out of the reservoir must be entered first; do it with `refill withdrawn`."


def _nothing_to_do(command: str, sent: Fields, answer: Fields) -> str | None:
    return {"bolus_cancel": "no bolus is being given.", "draft_drop": "no draft waits."}.get(command)


REASONS: dict[str, Callable[[str, Fields, Fields], str | None]] = {
    "soft_limit": _soft_limit,
    "locked_out": _locked_out,
    "dose_limit": _dose_limit,
    "alarm_stands": _alarm_stands,
    "over_capacity": _over_capacity,
    "over_reservoir": _over_reservoir,
    "above_rate": _above_rate,
    "wrong_fluid": _wrong_fluid,
    "phase_not_over": _phase_not_over,
    "no_draft": _no_draft,
    "wrong_code": _wrong_code,
    "not_withdrawn": _not_withdrawn,
    "nothing_to_do": _nothing_to_do,
}
