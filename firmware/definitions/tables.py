"""The definition tables: reading and checking them, and the digest that identifies a version."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROSE = {"text", "cause", "action"}
RAISES = ("none", "up", "down", "any")  # the number is the index
PRIORITIES = {"low", "medium", "high"}
LARGEST_BIT = 29  # all bits together stay below 2^30, the limit of MicroPython's small integers on the Pico

# Required and optional keys of each kind of entry.
KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "state": (
        ("id", "name", "motion", "text"),
        ("reminds", "reminder", "reminder_s", "reminds_after", "reminder_after"),
    ),
    "bit": (("id", "name", "text"), ("cuts",)),
    "request": (("id", "name", "text"), ()),
    "note": (("id", "name", "text"), ()),
    "transition": (("from", "when", "to"), ("unless", "request")),
    "param": (("id", "name", "unit", "raises", "min", "max", "default", "states", "text"), ("key",)),
    "alarm": (("id", "name", "priority", "latched", "stops", "text", "cause", "action"), ("bit", "note")),
    "pattern": (("priority", "lamp", "light_ms", "sound_ms"), ()),
    "refusal": (("id", "name", "text"), ()),
    "reset_cause": (("id", "name", "text"), ()),
    "part": (("id", "name", "text"), ()),
    "part_fault": (("id", "name", "text"), ()),
    "event": (("id", "name", "text"), ("a", "b")),
    "choice": (("name", "values", "text"), ()),
    "notice": (("name", "text"), ("answer",)),
    "command": (("id", "name", "key", "bare", "states", "text"), ("fields", "answer")),
    "field": (("name", "type", "text"), ("min", "max", "unit", "choice", "optional", "default")),
    "answer": (("name", "text"), ()),
}
SHARED = ("alarm", "refusal", "reset_cause")  # they share their numbers: each is used only once
NUMBERED = (*SHARED, "state", "bit", "request", "note", "param", "command", "event", "part", "part_fault")

Tables = dict[str, Any]
Entry = dict[str, Any]


class DefinitionError(Exception):
    """A table is wrong; the message is one sentence that names the table, the entry and the error."""


def load(folder: Path = HERE) -> Tables:
    """All tables in one dictionary, checked."""
    tables: Tables = {}
    for name in ("messages", "params", "alarms", "states", "examples"):
        try:
            tables |= tomllib.loads((folder / f"{name}.toml").read_text())
        except tomllib.TOMLDecodeError as error:
            raise DefinitionError(f"{name}.toml: {error}") from error
    check(tables)
    return tables


def digest(tables: Tables) -> str:
    """Sixteen hex digits over everything but the texts and the examples."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bare(item) for key, item in value.items() if key not in PROSE}
        if isinstance(value, list):
            return [bare(item) for item in value]
        return value

    meant = {kind: entries for kind, entries in tables.items() if kind != "example"}
    canonical = json.dumps(bare(meant), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


# ---- checks: each raises DefinitionError at the first entry that is wrong --------------------------------------------


def check(tables: Tables) -> None:
    """All checks."""
    check_shapes(tables)
    check_numbers(tables)
    check_names(tables)
    check_examples(tables)
    for param in tables["param"]:
        check_limits(f"param {param['name']}", param)
    for command in tables["command"]:
        unique(f"command {command['name']}", "field", (field["name"] for field in command.get("fields", [])))
        for field in command.get("fields", []):
            check_field(f"command {command['name']}, field {field['name']}", field, tables)


def check_shapes(tables: Tables) -> None:
    """Every entry has the keys of its kind and no others."""
    for kind in (*NUMBERED, "choice", "notice", "transition", "pattern"):
        for entry in tables[kind]:
            check_keys(kind, entry)
    for kind in ("command", "notice"):
        for entry in tables[kind]:
            for part, name in (("field", "fields"), ("answer", "answer")):
                for item in entry.get(name, []):
                    check_keys(part, item, f"{kind} {entry['name']}, ")


def check_keys(kind: str, entry: Entry, within: str = "") -> None:
    must, may = KEYS[kind]
    title = f"{within}{kind} {entry.get('name', entry)}"
    for key in must:
        if key not in entry or (entry[key] == "" and key != "unit"):
            raise DefinitionError(f"{title}: {key} is missing")
    for key in entry:
        if key not in must + may:
            raise DefinitionError(f"{title}: {key} is not a known key")


def check_numbers(tables: Tables) -> None:
    for kind in NUMBERED:
        unique(kind, "id", (entry["id"] for entry in tables[kind]))
    unique("alarm, refusal, reset cause", "id", (entry["id"] for kind in SHARED for entry in tables[kind]))
    for kind in ("bit", "request", "note", "state"):
        for entry in tables[kind]:
            if not 0 <= entry["id"] <= LARGEST_BIT:
                raise DefinitionError(f"{kind} {entry['name']}: number {entry['id']} is not one of 0 to {LARGEST_BIT}")
    numbers = sorted(param["id"] for param in tables["param"])
    if numbers != list(range(len(numbers))):
        raise DefinitionError(f"param: the numbers {numbers} have a gap, but each is a place in a list")


def check_examples(tables: Tables) -> None:
    """Every command has an example that was answered, and every example is of a command."""
    names = {command["name"] for command in tables["command"]}
    shown = set()
    for entry in tables["example"]:
        if "do" in entry:
            continue
        request, answer = (fields_of(entry[key]) for key in ("request", "answer"))
        known(f"example {entry['request']}", "cmd", [request["cmd"]], names)
        if answer["ok"]:
            shown.add(request["cmd"])
    for name in sorted(names - shown):
        raise DefinitionError(f"command {name}: examples.toml has no example of it")


def fields_of(line: str) -> Entry:
    """The fields of an example's line, which may have an authentication code."""
    fields: Entry = json.loads(line.partition("~")[0])
    return fields


def check_names(tables: Tables) -> None:
    """Names are used once, and every name referred to is defined."""
    for kind in (*NUMBERED, "choice", "notice"):
        unique(kind, "name", (entry["name"] for entry in tables[kind]))
    states = {entry["name"] for entry in tables["state"]} | {"any"}
    bits = {entry["name"] for entry in tables["bit"]}
    requests = {entry["name"] for entry in tables["request"]}
    notes = {entry["name"] for entry in tables["note"]}
    for row in tables["transition"]:
        known(f"transition {row}", "from", row["from"], states)
        known(f"transition {row}", "to", [row["to"]], states - {"any"})
        known(f"transition {row}", "when/unless", row["when"] + row.get("unless", []), bits)
        known(f"transition {row}", "request", [row[key] for key in ("request",) if key in row], requests)
    for alarm in tables["alarm"]:
        if ("bit" in alarm) == ("note" in alarm):
            raise DefinitionError(f"alarm {alarm['name']}: it needs a bit or a note, and not both")
        known(f"alarm {alarm['name']}", "bit", [alarm[key] for key in ("bit",) if key in alarm], bits)
        known(f"alarm {alarm['name']}", "note", [alarm[key] for key in ("note",) if key in alarm], notes)
        known(f"alarm {alarm['name']}", "priority", [alarm["priority"]], PRIORITIES)
    check_patterns(tables)
    check_states(tables, notes)
    for kind in ("param", "command"):
        for entry in tables[kind]:
            known(f"{kind} {entry['name']}", "states", entry["states"], states)
    for command in tables["command"]:
        known(f"command {command['name']}", "key", [command["key"]], set(roles(tables)))
    for param in tables["param"]:
        known(f"param {param['name']}", "key", [param.get("key", "operate")], set(roles(tables)))


def roles(tables: Tables) -> list[str]:
    """The roles, lowest first; the number of a role is its index."""
    return next(list(choice["values"]) for choice in tables["choice"] if choice["name"] == "role")


def check_patterns(tables: Tables) -> None:
    """One pattern for each priority, with times in pairs of on and off (A1)."""
    unique("pattern", "priority", (pattern["priority"] for pattern in tables["pattern"]))
    known("pattern", "priority", sorted(PRIORITIES), {pattern["priority"] for pattern in tables["pattern"]})
    for pattern in tables["pattern"]:
        title = f"pattern {pattern['priority']}"
        known(title, "priority", [pattern["priority"]], PRIORITIES)
        known(title, "lamp", [pattern["lamp"]], {"red", "yellow"})
        for key in ("light_ms", "sound_ms"):
            if len(pattern[key]) % 2 or any(not 10 <= span <= 60000 for span in pattern[key]):
                raise DefinitionError(f"{title}: {key} takes pairs of on and off, 10 to 60000 ms each")


def check_states(tables: Tables, notes: set[str]) -> None:
    """Motions and reminders of the states."""
    motions = next(choice["values"] for choice in tables["choice"] if choice["name"] == "motion")
    params = {entry["name"] for entry in tables["param"]}
    for state in tables["state"]:
        title = f"state {state['name']}"
        known(title, "motion", [state["motion"]], set(motions))
        if "reminds" in state:
            known(title, "reminds", [state["reminds"]], notes)
            if ("reminder" in state) == ("reminder_s" in state):
                raise DefinitionError(f"{title}: it needs reminder or reminder_s, and not both")
            known(title, "reminder", [state[key] for key in ("reminder",) if key in state], params)
        elif "reminder" in state or "reminder_s" in state:
            raise DefinitionError(f"{title}: a reminder time without `reminds`")
        if ("reminds_after" in state) != ("reminder_after" in state):
            raise DefinitionError(f"{title}: it needs both reminds_after and reminder_after, or neither")
        known(title, "reminds_after", [state[key] for key in ("reminds_after",) if key in state], notes)
        known(title, "reminder_after", [state[key] for key in ("reminder_after",) if key in state], params)
    for param in tables["param"]:
        known(f"param {param['name']}", "raises", [param["raises"]], set(RAISES))


def check_field(title: str, field: Entry, tables: Tables) -> None:
    choices = {choice["name"]: choice["values"] for choice in tables["choice"]}
    known(title, "type", [field["type"]], {"int", "bool", "choice", "name", "text", "rows"})
    if field.get("optional") and "default" not in field and field["type"] != "bool":
        raise DefinitionError(f"{title}: it is optional, but has no default")
    if field["type"] == "choice":
        known(title, "choice", [field.get("choice", "")], set(choices))
        if not 0 <= field.get("default", 0) < len(choices[field["choice"]]):
            raise DefinitionError(f"{title}: default {field['default']} is none of the choices")
    elif field["type"] in ("int", "rows"):  # of rows: numbers in a row, and most rows
        check_limits(title, field)


def check_limits(title: str, entry: Entry) -> None:
    for key in ("min", "max"):
        if key not in entry:
            raise DefinitionError(f"{title}: {key} is missing")
    if not entry["min"] <= entry.get("default", entry["min"]) <= entry["max"]:
        raise DefinitionError(f"{title}: default {entry.get('default')} is not within {entry['min']} to {entry['max']}")


def unique(kind: str, key: str, values: Iterable[object]) -> None:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            raise DefinitionError(f"{kind}: {key} {value!r} is used twice")
        seen.add(value)


def known(title: str, key: str, names: list[str], allowed: set[str]) -> None:
    for name in names:
        if name not in allowed:
            raise DefinitionError(f"{title}: {key} {name!r} is not one of {sorted(allowed)}")
