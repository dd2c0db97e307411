"""The verbs of delivery and of alarms."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from pumpctl import amounts, defs, errors, render, session
from pumpctl.pump import Pump
from pumpctl.session import Json, Port, Timeout


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    for verb in (start, stop, pause, resume, rate, ack, silence):
        app.command()(verb)


def do(chosen: session.Options, action: Callable[[Pump], Any], done: str) -> None:
    """Do it and tell how the pump is then; with JSON that is an object."""
    with session.connected(chosen) as pump:
        result = action(pump)
        now = pump.status()
    if chosen.as_json:
        render.put_json({"ok": True, **(result or {}), "state_name": now.state_name, "rate_ul_day": now.rate_ul_day})
    else:
        rate_text = f" at {amounts.rate(now.rate_ul_day)}" if now.rate_ul_day else ""
        render.say(f"{done.format(**(result or {}))} The pump is {now.state_name.replace('_', ' ')}{rate_text}.")


def start(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Begin delivery by the plan; the first stroke comes one stroke period later."""
    do(session.options(context, port, as_json, timeout), Pump.start, "Started.")


def stop(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """End delivery; taken in every state and from every version of this program."""
    chosen = session.options(context, port, as_json, timeout)
    with session.connected(chosen) as pump:
        pump.stop()
    if chosen.as_json:
        render.put_json({"ok": True})
    else:
        render.say("Stopped. Delivery goes on only after a start.")


def pause(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Hold delivery; the part of a stroke that was due is kept."""
    do(session.options(context, port, as_json, timeout), Pump.pause, "Paused.")


def resume(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Go on after a pause, or after a stopping alarm that was cleared and acknowledged."""
    do(session.options(context, port, as_json, timeout), Pump.resume, "Resumed.")


def rate(
    context: typer.Context,
    amount: Annotated[str, typer.Argument(help="New rate in mL/day as 1 or 1.5, or in microlitres as 1500uL.")],
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Change the rate; what was due so far is kept."""
    ul_day = amounts.rate_ul_day(amount)
    do(session.options(context, port, as_json, timeout), lambda pump: pump.rate(ul_day), "The rate is set.")


def ack(
    context: typer.Context,
    alarm: Annotated[str, typer.Argument(help="Name or number of the alarm, or all.")] = "all",
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Acknowledge an alarm, or all that stand."""
    number = alarm_number(alarm)
    text = "{acknowledged} acknowledged, {standing} still standing."
    do(session.options(context, port, as_json, timeout), lambda pump: asdict(pump.ack(number)), text)


def silence(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Turn the sound off for a while; the light stays, and a new alarm breaks it."""
    text = "The sound is off for {silence_s} s."
    do(session.options(context, port, as_json, timeout), lambda pump: {"silence_s": pump.silence()}, text)


def alarm_number(text: str) -> int:
    """Return the number of an alarm given by name or number, 0 for all; raises UsageProblem."""
    if text == "all":
        return 0
    if text.isdecimal():
        return int(text)
    numbers = {alarm.name: alarm.id for alarm in defs.ALARMS.values()}
    if text in numbers:
        return numbers[text]
    close = difflib.get_close_matches(text, numbers, 1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(numbers)}."
    raise errors.UsageProblem(f"There is no alarm {text!r}; {hint}")
