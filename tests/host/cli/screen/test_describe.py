"""Answers and changes as text: each special case of a quantity has its own words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from pumpctl import defs
from pumpctl.cli.screen import describe, tables
from pumpctl.protocol import answers


@pytest.fixture
def dose(device: Any) -> Mapping[str, Any]:
    return dict(device.answers["dose"])


@pytest.mark.parametrize(
    ("fluid", "tip", "hold_over_s", "text"),
    [
        ("saline", "saline", 0, "saline"),
        ("none", "none", None, "unknown"),
        ("drug", "saline", 25_920, "still saline; drug in 7 h 12 min"),
        ("drug", "saline", None, "still saline; drug after the start"),
        ("drug", "none", 60, "unknown; drug in 1 min"),
    ],
)
def test_the_fluid_at_the_catheter_tip(
    dose: Mapping[str, Any], fluid: str, tip: str, hold_over_s: int | None, text: str
) -> None:
    answer = answers.Dose.from_answer({**dose, "tip_fluid": tip, "hold_over_s": hold_over_s})
    assert describe.catheter_tip(fluid, answer) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "unknown without a rate"), (0, "now"), (90_000, "Tue 03 Nov 2026, 10:00 UTC, in 1 d 1 h")],
)
def test_the_date_of_the_refill(seconds: int | None, text: str) -> None:
    assert describe.refill_by(seconds, lambda: datetime(2026, 11, 2, 9)) == text


@pytest.mark.parametrize(
    ("difference_nl", "text"),
    [
        (0, "This matches the ledger, 2.000 mL."),
        (
            50_000,
            "This is 50 µL more than the ledger's 2.000 mL: 1 % of the 14.000 mL commanded since the last refill.",
        ),
        (
            -50_000,
            "This is 50 µL less than the ledger's 2.000 mL: 1 % of the 14.000 mL commanded since the last refill.",
        ),
    ],
)
def test_a_withdrawn_volume(difference_nl: int, text: str) -> None:
    assert describe.withdrawal(answers.Withdrawal(2_000_000, difference_nl, 14_000_000, 1)) == text


def test_the_state_of_the_pump_as_the_end_of_a_sentence(device: Any) -> None:
    numbers = {state.name: number for number, state in defs.STATES.items()}

    def text(name: str, rate_ul_day: int) -> str:
        fields = {**device.answers["status"], "state": numbers[name], "rate_ul_day": rate_ul_day}
        return describe.state(answers.Status.from_answer(fields))

    assert text("infusing", 1000) == "infusing at 1.000 mL/day"
    assert text("standby", 1000) == "in standby with the rate set to 1.000 mL/day"
    assert text("stopped_alarm", 0) == "stopped by an alarm"


def test_a_change_is_shown_with_names_and_units() -> None:
    old = {"rate_ul_day": 0, "early": False, "fluid": "none", "low_time_h": 48}
    new = {"rate_ul_day": 1500, "early": False, "fluid": "drug", "low_time_h": 24, "phase": 1, "tip_fluid": None}
    assert tables.change_rows(old, new) == [
        ("set rate", "none", "1.500 mL/day"),
        ("fluid", "none", "drug"),
        ("low time", "2 d", "1 d"),
        ("phase", "", "2"),
    ]


def test_a_plan_in_a_change_has_one_row_for_each_phase() -> None:
    rows = [[1, 1000, 0, 336], [9, 1000, 336, 0]]
    assert tables.change_rows({}, {"rows": rows}) == [
        ("phase 1", "", "saline 1.000 mL/day from day 0 to 14"),
        ("phase 2", "", "9 1.000 mL/day from day 14 on"),
    ]
