"""The verbs for the change that is waiting for confirmation: show it, discard it."""

from __future__ import annotations

from dataclasses import asdict

import typer

from pumpctl import units
from pumpctl.cli import actions, options
from pumpctl.cli.screen import console
from pumpctl.protocol import refusals
from pumpctl.pump import Pump

draft = typer.Typer(
    invoke_without_command=True,
    help="Show the change that is waiting for confirmation; `draft drop` discards it.",
)


@draft.callback()
@draft.command("show")
@options.shared_options
def draft_show(chosen: options.Options) -> None:
    """Show the change that is waiting for confirmation."""
    with options.connected(chosen) as pump:
        pending = pump.draft()
    if chosen.as_json:
        console.put_json(None if pending is None else asdict(pending))
    elif pending is None:
        console.say("No change is waiting for confirmation.")
    else:
        command, age = refusals.typed_name(pending.command), units.duration(pending.age_s)
        console.put_pairs([("draft", str(pending.draft)), ("command", command), ("waiting for", age)])
        console.say(
            "Only the program that asked for the change can confirm it; `draft drop` discards it, and the pump does so "
            "after ten minutes."
        )


@draft.command("drop")
@options.shared_options
def draft_drop(chosen: options.Options) -> None:
    """Discard the change that is waiting for confirmation."""
    actions.do(chosen, Pump.draft_drop, "The change was discarded.")
