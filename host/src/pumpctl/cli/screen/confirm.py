"""Asks a person about a change: how it is beside how it would be, as the pump has understood it (C1)."""

from __future__ import annotations

import sys

import typer

from pumpctl import errors
from pumpctl.cli import options
from pumpctl.cli.screen import console, tables
from pumpctl.protocol import changes


def agreement(chosen: options.Options, yes: bool) -> changes.Agree:
    """Return who agrees to a draft: the person at the terminal, or nobody needs to with `yes`.

    Raises ConfirmationMissing, when a draft comes, where nobody can be asked: with JSON, or at the end of the input.
    """

    def agree(pending: changes.PendingChange) -> bool:
        if yes:
            return True
        if chosen.as_json:
            raise errors.ConfirmationMissing
        console.say(f"The pump has understood: {pending.command.replace('_', ' ')}.")
        console.say_rows(("", "now", "then"), tables.change_rows(pending.old, pending.new))
        try:
            return typer.confirm("Confirm?", err=True)
        except typer.Abort:
            if sys.stdin.isatty():
                return False
            console.say("")
            raise errors.ConfirmationMissing from None

    return agree
