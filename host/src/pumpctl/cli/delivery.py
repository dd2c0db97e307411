"""The verbs for delivery."""

from __future__ import annotations

from typing import Annotated

import typer

from pumpctl import units
from pumpctl.cli import actions, completion, options
from pumpctl.cli.options import Options, Override, Yes
from pumpctl.cli.screen import confirm, console
from pumpctl.pump import Pump


@options.shared_options
def start(chosen: Options) -> None:
    """Start delivery by the plan; the first stroke comes after one stroke interval."""
    actions.do(chosen, Pump.start, "Started.")


@options.shared_options
def stop(chosen: Options) -> None:
    """Stop delivery; works in every state and with every version of the firmware."""
    with options.connected(chosen) as pump:
        pump.stop()
    if chosen.as_json:
        console.put_json({"ok": True})
    else:
        console.say("Stopped. Delivery continues only after a start.")


@options.shared_options
def pause(chosen: Options) -> None:
    """Pause delivery; the part of a stroke that is due is kept for the resume."""
    actions.do(chosen, Pump.pause, "Paused.")


@options.shared_options
def resume(chosen: Options) -> None:
    """Continue after a pause, or after a stopping alarm that was cleared and acknowledged."""
    actions.do(chosen, Pump.resume, "Resumed.")


@options.shared_options
def reset(chosen: Options, yes: Yes = False) -> None:
    """Restart the pump's program; delivery resumes by the parameter resume_policy. Confirmed while something runs."""
    with options.connected(chosen) as pump:
        made = pump.reset(confirm.agreement(yes, chosen.as_json))
    resumes = bool(made.new.get("resumes"))
    if chosen.as_json:
        console.put_json({"ok": True, "resumes": resumes})
    else:
        console.say(f"The pump restarts. Delivery {'resumes by itself' if resumes else 'does not resume by itself'}.")


@options.shared_options
def rate(
    chosen: Options,
    amount: Annotated[str, typer.Argument(help="New rate in mL/day, as 1 or 1.5, or in microlitres, as 1500uL.")],
    override: Override = None,
    yes: Yes = False,
) -> None:
    """Change the rate; a higher rate must be confirmed. The part of a stroke that is due is kept."""
    ul_day = units.rate_ul_day(amount)
    actions.change(
        chosen, yes, lambda pump, agree: pump.rate(ul_day, override, agree), "The rate is set.", units.unit_of(amount)
    )


@options.shared_options
def bolus(
    chosen: Options,
    amount: Annotated[str, typer.Argument(help="Volume, as 20uL, or in mL, as 0.02; or the word cancel.")],
    override: Override = None,
    yes: Yes = False,
) -> None:
    """Give a volume on top of the basal rate, in whole strokes, after confirmation; `bolus cancel` ends it."""
    if amount == "cancel":
        actions.do(chosen, _cancel_bolus, "The bolus was cancelled after {given}.")
        return
    volume_nl = units.volume_nl(amount)
    text = "The bolus has started."
    actions.change(chosen, yes, lambda pump, agree: pump.bolus(volume_nl, override, agree), text, units.unit_of(amount))


@options.shared_options
def prime(
    chosen: Options,
    amount: Annotated[str, typer.Argument(help="Volume, as 300uL, or in mL, as 0.3.")],
    purpose: Annotated[
        str,
        typer.Option(
            help="prime fills an unconnected line; bridge moves a new fluid through the dead volume.",
            autocompletion=completion.purposes,
        ),
    ] = "prime",
    yes: Yes = False,
) -> None:
    """Move a counted volume at the prime rate, after confirmation; `stop` ends it."""
    volume_nl = units.volume_nl(amount)
    text = "Priming has started."
    actions.change(chosen, yes, lambda pump, agree: pump.prime(volume_nl, purpose, agree), text, units.unit_of(amount))


def _cancel_bolus(pump: Pump) -> dict[str, object]:
    given_nl = pump.bolus_cancel()
    return {"given_nl": given_nl, "given": units.volume(given_nl)}
