"""Renders the pump's defs.py: constants, masks and tuples that MicroPython can keep in flash."""

from __future__ import annotations

from typing import Any

from python_text import BANNER, strings
from tables import Tables, digest

PREFIXES = {
    "state": "STATE",
    "param": "PARAM",
    "alarm": "ALARM",
    "refusal": "REFUSE",
    "event": "EVENT",
    "part": "PART",
    "part_fault": "FAULT",
}


def render(tables: Tables) -> str:
    out = [
        f'"""{BANNER}"""',
        "",
        "from micropython import const",
        "",
        f'DIGEST = "{digest(tables)}"',
        f"PROTOCOL = const({tables['protocol']['version']})",
        f"LINE_BYTES = const({tables['protocol']['line_bytes']})",
    ]
    for rows in (numbers, choices, transitions, alarms, params, commands):
        out += rows(tables)
    return "\n".join([*out, ""])


def mask(tables: Tables, kind: str, names: list[str]) -> int:
    """Names of states or bits as one number; "any" is all of them."""
    ids = {entry["name"]: entry["id"] for entry in tables[kind]}
    return sum(1 << ids[name] for name in (ids if "any" in names else names))


def numbers(tables: Tables) -> list[str]:
    out = []
    for kind, prefix in PREFIXES.items():
        out += ["", *(f"{prefix}_{e['name'].upper()} = const({e['id']})" for e in tables[kind])]
    out += ["", *(f"BIT_{e['name'].upper()} = const({1 << e['id']})" for e in tables["bit"])]
    out += ["", f"REQUESTS = const({sum(1 << e['id'] for e in tables['bit'] if e.get('request'))})"]
    return out


def choices(tables: Tables) -> list[str]:
    out = []
    for choice in tables["choice"]:
        name = choice["name"].upper()
        out += ["", *(f"{name}_{value.upper()} = const({n})" for n, value in enumerate(choice["values"]))]
        out += [f"{name}_NAMES = {strings(choice['values'])}"]
    return out


def transitions(tables: Tables) -> list[str]:
    moving = sum(1 << e["id"] for e in tables["state"] if e["motion"])
    states = {entry["name"]: entry["id"] for entry in tables["state"]}
    out = [
        "",
        "# States in which the drive may move, as a mask.",
        f"MAY_MOVE = const({moving})",
        "",
        "# (from-states mask, must bits, must-not bits, next state), the most dangerous first.",
        "TRANSITIONS = (",
    ]
    for row in tables["transition"]:
        start = mask(tables, "state", [row["from"]])
        when, unless = mask(tables, "bit", row["when"]), mask(tables, "bit", row.get("unless", []))
        out.append(f"    ({start}, {when}, {unless}, {states[row['to']]}),  # {row['from']} -> {row['to']}")
    return [*out, ")"]


def alarms(tables: Tables) -> list[str]:
    priorities = next(choice["values"] for choice in tables["choice"] if choice["name"] == "priority")
    out = ["", "# (number, bit, priority, latched, stops), the order of the tables.", "ALARMS = ("]
    for e in tables["alarm"]:
        bit, priority = mask(tables, "bit", [e["bit"]]), priorities.index(e["priority"])
        out.append(f"    ({e['id']}, {bit}, {priority}, {e['latched']}, {e['stops']}),")
    return [*out, ")"]


def params(tables: Tables) -> list[str]:
    out = ["", "# (name, min, max, default, states mask); the number is the place.", "PARAMS = ("]
    for e in sorted(tables["param"], key=lambda e: e["id"]):
        states = mask(tables, "state", e["states"])
        out.append(f'    ("{e["name"]}", {e["min"]}, {e["max"]}, {e["default"]}, {states}),')
    return [*out, ")"]


def commands(tables: Tables) -> list[str]:
    values = {choice["name"]: choice["values"] for choice in tables["choice"]}
    out = [
        "",
        "# name: (operate, bare, states mask, fields); a field is (name, type, min or choices, max, default or None).",
        "COMMANDS = {",
    ]
    for e in tables["command"]:
        fields = "".join(f"{field(f, values)}, " for f in e.get("fields", []))
        states = mask(tables, "state", e["states"])
        out.append(f'    "{e["name"]}": ({e["key"] == "operate"}, {e["bare"]}, {states}, ({fields.rstrip()})),')
    return [*out, "}"]


def field(entry: dict[str, Any], values: dict[str, list[str]]) -> str:
    default = entry.get("default") if entry.get("optional") else None
    low, high = entry.get("min"), entry.get("max")
    if entry["type"] == "choice":
        return f'("{entry["name"]}", "choice", {strings(values[entry["choice"]])}, None, {default})'
    return f'("{entry["name"]}", "{entry["type"]}", {low}, {high}, {default})'
