"""What the verbs that change something share: do it, then show the pump's state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pumpctl.cli import options
from pumpctl.cli.screen import confirm, console, describe
from pumpctl.protocol.changes import Agree, Change
from pumpctl.pump import Pump


def change(chosen: options.Options, yes: bool, action: Callable[[Pump, Agree], Change], done: str) -> None:
    """Make a change that may have to be confirmed, and tell how the pump is then."""
    agree = confirm.agreement(chosen, yes)

    def make(pump: Pump) -> dict[str, object]:
        made = action(pump, agree)
        return {"old": made.old, "new": made.new}

    do(chosen, make, done)


def do(chosen: options.Options, action: Callable[[Pump], Any], done: str) -> None:
    """Do it and tell how the pump is then; with JSON that is an object."""
    with options.connected(chosen) as pump:
        result = action(pump)
        now = pump.status()
    if chosen.as_json:
        console.put_json({"ok": True, **(result or {}), "state_name": now.state_name, "rate_ul_day": now.rate_ul_day})
    else:
        console.say(f"{done.format(**(result or {}))} The pump is {describe.state(now)}.")
