"""`pumpctl bench`: measurements by weight, as IEC 60601-2-24 asks for, and their reports.

NumPy and matplotlib are imported where they are used.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pumpctl import errors, ports, units
from pumpctl.cli import options
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console

if TYPE_CHECKING:
    from pumpctl.balance import port
    from pumpctl.measurement.result import Result

bench = typer.Typer(
    no_args_is_help=True, help="Measure delivery with a balance: start-up, accuracy, and their reports."
)

Rate = Annotated[str | None, typer.Option("--rate", help="Rate, such as 1 (mL/day) or 50uL; for a file without one.")]
Limits = Annotated[Path | None, typer.Option("--limits", help="TOML file of limits for the verdict.")]

Balance = Annotated[
    str | None,
    typer.Option("--balance", help="Port of the balance, with protocol, baud and frame if needed: PORT,sbi,1200,7O1."),
]


@bench.command("report")
@options.sharing("as_json")
def bench_report(
    chosen: Options,
    files: Annotated[list[Path], typer.Argument(help="Files of weights (CSV); several are shown side by side.")],
    rate: Rate = None,
    temperature: Annotated[
        float | None, typer.Option("--temperature", min=0, max=40, help="Of the water in °C, for its density.")
    ] = None,
    density: Annotated[
        float | None, typer.Option("--density", min=0.5, max=2, help="Of another fluid, in g/mL.")
    ] = None,
    evaporation: Annotated[
        float | None, typer.Option("--evaporation", help="Measured with a second vessel, in µg per hour.")
    ] = None,
    sampling: Annotated[
        str | None, typer.Option("--sampling", help="continuous, strokes, or volumetric (for comparison).")
    ] = None,
    shot: Annotated[float | None, typer.Option("--shot", help="For strokes: minutes from one to the next.")] = None,
    settling: Annotated[
        float | None, typer.Option("--settling", min=0, help="Minutes before the analysis, instead of the standard's.")
    ] = None,
    limits: Limits = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Page to write; JSON goes beside it.")] = Path(
        "bench.html"
    ),
) -> None:
    """Analyse recorded weights: start-up curve, trumpet curve, overall error, verdict; write a page and JSON."""
    from pumpctl.measurement import limits as limit_files, page, result, weights

    given: dict[str, Any] = {
        "rate_ul_day": None if rate is None else units.rate_ul_day(rate),
        "temperature_c": temperature,
        "density_g_ml": density,
        "evaporation_ug_h": evaporation,
        "sampling": sampling,
        "shot_min": shot,
        "settling_min": settling,
    }
    wanted = limit_files.read(limits) if limits else {}
    results = []
    for path in files:
        recorded = weights.read(path)
        named = result.conditions_of(recorded.conditions)
        conditions = result.Conditions(**{"rate_ul_day": 0, **named, **_not_none(given)})
        results.append(result.of_weights(path.stem, recorded, conditions, wanted))
    page.write(output, results)
    show(chosen, results)
    console.say(f"The report was written to {output} and {output.with_suffix('.json').name}.")
    check(results)


@bench.command("weigh")
@options.sharing("as_json")
def bench_weigh(chosen: Options, balance: Balance = None) -> None:
    """Find the balance and show its weight; Picos are not asked."""
    with opened_balance(balance) as found:
        reading = found.read()
    if chosen.as_json:
        console.put_json({"balance": found.name, **asdict(reading)})
    else:
        steadiness = "stable" if reading.stable else "not stable"
        console.put_pairs([("balance", found.name), ("weight", f"{reading.mass_ug / 1000:.3f} mg, {steadiness}")])


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


def _not_none(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}
