"""The pump's refusals as errors: the command, the value at fault, what to do; texts from the definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pumpctl import defs, errors, units
from pumpctl.protocol import names, refusal_texts

_USUAL = units.Amounts()
_NL_OF = {"nL": 1, "uL/day": 1000}  # of one unit of a field, per day for a rate
# What to do about conditions that have no alarm.
_ADVICE = {
    "alarm_holds": "See `alarms`, clear the cause, then type `ack`.",
    "plan_missing": "Set a plan with `therapy load` or `therapy set`.",
    "stopped": "An operator has stopped the pump; type `start`.",
    "contents_unknown": "Enter the fluid and volume in the reservoir with `refill`.",
    "prime_done": "Wait until the present prime has ended.",
    "fluid_wrong": "Refill with the fluid that `therapy` shows.",
}


# What a service lacks that owns the pump's port.
_SERVICE_NEEDS = {
    "token": "the service at this port takes it only with a token that permits it.",
    "key": "the service has no key that this pump takes, as its terminal says; type `pumpctl pair`.",
}
_NOT_PERMITTED = frozenset(("key_needed", "role_too_low", "host_unknown", "proof_wrong", "id_used"))


def refused(
    command: str, sent: Mapping[str, Any], answer: Mapping[str, Any], amounts: units.Amounts = _USUAL
) -> errors.Refused:
    """Return the error for the pump's refusal of `command` with the fields `sent`; `amounts` has its unit."""
    number = answer.get("refused")
    number = number if isinstance(number, int) else 0
    entry = defs.REFUSALS.get(number)
    name = entry.name if entry else f"refusal {number}"
    reason = _reason(name, command, sent, answer, amounts) or (entry.text if entry else f"reason {number}.")
    kind = errors.NotPermitted if name in _NOT_PERMITTED else errors.Refused
    return kind(f"{typed_name(command)} refused: {reason}", number, name, answer, command, sent)


def in_unit(refusal: errors.Refused, unit: str) -> errors.Refused:
    """Return a refusal with its amounts in the unit that the user has typed."""
    return refused(refusal.command, refusal.sent, refusal.fields, units.Amounts(unit))


def typed_name(command: str) -> str:
    """Return a command's name as it is typed at the command line."""
    return {"param_set": "params set"}.get(command, command.replace("_", " "))


def advice(bit: str) -> str:
    """Return what to do about a condition, empty when nothing is defined."""
    actions = [alarm.action for alarm in defs.ALARMS.values() if alarm.bit == bit]
    return actions[0] if actions else _ADVICE.get(bit, "")


def _reason(
    name: str, command: str, sent: Mapping[str, Any], answer: Mapping[str, Any], amounts: units.Amounts
) -> str | None:
    """Return the reason with its values, None when the definitions' text is enough."""
    of_phase = refusal_texts.phase_at_fault(name, sent, answer, amounts)
    if of_phase:
        return of_phase
    if name in refusal_texts.REASONS:
        return refusal_texts.REASONS[name](command, sent, answer, amounts)
    field = answer.get("field")
    value = answer.get("value", sent.get(field) if isinstance(field, str) else None)
    if name == "out_of_range" and field:
        return _out_of_range(command, sent, answer, str(field), value, amounts.unit)
    if name == "held" and isinstance(answer.get("bits"), int):
        return _held(answer["bits"])
    if name == "wrong_state":
        return _wrong_state(command, sent, answer)
    if name == "unknown_name" and field:
        return _unknown_name(command, sent, str(field), value)
    if name in ("unknown_field", "missing_field", "wrong_type") and field:
        return {
            "unknown_field": f"this firmware has no field {field}.",
            "missing_field": f"{field} is missing.",
            "wrong_type": f"{field} {value!r} is of the wrong type.",
        }[name]
    if name == "unknown_command":
        return "this firmware has no such command."
    if name == "key_needed" and answer.get("service") in _SERVICE_NEEDS:
        return _SERVICE_NEEDS[answer["service"]]
    if name == "role_too_low":
        return f"it takes the role {answer.get('role')}; pair this host with that role."
    if name == "no_such_alarm" and sent.get("alarm"):
        return f"the alarm {names.name_of(defs.ALARMS, sent['alarm'], 'alarm')} is not active; see `alarms`."
    return None


def _out_of_range(
    command: str, sent: Mapping[str, Any], answer: Mapping[str, Any], field: str, value: Any, typed: str
) -> str:
    label, unit, low, high = field, "", answer.get("min"), answer.get("max")
    param = _param(sent) if command == "param_set" else None
    if param is not None:
        label, unit = param.name, param.unit
    for entry in _fields(command):
        if entry.name == field:
            unit = unit or entry.unit
            low, high = (entry.min if low is None else low), (entry.max if high is None else high)
    if unit in _NL_OF and (typed or param is None):
        texts = [str(n) for n in (value, low, high) if str(n).removeprefix("-").isdecimal()]  # the value comes as text
        amounts = [units.exact(int(text) * _NL_OF[unit], typed or "mL") for text in texts]
        if len(amounts) == 3:
            day = "/day" if unit == "uL/day" else ""
            name = f"{label} " if param else ""
            return f"{name}{amounts[0]}{day} is outside {amounts[1].split()[0]} to {amounts[2]}{day}."
    return f"{label} {value} is outside {low} to {high}{' ' + unit if unit else ''}."


def _held(bits: int) -> str:
    holding = names.of_mask(defs.BITS, bits, "bit")
    what_to_do = list(dict.fromkeys(text for text in map(advice, holding) if text))
    if len(what_to_do) > 1 and _ADVICE["alarm_holds"] in what_to_do:
        what_to_do.remove(_ADVICE["alarm_holds"])  # the alarm's own action is more specific
    verb = "prevents" if len(holding) == 1 else "prevent"
    return " ".join([f"{', '.join(holding)} {verb} it.", *what_to_do])


def _wrong_state(command: str, sent: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    param = _param(sent) if command == "param_set" else None
    states = param.states if param else defs.COMMANDS[command].states if command in defs.COMMANDS else ()
    state = answer.get("state")
    now = (
        f"the pump's state is {names.name_of(defs.STATES, state, 'state')}"
        if isinstance(state, int)
        else "the pump's state is wrong"
    )
    what = param.name if param else typed_name(command)
    return f"{now}; {what} is allowed in {' or '.join(states)}." if states else f"{now}."


def _unknown_name(command: str, sent: Mapping[str, Any], field: str, value: Any) -> str:
    if command == "param_set":
        names = ", ".join(param.name for param in defs.PARAMS.values())
        return f"there is no parameter {sent.get('name')!r}; the parameters are {names}."
    choices = next((entry.choices for entry in _fields(command) if entry.name == field), ())
    return f"{field} {value!r} is unknown; use one of {', '.join(choices) or 'the defined names'}."


def _fields(command: str) -> tuple[defs.Field, ...]:
    return defs.COMMANDS[command].fields if command in defs.COMMANDS else ()


def _param(sent: Mapping[str, Any]) -> defs.Param | None:
    return next((param for param in defs.PARAMS.values() if param.name == sent.get("name")), None)
