"""`pumpctl evidence`: the measurements that bench tests recorded, run against run."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pumpctl import errors
from pumpctl.cli import options
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console

if TYPE_CHECKING:
    from pumpctl.testing import evidence as recorded

evidence = typer.Typer(no_args_is_help=True, help="Compare the measurements of bench tests, which pytest recorded.")

Run = Annotated[Path, typer.Argument(help="File that pytest --evidence wrote, or its folder for the newest run.")]


@evidence.command("diff")
@options.sharing("as_json")
def evidence_diff(chosen: Options, before: Run, after: Run) -> None:
    """Show what changed from a run to another; exit code 5 if the second is beyond a limit, or lacks a measurement."""
    from pumpctl.testing import evidence as recorded

    first, second = recorded.read(before), recorded.read(after)
    rows = recorded.differences(first["measurements"], second["measurements"])
    if chosen.as_json:
        runs = [{**run, "path": str(run["path"]), "measurements": len(run["measurements"])} for run in (first, second)]
        found = [{**asdict(row), "change_percent": row.change_percent} for row in rows]
        console.put_json({"before": runs[0], "after": runs[1], "differences": found})
    else:
        for word, run in (("before", first), ("after", second)):
            console.say(f"{word}: {run['path']}, {run['target']}, image {run['image']}, {run['began']}")
        console.put_rows(("measurement", "unit", "before", "after", "change", ""), map(_row, rows))
    bad = sum(not row.good for row in rows)
    if bad:
        raise errors.EvidenceWorse(f"{bad} of {len(rows)} measurements are missing or beyond their limits now.")


@evidence.command("history")
def evidence_history(
    folder: Annotated[Path, typer.Argument(help="Folder of pytest --evidence, with the runs.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Page to write.")] = Path("evidence.html"),
) -> None:
    """Write a page with the course of each measurement over all runs in a folder."""
    from pumpctl.testing import history

    runs = history.runs_in(folder)
    try:
        output.write_text(history.page(runs), encoding="utf-8")
    except OSError as error:
        raise errors.NotSaved(output, error) from error
    console.say(f"The history of {len(runs)} runs was written to {output}.")


def _row(row: recorded.Difference) -> tuple[str, ...]:
    change = "" if row.change_percent is None else f"{row.change_percent:+.2f} %"
    verdict = "" if row.good else "missing" if row.after is None else "beyond its limit"
    return (row.name, row.unit, _value(row.before), _value(row.after), change, verdict)


def _value(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
