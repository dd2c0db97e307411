"""The verbs of the plan: show it, check a file, load a file, set one of a usual shape."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pumpctl import defs, ports, units
from pumpctl.cli import actions, options
from pumpctl.cli.options import Json, Override, Port, Timeout, Yes
from pumpctl.cli.screen import console, tables
from pumpctl.protocol import answers
from pumpctl.therapy import plan, plan_file

therapy = typer.Typer(
    invoke_without_command=True, help="Show the plan and where it stands; `therapy load` and `therapy set` make one."
)

_FLUIDS = " or ".join(plan.FLUIDS)
File = Annotated[Path, typer.Argument(help="Plan as TOML, see docs/plans.", dir_okay=False)]


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.add_typer(therapy, name="therapy")


@therapy.callback()
def therapy_show(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Show the plan and where it stands; `therapy load` and `therapy set` make one."""
    chosen = options.options(context, port, as_json, timeout)
    context.obj = chosen
    if not context.invoked_subcommand:
        _show(chosen)


@therapy.command("show")
def therapy_show_too(context: typer.Context, port: Port = None, as_json: Json = False, timeout: Timeout = None) -> None:
    """Show the plan and where it stands."""
    _show(options.options(context, port, as_json, timeout))


@therapy.command("check")
def therapy_check(
    context: typer.Context,
    file: File,
    override: Override = None,
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Check a plan's file and show its phases; with a port against that pump's reservoir, else against the defaults."""
    chosen = options.options(context, port, as_json, timeout)
    if chosen.port or os.environ.get("PUMP_PORT") or ports.configured():
        with options.connected(chosen) as pump:
            limits, whose = _limits(pump.params()), "this pump's"
    else:
        limits, whose = _limits([]), "the usual"
    wanted = plan_file.load(file, limits, override)
    if chosen.as_json:
        console.put_json({"ok": True, **wanted.fields()})
        return
    _put_phases(wanted.profile, wanted.phases, wanted.cycles, wanted.repeat_from, wanted.volume_nl)
    console.say(f"The plan is good; it fits {whose} reservoir, which gives {units.ml(limits.usable_nl)}.")


@therapy.command("load")
def therapy_load(
    context: typer.Context,
    file: File,
    override: Override = None,
    yes: Yes = False,
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Check a plan's file and set the plan, after it is confirmed; the one before it is forgotten."""
    chosen = options.options(context, port, as_json, timeout)
    actions.change(
        chosen,
        yes,
        lambda pump, agree: pump.therapy_load(plan_file.load(file, _limits(pump.params()), override), override, agree),
        "The plan is set.",
    )


@therapy.command("set")
def therapy_set(
    context: typer.Context,
    profile: Annotated[str, typer.Option(help=f"Shape of the plan: {', '.join(defs.PROFILE_NAMES)}.")],
    rate: Annotated[str, typer.Option(help="Rate in mL/day as 1 or 1.5, or in microlitres as 1500uL.")],
    phase_days: Annotated[str, typer.Option(help="Length of a phase of intrahepatic in days.")] = "14",
    cycles: Annotated[int, typer.Option(help="Cycles of drug and saline after the first saline.")] = 1,
    fluid: Annotated[str, typer.Option(help=f"Fluid of continuous and timed: {_FLUIDS}.")] = "saline",
    volume: Annotated[str | None, typer.Option(help="Volume that ends a timed plan, in mL as 1.5.")] = None,
    hours: Annotated[int, typer.Option(help="Hours after which a timed plan ends.", min=0)] = 0,
    override: Override = None,
    yes: Yes = False,
    port: Port = None,
    as_json: Json = False,
    timeout: Timeout = None,
) -> None:
    """Set a plan of a usual shape. Example: therapy set --profile intrahepatic --rate 1 --cycles 3"""
    volume_nl = 0 if volume is None else units.volume_nl(volume)
    phase_h = units.hours_of_days(phase_days)
    wanted = plan.simple(profile, units.rate_ul_day(rate), phase_h, cycles, fluid, volume_nl, hours)
    chosen = options.options(context, port, as_json, timeout)
    actions.change(chosen, yes, lambda pump, agree: pump.therapy_load(wanted, override, agree), "The plan is set.")


def _show(chosen: options.Options) -> None:
    with options.connected(chosen) as pump:
        now = pump.therapy()
    if chosen.as_json:
        console.put_json(None if now is None else asdict(now))
    elif now is None:
        console.say("No plan is set; make one with `therapy load` or `therapy set`.")
    else:
        left = "no end" if now.phase_left_s is None else units.duration(now.phase_left_s)
        pairs = [("profile", now.profile), ("rate", units.rate(now.rate_ul_day))]
        pairs += [("phase", f"{now.phase + 1} of {now.phases}"), ("fluid", now.fluid)]
        pairs += [("next fluid", now.next_fluid or "none"), ("phase left", left)]
        if now.volume_left_nl is not None:
            pairs.append(("volume left", units.volume(now.volume_left_nl)))
        console.put_pairs(pairs)
        console.put("")
        console.put_rows(tables.PLAN_COLUMNS, tables.plan_rows(plan.phases_of(now.rows), now.row))
        _put_cycles(now.cycles, now.repeat_from, len(now.rows))


def _put_phases(profile: str, phases: tuple[plan.Phase, ...], cycles: int, repeat_from: int, volume_nl: int) -> None:
    console.put(profile + (f", ends after {units.ml(volume_nl)}" if volume_nl else ""))
    console.put_rows(tables.PLAN_COLUMNS, tables.plan_rows(phases))
    _put_cycles(cycles, repeat_from, len(phases))


def _put_cycles(cycles: int, repeat_from: int, phases: int) -> None:
    if cycles > 1:
        which = f"Phases {repeat_from + 1} to {phases} are" if repeat_from + 1 < phases else f"Phase {phases} is"
        console.put(f"{which} given {cycles} times.")


def _limits(rows: list[answers.ParamRow]) -> plan.Limits:
    """Return the limits of a plan from a pump's parameters, those that are not among them by their default."""
    values = {param.name: param.default for param in defs.PARAMS.values()} | {row.name: row.value for row in rows}
    return plan.Limits(values["reservoir_capacity_nl"] - values["empty_volume_nl"], values["soft_rate_ul_day"])
