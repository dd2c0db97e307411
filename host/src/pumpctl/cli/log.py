"""The verbs for the stored records: the log, its recovery from raw flash, and the doctor."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from pumpctl import defs, errors, listening, units
from pumpctl.cli import actions, options
from pumpctl.cli.options import Options, Yes
from pumpctl.cli.screen import console
from pumpctl.cli.watch import monitor, records
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
    since: Annotated[
        str | None, typer.Option("--since", help="Only records since a time in UTC, or since 30min, 6h, 2d ago.")
    ] = None,
    last: Annotated[int | None, typer.Option("--last", min=1, help="Only so many records, the newest.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV with a line of headings.")] = False,
    wait: monitor.Wait = listening.WAIT_S,
) -> None:
    """Show the stored records, oldest first; with --json, one object per line.

    With --follow, a reset or an interruption is marked, and records that were missed are read from the pump's log.
    """
    if as_csv and chosen.as_json:
        raise errors.UsageProblem("--csv and --json can't be used together; choose one of them.")
    form = "csv" if as_csv else "json" if chosen.as_json else "text"
    if follow:
        if since is not None or last is not None:
            raise errors.UsageProblem("--follow shows all records from --first on; leave out --since and --last.")
        with suppress(KeyboardInterrupt), options.listener(chosen, wait, console.say) as pump:
            records.follow(listening.LogFollower(pump).records(), first, form)
        return
    time, age_s = (None, None) if since is None else records.since(since)
    with options.connected(chosen) as pump:
        # All records are read: an earlier one may set the time of day.
        records.write(pump.log_pages(0), records.Wanted(first, time, age_s, last), form, pump.status())


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
        console.say(f"Saved to {raw}: {units.count(len(data), 'byte')}.")
    found = journal_image.read(data)
    writer = records.Writer("json" if chosen.as_json else "text")
    for item in log_clock.placed(found.rows):
        writer.put(replace(item, boot=found.events[item.row.sequence][0]))
    uncertain = sum(not stroke.done for stroke in found.strokes)
    console.say(
        f"{units.count(len(found.events), 'record')}; {units.count(len(found.strokes), 'stroke')}, "
        f"{found.volume_nl} nL in all, "
        f"{uncertain} uncertain; {units.count(len(found.states), 'state')}, "
        f"{units.count(len(found.settings), 'set')} of settings; {found.damaged} damaged, "
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
            (finding.name, f"{finding.text}. {finding.action}" if finding.action else finding.text) for finding in found
        )
    if not all(finding.good for finding in found):
        raise typer.Exit(errors.ExitCode.CHECK_FAILED)
