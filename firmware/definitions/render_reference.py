"""Renders REFERENCE.md: all tables with their texts."""

from __future__ import annotations

from typing import Any

from python_text import BANNER
from tables import Tables, digest

FRAME = """
`{"id":7,"cmd":"status"}*CCCCCCCC` and a line feed; CRC-32 in hex over the bytes before the star. Between the object
and the star, `~` and 32 hex digits are reserved for an authentication code. An answer has the id and `ok`; a refusal
has its number and the field or the conditions that caused it, and nothing is changed. A host that gets no answer sends
the same line again: within a minute a line with an id is carried out only once, and gets the same answer each time.
Commands marked *bare* are also accepted as a single word (`status`), as typed at a terminal.
"""
SECTIONS = (
    ("States", "state", ("id", "name", "motion", "reminds", "text")),
    ("Condition bits", "bit", ("id", "name", "cuts", "text")),
    ("Requests", "request", ("id", "name", "text")),
    ("Notes", "note", ("id", "name", "text")),
    ("Alarms", "alarm", ("id", "name", "priority", "bit", "note", "latched", "stops", "text", "cause", "action")),
    ("Patterns", "pattern", ("priority", "lamp", "light_ms", "sound_ms")),
    ("Refusals", "refusal", ("id", "name", "text")),
    ("Reset causes", "reset_cause", ("id", "name", "text")),
    ("Parts", "part", ("id", "name", "text")),
    ("Faults of a part", "part_fault", ("id", "name", "text")),
    ("Parameters", "param", ("id", "name", "unit", "raises", "min", "max", "default", "states", "text")),
    ("Kinds of record", "event", ("id", "name", "a", "b", "text")),
    ("Choices", "choice", ("name", "values", "text")),
)


def render(tables: Tables) -> str:
    out = heading(tables)
    for entry in tables["command"]:
        out += command(entry, {choice["name"]: choice["values"] for choice in tables["choice"]})
    out += ["", "## Unsolicited messages", ""]
    out += [f"* `{e['name']}`: {e['text']}" for e in tables["notice"]]
    for title, kind, keys in SECTIONS:
        out += ["", f"## {title}", "", *grid(keys, [[cell(e.get(key, "")) for key in keys] for e in tables[kind]])]
    out += ["", "## Transitions, the most dangerous first", ""]
    rows = [
        [cell(r["from"]), r.get("request", ""), cell(r["when"]), cell(r.get("unless", [])), r["to"]]
        for r in tables["transition"]
    ]
    out += grid(("from", "request", "when", "unless", "to"), rows)
    return "\n".join(out) + "\n"


def heading(tables: Tables) -> list[str]:
    protocol = tables["protocol"]
    return [
        "# Reference",
        "",
        f"<!-- {BANNER} -->",
        "",
        f"Protocol {protocol['version']}, digest `{digest(tables)}`, lines of {protocol['line_bytes']} bytes at most.",
        FRAME,
        "## Commands",
    ]


def command(entry: dict[str, Any], choices: dict[str, list[str]]) -> list[str]:
    marks = [entry["key"], *(["bare"] if entry["bare"] else [])]
    states = "every state" if "any" in entry["states"] else ", ".join(entry["states"])
    out = ["", f"### `{entry['name']}` ({', '.join(marks)})", "", entry["text"], f"Allowed in: {states}.", ""]
    for f in entry.get("fields", []):
        limits = " or ".join(f"`{v}`" for v in choices[f["choice"]]) if f["type"] == "choice" else f["type"]
        if f["type"] == "rows":
            limits = f"up to {f['max']} rows of {f['min']} numbers"
        if f["type"] == "int":
            limits = f"{f['min']} to {f['max']} {f.get('unit', '')}".rstrip()
        may = f", optional ({default_text(f, choices)})" if f.get("optional") else ""
        out.append(f"* takes `{f['name']}`: {f['text']}; {limits}{may}")
    return out + [f"* answers `{a['name']}`: {a['text']}" for a in entry.get("answer", [])]


def default_text(field: dict[str, Any], choices: dict[str, list[str]]) -> str:
    return str(choices[field["choice"]][field["default"]]) if field["type"] == "choice" else str(field["default"])


def cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def grid(keys: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(keys)} |", "|" + " --- |" * len(keys), *(f"| {' | '.join(row)} |" for row in rows)]
