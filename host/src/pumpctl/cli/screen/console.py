"""All output and questions: coloured at a terminal, plain elsewhere. Data goes to stdout, messages to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any

import typer
from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from pumpctl import errors, units
from pumpctl.cli.screen import describe
from pumpctl.protocol import answers

_STATE_STYLES = {
    "infusing": "bold green",
    "keep_open": "bold yellow",
    "priming": "bold cyan",
    "stopped_alarm": "bold red",
    "fault": "bold red",
}
_PRIORITY_STYLES = {"high": "bold white on red", "medium": "black on yellow", "low": "cyan"}


def out() -> Console:
    """Return the console of stdout."""
    return Console(file=sys.stdout, highlight=False, markup=False)


def words() -> Console:
    """Return the console of stderr."""
    return Console(file=sys.stderr, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _writing() -> Iterator[None]:
    """Raise OutputLost when stdout or stderr can't be written."""
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: it is closed
        raise errors.OutputLost(error) from error


def drop_output() -> None:
    """Send what is still waiting in stdout nowhere, or Python would fail again at its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def safe_streams() -> None:
    """Let no letter that a terminal lacks, no byte that is not text and no closed stream stop the program."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:  # it was closed before the start
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - until the end of the program
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def say(text: str) -> None:
    """Write a message to stderr."""
    with _writing():
        words().print(text)


def ask(question: str, default: str | None = None) -> str:
    """Ask on stderr and return what was typed, or the default; raises typer.Abort at the end of the input."""
    return str(typer.prompt(question, default=default, err=True))


def ask_yes(question: str) -> bool:
    """Ask on stderr and return whether the answer was yes; raises typer.Abort at the end of the input."""
    return typer.confirm(question, err=True)


def prompt(text: str) -> None:
    """Write a prompt to stderr, without a line end."""
    with _writing():
        sys.stderr.write(text)
        sys.stderr.flush()


def live() -> Live:
    """Return a screen that `update` redraws."""
    return Live(console=out(), auto_refresh=False, screen=True)


def waiting(text: str) -> AbstractContextManager[Any]:
    """Show the text while something takes time, at a terminal only."""
    console = words()
    return console.status(text) if console.is_terminal else nullcontext()


def put(line: str) -> None:
    """Write one line to stdout and flush it."""
    with _writing():
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def put_json(value: Any) -> None:
    """Write one line of JSON to stdout."""
    put(json.dumps(value, separators=(",", ":")))


def put_rows(columns: Sequence[str], rows: Iterable[Sequence[str]], styles: Sequence[str] = ()) -> None:
    """Write a table to stdout: with lines at a terminal, else as columns separated by two spaces."""
    with _writing():
        _write_rows(out(), columns, [[str(cell) for cell in row] for row in rows], styles)


def say_rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table to stderr, as part of a question."""
    with _writing():
        _write_rows(words(), columns, [[str(cell) for cell in row] for row in rows], ())


def _write_rows(console: Console, columns: Sequence[str], rows: list[list[str]], styles: Sequence[str]) -> None:
    if console.is_terminal:
        console.print(_table(columns, rows, styles))
        return
    lines = [list(columns), *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    for line in lines:
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        console.file.write(text + "\n")
    console.file.flush()


def put_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Write names and values to stdout, one pair per line."""
    console = out()
    if console.is_terminal:
        with _writing():
            console.print(_grid(pairs))
        return
    for name, value in pairs:
        put(f"{name:<12}  {value}")


def screen(
    port: str,
    hello: answers.Hello,
    status: answers.Status,
    dose: answers.Dose,
    alarms: Sequence[answers.AlarmRow],
    note: str = "",
) -> Panel:
    """Return the screen of `monitor`: state and alarms of the pump at a port; `note` tells of the last interruption."""
    pairs = [pair for pair in describe.status_pairs(status, dose) if pair[0] != "alarm"]
    parts: list[RenderableType] = [_grid(pairs, {"state": _STATE_STYLES.get(status.state_name, "bold")})]
    for alarm in alarms:
        parts += [Text(), alarm_text(alarm, status.uptime_s)]
    if not alarms:
        parts += [Text(), Text("No alarms.", "green")]
    elif status.silenced:
        parts.append(Text("The alarm sound is silenced.", "dim"))
    if note:
        parts += [Text(), Text(note, "yellow")]
    title = Text(f"pump at {port} · {hello.board} {hello.version}")
    return Panel(Group(*parts), title=title, subtitle=Text("Ctrl-C to exit", "dim"), box=box.ROUNDED, padding=(1, 2))


def put_alarms(alarms: Sequence[answers.AlarmRow], uptime_s: int) -> None:
    """Write alarms with their texts and what to do, separated by empty lines."""
    console = out()
    for place, alarm in enumerate(alarms):
        with _writing():
            if place:
                console.print()
            console.print(alarm_text(alarm, uptime_s), soft_wrap=not console.is_terminal)


def alarm_text(alarm: answers.AlarmRow, uptime_s: int) -> Text:
    """Return an alarm with its text and what to do, in three lines."""
    entry = alarm.definition
    style = _PRIORITY_STYLES.get(entry.priority if entry else "high", "bold")
    text = Text().append(f" {alarm.name} ", style)
    ago = units.duration(max(0, uptime_s - alarm.raised_s))
    raised = "before the last reset" if alarm.raised_s < 0 else f"{ago} ago"
    text.append(f" {alarm.alarm}, {describe.condition(alarm)}, raised {raised}")
    if entry:
        text.append(f"\n{entry.text}")
    return text.append(f"\n{alarm.action}", "bold")


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for place, column in enumerate(columns):
        numeric = bool(rows) and all(row[place].lstrip("-").isdecimal() or not row[place] for row in rows)
        table.add_column(column, justify="right" if numeric else "left")
    for place, row in enumerate(rows):
        table.add_row(*(Text(cell) for cell in row), style=styles[place] if place < len(styles) else "")
    return table


def _grid(pairs: Iterable[tuple[str, str]], styles: dict[str, str] | None = None) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for name, value in pairs:
        grid.add_row(name, Text(value, (styles or {}).get(name, "")))
    return grid
