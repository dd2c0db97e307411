"""The verbs of alarms: what stands, what the line did before it, acknowledge, silence."""

from __future__ import annotations

import difflib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pumpctl import defs, errors, units
from pumpctl.cli import actions, options
from pumpctl.cli.options import Json, Port, Timeout
from pumpctl.cli.screen import console, describe
from pumpctl.protocol import answers
from pumpctl.report import pressure_trace

alarms = typer.Typer(
    invoke_without_command=True, help="List the alarms with what to do; `alarms show` tells all about one."
)


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.add_typer(alarms, name="alarms")
    app.command()(ack)
    app.command()(silence)


@alarms.callback()
def alarms_list(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """List the alarms that stand or wait to be acknowledged, with what to do."""
    chosen = options.options(context, port, as_json, timeout)
    context.obj = chosen
    if context.invoked_subcommand:
        return
    with options.connected(chosen) as pump:
        rows, uptime_s = pump.alarms(), pump.status().uptime_s
    if chosen.as_json:
        console.put_json([_json(row) for row in rows])
    elif rows:
        console.put_alarms(rows, uptime_s)
    else:
        console.say("No alarms.")


@alarms.command("show")
def alarms_show(
    context: typer.Context,
    alarm: Annotated[str, typer.Argument(help="Name or number of the alarm.")],
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw the pressure around the last strokes into this PNG file.")
    ] = None,
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Tell all about an alarm: cause, action, and the pressure around the last strokes if it is one of the line."""
    number = alarm_number(alarm)
    entry = defs.ALARMS.get(number)
    if entry is None:
        raise errors.UsageProblem(f"There is no alarm {alarm}; `alarms` lists those that stand.")
    chosen = options.options(context, port, as_json, timeout)
    with options.connected(chosen) as pump:
        row = next((row for row in pump.alarms() if row.alarm == number), None)
        status = pump.status()
        trace = pump.trace()
    kept = trace if trace.alarm == number else answers.Trace(number, ())
    if plot is not None:
        if not kept.samples:
            raise errors.UsageProblem(f"No pressure was kept for {entry.name}, so there is nothing to draw.")
        pressure_trace.write_png(plot, entry, kept)
    if chosen.as_json:
        stands = None if row is None else _json(row)
        about = {"text": entry.text, "cause": entry.cause, "action": entry.action, "now": stands}
        console.put_json({"alarm": number, "name": entry.name, **about, "samples": [asdict(s) for s in kept.samples]})
        return
    console.put_pairs(_about(entry, row, status.uptime_s))
    if plot is not None:
        console.say(f"The pressure is drawn in {plot}.")
    elif kept.samples:
        console.put("")
        console.put_rows(pressure_trace.COLUMNS, pressure_trace.rows(kept))


def ack(
    context: typer.Context,
    alarm: Annotated[str, typer.Argument(help="Name or number of the alarm, or all.")] = "all",
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Acknowledge an alarm, or all that stand."""
    number = 0 if alarm == "all" else alarm_number(alarm)
    text = "{acknowledged} acknowledged, {standing} still standing."
    actions.do(options.options(context, port, as_json, timeout), lambda pump: asdict(pump.ack(number)), text)


def silence(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Turn the sound off for a while; the light stays, and a new alarm breaks it."""
    text = "The sound is off for {silence_s} s."
    actions.do(options.options(context, port, as_json, timeout), lambda pump: {"silence_s": pump.silence()}, text)


def alarm_number(text: str) -> int:
    """Return the number of an alarm given by name or number; raises UsageProblem."""
    if text.isdecimal():
        return int(text)
    numbers = {alarm.name: alarm.id for alarm in defs.ALARMS.values()}
    if text in numbers:
        return numbers[text]
    close = difflib.get_close_matches(text, numbers, 1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(numbers)}."
    raise errors.UsageProblem(f"There is no alarm {text!r}; {hint}")


def _about(entry: defs.Alarm, row: answers.AlarmRow | None, uptime_s: int) -> describe.Pairs:
    stands = "does not stand"
    if row is not None:
        stands = f"{describe.condition(row)}, raised {units.duration(max(0, uptime_s - row.raised_s))} ago"
    pairs = [("alarm", f"{entry.id} {entry.name}, {entry.priority} priority"), ("condition", stands)]
    return [*pairs, ("what it is", entry.text), ("cause", entry.cause), ("what to do", entry.action)]


def _json(row: answers.AlarmRow) -> dict[str, object]:
    return {**asdict(row), "name": row.name, "priority": _priority(row), "text": row.text, "action": row.action}


def _priority(row: answers.AlarmRow) -> str:
    return row.definition.priority if row.definition else ""
