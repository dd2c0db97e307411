"""The verbs of the change that waits to be confirmed: show it, drop it."""

from __future__ import annotations

from dataclasses import asdict

import typer

from pumpctl import units
from pumpctl.cli import actions, options
from pumpctl.cli.options import Json, Port, Timeout
from pumpctl.cli.screen import console
from pumpctl.protocol import refusals
from pumpctl.pump import Pump

draft = typer.Typer(
    invoke_without_command=True, help="Show the change that waits to be confirmed; `draft drop` throws it away."
)


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.add_typer(draft, name="draft")


@draft.callback()
def draft_show(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Show the change that waits to be confirmed; `draft drop` throws it away."""
    chosen = options.options(context, port, as_json, timeout)
    context.obj = chosen
    if not context.invoked_subcommand:
        _show(chosen)


@draft.command("show")
def draft_show_too(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Show the change that waits to be confirmed."""
    _show(options.options(context, port, as_json, timeout))


@draft.command("drop")
def draft_drop(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Throw the change away that waits to be confirmed."""
    actions.do(options.options(context, port, as_json, timeout), Pump.draft_drop, "The draft is dropped.")


def _show(chosen: options.Options) -> None:
    with options.connected(chosen) as pump:
        waiting = pump.draft()
    if chosen.as_json:
        console.put_json(None if waiting is None else asdict(waiting))
    elif waiting is None:
        console.say("No change waits to be confirmed.")
    else:
        command, age = refusals.typed_name(waiting.command), units.duration(waiting.age_s)
        console.put_pairs([("draft", str(waiting.draft)), ("command", command), ("waits for", age)])
        console.say("Whoever asked for it confirms it. `draft drop` discards it; the pump does so after ten minutes.")
