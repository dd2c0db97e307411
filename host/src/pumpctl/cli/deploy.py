"""`pumpctl deploy`: for development, copies changed files of the checkout to a board."""

from __future__ import annotations

import typer

from pumpctl import checkout, ports
from pumpctl.cli import options
from pumpctl.cli.options import Json, Port
from pumpctl.cli.screen import console
from pumpctl.flashing import deploy as deploying


def deploy(context: typer.Context, port: Port = None, as_json: Json = False) -> None:
    """Copy the files that have changed to a board with the development image, and restart it."""
    chosen = options.options(context, port, as_json, None)
    done = deploying.deploy(ports.choose(chosen.port), checkout.find_checkout())
    if chosen.as_json:
        console.put_json({"ok": True, "copied": done.copy, "removed": done.remove})
        return
    for target in done.copy:
        console.put(f"copied   {target}")
    for target in done.remove:
        console.put(f"removed  {target}")
    if not (done.copy or done.remove):
        console.say("Nothing has changed.")
