"""The command line: the group of all verbs; those that only look are here, the others in the cli_ modules."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pumpctl import (
    __version__,
    cli_alarms,
    cli_dose,
    cli_draft,
    cli_flash,
    cli_journal,
    cli_monitor,
    cli_params,
    cli_refill,
    cli_sim,
    cli_therapy,
    defs,
    ports,
    render,
    session,
    wording,
)
from pumpctl.session import Json, Port, Timeout

app = typer.Typer(
    cls=session.Verbs,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Talk to the very-low-flow pump controller. For the bench, with water.",
    epilog="Exit codes: 0 done, 1 refused by the pump, 2 usage, 3 no device or port busy, 4 link lost or timed out, "
    "5 a check failed, 6 not authorised.",
)


def _version(wanted: bool) -> None:
    if wanted:
        render.put(f"pumpctl {__version__}, protocol {defs.PROTOCOL}, definitions {defs.DIGEST}")
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
    context.obj = session.Options(port, as_json, timeout)


@app.command("ports")
def list_ports(context: typer.Context, as_json: Json = False) -> None:
    """List the serial ports of this machine, Picos first."""
    chosen = session.options(context, None, as_json, None)
    found = ports.listed()
    if chosen.as_json:
        render.put_json([asdict(port) for port in found])
    elif found:
        rows = [(p.device, p.usb_id, p.serial_number, p.description, "Pico" if p.pico else "") for p in found]
        render.put_rows(("port", "usb id", "serial number", "description", "kind"), rows)
    else:
        render.say("No serial ports; plug a pump in, or use `--port sim:`.")


@app.command()
def info(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Who is there: the pump's versions and board, and whether its definitions are this program's."""
    chosen = session.options(context, port, as_json, timeout)
    with session.connected(chosen) as pump:
        hello = pump.hello
    if chosen.as_json:
        render.put_json({**asdict(hello), "foreign": hello.foreign, "host_version": __version__})
        return
    fits = "foreign" if hello.foreign else "the same as here"
    pairs = [("board", hello.board), ("firmware", hello.version), ("image", hello.image)]
    pairs.append(("protocol", str(hello.protocol)))
    render.put_pairs([*pairs, ("definitions", f"{hello.digest}, {fits}"), ("pumpctl", __version__)])


@app.command()
def status(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """How the pump is: state, rate, volumes, refill date, pressure, alarm."""
    chosen = session.options(context, port, as_json, timeout)
    with session.connected(chosen) as pump:
        now = pump.status()
        if chosen.as_json:
            render.put_json(wording.status_json(now))
        else:
            render.put_pairs(wording.status_pairs(now, pump.dose()))


@app.command()
def dose(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """What was given in the last hour and day, what may be given, what leaves the line's end, the refill date."""
    chosen = session.options(context, port, as_json, timeout)
    with session.connected(chosen) as pump:
        given = pump.dose()
        if chosen.as_json:
            render.put_json(asdict(given))
        else:
            render.put_pairs(wording.dose_pairs(pump.status(), given))


app.command("monitor")(cli_monitor.monitor)
for verbs in (cli_dose, cli_therapy, cli_params, cli_refill, cli_draft, cli_alarms, cli_journal):
    verbs.add_to(app)
app.command("sim")(cli_sim.sim)
app.command("flash")(cli_flash.flash)


def main() -> None:
    """Run the command line."""
    app()
