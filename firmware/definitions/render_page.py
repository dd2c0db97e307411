"""Renders defs.js of the bench in the browser: the tables that it shows, as JavaScript."""

from __future__ import annotations

import json
from typing import Any

from python_text import BANNER
from tables import Tables, digest

# Name in JavaScript: table, and the keys of an entry that the page uses.
_BY_NUMBER = {
    "STATES": ("state", ("name", "text")),
    "BITS": ("bit", ("name", "text")),
    "NOTES": ("note", ("name", "text")),
    "ALARMS": ("alarm", ("name", "priority", "text", "cause", "action", "bit")),
    "EVENTS": ("event", ("name", "text", "a", "b")),
    "PARAMS": ("param", ("name", "unit", "raises", "min", "max", "default", "states", "text")),
    "REFUSALS": ("refusal", ("name", "text")),
    "RESET_CAUSES": ("reset_cause", ("name", "text")),
    "PARTS": ("part", ("name", "text")),
    "PART_FAULTS": ("part_fault", ("name", "text")),
}


def render(tables: Tables) -> str:
    out = [f"// {BANNER}", "", f"export const DIGEST = '{digest(tables)}';"]
    out += [f"export const LINE_BYTES = {tables['protocol']['line_bytes']};"]
    for name, (table, keys) in _BY_NUMBER.items():
        rows = {entry["id"]: {key: entry.get(key, "") for key in keys} for entry in tables[table]}
        out += _object(name, rows)
    out += _object("COMMANDS", {e["name"]: {key: e[key] for key in ("id", "key", "states")} for e in tables["command"]})
    out += _object("CHOICES", {choice["name"]: choice["values"] for choice in tables["choice"]})
    return "\n".join(out) + "\n"


def _object(name: str, rows: dict[Any, Any]) -> list[str]:
    """The lines of a constant object, one for each entry."""
    lines = [f"  {json.dumps(str(key))}: {json.dumps(value, ensure_ascii=False)}," for key, value in rows.items()]
    return ["", f"export const {name} = {{", *lines, "};"]
