"""The verbs for the therapy plan: show it, check a file, load a file, set a plan by a profile."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pumpctl import defs, errors, ports, units
from pumpctl.cli import actions, completion, options
from pumpctl.cli.options import Options, Override, Yes
from pumpctl.cli.screen import console, describe, tables
from pumpctl.protocol import answers
from pumpctl.therapy import plan, plan_file, plan_text

therapy = typer.Typer(
    invoke_without_command=True,
    help="Show the therapy plan and its progress; `therapy load` and `therapy set` set a new one.",
)

_FLUIDS = " or ".join(plan.FLUIDS)
_DONE = "The plan is set."
File = Annotated[Path, typer.Argument(help="Plan as TOML, see docs/plans.", dir_okay=False)]


@therapy.callback()
@therapy.command("show")
@options.shared_options
def therapy_show(chosen: Options) -> None:
    """Show the therapy plan and its progress."""
    with options.connected(chosen) as pump:
        now = pump.therapy()
    if chosen.as_json:
        console.put_json(None if now is None else asdict(now))
    elif now is None:
        console.say("No plan is set; use `therapy load` or `therapy set`.")
    else:
        console.put_pairs(describe.therapy_pairs(now))
        console.put("")
        _put_phases(plan.phases_of(now.rows), now.cycles, now.repeat_from, now.row)


@therapy.command("check")
@options.shared_options
def therapy_check(chosen: Options, file: File, override: Override = None) -> None:
    """Check a plan's file and show its phases; with a port against that pump's limits, else against the defaults."""
    if chosen.port or os.environ.get("PUMP_PORT") or ports.configured():
        with options.connected(chosen) as pump:
            limits, whose = _limits(pump.params()), "this pump's"
    else:
        limits, whose = _limits([]), "the default"
    wanted = plan_file.load(file, limits, override)
    if chosen.as_json:
        console.put_json({"ok": True, **wanted.fields()})
        return
    console.put(wanted.profile + (f", ends after {units.ml(wanted.volume_nl)}" if wanted.volume_nl else ""))
    _put_phases(wanted.phases, wanted.cycles, wanted.repeat_from)
    console.say(f"The plan is valid for {whose} reservoir, which can give {units.ml(limits.usable_nl)}.")


@therapy.command("load")
@options.shared_options
def therapy_load(chosen: Options, file: File, override: Override = None, yes: Yes = False) -> None:
    """Check a plan's file and set the plan, after confirmation; it replaces the present plan."""
    actions.change(
        chosen,
        yes,
        lambda pump, agree: pump.therapy_load(plan_file.load(file, _limits(pump.params()), override), override, agree),
        _DONE,
    )


@therapy.command("save")
@options.shared_options
def therapy_save(
    chosen: Options, file: Annotated[Path, typer.Argument(help="File to write, as TOML.", dir_okay=False)]
) -> None:
    """Write the pump's plan into a file for `therapy load`; of a volume that ends the plan, what is left."""
    with options.connected(chosen) as pump:
        now = pump.therapy()
    if now is None:
        raise errors.UsageProblem("No plan is set, so there is nothing to save.")
    phases = plan.phases_of(now.rows)
    present = plan.Plan(now.profile, phases, now.cycles, now.repeat_from, now.volume_left_nl or 0)
    text = plan_text.of(present, "Saved from a pump; times count from the plan's beginning.")
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise errors.NotSaved(file, error) from error
    if chosen.as_json:
        console.put_json({"ok": True, "file": str(file), **present.fields()})
    else:
        console.say(f"The plan was written to {file}.")


@therapy.command("set")
@options.shared_options
def therapy_set(
    chosen: Options,
    profile: Annotated[
        str,
        typer.Option(help=f"Profile of the plan: {', '.join(defs.PROFILE_NAMES)}.", autocompletion=completion.profiles),
    ],
    rate: Annotated[str, typer.Option(help="Rate in mL/day, as 1 or 1.5, or in microlitres, as 1500uL.")],
    phase_days: Annotated[str, typer.Option(help="Length of each phase of intrahepatic, in days.")] = "14",
    cycles: Annotated[int, typer.Option(help="Cycles of drug and saline after the first saline phase.")] = 1,
    fluid: Annotated[
        str, typer.Option(help=f"Fluid of continuous and timed: {_FLUIDS}.", autocompletion=completion.fluids)
    ] = "saline",
    volume: Annotated[str | None, typer.Option(help="Volume that ends a timed plan, in mL, as 1.5.")] = None,
    hours: Annotated[int, typer.Option(help="Hours after which a timed plan ends.", min=0)] = 0,
    override: Override = None,
    yes: Yes = False,
) -> None:
    """Set a plan by its profile. Example: therapy set --profile intrahepatic --rate 1 --cycles 3"""
    volume_nl = 0 if volume is None else units.volume_nl(volume)
    phase_h = units.hours_of_days(phase_days)
    wanted = plan.simple(profile, units.rate_ul_day(rate), phase_h, cycles, fluid, volume_nl, hours)
    unit = units.unit_of(volume or rate)
    actions.change(chosen, yes, lambda pump, agree: pump.therapy_load(wanted, override, agree), _DONE, unit)


def _put_phases(phases: tuple[plan.Phase, ...], cycles: int, repeat_from: int, now: int | None = None) -> None:
    console.put_rows(tables.PLAN_COLUMNS, tables.plan_rows(phases, now))
    if cycles > 1:
        last = len(phases)
        which = f"Phases {repeat_from + 1} to {last} are" if repeat_from + 1 < last else f"Phase {last} is"
        console.put(f"{which} given {units.count(cycles, 'time')}.")


def _limits(rows: list[answers.ParamRow]) -> plan.Limits:
    """Return the limits of a plan from a pump's parameters; defaults replace parameters that `rows` doesn't hold."""
    values = {param.name: param.default for param in defs.PARAMS.values()} | {row.name: row.value for row in rows}
    return plan.Limits(values["reservoir_capacity_nl"] - values["empty_volume_nl"], values["soft_rate_ul_day"])
