"""Leads a person through a refill: withdraw, reconcile, fill, name the fluid, see the hold-over, confirm (V4)."""

from __future__ import annotations

import typer

from pumpctl import defs, errors, units
from pumpctl.cli import options
from pumpctl.cli.screen import confirm, console, describe
from pumpctl.protocol import answers
from pumpctl.pump import Pump
from pumpctl.therapy import plan

_OPEN = (
    "The refill is still open and nothing is delivered: `refill` goes on with it, `refill cancel` breaks it off "
    "and leaves the ledger as it was."
)


def lead(pump: Pump, chosen: options.Options) -> None:
    """Go through the steps; a refill that was begun before is gone on with. Whoever leaves is told that it is open."""
    if pump.status().state_name != "refilling":
        _begin(pump)
    try:
        _withdraw(pump)
        _fill(pump, chosen)
    except (typer.Abort, errors.NotConfirmed, errors.ConfirmationMissing):
        console.say("")
        raise errors.RefillOpen(_OPEN) from None
    if _yes("Start delivery now?"):
        pump.start()
    now, refill_in_s = pump.status(), pump.dose().refill_in_s
    following = "" if refill_in_s is None else f" The next refill is due by {describe.refill_by(refill_in_s)}."
    console.say(f"The refill is done. The pump is {describe.state(now)}.{following}")


def _begin(pump: Pump) -> None:
    status, therapy = pump.status(), pump.therapy()
    console.say(f"In the reservoir: {describe.reservoir(status)}.")
    if therapy is not None and therapy.next_fluid:
        left = "has no end" if therapy.phase_left_s is None else f"has {units.duration(therapy.phase_left_s)} left"
        console.say(f"The phase with {therapy.fluid} {left}; {therapy.next_fluid} comes next.")
    try:
        agreed = typer.confirm("Stop delivery and begin the refill?", err=True)
    except typer.Abort:
        agreed = False
    if not agreed:
        raise errors.NotConfirmed("refill")
    pump.refill_begin()


def _withdraw(pump: Pump) -> None:
    """What comes out is compared with the ledger; a large difference has to be acknowledged before going on."""
    status = pump.status()
    if status.fluid == "none":
        console.say("What was in the reservoir is not known, so nothing is compared.")
        return
    console.say(f"1. Withdraw all that is in the reservoir; by the ledger it is {units.ml(status.ledger_nl)}.")
    while True:
        found = pump.refill_withdrawn(_volume("   How much came out, in mL"))
        console.say(f"   {describe.withdrawal(found)}")
        mismatch = next((row for row in pump.alarms() if row.name == "refill_mismatch"), None)
        if mismatch is None:
            return
        console.say(f"   {mismatch.text} {mismatch.action}")
        if not _yes("   Enter another volume?"):
            break
    if not _yes("   Is the cause known, and shall the difference be acknowledged?"):
        raise typer.Abort
    pump.ack(mismatch.alarm)


def _fill(pump: Pump, chosen: options.Options) -> None:
    status, therapy = pump.status(), pump.therapy()
    capacity_nl = _param(pump.params(), "reservoir_capacity_nl")
    console.say(f"2. Fill the reservoir; it holds {units.ml(capacity_nl)} at most.")
    volume_nl = _volume("   How much is in it now, in mL")
    fluid = _fluid(_due(status, therapy))
    left_s = therapy.phase_left_s if therapy is not None and therapy.fluid != fluid == therapy.next_fluid else None
    if left_s:
        console.say(f"   The phase before it has {units.duration(left_s)} left; it ends here.")
    console.say("3. Compare with what is in the reservoir and on its label.")
    pump.refill_finish(volume_nl, fluid, bool(left_s), confirm.agreement(chosen, yes=False))


def _due(status: answers.Status, therapy: answers.Therapy | None) -> str:
    """Return the fluid that the plan asks for: the next one when the phase is over."""
    if therapy is None:
        return status.fluid if status.fluid != "none" else plan.FLUIDS[0]
    return therapy.next_fluid if therapy.phase_left_s == 0 and therapy.next_fluid else therapy.fluid


def _fluid(due: str) -> str:
    while True:
        answer = str(typer.prompt(f"   Which fluid, {' or '.join(plan.FLUIDS)}", default=due, err=True)).strip()
        if answer in plan.FLUIDS:
            return answer
        console.say(f"   There is no fluid {answer!r}.")


def _volume(question: str) -> int:
    while True:
        try:
            return units.volume_nl(str(typer.prompt(question, err=True)))
        except errors.BadAmount as error:
            console.say(f"   {error}")


def _yes(question: str) -> bool:
    return typer.confirm(question, err=True)


def _param(rows: list[answers.ParamRow], name: str) -> int:
    entry = next(param for param in defs.PARAMS.values() if param.name == name)
    return next((row.value for row in rows if row.param == entry.id), entry.default)
