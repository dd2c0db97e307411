"""The verbs for the parameters: show them with their limits, change one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pumpctl import defs, errors, params_file, units
from pumpctl.cli import actions, completion, options
from pumpctl.cli.options import Options, Yes
from pumpctl.cli.screen import confirm, console
from pumpctl.protocol import answers
from pumpctl.pump import Pump

params = typer.Typer(
    invoke_without_command=True,
    help="Show the parameters with their limits; `params set` changes one, `params load` those of a file.",
)

# Which changes of a parameter must be confirmed, by the direction that raises the dose.
_CONFIRMED = {"up": "raising it", "down": "lowering it", "any": "any change", "none": ""}


@params.callback()
@options.shared_options
def params_show(chosen: Options) -> None:
    """Show the parameters with their units and limits."""
    with options.connected(chosen) as pump:
        rows = pump.params()
    if chosen.as_json:
        console.put_json([{**asdict(row), "name": row.name, **_limits(row)} for row in rows])
        return
    columns = ("parameter", "value", "unit", "min", "max", "default", "to confirm", "can be set in")
    console.put_rows(columns, [_cells(row) for row in rows])


@params.command("set")
@options.shared_options
def params_set(
    chosen: Options,
    name: Annotated[str, typer.Argument(help="The parameter's name.", autocompletion=completion.params)],
    value: Annotated[str, typer.Argument(help="New value in the parameter's unit, or an amount, as 20mL or 500uL.")],
    yes: Yes = False,
) -> None:
    """Change a parameter; `params` shows which changes must be confirmed and in which states they are possible."""
    number = _number(name, value)
    unit = "" if value.isdecimal() else units.unit_of(value)
    text = f"{name} was {{old[{name}]}} and is now {{new[{name}]}}."
    actions.change(chosen, yes, lambda pump, agree: pump.param_set(name, number, agree), text, unit)


@params.command("save")
@options.shared_options
def params_save(
    chosen: Options, file: Annotated[Path, typer.Argument(help="File to write, as TOML.", dir_okay=False)]
) -> None:
    """Write all parameters into a file."""
    with options.connected(chosen) as pump:
        values = {row.name: row.value for row in pump.params() if row.definition}
        hello = pump.hello
    of = f" {hello.unique_id}" if hello.unique_id else ""
    try:
        file.write_text(params_file.text(values, f"Parameters of the pump{of}, {hello.board} {hello.version}"), "utf-8")
    except OSError as error:
        raise errors.NotSaved(file, error) from error
    if chosen.as_json:
        console.put_json({"ok": True, "file": str(file), "params": values})
    else:
        console.say(f"Written to {file}: {units.count(len(values), 'parameter')}.")


@params.command("load")
@options.shared_options
def params_load(
    chosen: Options,
    file: Annotated[Path, typer.Argument(help="File of `params save`, or a part of one.", dir_okay=False)],
    yes: Yes = False,
) -> None:
    """Set the parameters of a file that differ from the pump's; a file with an error changes nothing."""
    wanted = params_file.load(file)
    made: dict[str, int] = {}

    def load(pump: Pump) -> dict[str, object]:
        present = {row.name: row.value for row in pump.params()}
        changes = {name: value for name, value in wanted.items() if present.get(name) != value}
        for name, value in changes.items():
            try:
                pump.param_set(name, value, confirm.agreement(yes, chosen.as_json))
            except errors.PumpError:
                if made:
                    console.say(f"These were set before the failure: {', '.join(made)}.")
                raise
            made[name] = value
        return {
            "set": made,
            "words": ", ".join(f"{name} {value}" for name, value in made.items()) or "nothing differed",
        }

    actions.do(chosen, load, f"Loaded {file}: {{words}}.")


def _number(name: str, value: str) -> int:
    """Return a parameter's value: a whole number, or an amount with its unit where it is a volume or a rate."""
    if value.removeprefix("-").isdecimal():
        return int(value)
    unit = next((param.unit for param in defs.PARAMS.values() if param.name == name), "")
    if unit == "nL":
        return units.volume_nl(value, name)
    if unit == "uL/day":
        return units.rate_ul_day(value)
    raise errors.BadAmount(f"The value {value!r} of {name} is not a whole number{f' of {unit}' if unit else ''}.")


def _cells(row: answers.ParamRow) -> tuple[str, ...]:
    entry = row.definition
    if entry is None:
        return (row.name, str(row.value), "", "", "", "", "", "")
    limits = (str(entry.min), str(entry.max), str(entry.default))
    return (row.name, str(row.value), entry.unit, *limits, _CONFIRMED[entry.raises], ", ".join(entry.states))


def _limits(row: answers.ParamRow) -> dict[str, object]:
    entry = row.definition
    if entry is None:
        return {}
    limits = {"min": entry.min, "max": entry.max, "default": entry.default, "states": entry.states}
    return {"unit": entry.unit, **limits, "raises": entry.raises}
