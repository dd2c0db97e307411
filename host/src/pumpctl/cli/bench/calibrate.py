"""`pumpctl calibrate`: the volume per step by a balance or the flow sensor, with its uncertainty, set in two steps."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from pumpctl import errors, units
from pumpctl.cli import options
from pumpctl.cli.bench import run_options, runs, showing
from pumpctl.cli.options import Options, Yes
from pumpctl.cli.screen import confirm, console

if TYPE_CHECKING:
    from pumpctl.bench import calibration, stand
    from pumpctl.session import measurements

_PARAM = "pl_per_step"
_REST_MS = 300_000  # the sensor's offset is found in two windows of 64 s at rest, which must agree
_SETTLE_MS = 60_000  # until the line holds what it holds at this rate


class Source(StrEnum):
    """What measures the volume."""

    BALANCE = "balance"
    FLOW = "flow"


_RATES = {Source.BALANCE: "24", Source.FLOW: "1"}  # a round of the flow sensor takes 6 hours at any rate


@options.sharing("port", "as_json")
def calibrate(
    chosen: Options,
    source: Annotated[Source, typer.Option("--from", help="What measures: a balance, or the pump's flow sensor.")] = (
        Source.BALANCE
    ),
    rate: Annotated[
        str | None, typer.Option("--rate", help="Rate of the strokes, such as 24 (mL/day).", show_default="24, flow: 1")
    ] = None,
    strokes: Annotated[int, typer.Option("--strokes", min=1, max=100_000, help="From one point to the next.")] = 100,
    points: Annotated[int, typer.Option("--points", min=3, max=200, help="Points of the line.")] = 11,
    rounds: Annotated[int, typer.Option("--rounds", min=2, max=40, help="Of the flow sensor, 6 hours each.")] = 4,
    balance: showing.Balance = None,
    temperature: run_options.Temperature = 20,
    note: run_options.Note = "",
    session: run_options.Session = None,
    yes: Yes = False,
) -> None:
    """Deliver strokes, fit the volume per step by a balance or the flow sensor, and set it after confirmation.

    Ctrl-C at any time changes nothing, and --session goes on; each calibration is kept in a session's file.
    """
    from pumpctl.measurement import result

    kind = "calibration" if source is Source.BALANCE else "flow calibration"
    rate_ul_day = units.rate_ul_day(rate or _RATES[source])
    conditions = result.Conditions(rate_ul_day, kind, temperature_c=temperature, note=note)
    agree = confirm.agreement(yes, chosen.as_json)
    weighs = source is Source.BALANCE
    with runs.stand_of(chosen, balance, weighs) as on, runs.recording(on, session, conditions) as kept:
        before = next(row.value for row in on.pump.params() if row.name == _PARAM)
        runs.begin(on, kept, agree, 0 if weighs else _REST_MS)
        try:
            found = _weighed(on, kept, strokes, points) if weighs else _followed(on, kept, before, rounds)
        except KeyboardInterrupt:
            console.say(f"Interrupted; continue with --session {kept.path}.")
            raise
        finally:
            on.pump.stop()
        after = round(found.pl_per_step)
        figures = {"pl_per_step": found.pl_per_step, "uncertainty_pl": found.uncertainty_pl, "before_pl": before}
        kept.end({"figures": figures, "columns": found.columns, "table": found.table})
        if not chosen.as_json:
            console.say_rows(found.columns, found.table)
            console.say(
                f"The volume per step is {found.pl_per_step:.2f} ± {found.uncertainty_pl:.2f} pL (k = 2); "
                f"it is set to {before} pL now."
            )
        if after != before:
            on.pump.param_set(_PARAM, after, agree=agree)
    if chosen.as_json:
        console.put_json({**figures, "set_pl": after, "recorded": str(kept.path)})
    else:
        console.say(f"{_PARAM} is {after} pL. Recorded in {kept.path}.")


def _weighed(on: stand.Stand, kept: measurements.Record, strokes: int, count: int) -> calibration.Fit:
    from pumpctl.bench import calibration

    points = [calibration.Point(*row) for row in kept.kept.get("points", [])]
    with console.waiting("delivering strokes onto the balance"):
        on.wait_ms(_SETTLE_MS)
        calibration.measure(
            on, kept.conditions.weighed_g_ml, strokes, count, points, lambda: kept.keep({"points": points})
        )
    return calibration.fit(points)


def _followed(on: stand.Stand, kept: measurements.Record, pl_per_step: int, count: int) -> calibration.Fit:
    from pumpctl.bench import calibration

    if kept.kept.get(_PARAM, pl_per_step) != pl_per_step:
        raise errors.UsageProblem(f"{_PARAM} was changed since the rounds in {kept.path}; begin a new calibration.")
    rounds = [calibration.Round(*row) for row in kept.kept.get("rounds", [])]
    with console.waiting("following the flow sensor's rounds"):
        calibration.follow(on, count, rounds, lambda: kept.keep({"rounds": rounds, _PARAM: pl_per_step}))
    return calibration.of_rounds(pl_per_step, rounds)
