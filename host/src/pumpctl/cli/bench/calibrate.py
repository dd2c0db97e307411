"""`pumpctl calibrate`: the volume per step against a balance, shown with its uncertainty, and set in two steps."""

from __future__ import annotations

from typing import Annotated

import typer

from pumpctl import units
from pumpctl.cli import options
from pumpctl.cli.bench import runs, showing
from pumpctl.cli.options import Options, Yes
from pumpctl.cli.screen import confirm, console

_PARAM = "pl_per_step"
_SETTLE_MS = 60_000  # until the line holds what it holds at this rate


@options.sharing("port", "as_json")
def calibrate(
    chosen: Options,
    rate: Annotated[str, typer.Option("--rate", help="Rate of the strokes, such as 24 (mL/day).")] = "24",
    strokes: Annotated[int, typer.Option("--strokes", min=1, max=100_000, help="From one point to the next.")] = 100,
    points: Annotated[int, typer.Option("--points", min=3, max=200, help="Points of the line.")] = 11,
    balance: showing.Balance = None,
    temperature: runs.Temperature = 20,
    note: runs.Note = "",
    session: runs.Session = None,
    yes: Yes = False,
) -> None:
    """Deliver strokes onto a balance, fit the volume per step, and set it after confirmation.

    Ctrl-C at any time changes nothing; each calibration is kept in a session's file.
    """
    from pumpctl.bench import calibration
    from pumpctl.measurement import result

    conditions = result.Conditions(units.rate_ul_day(rate), "calibration", temperature_c=temperature, note=note)
    agree = confirm.agreement(yes, chosen.as_json)
    with runs.stand_of(chosen, balance) as on, runs.recording(on, session, conditions) as kept:
        runs.begin(on, kept, agree)
        try:
            with console.waiting("delivering strokes onto the balance"):
                on.wait_ms(_SETTLE_MS)
                found = calibration.fit(calibration.measure(on, conditions.weighed_g_ml, strokes, points))
        finally:
            on.pump.stop()
        before = next(row.value for row in on.pump.params() if row.name == _PARAM)
        after = round(found.pl_per_step)
        figures = {"pl_per_step": found.pl_per_step, "uncertainty_pl": found.uncertainty_pl, "before_pl": before}
        kept.end({"figures": figures, "columns": calibration.COLUMNS, "table": found.table()})
        if not chosen.as_json:
            console.say_rows(calibration.COLUMNS, found.table())
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
