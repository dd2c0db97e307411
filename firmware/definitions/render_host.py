"""Renders the host's defs.py: the same tables as typed records, with their texts."""

from __future__ import annotations

from typing import Any

from python_text import BANNER, quoted, strings
from tables import Tables, digest

CLASSES = '''
from __future__ import annotations

from pumpctl.frozen import frozen


@frozen
class Named:
    """An entry of a table: a state, a condition bit (its mask), a refusal."""

    id: int
    name: str
    text: str


@frozen
class Alarm(Named):
    """An alarm; bit (or note) and priority are names, cause and action are texts for the user."""

    bit: str
    priority: str
    latched: bool
    stops: bool
    cause: str
    action: str


@frozen
class Param(Named):
    """A parameter: unit, direction that raises the dose, limits, states for a change, and the role that it needs."""

    unit: str
    raises: str
    min: int
    max: int
    default: int
    states: tuple[str, ...]
    key: str


@frozen
class Event(Named):
    """A kind of record; a and b are the meanings of its two numbers, empty if unused."""

    a: str
    b: str


@frozen
class Field:
    """A field of a command: type int, bool, choice, name or rows; default is None for a required field.

    For rows, min and max are the numbers in a row and the most rows.
    """

    name: str
    type: str
    text: str
    unit: str
    min: int | None
    max: int | None
    choices: tuple[str, ...]
    default: int | None


@frozen
class Command(Named):
    """A command; key is the role that it needs: view, operate or service."""

    key: str
    bare: bool
    states: tuple[str, ...]
    fields: tuple[Field, ...]

'''


def render(tables: Tables) -> str:
    out = [f'"""{BANNER}"""', CLASSES]
    out += [
        f'DIGEST = "{digest(tables)}"',
        f"PROTOCOL = {tables['protocol']['version']}",
        f"LINE_BYTES = {tables['protocol']['line_bytes']}",
        "",
        *(f"{choice['name'].upper()}_NAMES = {strings(choice['values'])}" for choice in tables["choice"]),
    ]
    out += table("STATES", "Named", [row("Named", e) for e in tables["state"]])
    out += table("BITS", "Named", [row("Named", e | {"id": 1 << e["id"]}) for e in tables["bit"]])
    out += table("NOTES", "Named", [row("Named", e | {"id": 1 << e["id"]}) for e in tables["note"]])
    kinds = {"REFUSALS": "refusal", "RESET_CAUSES": "reset_cause", "PARTS": "part", "PART_FAULTS": "part_fault"}
    for name, kind in kinds.items():
        out += table(name, "Named", [row("Named", e) for e in tables[kind]])
    rest = ("priority", "latched", "stops", "cause", "action")
    alarms = [row("Alarm", e, e.get("bit", e.get("note")), *(e[key] for key in rest)) for e in tables["alarm"]]
    out += table("ALARMS", "Alarm", alarms)
    limits = ("unit", "raises", "min", "max", "default")
    entries = [(e, tuple(e["states"]), e.get("key", "operate")) for e in tables["param"]]
    params = [row("Param", e, *(e[key] for key in limits), states, role) for e, states, role in entries]
    out += table("PARAMS", "Param", params)
    out += table("EVENTS", "Event", [row("Event", e, e.get("a", ""), e.get("b", "")) for e in tables["event"]])
    out += table("COMMANDS", "Command", commands(tables), key="str")
    return "\n".join(out) + "\n"


def table(name: str, kind: str, rows: list[str], key: str = "int") -> list[str]:
    return ["", f"{name}: dict[{key}, {kind}] = {{", *rows, "}"]


def row(kind: str, entry: dict[str, Any], *more: object) -> str:
    values = ", ".join(quoted(value) for value in (entry["id"], entry["name"], entry["text"], *more))
    return f"    {quoted(entry['id'])}: {kind}({values}),"


def commands(tables: Tables) -> list[str]:
    choices = {choice["name"]: tuple(choice["values"]) for choice in tables["choice"]}
    out = []
    for e in tables["command"]:
        start = (e["id"], e["name"], e["text"], e["key"], e["bare"], tuple(e["states"]))
        out += [f'    "{e["name"]}": Command(', f"        {', '.join(quoted(value) for value in start)},", "        ("]
        for f in e.get("fields", []):
            names = choices[f["choice"]] if f["type"] == "choice" else ()
            default = f.get("default") if f.get("optional") else None
            values = (f["name"], f["type"], f["text"], f.get("unit", ""), f.get("min"), f.get("max"), names, default)
            out.append(f"            Field({', '.join(quoted(value) for value in values)}),")
        out += ["        ),", "    ),"]
    return out
