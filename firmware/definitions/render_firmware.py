"""Renders the pump's defs.py: constants, masks and tuples, which frozen MicroPython modules keep in flash."""

from __future__ import annotations

from typing import Any

from python_text import BANNER, strings
from tables import RAISES, Tables, digest, roles

PREFIXES = {
    "state": "STATE",
    "param": "PARAM",
    "alarm": "ALARM",
    "refusal": "REFUSE",
    "reset_cause": "RESET",
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
    for rows in (numbers, choices, states, transitions, alarms, patterns, params, commands):
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
    cuts = sum(1 << e["id"] for e in tables["bit"] if e.get("cuts"))
    out += ["", "# Bits that stop a motion at once; others let the stroke finish (D9).", f"CUTS = const({cuts})"]
    out += ["", *(f"REQUEST_{e['name'].upper()} = const({1 << e['id']})" for e in tables["request"])]
    out += ["", *(f"NOTE_{e['name'].upper()} = const({1 << e['id']})" for e in tables["note"])]
    return out


def choices(tables: Tables) -> list[str]:
    out = []
    for choice in tables["choice"]:
        name = choice["name"].upper()
        out += ["", *(f"{name}_{value.upper()} = const({n})" for n, value in enumerate(choice["values"]))]
        out += [f"{name}_NAMES = {strings(choice['values'])}"]
    return out


def states(tables: Tables) -> list[str]:
    motions = next(choice["values"] for choice in tables["choice"] if choice["name"] == "motion")
    ids = {entry["name"]: entry["id"] for entry in tables["param"]}
    rows = sorted(tables["state"], key=lambda e: int(e["id"]))
    moving = sum(1 << e["id"] for e in rows if e["motion"] != "none")
    out = [
        "",
        "# States in which the drive may move, as a mask; and the motion of each state, by its number.",
        f"MAY_MOVE = const({moving})",
        f"MOTIONS = ({', '.join(str(motions.index(e['motion'])) for e in rows)})",
        "",
        "# (state, note, parameter with the seconds or -1, seconds): notes set after a time in a state.",
        "REMINDERS = (",
    ]
    for e in rows:
        if "reminds" in e:
            note, param = mask(tables, "note", [e["reminds"]]), ids[e["reminder"]] if "reminder" in e else -1
            out.append(f"    ({e['id']}, {note}, {param}, {e.get('reminder_s', 0)}),  # {e['name']}")
    out += [")", "# Those that replace them once the pump has delivered to the patient.", "REMINDERS_AFTER = ("]
    for e in rows:
        if "reminds_after" in e:
            note, param = mask(tables, "note", [e["reminds_after"]]), ids[e["reminder_after"]]
            out.append(f"    ({e['id']}, {note}, {param}, 0),  # {e['name']}")
    return [*out, ")"]


def transitions(tables: Tables) -> list[str]:
    states = {entry["name"]: entry["id"] for entry in tables["state"]}
    out = [
        "",
        "# (from-states mask, must bits, must-not bits, request or 0, next state), the most dangerous first.",
        "TRANSITIONS = (",
    ]
    for row in tables["transition"]:
        start = mask(tables, "state", row["from"])
        when, unless = mask(tables, "bit", row["when"]), mask(tables, "bit", row.get("unless", []))
        asked, target = mask(tables, "request", [row["request"]] if "request" in row else []), states[row["to"]]
        out.append(f"    ({start}, {when}, {unless}, {asked}, {target}),  # {', '.join(row['from'])} -> {row['to']}")
    return [*out, ")"]


def alarms(tables: Tables) -> list[str]:
    priorities = next(choice["values"] for choice in tables["choice"] if choice["name"] == "priority")
    out = ["", "# (number, bit, note, priority, latched, stops), in the order of the table; bit or note is 0."]
    out.append("ALARMS = (")
    for e in tables["alarm"]:
        bit, note = (mask(tables, kind, [e[kind]] if kind in e else []) for kind in ("bit", "note"))
        priority = priorities.index(e["priority"])
        out.append(f"    ({e['id']}, {bit}, {note}, {priority}, {e['latched']}, {e['stops']}),")
    return [*out, ")"]


def patterns(tables: Tables) -> list[str]:
    priorities = next(choice["values"] for choice in tables["choice"] if choice["name"] == "priority")
    out = ["", "# By priority: (red ms, yellow ms, sound ms), on and off in turn; () is constantly on, None is off."]
    out.append("PATTERNS = (")
    rows = {pattern["priority"]: pattern for pattern in tables["pattern"]}
    for name in priorities:
        row = rows.get(name)
        lamps = [tuple(row["light_ms"]) if row and row["lamp"] == lamp else None for lamp in ("red", "yellow")]
        out.append(f"    ({lamps[0]}, {lamps[1]}, {tuple(row['sound_ms']) if row else None}),  # {name}")
    return [*out, ")"]


def params(tables: Tables) -> list[str]:
    out = [
        "",
        "# Which direction of a change of a parameter can raise the dose.",
        *(f"RAISES_{name.upper()} = const({n})" for n, name in enumerate(RAISES)),
        "",
        "# (name, min, max, default, states mask, raises); the number is the index.",
        "PARAMS = (",
    ]
    for e in sorted(tables["param"], key=lambda e: e["id"]):
        states, raises = mask(tables, "state", e["states"]), RAISES.index(e["raises"])
        out.append(f'    ("{e["name"]}", {e["min"]}, {e["max"]}, {e["default"]}, {states}, {raises}),')
    service = [e["id"] for e in tables["param"] if e.get("key") == "service"]
    return [*out, ")", "", "# Parameters that only the role service may change.", f"SERVICE_PARAMS = {tuple(service)}"]


def commands(tables: Tables) -> list[str]:
    values = {choice["name"]: choice["values"] for choice in tables["choice"]}
    out = [
        "",
        "# name: (number, role, bare, states mask, fields).",
        "# A field is (name, type, min or choices, max, default or None);",
        "# of rows, min and max are the numbers in a row and the most rows.",
        "COMMANDS = {",
    ]
    for e in tables["command"]:
        fields = "".join(f"{field(f, values)}, " for f in e.get("fields", []))
        start = f"{e['id']}, {roles(tables).index(e['key'])}, {e['bare']}, {mask(tables, 'state', e['states'])}"
        out.append(f'    "{e["name"]}": ({start}, ({fields.rstrip()})),')
    return [*out, "}"]


def field(entry: dict[str, Any], values: dict[str, list[str]]) -> str:
    default = entry.get("default") if entry.get("optional") else None
    low, high = entry.get("min"), entry.get("max")
    if entry["type"] == "choice":
        return f'("{entry["name"]}", "choice", {strings(values[entry["choice"]])}, None, {default})'
    return f'("{entry["name"]}", "{entry["type"]}", {low}, {high}, {default})'
