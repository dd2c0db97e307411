"""The verbs for keys: pair this host, list and revoke hosts, erase all keys."""

from __future__ import annotations

import re
import socket
from dataclasses import asdict
from typing import Annotated

import typer

from pumpctl import errors
from pumpctl.cli import actions, options
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console
from pumpctl.protocol import key_files
from pumpctl.pump import Pump

_LONGEST_NAME = 16

keys = typer.Typer(
    invoke_without_command=True, help="List the hosts that the pump has keys of; `keys revoke` takes one away."
)


@options.shared_options
def pair(
    chosen: Options,
    name: Annotated[
        str | None, typer.Option("--name", help="Name of this host on the pump.", show_default="the computer's")
    ] = None,
    role: Annotated[str, typer.Option("--role", help="view, operate or service.")] = "service",
) -> None:
    """Pair this host: from then on, the pump takes commands only from paired hosts."""
    mine = name or _own_name()

    def do(pump: Pump) -> dict[str, object]:
        key_files.place_of(pump.hello.unique_id)  # raises KeyUnfit before anything is changed
        key = pump.pair(mine, role, lambda: console.say("Press the pump's button within 60 s."))
        place = key_files.save(pump.hello.unique_id, key)
        return {"name": key.name, "role": key.role, "file": str(place)}

    actions.do(chosen, do, "Paired as {name} with the role {role}; the key is in {file}.")


@keys.callback()
@options.shared_options
def keys_list(chosen: Options) -> None:
    """List the hosts that the pump has keys of."""
    _list(chosen)


@keys.command("list")
@options.shared_options
def keys_list_too(chosen: Options) -> None:
    """List the hosts that the pump has keys of."""
    _list(chosen)


@keys.command("revoke")
@options.shared_options
def keys_revoke(chosen: Options, name: Annotated[str, typer.Argument(help="Name of the host.")]) -> None:
    """Take away the key of a host."""

    def do(pump: Pump) -> dict[str, object]:
        pump.key_revoke(name)
        return {"name": name}

    actions.do(chosen, do, "The key of {name} was taken away.")


@keys.command("erase")
@options.shared_options
def keys_erase(chosen: Options) -> None:
    """Take away all keys: hold the pump's button for 5 s."""

    def do(pump: Pump) -> dict[str, object]:
        pump.keys_erase(lambda: console.say("Hold the pump's button for 5 s, within 60 s."))
        key_files.forget(pump.hello.unique_id)
        return {"keyed": pump.hello.keyed}

    actions.do(chosen, do, "All keys were taken away.")


def _list(chosen: Options) -> None:
    with options.connected(chosen) as pump:
        found = pump.keys()
    if chosen.as_json:
        console.put_json(asdict(found))
    elif found.hosts:
        console.put_rows(("name", "role"), [(host.name, host.role) for host in found.hosts])
    else:
        console.say(f"No host is paired (flash of the keys: {found.area}).")


def _own_name() -> str:
    """Return the computer's name as far as the pump takes it; raises UsageProblem."""
    name = re.sub(r"[^A-Za-z0-9_.-]", "-", socket.gethostname())[:_LONGEST_NAME]
    if not name:
        raise errors.UsageProblem("This computer has no name, so give one with --name.")
    return name
