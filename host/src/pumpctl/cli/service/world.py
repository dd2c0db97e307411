"""`pumpctl world`: an action on the world of a simulated pump that runs in another terminal or in the service."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from pumpctl import errors, ports, running, sim as simulated
from pumpctl.cli import options, sim
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console
from pumpctl.sim import world_socket


@options.sharing("port", "as_json")
def world(
    chosen: Options,
    action: Annotated[str, typer.Argument(help="Action, as block, unblock, drain; truth; help lists all.")],
    number: Annotated[str, typer.Argument(help="Its number or volume, as in `kink 5` or `drain 1mL`.")] = "",
) -> None:
    """Act on the world of a simulated pump that runs elsewhere: block the line, make a fault, show the truth."""
    if action == "help":
        console.say(sim.ACTIONS)
        return
    pump = _pump(chosen.port)
    if action == "truth":
        sim.put_truth(world_socket.ask(pump.world, "truth"), chosen.as_json)
        return
    if not action.isidentifier():
        raise errors.UnknownWorldAction(f"{action!r} is not an action on the world; `pumpctl world help` lists them.")
    value = simulated.action_value(action, number)
    world_socket.ask(pump.world, f"do {action}" if value is None else f"do {action} {value}")
    if chosen.as_json:
        console.put_json({"ok": True})
    else:
        console.say(f"{action} done.")


def _pump(port: str | None) -> running.Pump:
    """Return the simulated pump that runs, the one at the port if one is given; raises NoWorld."""
    found = [pump for entry in running.entries() for pump in entry.pumps if pump.world]
    given = ports.named_by_user(port)
    if given:
        real = os.path.realpath(given)
        found = [pump for pump in found if given in (pump.port, pump.line) or real == os.path.realpath(pump.device)]
    if len(found) == 1:
        return found[0]
    if not found:
        at = f" at {given}" if given else ""
        raise errors.NoWorld(f"No simulated pump runs{at}; start `pumpctl sim` or `pumpctl serve --port sim:`.")
    names = ", ".join(pump.device for pump in found)
    raise errors.NoWorld(f"Several simulated pumps run ({names}); choose one with --port.")
