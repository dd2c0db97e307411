"""The longest part of a session at one rate: what ends it, and its flow by the pump's account."""

from __future__ import annotations

from typing import Any

import pytest
from pumpctl import defs
from pumpctl.session import steady

INFUSING = next(number for number, state in defs.STATES.items() if state.name == "infusing")
MINUTE_MS = 60_000


def minutes(first: int, end: int, **values: Any) -> list[dict[str, Any]]:
    """A row a minute at 1440 uL/day, of which each minute gives 1 uL."""
    row = {"boot": 1, "state": INFUSING, "rate_ul_day": 1440, "book_pl": 0, **values}
    return [{**row, "uptime_ms": at * MINUTE_MS, "book_ul": at} for at in range(first, end)]


def test_the_longest_part_gives_flow_and_trumpet_curve() -> None:
    found = steady.longest(minutes(0, 100) + minutes(100, 700, rate_ul_day=2880))  # type: ignore[arg-type]
    assert found is not None and found.analysis is not None
    assert found.conditions.rate_ul_day == 2880
    assert found.figures["overall_percent"] == pytest.approx(-50)
    assert [window.minutes for window in found.analysis.trumpet] == [15, 60, 150, 330, 570]


@pytest.mark.parametrize(
    "after",
    [
        minutes(200, 250, boot=2),
        minutes(200, 250, state=1),
        minutes(202, 250),
        minutes(199, 250, rate_ul_day=1000),
    ],
)
def test_a_reset_another_state_a_gap_and_another_rate_end_a_part(after: list[dict[str, Any]]) -> None:
    found = steady.longest(minutes(0, 200) + after)  # type: ignore[arg-type]
    assert found is not None and found.analysis is not None
    assert len(found.analysis.flows.ul_h) == 13
    assert (found.figures["overall_percent"], found.analysis.missing) == (pytest.approx(0), 0)


def test_a_part_that_is_too_short_gives_nothing() -> None:
    assert steady.longest(minutes(0, 30)) is None  # type: ignore[arg-type]
    assert steady.longest([]) is None
