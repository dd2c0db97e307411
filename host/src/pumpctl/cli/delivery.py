"""The verbs of delivery."""

from __future__ import annotations

from typing import Annotated

import typer

from pumpctl import units
from pumpctl.cli import actions, options
from pumpctl.cli.options import Json, Override, Port, Timeout, Yes
from pumpctl.cli.screen import console
from pumpctl.pump import Pump


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    for verb in (start, stop, pause, resume, rate, bolus, prime):
        app.command()(verb)


def start(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Begin delivery by the plan; the first stroke comes one stroke period later."""
    actions.do(options.options(context, port, as_json, timeout), Pump.start, "Started.")


def stop(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """End delivery; taken in every state and from every version of this program."""
    chosen = options.options(context, port, as_json, timeout)
    with options.connected(chosen) as pump:
        pump.stop()
    if chosen.as_json:
        console.put_json({"ok": True})
    else:
        console.say("Stopped. Delivery goes on only after a start.")


def pause(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Hold delivery; the part of a stroke that was due is kept."""
    actions.do(options.options(context, port, as_json, timeout), Pump.pause, "Paused.")


def resume(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Go on after a pause, or after a stopping alarm that was cleared and acknowledged."""
    actions.do(options.options(context, port, as_json, timeout), Pump.resume, "Resumed.")


def rate(
    context: typer.Context,
    amount: Annotated[str, typer.Argument(help="New rate in mL/day as 1 or 1.5, or in microlitres as 1500uL.")],
    override: Override = None,
    yes: Yes = False,
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Change the rate; a higher one must be confirmed. What was due so far is kept."""
    ul_day = units.rate_ul_day(amount)
    chosen = options.options(context, port, as_json, timeout)
    actions.change(chosen, yes, lambda pump, agree: pump.rate(ul_day, override, agree), "The rate is set.")


def bolus(
    context: typer.Context,
    amount: Annotated[str, typer.Argument(help="Volume as 20uL, or in mL as 0.02; or the word cancel.")],
    override: Override = None,
    yes: Yes = False,
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Give a volume on top of the basal rate, in whole strokes, after it is confirmed; `bolus cancel` ends it."""
    chosen = options.options(context, port, as_json, timeout)
    if amount == "cancel":
        actions.do(chosen, _cancel_bolus, "The bolus is ended; {given} of it was given.")
        return
    volume_nl = units.volume_nl(amount)
    actions.change(chosen, yes, lambda pump, agree: pump.bolus(volume_nl, override, agree), "The bolus is being given.")


def prime(
    context: typer.Context,
    amount: Annotated[str, typer.Argument(help="Volume as 300uL, or in mL as 0.3.")],
    purpose: Annotated[
        str, typer.Option(help="prime fills a line that is not connected; bridge brings a new fluid through.")
    ] = "prime",
    yes: Yes = False,
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Move a counted volume at the prime rate, after it is confirmed; a stop ends it."""
    volume_nl = units.volume_nl(amount)
    chosen = options.options(context, port, as_json, timeout)
    actions.change(chosen, yes, lambda pump, agree: pump.prime(volume_nl, purpose, agree), "The prime is under way.")


def _cancel_bolus(pump: Pump) -> dict[str, object]:
    given_nl = pump.bolus_cancel()
    return {"given_nl": given_nl, "given": units.volume(given_nl)}
