"""Shared by the verbs that change something: do it, then show the pump's state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pumpctl import errors
from pumpctl.cli import options
from pumpctl.cli.screen import confirm, console, describe
from pumpctl.protocol import refusals
from pumpctl.protocol.changes import Agree, Change
from pumpctl.pump import Pump


def change(
    chosen: options.Options, yes: bool, action: Callable[[Pump, Agree], Change], done: str, unit: str = ""
) -> None:
    """Make a change that may have to be confirmed, then show the pump's state; `done` and `unit` as in `do`."""
    agree = confirm.agreement(yes, chosen.as_json)

    def make(pump: Pump) -> dict[str, object]:
        made = action(pump, agree)
        return {"old": made.old, "new": made.new}

    do(chosen, make, done, unit)


def do(chosen: options.Options, action: Callable[[Pump], Any], done: str, unit: str = "") -> None:
    """Do the action, then show `done`, with its result's fields filled in, and the pump's state; or all as JSON.

    `unit` is that of an amount that the user typed: a refusal gives the limits in it.
    """
    with options.connected(chosen) as pump:
        try:
            result = action(pump) or {}
        except errors.Refused as refusal:
            if unit:
                raise refusals.in_unit(refusal, unit) from refusal
            raise
        now = pump.status()
    if chosen.as_json:
        console.put_json({"ok": True, **result, "state_name": now.state_name, "rate_ul_day": now.rate_ul_day})
    else:
        console.say(f"{done.format(**result)} The pump is {describe.state(now)}.")
