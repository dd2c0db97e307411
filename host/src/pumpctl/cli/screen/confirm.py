"""Asks the user to confirm a change: the present values beside the new ones that the pump read back (C1)."""

from __future__ import annotations

import typer

from pumpctl import errors
from pumpctl.cli.screen import console, tables
from pumpctl.protocol import changes


def agreement(yes: bool, as_json: bool) -> changes.Agree:
    """Return the function that decides about a pending change: it asks the user, or agrees to all with `yes`.

    It raises ConfirmationMissing where no user can be asked: with JSON, or at the end of the input.
    """

    def agree(pending: changes.PendingChange) -> bool:
        if yes:
            return True
        if as_json:
            raise errors.ConfirmationMissing
        console.say(f"Read back by the pump: {pending.command.replace('_', ' ')}.")
        console.say_rows(("", "now", "new"), tables.change_rows(pending.old, pending.new))
        if pending.new.get("press_button"):
            console.say("Press the button on the pump now.")
        try:
            return console.ask_yes("Confirm?")
        except errors.Unanswered:
            raise errors.ConfirmationMissing from None
        except typer.Abort:
            return False

    return agree
