"""The verbs for the refill, a transaction in steps: begin, withdrawn, finish; or cancel (V4)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pumpctl import errors, units
from pumpctl.cli import actions, completion, options
from pumpctl.cli.options import Options, Yes
from pumpctl.cli.screen import describe, refill_wizard
from pumpctl.pump import Pump
from pumpctl.therapy import plan

refill = typer.Typer(
    invoke_without_command=True,
    help="Refill the reservoir step by step; scripts use begin, withdrawn, finish and cancel.",
)

_VOLUME = "in mL, as 16 or 15.8, or in microlitres, as 15800uL"
_FLUIDS = " or ".join(plan.FLUIDS)


@refill.callback()
@options.shared_options
def refill_by_steps(chosen: Options) -> None:
    """Refill the reservoir step by step."""
    if chosen.as_json:
        raise errors.UsageProblem("With --json, add the step: refill begin, withdrawn, finish or cancel.")
    with options.connected(chosen) as pump:
        refill_wizard.run(pump)


@refill.command("begin")
@options.shared_options
def refill_begin(chosen: Options) -> None:
    """Stop delivery for a refill, and show the volume that should be left in the reservoir."""

    def begin(pump: Pump) -> dict[str, object]:
        ledger_nl = pump.refill_begin()
        return {"ledger_nl": ledger_nl, "left": units.ml(ledger_nl)}

    actions.do(chosen, begin, "By the ledger, {left} should be left in the reservoir.")


@refill.command("withdrawn")
@options.shared_options
def refill_withdrawn(
    chosen: Options,
    volume: Annotated[str, typer.Argument(help=f"Volume withdrawn from the reservoir, {_VOLUME}.")],
) -> None:
    """Enter the volume withdrawn from the reservoir; it is compared with the ledger."""
    volume_nl = units.volume_nl(volume)

    def enter(pump: Pump) -> dict[str, object]:
        found = pump.refill_withdrawn(volume_nl)
        return {**asdict(found), "words": describe.withdrawal(found)}

    actions.do(chosen, enter, "{words}", units.unit_of(volume))


@refill.command("finish")
@options.shared_options
def refill_finish(
    chosen: Options,
    volume: Annotated[str, typer.Option(help=f"Volume in the reservoir now, {_VOLUME}.")],
    fluid: Annotated[str, typer.Option(help=f"Fluid in the reservoir: {_FLUIDS}.", autocompletion=completion.fluids)],
    early: Annotated[
        bool, typer.Option("--early", help="Go on to the next phase although this one has time left.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Enter the volume in the reservoir now, after confirmation; delivery continues only after a start."""
    volume_nl = units.volume_nl(volume)
    actions.change(
        chosen,
        yes,
        lambda pump, agree: pump.refill_finish(volume_nl, fluid, early, agree),
        f"{units.ml(volume_nl)} of {fluid} entered.",
        units.unit_of(volume),
    )


@refill.command("cancel")
@options.shared_options
def refill_cancel(chosen: Options) -> None:
    """Cancel the refill; the ledger stays as it was before."""
    actions.do(chosen, Pump.refill_cancel, "The refill was cancelled.")
