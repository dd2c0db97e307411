"""The verbs of the refill, a transaction: begin, what came out, finish with what it holds now, or cancel (V4)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pumpctl import errors, units
from pumpctl.cli import actions, options, refill_wizard
from pumpctl.cli.options import Json, Port, Timeout, Yes
from pumpctl.cli.screen import describe
from pumpctl.pump import Pump
from pumpctl.therapy import plan

refill = typer.Typer(
    invoke_without_command=True,
    help="Refill the reservoir, led step by step; scripts say begin, withdrawn, finish, or cancel.",
)

_VOLUME = "in mL as 16 or 15.8, or as 15800uL"
_FLUIDS = " or ".join(plan.FLUIDS)


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.add_typer(refill, name="refill")


@refill.callback()
def refill_led(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Refill the reservoir, led step by step; scripts say begin, withdrawn, finish, or cancel."""
    chosen = options.options(context, port, as_json, timeout)
    context.obj = chosen
    if context.invoked_subcommand:
        return
    if chosen.as_json:
        raise errors.UsageProblem("With --json say what to do: refill begin, withdrawn, finish or cancel.")
    with options.connected(chosen) as pump:
        refill_wizard.lead(pump, chosen)


@refill.command("begin")
def refill_begin(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Stop delivery for a refill, and say what should be found in the reservoir."""

    def begin(pump: Pump) -> dict[str, object]:
        ledger_nl = pump.refill_begin()
        return {"ledger_nl": ledger_nl, "left": units.ml(ledger_nl)}

    text = "By the ledger {left} should be left in the reservoir."
    actions.do(options.options(context, port, as_json, timeout), begin, text)


@refill.command("withdrawn")
def refill_withdrawn(
    context: typer.Context,
    volume: Annotated[str, typer.Argument(help=f"What came out of the reservoir, {_VOLUME}.")],
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Enter what came out of the reservoir; it is compared with the ledger."""
    volume_nl = units.volume_nl(volume)

    def enter(pump: Pump) -> dict[str, object]:
        found = pump.refill_withdrawn(volume_nl)
        return {**asdict(found), "words": describe.withdrawal(found)}

    actions.do(options.options(context, port, as_json, timeout), enter, "{words}")


@refill.command("finish")
def refill_finish(
    context: typer.Context,
    volume: Annotated[str, typer.Option(help=f"What the reservoir holds now, {_VOLUME}.")],
    fluid: Annotated[str, typer.Option(help=f"Fluid in the reservoir: {_FLUIDS}.")],
    early: Annotated[
        bool, typer.Option("--early", help="Go on to the next phase although this one has time left.")
    ] = False,
    yes: Yes = False,
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Enter what the reservoir holds now, after it is confirmed; a start is needed to go on."""
    volume_nl = units.volume_nl(volume)
    actions.change(
        options.options(context, port, as_json, timeout),
        yes,
        lambda pump, agree: pump.refill_finish(volume_nl, fluid, early, agree),
        f"{units.ml(volume_nl)} of {fluid} entered.",
    )


@refill.command("cancel")
def refill_cancel(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Break the refill off; the ledger is as it was before."""
    actions.do(options.options(context, port, as_json, timeout), Pump.refill_cancel, "The refill is broken off.")
