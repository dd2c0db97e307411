"""The texts of refusals: for each, the value at fault and what to do."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pumpctl import defs, errors
from pumpctl.protocol import refusal_texts, refusals
from pumpctl.pump import Pump
from pumpctl.therapy import plan

DEFINITIONS = Path(__file__).parents[3] / "firmware" / "definitions"
HELD = sum(mask for mask, bit in defs.BITS.items() if bit.name in ("reservoir_empty", "alarm_holds"))
NO_PLAN = next(mask for mask, bit in defs.BITS.items() if bit.name == "plan_missing")


@pytest.mark.parametrize(
    ("call", "refusal", "fields", "text"),
    [
        (
            ("rate", 5),
            "out_of_range",
            {"field": "ul_day", "value": 5, "min": 50, "max": 24000},
            "rate refused: 0.005 mL/day is outside 0.05 to 24 mL/day.",
        ),
        (
            ("param_set", "low_time_h", 999),
            "out_of_range",
            {"field": "low_time_h", "value": 999, "min": 1, "max": 336},
            "params set refused: low_time_h 999 is outside 1 to 336 h.",
        ),
        (
            ("resume",),
            "held",
            {"bits": HELD},
            "resume refused: reservoir_empty, alarm_holds prevent it. Refill the reservoir, acknowledge, start.",
        ),
        (
            ("start",),
            "held",
            {"bits": NO_PLAN},
            "start refused: plan_missing prevents it. Set a plan with `therapy load` or `therapy set`.",
        ),
        (
            ("pause",),
            "wrong_state",
            {"state": 1},
            "pause refused: the pump's state is standby; pause is allowed in infusing or keep_open.",
        ),
        (
            ("param_set", "pl_per_step", 2500),
            "wrong_state",
            {"state": 2},
            "params set refused: the pump's state is infusing; pl_per_step is allowed in standby.",
        ),
        (
            ("therapy_set", "weekly", 1000),
            "unknown_name",
            {"field": "profile", "value": "weekly"},
            "therapy set refused: profile 'weekly' is unknown; use one of continuous, intrahepatic, timed.",
        ),
        (
            ("param_set", "pl_per_step", 18_400),
            "button_needed",
            {"value": 3},
            "params set refused: a calibration that differs by more than 20 % needs a user at the pump: repeat the "
            "command, and press the pump's button when the values have been read back, before you confirm them.",
        ),
        (("ack", 104), "no_such_alarm", {}, "ack refused: the alarm occlusion is not active; see `alarms`."),
        (
            ("refill_finish", 30_000_000, "saline"),
            "over_capacity",
            {"field": "volume_nl", "value": 30_000_000, "max": 20_000_000},
            "refill finish refused: 30.000 mL is above the reservoir's capacity of 20.000 mL; "
            "enter the volume that is in it now.",
        ),
        (
            ("rate", 9000),
            "soft_limit",
            {"field": "override", "value": 9000, "max": 4000, "override": "soft_rate"},
            "rate refused: 9.000 mL/day is above the soft limit of 4.000 mL/day; "
            "add --override soft_rate to exceed it.",
        ),
        (
            ("bolus", 70_000),
            "soft_limit",
            {"field": "override", "value": 70_000, "max": 50_000, "override": "soft_bolus"},
            "bolus refused: 70 µL is above the soft limit of 50 µL; add --override soft_bolus to exceed it.",
        ),
        (
            ("bolus", 20_000),
            "locked_out",
            {"lockout_s": 11_520, "boluses_left": 3},
            "bolus refused: the bolus lock-out lasts for another 3 h 12 min; wait until then.",
        ),
        (
            ("bolus", 20_000),
            "locked_out",
            {"lockout_s": 0, "boluses_left": 3},
            "bolus refused: a bolus is being given; wait for its end or type `bolus cancel`.",
        ),
        (
            ("bolus", 20_000),
            "locked_out",
            {"lockout_s": 0, "boluses_left": 0},
            "bolus refused: all boluses of the last 24 h have been used; `dose` shows when the next one is allowed.",
        ),
        (
            ("bolus", 20_000),
            "dose_limit",
            {"value": 20_000},
            "bolus refused: another 20 µL would exceed the limit of an hour or a day; see `dose`, give less or wait.",
        ),
        (
            ("bolus", 20_000),
            "alarm_stands",
            {"alarm": 110},
            "bolus refused: the alarm reservoir_low is active. Plan the refill now.",
        ),
        (
            ("prime", 300_000),
            "over_reservoir",
            {"field": "volume_nl", "value": 300_000, "max": 200_000},
            "prime refused: 0.300 mL is more than the 0.200 mL that the reservoir can give; give less or refill.",
        ),
        (
            ("param_set", "keep_open_ul_day", 900),
            "above_rate",
            {"field": "keep_open_ul_day", "value": 900, "max": 500},
            "params set refused: a keep-open rate of 0.900 mL/day is above the set rate of 0.500 mL/day; "
            "choose a lower one.",
        ),
        (
            ("refill_finish", 16_000_000, "drug"),
            "wrong_fluid",
            {"field": "fluid", "value": "drug"},
            "refill finish refused: the plan does not need drug now; `therapy` shows which fluid it needs.",
        ),
        (
            ("refill_finish", 16_000_000, "drug"),
            "not_withdrawn",
            {},
            "refill finish refused: enter the withdrawn volume first, with `refill withdrawn`.",
        ),
        (("bolus_cancel",), "nothing_to_do", {}, "bolus cancel refused: no bolus is being given."),
        (("draft_drop",), "nothing_to_do", {}, "draft drop refused: no change is pending."),
        (
            ("therapy_set", "continuous", 1000),
            "over_reservoir",
            {"field": "volume_nl", "value": 30_000_000, "max": 19_500_000},
            "therapy set refused: 30.000 mL is more than the 19.500 mL that the reservoir can give; "
            "give less or refill.",
        ),
        (("rate", 5), "unknown_field", {"field": "ul_day"}, "rate refused: this firmware has no field ul_day."),
        (("start",), "plan_missing", {}, f"start refused: {defs.REFUSALS[220].text}"),
    ],
)
def test_texts(pump: Pump, device: Any, call: Any, refusal: str, fields: dict[str, Any], text: str) -> None:
    device.refuse(call[0], refusal, **fields)
    with pytest.raises(errors.Refused) as caught:
        getattr(pump, call[0])(*call[1:])
    assert str(caught.value) == text
    assert (caught.value.name, caught.value.exit_code) == (refusal, 1)


@pytest.mark.parametrize(
    ("refusal", "fields", "text"),
    [
        (
            "plan_gap",
            {"row": 1, "field": "begin_h", "value": 340},
            "phase 2, begin_h: it begins at day 14 + 4 h, but the phase before it ends at day 14; let it begin there.",
        ),
        (
            "plan_overlap",
            {"row": 0, "field": "begin_h", "value": 0},
            "phase 1, begin_h: it begins at day 0, but the plan begins at day 0; let it begin there.",
        ),
        (
            "plan_length",
            {"row": 2, "field": "length_h", "value": 0},
            "phase 3, length_h: a phase without an end is not allowed here; "
            "set one within the limits (only the last phase may have no end).",
        ),
        (
            "over_reservoir",
            {"row": 1, "field": "length_h", "value": 336, "max": 240},
            "phase 2, length_h: 14 days at 2.000 mL/day need more than the reservoir holds, "
            "which is enough for 10 days; shorten the phase.",
        ),
        (
            "wrong_fluid",
            {"row": 1, "field": "fluid", "value": 2},
            "phase 2, fluid: drug is wrong here; intrahepatic alternates saline and drug, other plans have one fluid.",
        ),
        ("out_of_range", {"row": 0, "field": "ul_day", "value": 20, "min": 50, "max": 24000}, None),
        ("unknown_name", {"row": 0, "field": "fluid", "value": 0}, None),
        ("wrong_type", {"row": 0, "field": "rows", "value": "list"}, "rows 'list' is of the wrong type."),
    ],
)
def test_a_refused_plan_names_the_phase_and_the_field(
    pump: Pump, device: Any, refusal: str, fields: dict[str, Any], text: str | None
) -> None:
    phases = (
        plan.Phase("saline", 1000, 0, 336),
        plan.Phase("drug", 2000, 340, 336),
        plan.Phase("saline", 1000, 676, 0),
    )
    device.refuse("therapy_set", refusal, **fields)
    with pytest.raises(errors.Refused) as caught:
        pump.therapy_load(plan.Plan("intrahepatic", phases))
    if text is None:
        assert f"therapy set refused: phase 1, {fields['field']}: " in str(caught.value)
    else:
        assert str(caught.value) == f"therapy set refused: {text}"


@pytest.mark.parametrize("name", sorted(refusal_texts.REASONS))
def test_a_refusal_has_a_text_also_when_its_values_are_of_the_wrong_type(name: str) -> None:
    number = next(entry.id for entry in defs.REFUSALS.values() if entry.name == name)
    answer = {"ok": False, "refused": number, "value": "much", "max": None, "alarm": 5, "lockout_s": "long"}
    text = str(refusals.refused("bolus", {}, answer))
    assert text.startswith("bolus refused: ")
    assert text.endswith(".")


@pytest.mark.parametrize("number", [*defs.REFUSALS, 299, None, "x"])
def test_every_refusal_has_a_text_without_details(number: Any) -> None:
    error = refusals.refused("rate", {"ul_day": 5}, {"ok": False, "refused": number})
    assert str(error).startswith("rate refused: ")
    assert str(error).endswith(".")


def test_every_condition_that_prevents_a_start_has_an_advice() -> None:
    transitions = tomllib.loads((DEFINITIONS / "states.toml").read_text(encoding="utf-8"))["transition"]
    guards = {bit for row in transitions for bit in row.get("unless", ())}
    assert guards
    assert [bit for bit in guards if not refusals.advice(bit)] == []


def test_alarms_are_found_by_their_bits_and_notes() -> None:
    alarms = tomllib.loads((DEFINITIONS / "alarms.toml").read_text(encoding="utf-8"))["alarm"]
    actions = {alarm.get("bit") or alarm["note"]: alarm["action"] for alarm in alarms}
    assert {name: refusals.advice(name) for name in actions} == actions


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("µL", "rate refused: 5 µL/day is outside 50 to 24000 µL/day."),
        ("mL", "rate refused: 0.005 mL/day is outside 0.05 to 24 mL/day."),
        ("nL", "rate refused: 5000 nL/day is outside 50000 to 24000000 nL/day."),
    ],
)
def test_limits_are_given_in_the_unit_that_was_typed(unit: str, text: str) -> None:
    answer = {"refused": 209, "field": "ul_day", "value": "5", "min": 50, "max": 24000}  # as text, as the pump sends it
    assert defs.REFUSALS[209].name == "out_of_range"
    assert str(refusals.in_unit(refusals.refused("rate", {"ul_day": 5}, answer), unit)) == text


def test_a_soft_limit_is_given_in_the_unit_that_was_typed() -> None:
    number = next(entry.id for entry in defs.REFUSALS.values() if entry.name == "soft_limit")
    answer = {"refused": number, "value": 9000, "max": 7200, "override": "soft_rate"}
    told = refusals.in_unit(refusals.refused("rate", {"ul_day": 9000}, answer), "µL")
    assert str(told).startswith("rate refused: 9000 µL/day is above the soft limit of 7200 µL/day;")
