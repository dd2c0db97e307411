"""The command line: the group of all verbs; those that only look are here, the others in the cli_ modules."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pumpctl import __version__, defs, ports
from pumpctl.cli import (
    alarms,
    delivery,
    deploy,
    draft,
    flash,
    log,
    monitor,
    options as cli_options,
    params,
    refill,
    sim,
    therapy,
)
from pumpctl.cli.options import Json, Port, Timeout
from pumpctl.cli.screen import console, describe

app = typer.Typer(
    cls=cli_options.Verbs,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Talk to the very-low-flow pump controller. For the bench, with water.",
    epilog="Exit codes: 0 done, 1 refused by the pump, 2 usage, 3 no device or port busy, 4 link lost or timed out, "
    "5 a check failed, 6 not authorised.",
)


def _version(wanted: bool) -> None:
    if wanted:
        console.put(f"pumpctl {__version__}, protocol {defs.PROTOCOL}, definitions {defs.DIGEST}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Versions, then exit.")
    ] = False,
) -> None:
    """Options before the verb hold as well as those after it."""
    context.obj = cli_options.Options(port, as_json, timeout)


@app.command("ports")
def list_ports(context: typer.Context, as_json: Json = False) -> None:
    """List the serial ports of this machine, Picos first."""
    chosen = cli_options.options(context, None, as_json, None)
    found = ports.listed()
    if chosen.as_json:
        console.put_json([asdict(port) for port in found])
    elif found:
        rows = [(p.device, p.usb_id, p.serial_number, p.description, "Pico" if p.pico else "") for p in found]
        console.put_rows(("port", "usb id", "serial number", "description", "kind"), rows)
    else:
        console.say("No serial ports; plug a pump in, or use `--port sim:`.")


@app.command()
def info(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Who is there: the pump's versions and board, and whether its definitions are this program's."""
    chosen = cli_options.options(context, port, as_json, timeout)
    with cli_options.connected(chosen) as pump:
        hello = pump.hello
    if chosen.as_json:
        console.put_json({**asdict(hello), "foreign": hello.foreign, "host_version": __version__})
        return
    fits = "foreign" if hello.foreign else "the same as here"
    pairs = [("board", hello.board), ("firmware", hello.version), ("image", hello.image)]
    pairs.append(("protocol", str(hello.protocol)))
    console.put_pairs([*pairs, ("definitions", f"{hello.digest}, {fits}"), ("pumpctl", __version__)])


@app.command()
def status(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """How the pump is: state, rate, volumes, refill date, pressure, alarm."""
    chosen = cli_options.options(context, port, as_json, timeout)
    with cli_options.connected(chosen) as pump:
        now = pump.status()
        if chosen.as_json:
            console.put_json(describe.status_json(now))
        else:
            console.put_pairs(describe.status_pairs(now, pump.dose()))


@app.command()
def dose(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """What was given in the last hour and day, what may be given, what leaves the line's end, the refill date."""
    chosen = cli_options.options(context, port, as_json, timeout)
    with cli_options.connected(chosen) as pump:
        given = pump.dose()
        if chosen.as_json:
            console.put_json(asdict(given))
        else:
            console.put_pairs(describe.dose_pairs(pump.status(), given))


app.command("monitor")(monitor.monitor)
for verbs in (delivery, therapy, params, refill, draft, alarms, log):
    verbs.add_to(app)
app.command("sim")(sim.sim)
app.command("flash")(flash.flash)
app.command("deploy")(deploy.deploy)


def main() -> None:
    """Run the command line."""
    app()
