"""Guides the user through a refill: withdraw, compare, fill, enter the fluid, read back, confirm (V4)."""

from __future__ import annotations

import typer

from pumpctl import defs, errors, units
from pumpctl.cli.screen import confirm, console, describe
from pumpctl.protocol import answers
from pumpctl.pump import Pump
from pumpctl.therapy import plan

_OPEN = (
    "The refill is not finished and nothing is delivered; type `refill` to go on with it, or `refill cancel` to end it "
    "with the ledger as it was."
)


def run(pump: Pump) -> None:
    """Go through the steps, from where an unfinished refill stopped.

    Raises NotConfirmed when the user doesn't begin, RefillOpen when the user stops before the end.
    """
    if pump.status().state_name != "refilling":
        _begin(pump)
    try:
        _withdraw(pump)
        _fill(pump)
    except (errors.Unanswered, errors.ConfirmationMissing):
        console.say(_OPEN)
        raise
    except (typer.Abort, errors.NotConfirmed):
        console.say("")
        raise errors.RefillOpen(_OPEN) from None
    if console.ask_yes("Start delivery now?"):
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
        agreed = console.ask_yes("Stop delivery and begin the refill?")
    except typer.Abort:
        agreed = False
    if not agreed:
        raise errors.NotConfirmed("refill")
    pump.refill_begin()


def _withdraw(pump: Pump) -> None:
    """Compare the withdrawn volume with the ledger; a large difference must be acknowledged before going on."""
    status = pump.status()
    if status.fluid == "none":
        console.say("The pump has no record of what was in the reservoir, so nothing is compared.")
        return
    console.say(f"1. Withdraw all fluid from the reservoir; by the ledger it is {units.ml(status.ledger_nl)}.")
    while True:
        found = pump.refill_withdrawn(_ask_volume("   Volume withdrawn, in mL"))
        console.say(f"   {describe.withdrawal(found)}")
        mismatch = next((row for row in pump.alarms() if row.name == "refill_mismatch"), None)
        if mismatch is None:
            return
        console.say(f"   {mismatch.text} {mismatch.action}")
        if not console.ask_yes("   Enter another volume?"):
            break
    if not console.ask_yes("   Have you found the cause, and do you acknowledge the difference?"):
        raise typer.Abort
    pump.ack(mismatch.alarm)


def _fill(pump: Pump) -> None:
    status, therapy = pump.status(), pump.therapy()
    capacity_nl = _param(pump.params(), "reservoir_capacity_nl")
    console.say(f"2. Fill the reservoir; its capacity is {units.ml(capacity_nl)}.")
    volume_nl = _ask_volume("   Volume in it now, in mL")
    fluid = _ask_fluid(_fluid_due(status, therapy))
    left_s = therapy.phase_left_s if therapy is not None and therapy.fluid != fluid == therapy.next_fluid else None
    if left_s:
        console.say(f"   The present phase has {units.duration(left_s)} left; this refill ends it.")
    console.say("3. Compare the following with the fluid in the reservoir and its label.")
    pump.refill_finish(volume_nl, fluid, bool(left_s), confirm.agreement(yes=False, as_json=False))


def _fluid_due(status: answers.Status, therapy: answers.Therapy | None) -> str:
    """Return the fluid that the plan needs: the next one when the phase is over."""
    if therapy is None:
        return status.fluid if status.fluid != "none" else plan.FLUIDS[0]
    return therapy.next_fluid if therapy.phase_left_s == 0 and therapy.next_fluid else therapy.fluid


def _ask_fluid(due: str) -> str:
    while True:
        answer = console.ask(f"   Fluid, {' or '.join(plan.FLUIDS)}", due).strip()
        if answer in plan.FLUIDS:
            return answer
        console.say(f"   There is no fluid {answer!r}.")


def _ask_volume(question: str) -> int:
    while True:
        try:
            return units.volume_nl(console.ask(question))
        except errors.BadAmount as error:
            console.say(f"   {error}")


def _param(rows: list[answers.ParamRow], name: str) -> int:
    entry = next(param for param in defs.PARAMS.values() if param.name == name)
    return next((row.value for row in rows if row.param == entry.id), entry.default)
