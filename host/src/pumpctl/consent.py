"""Asks a person about a change: how it is beside how it would be, as the pump has understood it (C1)."""

from __future__ import annotations

import sys

import typer

from pumpctl import drafts, echoes, errors, render, session


def agreement(chosen: session.Options, yes: bool) -> drafts.Agree:
    """Return who agrees to a draft: the person at the terminal, or nobody needs to with `yes`.

    Raises ConsentMissing, when a draft comes, where nobody can be asked: with JSON, or at the end of the input.
    """

    def agree(draft: drafts.Draft) -> bool:
        if yes:
            return True
        if chosen.as_json:
            raise errors.ConsentMissing
        render.say(f"The pump has understood: {draft.command.replace('_', ' ')}.")
        render.say_rows(("", "now", "then"), echoes.change_rows(draft.old, draft.new))
        try:
            return typer.confirm("Confirm?", err=True)
        except typer.Abort:
            if sys.stdin.isatty():
                return False
            render.say("")
            raise errors.ConsentMissing from None

    return agree
