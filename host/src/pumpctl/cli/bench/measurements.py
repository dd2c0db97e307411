"""`pumpctl bench`: measurements by weight, as IEC 60601-2-24 asks for, and their reports.

NumPy and matplotlib are imported where they are used.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pumpctl import errors, units
from pumpctl.cli import options
from pumpctl.cli.bench import runs, showing
from pumpctl.cli.options import Options
from pumpctl.cli.screen import console

bench = typer.Typer(
    no_args_is_help=True, help="Measure delivery with a balance: start-up, accuracy, and their reports."
)

Rate = Annotated[str | None, typer.Option("--rate", help="Rate, such as 1 (mL/day) or 50uL; for a file without one.")]


_WEIGHTS_SUFFIX = ".csv"

for _name, _verb in (
    ("start-up", runs.start_up),
    ("accuracy", runs.accuracy),
    ("occlusion", runs.occlusion),
    ("bolus", runs.bolus),
    ("free-flow", runs.free_flow),
):
    bench.command(_name)(_verb)


@bench.command("report")
@options.sharing("as_json")
def bench_report(
    chosen: Options,
    files: Annotated[list[Path], typer.Argument(help="Sessions, or files of weights (CSV); several are side by side.")],
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
    limits: showing.Limits = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Page to write; JSON goes beside it.")] = Path(
        "bench.html"
    ),
) -> None:
    """Analyse measurements: start-up curve, trumpet curve, overall error, verdict; write a page and JSON."""
    from pumpctl.measurement import limits as limit_files, page, result, weights
    from pumpctl.session import measurements, store

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
        if path.suffix != _WEIGHTS_SUFFIX:
            found = measurements.results(store.find(str(path), store.folder()), _not_none(given), wanted)
            if not found:
                raise errors.NoMeasurement(path)
            results += found
            continue
        recorded = weights.read(path)
        named = result.conditions_of(recorded.conditions)
        conditions = result.Conditions(**{"rate_ul_day": 0, **named, **_not_none(given)})
        results.append(result.of_weights(path.stem, recorded, conditions, wanted))
    page.write(output, results)
    showing.show(chosen, results)
    console.say(f"The report was written to {output} and {output.with_suffix('.json').name}.")
    showing.check(results)


@bench.command("weights")
def bench_weights(
    name: Annotated[str, typer.Argument(help="Name of a session, the beginning of one, a file, or last.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.")] = Path("weights.csv"),
) -> None:
    """Write the weights of a session's last measurement as CSV, for another program or `bench report`."""
    from pumpctl.measurement import weights
    from pumpctl.session import measurements, store

    found = measurements.weights_of(store.find(name, store.folder()))
    weights.write(output, found)
    console.say(f"{len(found.rows)} weights were written to {output}.")


@bench.command("weigh")
@options.sharing("as_json")
def bench_weigh(chosen: Options, balance: showing.Balance = None) -> None:
    """Find the balance and show its weight; Picos are not asked."""
    with showing.opened_balance(balance) as found:
        reading = found.read()
    if chosen.as_json:
        console.put_json({"balance": found.name, **asdict(reading)})
    else:
        steadiness = "stable" if reading.stable else "not stable"
        console.put_pairs([("balance", found.name), ("weight", f"{reading.mass_ug / 1000:.3f} mg, {steadiness}")])


@bench.command("new-test")
def bench_new_test(
    name: Annotated[str, typer.Argument(help="Name of the test, such as night_rate.")],
) -> None:
    """Write a file of bench tests that passes as it is, test_NAME.py, into this folder, for pytest."""
    from pumpctl.testing import new_test

    path = new_test.write(name, Path())
    console.say(f"{path} was written; run `pytest {path}` with --target unix, emulated or pico:PORT.")


def _not_none(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}
