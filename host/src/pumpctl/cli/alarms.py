"""The verbs for alarms: list, details with the pressure before the alarm, acknowledge, silence."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pumpctl import defs, errors, units
from pumpctl.cli import actions, completion, options
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console, describe
from pumpctl.protocol import answers
from pumpctl.report import pressure_trace

alarms = typer.Typer(
    invoke_without_command=True, help="List the alarms and what to do; `alarms show` gives the details of one."
)


@alarms.callback()
@options.shared_options
def alarms_list(chosen: Options) -> None:
    """List the alarms that are active or not acknowledged, and what to do."""
    with options.connected(chosen) as pump:
        rows, uptime_s = pump.alarms(), pump.status().uptime_s
    if chosen.as_json:
        console.put_json([_json(row) for row in rows])
    elif rows:
        console.put_alarms(rows, uptime_s)
    else:
        console.say("No alarms.")


@alarms.command("show")
@options.shared_options
def alarms_show(
    chosen: Options,
    alarm: Annotated[str, typer.Argument(help="Name or number of the alarm.", autocompletion=completion.alarms)],
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw the pressure around the last strokes into this PNG file.")
    ] = None,
) -> None:
    """Show an alarm's cause and action and, for an alarm of the line, the pressure around the last strokes."""
    entry = defs.ALARMS.get(alarm_number(alarm))
    if entry is None:
        raise errors.UsageProblem(f"There is no alarm {alarm}; `alarms` lists the active ones.")
    with options.connected(chosen) as pump:
        row = next((row for row in pump.alarms() if row.alarm == entry.id), None)
        uptime_s = pump.status().uptime_s
        trace = pump.trace()
    samples = trace.samples if trace.alarm == entry.id else ()
    if plot is not None:
        if not samples:
            raise errors.UsageProblem(f"The pump has stored no pressure for {entry.name}, so there is nothing to plot.")
        pressure_trace.write_png(plot, entry, samples)
    if chosen.as_json:
        console.put_json({**_definition_json(entry, row), "samples": [asdict(sample) for sample in samples]})
        return
    console.put_pairs(_about(entry, row, uptime_s))
    if plot is not None:
        console.say(f"The plot was saved to {plot}.")
    elif samples:
        console.put("")
        console.put_rows(pressure_trace.COLUMNS, pressure_trace.rows(samples))


@options.shared_options
def ack(
    chosen: Options,
    alarm: Annotated[
        str, typer.Argument(help="Name or number of the alarm, or all.", autocompletion=completion.alarms)
    ] = "all",
) -> None:
    """Acknowledge one alarm, or all active alarms."""
    number = 0 if alarm == "all" else alarm_number(alarm)
    text = "{acknowledged} acknowledged, {standing} still active."
    actions.do(chosen, lambda pump: asdict(pump.ack(number)), text)


@options.shared_options
def silence(chosen: Options) -> None:
    """Silence the alarm sound for a while; the light stays on, and a new alarm sounds again."""
    text = "The sound is silenced for {silence_s} s."
    actions.do(chosen, lambda pump: {"silence_s": pump.silence()}, text)


def alarm_number(text: str) -> int:
    """Return the number of an alarm given by name or number; raises UsageProblem."""
    if text.isdecimal():
        return int(text)
    numbers = {alarm.name: alarm.id for alarm in defs.ALARMS.values()}
    if text in numbers:
        return numbers[text]
    close = errors.closest(text, numbers)
    hint = f"did you mean {close}?" if close else f"there are {', '.join(numbers)}."
    raise errors.UsageProblem(f"There is no alarm {text!r}; {hint}")


def _about(entry: defs.Alarm, row: answers.AlarmRow | None, uptime_s: int) -> describe.Pairs:
    condition = "not active"
    if row is not None:
        condition = f"{describe.condition(row)}, raised {units.duration(max(0, uptime_s - row.raised_s))} ago"
    pairs = [("alarm", f"{entry.id} {entry.name}, {entry.priority} priority"), ("condition", condition)]
    return [*pairs, ("what it is", entry.text), ("cause", entry.cause), ("what to do", entry.action)]


def _definition_json(entry: defs.Alarm, row: answers.AlarmRow | None) -> dict[str, object]:
    about = {"text": entry.text, "cause": entry.cause, "action": entry.action}
    return {"alarm": entry.id, "name": entry.name, **about, "now": None if row is None else _json(row)}


def _json(row: answers.AlarmRow) -> dict[str, object]:
    return {**asdict(row), "name": row.name, "priority": _priority(row), "text": row.text, "action": row.action}


def _priority(row: answers.AlarmRow) -> str:
    return row.definition.priority if row.definition else ""
