"""`wait` ends when the pump is as wanted, and with exit code 4 when it isn't in time."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pumpctl import defs

NUMBER = {state.name: number for number, state in defs.STATES.items()}


@pytest.fixture
def changing(pty_device: Any) -> Callable[[str, int], None]:
    """Return a function that lets the pump get into a state after so many answers."""
    pty_device.answers["alarms"] = {"rows": []}

    def change(state: str, after: int) -> None:
        status = pty_device.answers["status"]
        left = [after]

        def answer(_: dict[str, Any]) -> dict[str, Any]:
            left[0] -= 1
            return {**status, "state": NUMBER[state]} if left[0] < 0 else status

        pty_device.answers["status"] = answer

    return change


def test_it_waits_until_the_state_is_there(run: Any, changing: Callable[[str, int], None]) -> None:
    changing("paused", 2)
    code, out, err = run("wait", "--state", "paused", "--state", "standby", "--timeout", "600", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["state_name"] == "paused"


def test_too_late_is_exit_code_4_and_tells_the_state(run: Any, changing: Callable[[str, int], None]) -> None:
    code, out, err = run("wait", "--state", "paused", "--timeout", "0")
    assert (code, out) == (4, "")
    assert err == "After 0 s the pump is not paused; it is infusing at 1.000 mL/day.\n"


@pytest.mark.parametrize(
    ("rows", "words", "code"),
    [
        ([[104, 1, 0, 5, 1]], ("--alarm", "occlusion"), 0),
        ([[104, 1, 0, 5, 1]], ("--alarm", "any", "--state", "infusing"), 0),
        ([[104, 1, 0, 5, 1]], ("--alarm", "none"), 4),
        ([[104, 1, 0, 5, 1]], ("--alarm", "occlusion", "--state", "fault"), 4),
        ([], ("--alarm", "none"), 0),
        ([], ("--alarm", "any"), 4),
        ([], ("--alarm", "nonsense"), 2),
        ([], ("--state", "nonsense"), 2),
        ([], (), 2),
    ],
)
def test_alarms_and_what_is_not_known(
    run: Any, pty_device: Any, rows: list[list[int]], words: tuple[str, ...], code: int
) -> None:
    pty_device.answers["alarms"] = {"rows": rows}
    found, _, err = run("wait", *words, "--timeout", "0")
    assert (found, err.count("\n")) == (code, 1)
