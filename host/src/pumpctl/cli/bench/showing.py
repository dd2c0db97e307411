"""Shared by the verbs of measurements: options, the balance, progress, figures and verdicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pumpctl import errors, ports, units
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console

if TYPE_CHECKING:
    from pumpctl.balance import port
    from pumpctl.measurement.result import Result
    from pumpctl.measurement.weights import Weight

Limits = Annotated[Path | None, typer.Option("--limits", help="TOML file of limits for the verdict.")]
Balance = Annotated[
    str | None,
    typer.Option("--balance", help="Port of the balance, with protocol, baud and frame if needed: PORT,sbi,1200,7O1."),
]

_STEPS = "▁▂▃▄▅▆▇█"
_CURVE_LENGTH = 32
_TENTH = 10


def progress(kind: str, rate_ul_day: int, rows: Sequence[Weight]) -> Callable[[int, int, Weight | None], None]:
    """Return a function that shows how far a run is, and its flow as a curve: at a terminal always, else in tenths."""
    tenths = {0}

    def show(done_ms: int, end_ms: int, weight: Weight | None) -> None:
        tenth = done_ms * _TENTH // max(end_ms, 1)
        mass = "no weight" if weight is None else f"{weight.mass_ug / 1000:.2f} mg"
        passed = f"{units.duration(done_ms // 1000)} of {units.duration(end_ms // 1000)}"
        line = f"{kind} at {units.rate(rate_ul_day)}, {passed}: {mass} {curve(rows, rate_ul_day)}"
        if not console.overwrite(line, done_ms >= end_ms) and tenth not in tenths:
            tenths.add(tenth)
            console.say(line)

    return show


def curve(rows: Sequence[Weight], rate_ul_day: int) -> str:
    """Return the last flows as a line of bars from nothing to twice the rate; a blank where none was measured."""
    bars = []
    last = rows[-_CURVE_LENGTH - 1 :]
    for before, after in pairwise(last):
        due_ug = rate_ul_day * 1000 * (after.time_ms - before.time_ms) / 86_400_000
        share = (after.mass_ug - before.mass_ug) / due_ug / 2 if due_ug else 0
        step = min(max(int(share * len(_STEPS)), 0), len(_STEPS) - 1)
        bars.append(_STEPS[step] if before.piece == after.piece else " ")
    return "".join(bars)


def opened_balance(text: str | None) -> port.Balance:
    """Open the balance that was named, else the only one that answers; raises BalanceMissing, UsageProblem."""
    from pumpctl.balance import port

    if text:
        return port.open_at(port.place_of(text))
    return port.the_only_one(found.device for found in ports.listed() if not found.pico)


def show(chosen: Options, results: list[Result]) -> None:
    """Show figures and verdicts on stdout."""
    from pumpctl.measurement import limits, page

    if chosen.as_json:
        console.put_json([result.to_json() for result in results])
        return
    columns = [page.figure_rows(result) for result in results]
    names = dict.fromkeys(name for column in columns for name in column)
    rows = [[name, *(column.get(name, "") for column in columns)] for name in names]
    rows.append(["verdict", *(limits.line(result.verdicts) for result in results)])
    console.put_rows(["figure", *(result.name for result in results)], rows)


def check(results: list[Result]) -> None:
    """Raise LimitExceeded when a figure with a limit is beyond it or was not measured."""
    from pumpctl.measurement import limits

    failed = [result for result in results if not all(row.good for row in result.verdicts)]
    if failed:
        raise errors.LimitExceeded(
            " ".join(f"The measurement {result.name} is {limits.line(result.verdicts)}." for result in failed)
        )
