"""The verbs for recorded sessions: list, show, export, report, prune.

The modules that read sessions are imported where they are used, as SQLite takes its time.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pumpctl import errors, units
from pumpctl.cli import completion, options
from pumpctl.cli.options import Options, Yes
from pumpctl.cli.screen import console
from pumpctl.session import schema

if TYPE_CHECKING:
    from pumpctl.session import store

session = typer.Typer(no_args_is_help=True, help="List, show, export and remove recorded sessions.")

Name = Annotated[
    str,
    typer.Argument(
        help="Name of a session, the beginning of one, a file, or last.", autocompletion=completion.sessions
    ),
]
Folder = Annotated[Path | None, typer.Option("--sessions", help="Folder of the sessions.")]

_DAY_MS = 86_400_000


@session.command("list")
@options.sharing("as_json")
def session_list(chosen: Options, sessions: Folder = None) -> None:
    """List the sessions, oldest first."""
    from pumpctl.session import store

    found = store.all_in(sessions or store.folder())
    if chosen.as_json:
        console.put_json([{**asdict(summary), "path": str(summary.path)} for summary in found])
    elif found:
        columns = ("session", "began (UTC)", "telemetry", "events", "requests", "gaps", "size")
        console.put_rows(columns, (_row(summary) for summary in found))
    else:
        console.say("There are no sessions; `pumpctl serve` and `pumpctl monitor --record` make them.")


@session.command("show")
@options.sharing("as_json")
def session_show(chosen: Options, name: Name, sessions: Folder = None) -> None:
    """Show a session: what was recorded, from when to when, its gaps and alarms."""
    from pumpctl.session import export, store

    path = store.find(name, sessions or store.folder())
    with store.to_read(path) as database:
        found = export.overview(database, path)
    if chosen.as_json:
        console.put_json(found)
        return
    for label, text in export.overview_pairs(found):
        console.put_pairs([(label, text)])


@session.command("export")
def session_export(
    name: Name,
    kind: Annotated[str, typer.Option("--kind", help=f"{', '.join(schema.KINDS)}, or all (jsonl only).")] = "all",
    form: Annotated[str, typer.Option("--format", help="csv, jsonl or parquet.")] = "jsonl",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; stdout without it.")] = None,
    sessions: Folder = None,
) -> None:
    """Write the rows of a session as CSV, as JSON with one object per line, or as a Parquet file."""
    from pumpctl.session import export, parquet, store

    path = store.find(name, sessions or store.folder())
    if form == "parquet" and output is None:
        raise errors.UsageProblem("Parquet is no text; name a file with --output.")
    with store.to_read(path) as database:
        if form == "parquet" and output is not None:
            count = parquet.write(output, database, kind)
            console.say(f"Written to {output}: {units.count(count, 'row')}.")
            return
        lines = export.lines(database, kind, form)
        if output is None:
            for line in lines:
                console.put(line)
            return
        count = export.write(output, lines)
    console.say(f"Written to {output}: {units.count(count, 'line')}.")


@session.command("report")
def session_report(
    name: Name,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write.")] = None,
    sessions: Folder = None,
) -> None:
    """Write a session as one HTML page: figures, accuracy per day, alarms, gaps, plots."""
    from pumpctl.session import report, store

    path = store.find(name, sessions or store.folder())
    target = output or Path(f"{path.stem}.html")
    with store.to_read(path) as database:
        report.write(target, database, path)
    console.say(f"The report was written to {target}.")


@session.command("prune")
@options.sharing("as_json")
def session_prune(
    chosen: Options,
    days: Annotated[int, typer.Option("--days", min=1, help="Sessions whose last row is older are removed.")] = 90,
    yes: Yes = False,
    sessions: Folder = None,
) -> None:
    """Remove old sessions, after confirmation; damaged ones stay."""
    from pumpctl.session import store

    before_ms = time.time_ns() // 1_000_000 - days * _DAY_MS
    all_of_them = store.all_in(sessions or store.folder())
    old = [summary for summary in all_of_them if summary.last_ms is not None and summary.last_ms < before_ms]
    if old and not yes:
        if chosen.as_json:
            raise errors.ConfirmationMissing
        console.say_rows(("session", "size"), [(summary.name, _size(summary.size_bytes)) for summary in old])
        if not console.ask_yes(f"Remove {units.count(len(old), 'session')}?"):
            raise errors.NotConfirmed("session prune")
    for summary in old:
        store.remove(summary.path)
    if chosen.as_json:
        console.put_json({"removed": [summary.name for summary in old]})
    else:
        console.say(f"Removed: {units.count(len(old), 'session')}; left: {len(all_of_them) - len(old)}.")


def _row(summary: store.Summary) -> tuple[str, ...]:
    if summary.trouble:
        return (summary.name, "damaged: see `session show`", "", "", "", "", _size(summary.size_bytes))
    began = "" if summary.began_ms is None else f"{datetime.fromtimestamp(summary.began_ms / 1000, UTC):%Y-%m-%d %H:%M}"
    counts = (str(summary.counts[kind]) for kind in ("telemetry", "event", "request", "gap"))
    return (summary.name, began, *counts, _size(summary.size_bytes))


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1_000_000:.1f} MB"
