"""`pumpctl config`: shows and changes the configuration file."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from pumpctl import configuration
from pumpctl.cli import completion, options
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console
from pumpctl.protocol.timing import TIMEOUT_S

config = typer.Typer(no_args_is_help=True, help="Show and change the configuration file.")

Name = Annotated[str, typer.Argument(help="Name of the key.", autocompletion=completion.keys)]


@config.command("show")
@options.sharing("as_json")
def config_show(chosen: Options) -> None:
    """Show every key with its value, and where the value comes from."""
    given = configuration.read()
    defaults: dict[str, configuration.Value | None] = {"port": None, "set_clock": True, "timeout_s": TIMEOUT_S}
    found = [
        (name, given.get(name, default), "file" if name in given else "default") for name, default in defaults.items()
    ]
    if os.environ.get("PUMP_PORT"):
        found[0] = ("port", os.environ["PUMP_PORT"], "PUMP_PORT")
    if chosen.as_json:
        values = {name: {"value": value, "from": source} for name, value, source in found}
        console.put_json({"path": str(configuration.path()), "keys": values})
        return
    console.put_pairs([("file", str(configuration.path()) + ("" if given else " (no keys are set)"))])
    texts = [configuration.KEYS[name].text for name, *_ in found]
    rows = [
        (name, "none" if value is None else str(value), source, text)
        for (name, value, source), text in zip(found, texts, strict=True)
    ]
    console.put_rows(("key", "value", "from", "what it does"), rows)


@config.command("set")
def config_set(
    name: Name,
    value: Annotated[str, typer.Argument(help="New value.")],
) -> None:
    """Set a key in the configuration file."""
    configuration.change(name, configuration.parsed(name, value))
    console.say(f"{name} is set in {configuration.path()}.")


@config.command("unset")
def config_unset(name: Name) -> None:
    """Remove a key from the configuration file, so that the default holds."""
    if name not in configuration.read():
        configuration.checked(name, None) if name not in configuration.KEYS else None
        console.say(f"{name} was not set.")
        return
    configuration.change(name, None)
    console.say(f"{name} is no longer set in {configuration.path()}.")
