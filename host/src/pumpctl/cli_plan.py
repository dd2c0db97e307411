"""The verbs with a second word: therapy, params, refill."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pumpctl import amounts, cli_dose, defs, records, render, session
from pumpctl.pump import Pump
from pumpctl.session import Json, Port, Timeout

therapy = typer.Typer(invoke_without_command=True, help="Show the plan and where it stands; `therapy set` makes one.")
params = typer.Typer(
    invoke_without_command=True, help="Show the parameters with their limits; `params set` changes one."
)
refill = typer.Typer(
    no_args_is_help=True, help="Refill the reservoir: begin, then finish with what it holds, or cancel."
)

_FLUIDS = ", ".join(defs.FLUID_NAMES[1:])


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.add_typer(therapy, name="therapy")
    app.add_typer(params, name="params")
    app.add_typer(refill, name="refill")


# ---- therapy --------------------------------------------------------------------------------------------------------


@therapy.callback()
def therapy_show(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Show the plan and where it stands; `therapy set` makes one."""
    chosen = session.options(context, port, as_json, timeout)
    context.obj = chosen
    if context.invoked_subcommand:
        return
    with session.connected(chosen) as pump:
        plan = pump.therapy()
    if chosen.as_json:
        render.put_json(None if plan is None else asdict(plan))
    elif plan is None:
        render.say("No plan is set; make one with `therapy set`.")
    else:
        left = "no end" if plan.phase_left_s is None else amounts.duration(plan.phase_left_s)
        phases = f"{plan.phase + 1} of {plan.phases or 'no end'}"
        pairs = [("profile", plan.profile), ("rate", amounts.rate(plan.rate_ul_day)), ("phase", phases)]
        pairs += [("fluid", plan.fluid), ("next fluid", plan.next_fluid or "none"), ("phase left", left)]
        render.put_pairs(pairs)


@therapy.command("set")
def therapy_set(
    context: typer.Context,
    profile: Annotated[str, typer.Option(help=f"Shape of the plan: {', '.join(defs.PROFILE_NAMES)}.")],
    rate: Annotated[str, typer.Option(help="Rate in mL/day as 1 or 1.5, or in microlitres as 1500uL.")],
    phase_days: Annotated[str | None, typer.Option(help="Length of a phase of intrahepatic in days.")] = None,
    cycles: Annotated[int | None, typer.Option(help="Cycles of drug and saline after the first saline.")] = None,
    fluid: Annotated[str | None, typer.Option(help=f"Fluid of continuous: {_FLUIDS}.")] = None,
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Set a plan; the one before it is forgotten. Example: therapy set --profile intrahepatic --rate 1 --cycles 3"""
    ul_day = amounts.rate_ul_day(rate)
    phase_h = None if phase_days is None else amounts.hours_of_days(phase_days)
    cli_dose.do(
        session.options(context, port, as_json, timeout),
        lambda pump: pump.therapy_set(profile, ul_day, phase_h, cycles, fluid),
        "The plan is set.",
    )


# ---- parameters -----------------------------------------------------------------------------------------------------


@params.callback()
def params_show(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Show the parameters with their units and limits; `params set` changes one."""
    chosen = session.options(context, port, as_json, timeout)
    context.obj = chosen
    if context.invoked_subcommand:
        return
    with session.connected(chosen) as pump:
        rows = pump.params()
    if chosen.as_json:
        render.put_json([{**asdict(row), "name": row.name, **_limits(row)} for row in rows])
        return
    columns = ("parameter", "value", "unit", "min", "max", "default", "taken in")
    render.put_rows(columns, [_param_cells(row) for row in rows])


@params.command("set")
def params_set(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The parameter's name.")],
    value: Annotated[int, typer.Argument(help="New value, a whole number in the parameter's unit.")],
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Change one parameter; each says in which states it may be changed."""
    chosen = session.options(context, port, as_json, timeout)
    cli_dose.do(chosen, lambda pump: asdict(pump.param_set(name, value)), f"{name} was {{old}} and is now {{new}}.")


# ---- refill ---------------------------------------------------------------------------------------------------------


@refill.command("begin")
def refill_begin(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Stop delivery for a refill, and say what should be found in the reservoir."""

    def begin(pump: Pump) -> dict[str, object]:
        ledger_nl = pump.refill_begin()
        return {"ledger_nl": ledger_nl, "left": amounts.ml(ledger_nl)}

    text = "By the ledger {left} should be left in the reservoir."
    cli_dose.do(session.options(context, port, as_json, timeout), begin, text)


@refill.command("finish")
def refill_finish(
    context: typer.Context,
    volume: Annotated[str, typer.Option(help="What the reservoir holds now, in mL as 16 or 15.8, or as 15800uL.")],
    fluid: Annotated[str, typer.Option(help=f"Fluid in the reservoir: {_FLUIDS}.")],
    early: Annotated[
        bool, typer.Option("--early", help="Go on to the next phase although this one has time left.")
    ] = False,
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Enter what the reservoir holds now; a start is needed to go on."""
    volume_nl = amounts.volume_nl(volume)
    cli_dose.do(
        session.options(context, port, as_json, timeout),
        lambda pump: {"phase": pump.refill_finish(volume_nl, fluid, early)},
        f"{amounts.ml(volume_nl)} of {fluid} entered.",
    )


@refill.command("cancel")
def refill_cancel(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Break the refill off; the ledger is as it was before."""
    cli_dose.do(session.options(context, port, as_json, timeout), Pump.refill_cancel, "The refill is broken off.")


def _param_cells(row: records.ParamRow) -> tuple[str, ...]:
    entry = row.definition
    if entry is None:
        return (row.name, str(row.value), "", "", "", "", "")
    limits = (str(entry.min), str(entry.max), str(entry.default))
    return (row.name, str(row.value), entry.unit, *limits, ", ".join(entry.states))


def _limits(row: records.ParamRow) -> dict[str, object]:
    entry = row.definition
    if entry is None:
        return {}
    return {"unit": entry.unit, "min": entry.min, "max": entry.max, "default": entry.default, "states": entry.states}
