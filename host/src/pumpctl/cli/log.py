"""The verbs for the stored records: the log, its recovery from raw flash, and the doctor."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pumpctl import defs, errors, listening
from pumpctl.cli import actions, options
from pumpctl.cli.options import Options, Yes
from pumpctl.cli.screen import console, describe
from pumpctl.cli.watch import monitor
from pumpctl.diagnostics import doctor, journal_image, log_clock
from pumpctl.protocol import names

_SECONDS_PER_DAY = 86_400

log = typer.Typer(
    invoke_without_command=True,
    help="Show the stored records, oldest first; `log rescue` reads them from a damaged journal.",
)


@log.callback()
@options.shared_options
def log_show(
    chosen: Options,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Show new records too, until Ctrl-C.")] = False,
    first: Annotated[int, typer.Option("--first", min=0, help="Sequence number to begin with.")] = 0,
    wait: monitor.Wait = listening.WAIT_S,
) -> None:
    """Show the stored records, oldest first; with --json, one object per line.

    With --follow, a reset or an interruption is marked, and records that were missed are read from the pump's log.
    """
    if follow:
        monitor.follow(chosen, first, wait)
        return
    with options.connected(chosen) as pump:
        monitor.log(pump, first, chosen.as_json)


@log.command("rescue")
@options.shared_options
def log_rescue(
    chosen: Options,
    raw: Annotated[Path | None, typer.Option("--raw", help="Also save the raw flash to this file.")] = None,
    source: Annotated[Path | None, typer.Option("--from", help="Read a saved file instead of a pump.")] = None,
) -> None:
    """Read the journal's raw flash and show every valid record; nothing in the pump is changed."""
    data = _flash_of_pump(chosen) if source is None else _flash_of_file(source)
    if raw is not None:
        try:
            raw.write_bytes(data)
        except OSError as error:
            raise errors.NotSaved(raw, error) from error
        console.say(f"{len(data)} bytes were saved to {raw}.")
    found = journal_image.read(data)
    clock = log_clock.LogClock()
    for row in found.rows:
        time_of_day = clock.time_of(row)
        if chosen.as_json:
            console.put_json({**describe.log_json(row, time_of_day), "boot": found.events[row.sequence][0]})
        else:
            console.put(describe.log_line(row, time_of_day))
    uncertain = sum(not stroke.done for stroke in found.strokes)
    console.say(
        f"{len(found.events)} records; {len(found.strokes)} strokes of {found.volume_nl} nL, {uncertain} uncertain; "
        f"{len(found.states)} states, {len(found.settings)} settings; {found.damaged} damaged, "
        f"{found.foreign} of another layout."
    )
    if found.settings and not chosen.as_json:
        values = [f"{names.name_of(defs.PARAMS, at, 'parameter')} {n}" for at, n in enumerate(found.settings[-1])]
        console.say(f"Last settings: {', '.join(values)}.")


def _flash_of_pump(chosen: Options) -> bytes:
    with options.connected(chosen) as pump, console.waiting("reading the flash"):
        return b"".join(pump.journal_read())


def _flash_of_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise errors.UsageProblem(f"The file {path} can't be read ({error.strerror}); check --from.") from error


@options.shared_options
def examine(
    chosen: Options,
    clear: Annotated[bool, typer.Option("--clear", help="Erase the journal; the log is deleted.")] = False,
    set_time: Annotated[bool, typer.Option("--set-time", help="Set the pump's time of day first.")] = False,
    yes: Yes = False,
) -> None:
    """Check journal, last reset, self-test and alarms, and show what to do; exit code 5 if something is wrong."""
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
