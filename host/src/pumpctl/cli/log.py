"""The verbs of what the pump keeps: the log, its rescue from raw flash, and the doctor."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pumpctl import defs, errors
from pumpctl.cli import actions, monitor, options
from pumpctl.cli.options import Json, Port, Timeout, Yes
from pumpctl.cli.screen import console, describe
from pumpctl.diagnostics import doctor, journal_image, log_clock
from pumpctl.protocol import names

_SECONDS_PER_DAY = 86_400

log = typer.Typer(
    invoke_without_command=True,
    help="Show the records that the pump keeps, oldest first; `log rescue` reads them from a journal that is unfit.",
)


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.add_typer(log, name="log")
    app.command("doctor")(examine)


@log.callback()
def log_show(
    context: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new records until Ctrl-C.")] = False,
    first: Annotated[int, typer.Option("--first", min=0, help="First sequence number wanted.")] = 0,
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Show the records that the pump keeps, oldest first; with --json one object a line."""
    chosen = options.options(context, port, as_json, timeout)
    context.obj = chosen
    if context.invoked_subcommand:
        return
    with options.connected(chosen) as pump:
        try:
            monitor.log(pump, first, follow, chosen.as_json)
        except KeyboardInterrupt:
            if not follow:
                raise


@log.command("rescue")
def log_rescue(
    context: typer.Context,
    raw: Annotated[Path | None, typer.Option("--raw", help="Save the flash as it is into this file too.")] = None,
    source: Annotated[Path | None, typer.Option("--from", help="Read a file that was saved, and no pump.")] = None,
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Read the journal's flash as it lies there and show every record that is sound; the pump changes nothing."""
    chosen = options.options(context, port, as_json, timeout)
    if source is not None:
        try:
            data = source.read_bytes()
        except OSError as error:
            raise errors.UsageProblem(f"{source} can't be read: {error.strerror}.") from error
    else:
        with options.connected(chosen) as pump, console.waiting("Reading the flash …"):
            data = b"".join(pump.journal_read())
    if raw is not None:
        raw.write_bytes(data)
        console.say(f"{len(data)} bytes are saved in {raw}.")
    found = journal_image.read(data)
    clock = log_clock.LogClock()
    for row in found.rows:
        time_of_day = clock.take(row)
        if chosen.as_json:
            console.put_json({**describe.log_json(row, time_of_day), "boot": found.events[row.sequence][0]})
        else:
            console.put(describe.log_line(row, time_of_day))
    uncertain = sum(not stroke.done for stroke in found.strokes)
    console.say(
        f"{len(found.events)} records; {len(found.strokes)} strokes of {found.volume_nl} nL, {uncertain} uncertain; "
        f"{len(found.states)} states, {len(found.settings)} settings; {found.damaged} damaged, {found.foreign} foreign."
    )
    if found.settings and not chosen.as_json:
        values = [f"{names.name_of(defs.PARAMS, at, 'parameter')} {n}" for at, n in enumerate(found.settings[-1])]
        console.say(f"Last settings: {', '.join(values)}.")


def examine(
    context: typer.Context,
    clear: Annotated[bool, typer.Option("--clear", help="Erase the journal: the log is lost.")] = False,
    set_time: Annotated[bool, typer.Option("--set-time", help="Tell the pump the time of day.")] = False,
    yes: Yes = False,
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Tell what is wrong and what to do: journal, last reset, self-test, alarms; exit code 5 if anything is."""
    chosen = options.options(context, port, as_json, timeout)
    if clear:
        actions.change(chosen, yes, lambda pump, agree: pump.journal_clear(agree), "The journal is being cleared.")
        return
    with options.connected(chosen) as pump:
        if set_time:
            pump.time_set(*divmod(int(time.time()), _SECONDS_PER_DAY))
        found = doctor.findings(pump)
    if chosen.as_json:
        console.put_json([{**asdict(finding), "good": finding.good} for finding in found])
    else:
        console.put_pairs(
            (finding.name, finding.text if finding.good else f"{finding.text}. {finding.action}") for finding in found
        )
    if not all(finding.good for finding in found):
        raise typer.Exit(errors.ExitCode.CHECK_FAILED)
