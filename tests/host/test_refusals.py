"""Refusals in words."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pumpctl import defs, errors, refusals
from pumpctl.pump import Pump

DEFINITIONS = Path(__file__).parents[2] / "firmware" / "definitions"
HELD = 16 | 2048


@pytest.mark.parametrize(
    ("call", "refusal", "fields", "text"),
    [
        (
            ("rate", 5),
            "out_of_range",
            {"field": "ul_day", "value": 5, "min": 50, "max": 24000},
            "rate refused: ul_day 5 is outside 50 to 24000 uL/day.",
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
            "resume refused: reservoir_empty, alarm_holds hold. Refill the reservoir, acknowledge, start.",
        ),
        (("start",), "held", {"bits": 4096}, "start refused: plan_missing holds. Set a plan with `therapy set`."),
        (
            ("pause",),
            "wrong_state",
            {"state": 1},
            "pause refused: the pump is standby; pause is taken in infusing.",
        ),
        (
            ("param_set", "pl_per_step", 2500),
            "wrong_state",
            {"state": 2},
            "params set refused: the pump is infusing; pl_per_step is taken in standby.",
        ),
        (
            ("therapy_set", "weekly", 1000),
            "unknown_name",
            {"field": "profile", "value": "weekly"},
            "therapy set refused: profile 'weekly' is not taken; one of continuous, intrahepatic is.",
        ),
        (("ack", 104), "no_such_alarm", {}, "ack refused: the alarm occlusion does not stand; look at `alarms`."),
        (
            ("refill_finish", 30_000_000, "saline"),
            "over_capacity",
            {"field": "volume_nl", "value": 30_000_000, "max": 20_000_000},
            "refill finish refused: 30000000 nL is more than the reservoir holds, 20000000 nL.",
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


@pytest.mark.parametrize("number", [*defs.REFUSALS, 299, None, "x"])
def test_every_refusal_has_words_without_details(number: Any) -> None:
    error = refusals.refused("rate", {"ul_day": 5}, {"ok": False, "refused": number})
    assert str(error).startswith("rate refused: ")
    assert str(error).endswith(".")


def test_every_condition_that_holds_a_start_says_what_to_do() -> None:
    transitions = tomllib.loads((DEFINITIONS / "states.toml").read_text(encoding="utf-8"))["transition"]
    guards = {bit for row in transitions for bit in row.get("unless", ())}
    assert guards
    assert [bit for bit in guards if not refusals.advice(bit)] == []


def test_alarms_are_found_by_their_bits() -> None:
    alarms = tomllib.loads((DEFINITIONS / "alarms.toml").read_text(encoding="utf-8"))["alarm"]
    assert {alarm["bit"]: refusals.advice(alarm["bit"]) for alarm in alarms} == {
        alarm["bit"]: alarm["action"] for alarm in alarms
    }
