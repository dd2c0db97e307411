"""What a person sees: tables and lines, coloured at a terminal and plain elsewhere. Data on stdout, words on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from pumpctl import amounts, defs, records

_STATE_STYLES = {"infusing": "bold green", "stopped_alarm": "bold red", "fault": "bold red"}
_PRIORITY_STYLES = {"high": "bold white on red", "medium": "black on yellow", "low": "cyan"}


def out() -> Console:
    """Return the console of stdout."""
    return Console(file=sys.stdout, highlight=False, markup=False)


def words() -> Console:
    """Return the console of stderr."""
    return Console(file=sys.stderr, highlight=False, markup=False, soft_wrap=True)


def say(text: str) -> None:
    """Write a line of words to stderr."""
    words().print(text)


def waiting(text: str) -> AbstractContextManager[Any]:
    """Show that something takes a while, at a terminal only."""
    console = words()
    return console.status(text) if console.is_terminal else nullcontext()


def put(line: str) -> None:
    """Write one line to stdout, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def put_json(value: Any) -> None:
    """Write one line of JSON to stdout."""
    put(json.dumps(value, separators=(",", ":")))


def put_rows(columns: Sequence[str], rows: Iterable[Sequence[str]], styles: Sequence[str] = ()) -> None:
    """Write a table: drawn at a terminal, else columns two blanks apart under their names."""
    console = out()
    rows = [[str(cell) for cell in row] for row in rows]
    if console.is_terminal:
        console.print(_table(columns, rows, styles))
        return
    lines = [list(columns), *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    for line in lines:
        put("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def put_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Write names and values, one pair a line."""
    console = out()
    if console.is_terminal:
        console.print(_grid(pairs))
        return
    for name, value in pairs:
        put(f"{name:<12}  {value}")


def status_json(status: records.Status) -> dict[str, Any]:
    """Return a status for JSON: its fields, the volume delivered and the names of its numbers."""
    names = {
        "delivered_nl": status.delivered_nl,
        "state_name": status.state_name,
        "bit_names": list(status.bit_names),
        "alarm_name": status.alarm_name,
        "priority_name": status.priority_name,
    }
    return {**asdict(status), **names}


def status_pairs(status: records.Status) -> list[tuple[str, str]]:
    """Return a status in words."""
    alarm = status.alarm_name or "none"
    if status.alarm:
        alarm += f", {status.priority_name} priority" + (", sound off" if status.silenced else "")
    state = defs.STATES.get(status.state)
    return [
        ("state", f"{status.state_name}: {state.text}" if state else status.state_name),
        ("rate", amounts.rate(status.rate_ul_day) if status.rate_ul_day else "not set"),
        ("delivered", f"{amounts.ml(status.delivered_nl)} in {status.strokes} strokes since power-on"),
        ("next stroke", "none" if status.stroke_in_ms is None else _in(status.stroke_in_ms)),
        ("reservoir", reservoir(status)),
        ("time left", "unknown" if status.left_s is None else amounts.duration(status.left_s)),
        ("pressure", pressure(status)),
        ("alarm", alarm),
        ("conditions", ", ".join(name for name in status.bit_names if name != "tested") or "none"),
        ("up for", amounts.duration(status.uptime_s)),
    ]


def reservoir(status: records.Status) -> str:
    """Return what is in the reservoir, by both estimates."""
    if status.fluid == "none":
        by_ledger = "not entered since power-on"
    else:
        by_ledger = f"{status.fluid}, {amounts.ml(status.ledger_nl)} by the ledger"
    level = "no level reading" if status.level_nl is None else f"{amounts.ml(status.level_nl)} by the level sensor"
    return f"{by_ledger}, {level}"


def pressure(status: records.Status) -> str:
    """Return the last line pressure and what is usual before a stroke."""
    if status.pressure_pa is None:
        return "no reading"
    usual = "" if status.baseline_pa is None else f" (usual before a stroke {amounts.kpa(status.baseline_pa)})"
    return amounts.kpa(status.pressure_pa) + usual


def log_line(row: records.LogRow) -> str:
    """Return a record of the log as one line."""
    days, seconds = divmod(row.uptime_s, 86400)
    clock = f"{days:>3} d {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{row.ms:03}"
    return f"{row.sequence:>6}  {clock}  {row.name:<18}  {row.detail}".rstrip()


def screen(port: str, hello: records.Hello, status: records.Status, alarms: Sequence[records.AlarmRow]) -> Panel:
    """Return the monitor's screen."""
    pairs = [pair for pair in status_pairs(status) if pair[0] != "alarm"]
    parts: list[RenderableType] = [_grid(pairs, {"state": _STATE_STYLES.get(status.state_name, "bold")})]
    for alarm in alarms:
        parts += [Text(), alarm_text(alarm, status.uptime_s)]
    if not alarms:
        parts += [Text(), Text("No alarms.", "green")]
    elif status.silenced:
        parts.append(Text("The sound is off for now.", "dim"))
    title = Text(f"pump at {port} · {hello.board} {hello.version}")
    return Panel(Group(*parts), title=title, subtitle=Text("Ctrl-C leaves", "dim"), box=box.ROUNDED, padding=(1, 2))


def alarm_text(alarm: records.AlarmRow, uptime_s: int) -> Text:
    """Return an alarm with its text and what to do, in three lines."""
    entry = alarm.definition
    style = _PRIORITY_STYLES.get(entry.priority if entry else "high", "bold")
    text = Text().append(f" {alarm.name} ", style)
    text.append(f" {condition(alarm)}, raised {amounts.duration(max(0, uptime_s - alarm.raised_s))} ago")
    if entry:
        text.append(f"\n{entry.text}")
    return text.append(f"\n{alarm.action}", "bold")


def condition(alarm: records.AlarmRow) -> str:
    """Return whether an alarm stands and was acknowledged, in words."""
    stands = "stands" if alarm.stands else "cause gone"
    return f"{stands}, {'acknowledged' if alarm.acknowledged else 'not acknowledged'}"


def _in(ms: int) -> str:
    return "in less than a second" if ms < 1000 else f"in {amounts.duration(ms // 1000)}"


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
