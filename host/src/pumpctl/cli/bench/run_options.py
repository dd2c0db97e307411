"""The options that the runs of `bench` share."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from pumpctl.cli import options
from pumpctl.cli.bench import showing
from pumpctl.cli.options import Options, Yes
from pumpctl.frozen import frozen

Rate = Annotated[str, typer.Option("--rate", help="Rate, such as 1 (mL/day) or 50uL.")]
Session = Annotated[Path | None, typer.Option("--session", help="File to record into; continues a run in it.")]
Note = Annotated[str, typer.Option("--note", help="The operator's note, for the report.")]
Temperature = Annotated[float, typer.Option("--temperature", min=0, max=40, help="Of the water, in °C.")]
Evaporation = Annotated[float, typer.Option("--evaporation", help="Measured with a second vessel, in µg per hour.")]
Sampling = Annotated[str, typer.Option("--sampling", help="continuous, strokes, or volumetric (for comparison).")]
Shot = Annotated[float, typer.Option("--shot", help="For strokes: minutes from one to the next.")]
Settling = Annotated[float | None, typer.Option("--settling", min=0, help="Minutes before the analysis.")]
Period = Annotated[float | None, typer.Option("--period", min=1, help="Minutes of the analysis.")]
Height = Annotated[int, typer.Option("--height", min=1, max=80, help="Height of the siphon test in cm.")]
Minutes = Annotated[int, typer.Option("--minutes", min=1, help="Time at each height.")]


@frozen
class Wanted:
    """The options that the runs share."""

    rate: Rate = "1"
    balance: showing.Balance = None
    temperature: Temperature = 20
    evaporation: Evaporation = 0
    note: Note = ""
    session: Session = None
    limits: showing.Limits = None
    yes: Yes = False


def measuring(*without: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator for a verb that gets Options and Wanted: it adds their options, except those in `without`."""

    def decorate(verb: Callable[..., None]) -> Callable[..., None]:
        types = get_type_hints(Wanted, include_extras=True)
        shared = {row.name: row.default for row in fields(Wanted) if row.name not in without}

        @functools.wraps(verb)
        def run(chosen: Options, **values: Any) -> None:
            verb(chosen, Wanted(**{name: values.pop(name) for name in shared}), **values)

        first, _, *own = inspect.signature(verb, eval_str=True).parameters.values()
        keyword = inspect.Parameter.KEYWORD_ONLY
        more = [inspect.Parameter(name, keyword, default=shared[name], annotation=types[name]) for name in shared]
        run.__signature__ = inspect.Signature([first, *(row.replace(kind=keyword) for row in own), *more])  # type: ignore[attr-defined]
        return options.sharing("port", "as_json")(run)

    return decorate
