"""The command line: all verbs in one group. General reading verbs are here, the others in modules of their own."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pumpctl import __version__, defs, errors, ports
from pumpctl.cli import (
    alarms,
    delivery,
    deploy,
    draft,
    flash,
    log,
    monitor,
    options,
    params,
    refill,
    sim,
    therapy,
)
from pumpctl.cli.bench import measurements
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console, describe
from pumpctl.cli.service import serve, session, world

app = typer.Typer(
    cls=options.Verbs,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Control and test the very-low-flow pump controller. For the bench, with water.",
    epilog=f"Exit codes: {', '.join(f'{int(code)} {text}' for code, text in errors.EXIT_TEXTS.items())}.",
)


def _version(wanted: bool) -> None:
    if wanted:
        console.put(f"pumpctl {__version__}, protocol {defs.PROTOCOL}, definitions {defs.DIGEST}")
        raise typer.Exit


@app.callback()
@options.shared_options
def before_the_verb(
    chosen: Options,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show versions and exit.")
    ] = False,
) -> None:
    """Store the options before the verb; options after the verb take precedence."""


@app.command("ports")
@options.sharing("as_json")
def list_ports(chosen: Options) -> None:
    """List the serial ports of this computer, Picos first."""
    found = ports.listed()
    if chosen.as_json:
        console.put_json([asdict(port) for port in found])
    elif found:
        rows = [(p.device, p.usb_id, p.serial_number, p.description, "Pico" if p.pico else "") for p in found]
        console.put_rows(("port", "usb id", "serial number", "description", "kind"), rows)
    else:
        console.say("No serial ports were found; plug in a pump, or use `--port sim:`.")


@app.command()
@options.shared_options
def info(chosen: Options) -> None:
    """Show versions and board, and whether they match this program."""
    with options.connected(chosen) as pump:
        hello = pump.hello
    if chosen.as_json:
        console.put_json({**asdict(hello), "foreign": hello.foreign, "host_version": __version__})
        return
    match = "differ from this program's" if hello.foreign else "match this program"
    console.put_pairs(
        [
            ("board", hello.board),
            ("unique id", hello.unique_id or "not known"),
            ("firmware", hello.version),
            ("image", hello.image),
            ("protocol", str(hello.protocol)),
            ("definitions", f"{hello.digest}, {match}"),
            ("pumpctl", __version__),
        ]
    )


@app.command()
@options.shared_options
def status(chosen: Options) -> None:
    """Show state, rate, volumes, refill date, pressure and alarm."""
    with options.connected(chosen) as pump:
        now = pump.status()
        if chosen.as_json:
            console.put_json(describe.status_json(now))
        else:
            console.put_pairs(describe.status_pairs(now, pump.dose()))


@app.command()
@options.shared_options
def dose(chosen: Options) -> None:
    """Show the dose of the last hour and day, the boluses left, the fluid at the catheter tip, and the refill date."""
    with options.connected(chosen) as pump:
        given = pump.dose()
        if chosen.as_json:
            console.put_json(asdict(given))
        else:
            console.put_pairs(describe.dose_pairs(pump.status(), given))


app.command("monitor")(monitor.monitor)
for verbs in (delivery, therapy, params, refill, draft, alarms, log):
    verbs.add_to(app)
app.command("sim")(sim.sim)
app.command("serve")(serve.serve)
session.add_to(app)
measurements.add_to(app)
app.command("world")(world.world)
app.command("flash")(flash.flash)
app.command("deploy")(deploy.deploy)


def main() -> None:
    """Run the command line."""
    console.safe_streams()
    app()
