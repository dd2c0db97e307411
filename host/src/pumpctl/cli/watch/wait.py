"""`pumpctl wait`: returns when the pump is in a state or has an alarm, for scripts."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from pumpctl import defs, errors
from pumpctl.cli import completion, options
from pumpctl.cli.alarms import alarm_number
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console, describe
from pumpctl.protocol import answers

_POLL_S = 0.2


@options.sharing("port", "as_json")
def wait(
    chosen: Options,
    state: Annotated[
        list[str] | None,
        typer.Option("--state", help="State to wait for; may be repeated.", autocompletion=completion.states),
    ] = None,
    alarm: Annotated[
        str | None,
        typer.Option("--alarm", help="Alarm to wait for, or none or any.", autocompletion=completion.alarms),
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0, max=31_536_000, help="Seconds to wait at most.")] = 60,
) -> None:
    """Wait until the pump is in a state, or has an alarm; exit code 4 when it takes too long.

    With a state and an alarm, wait for both. A reset of the pump or a lost link does not end the wait.
    """
    states = _states(state or [])
    number = None if alarm in (None, "none", "any") else alarm_number(str(alarm))
    if not states and alarm is None:
        raise errors.UsageProblem("Name what to wait for, with --state, with --alarm or with both.")
    until_s = time.monotonic() + timeout
    with options.listener(chosen, timeout, console.say) as pump:
        while True:
            status, rows = pump.ask(lambda present: (present.status(), present.alarms()))
            if (not states or status.state_name in states) and _fits(alarm, number, rows):
                break
            if time.monotonic() >= until_s:
                raise errors.NotReached(_wanted(states, alarm), timeout, describe.state(status))
            time.sleep(min(_POLL_S, max(0.0, until_s - time.monotonic())))
    if chosen.as_json:
        console.put_json(describe.status_json(status))
    else:
        console.say(f"The pump is {describe.state(status)}.")


def _states(given: list[str]) -> list[str]:
    known = [entry.name for entry in defs.STATES.values()]
    for name in given:
        if name not in known:
            raise errors.UsageProblem(f"There is no state {name!r}; there are {', '.join(known)}.")
    return given


def _fits(alarm: str | None, number: int | None, rows: list[answers.AlarmRow]) -> bool:
    """Return whether the alarms are as wanted: that one is raised, any, or none."""
    if alarm is None:
        return True
    raised = [row.alarm for row in rows]
    return number in raised if number is not None else bool(raised) == (alarm == "any")


def _wanted(states: list[str], alarm: str | None) -> str:
    words = [" or ".join(states)] if states else []
    if alarm is not None:
        words.append({"none": "without alarms", "any": "with an alarm"}.get(alarm, f"with the alarm {alarm}"))
    return " ".join(words)
