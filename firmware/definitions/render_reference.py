"""Renders REFERENCE.md: all tables with their texts."""

from __future__ import annotations

import zlib
from typing import Any

from python_text import BANNER
from tables import Tables, digest, fields_of

FRAME = """
A host talks to the pump in lines, over its USB serial port (at any baud rate) or a UART (115200 baud, 8N1). A line
is printable ASCII and ends with LF or CR; the pump's own lines end with LF. Whole numbers only; a name ends with
its unit.

## A request and its answer

{request}

* Braces: one JSON object (RFC 8259) with `cmd`, the fields of the command, and `id`, a whole number from 0 to
  1073741823 that the answer repeats. A name twice, a field that the command doesn't have, or a number with a
  fraction is refused.
* Behind the star: CRC-32 (ISO-HDLC, as `zlib.crc32` in Python: check value `CBF43926` for `123456789`) of all bytes
  before the star, as 8 hex digits in **capital letters**, both ways. Between the object and the star, `~` and 32
  hex digits may stand, an authentication code: see *Keys*.
* An answer has the `id` and `ok`. A host that gets no answer sends the same line again: within a minute a line with
  an id is carried out only once, and gets the same answer each time. So each new request needs a new id.
* Spaces and control characters around a line are dropped, such as a Ctrl-C that a terminal has sent before.
* Commands marked *bare* are also accepted as a single word (`status`), as typed at a terminal, without id and
  checksum; then the `id` of the answer is null. `help` lists them. The refusal of a typed line has a `text` as well.

A refusal has `ok` false and `refused`, its number in the table *Refusals*; nothing was changed. Then follows what
was at fault, as far as there is something to say: `cmd`, `field`, `value`, the limits `min` and `max`, the `state`
that the command is not allowed in, or the condition `bits` that prevent it.

{refusals}

## Lines without a request

They have no `id`, and may come before an answer. A record of the log, as soon as a first request has been sent
since power-on, and the telemetry, as often as the command `telemetry` has set:

{notices}

## Choices and numbers

A choice is its name in a field and in an answer with a name of its own. In rows and in records of the log it is its
number, as are states, alarms, parameters and the other tables with an `id`.

## Changes that must be confirmed

What can raise the dose is answered with `draft` and `code` (a draft of null: it was made at once). Nothing is
changed yet: the host shows `old` and `new`, the values that the pump has received, and sends `confirm` with both
numbers. A draft lasts ten minutes; after five there is an alarm.

## Keys

The word behind a command's name is the role that it needs. Once a host is paired (`hello` answers `keyed`), a role
above `view` needs a session, and the command's line an authentication code; reading and `stop` need none. Hex is in
small letters; HKDF (RFC 5869) and HMAC are over SHA-256.

* Pairing: both sides make a key pair for X25519 (RFC 7748) and send the public key (`pair_begin`, `pair_state`). The
  key is HKDF of their secret, 32 bytes, with the salt `pump pairing` and, as info, `pump pairing`, the host's and the
  pump's public key, the role's number as one byte, the pump's `unique_id`, `/`, and the host's name. The `proof` of
  `pair_finish` is the first 16 bytes of HMAC over `host` under that key, in the answer over `pump`.
* Session: its key is HKDF of the pairing's key, 32 bytes, with both nonces (the host's first) and `starts` as 4 bytes,
  lowest first, as the salt, and, as info, `pump session`, the role's number as one byte, and `unique_id`. The
  `proof` is the first 16 bytes of HMAC over `o` under that key.
* A code is the first 16 bytes of HMAC under the session's key over one letter (`h` from the host, `p` from the pump)
  and the bytes of the object. Answers to lines with a code have one too, except refusals of a line whose code was
  not valid. In a session each new line has a higher `id` than all lines with a code before it.

## A first start

{first_start}

An answer to each of these requests is below.
"""
OK = '"ok":true'
NOTICES = {
    "event": '{"event":[8,5,250,10,20000000,1]}',
    "telemetry": (
        '{"telemetry":{"state":1,"bits":6291456,"notes":64,"rate_ul_day":1200,"strokes":2,"book_ul":0,"book_pl":500000,'
        '"fluid":"saline","ledger_nl":19999500,"level_nl":null,"left_s":1403964,"pressure_pa":8420,"baseline_pa":null,'
        '"stroke_in_ms":null,"alarm":108,"priority":2,"silenced":true,"uptime_s":676,"uptime_ms":950,"boot":1,'
        '"log_next":40}}'
    ),
}
# What to do, and the commands whose examples show it.
FIRST_START = (
    ("Who is there? The host's tables fit if `digest` is the one at the top of this page.", ("hello",)),
    ("The `state` must be 1 (standby); in 0 (self_test) wait, with an alarm see its action in the table.", ("status",)),
    ("Make the parameters fit the pump head, see *Parameters* and the board's wiring.md.", ("params", "param_set")),
    ("Set the clock: days since 1970, and the second of the day. The pump works without.", ("time_set",)),
    (
        "Enter the contents: begin, then what was taken out (0 for an empty reservoir), then what was put in. The last "
        "is a change to be confirmed, with the numbers of its own answer.",
        ("refill_begin", "refill_withdrawn", "refill_finish", "confirm"),
    ),
    ("Set the plan, and confirm it in the same way.", ("therapy_set",)),
    ("Fill the line, before it is connected: a change to be confirmed. It ends by itself in standby.", ("prime",)),
    ("Start. The `state` is then 2 (infusing).", ("start",)),
)
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
    ("Parameters", "param", ("id", "name", "unit", "raises", "key", "min", "max", "default", "states", "text")),
    ("Kinds of record", "event", ("id", "name", "a", "b", "text")),
)


def render(tables: Tables) -> str:
    out = heading(tables)
    for entry in tables["command"]:
        out += command(entry, tables)
    out += ["", "## Unsolicited messages", ""]
    out += [f"* `{e['name']}`: {e['text']}" for e in tables["notice"]]
    for title, kind, keys in SECTIONS:
        out += ["", f"## {title}", "", *grid(keys, [[cell(e.get(key, "")) for key in keys] for e in tables[kind]])]
    out += ["", "## Values of the choices, with their numbers", ""]
    rows = [[e["name"], ", ".join(f"{n} {v}" for n, v in enumerate(e["values"])), e["text"]] for e in tables["choice"]]
    out += grid(("name", "values", "text"), rows)
    out += ["", "## Transitions, the most dangerous first", ""]
    rows = [
        [cell(r["from"]), r.get("request", ""), cell(r["when"]), cell(r.get("unless", [])), r["to"]]
        for r in tables["transition"]
    ]
    out += grid(("from", "request", "when", "unless", "to"), rows)
    return "\n".join(out) + "\n"


def heading(tables: Tables) -> list[str]:
    protocol = tables["protocol"]
    request, answer = lines_of(example_of(tables, "refill_begin"), tables)
    refusals = [lines_of(entry, tables)[1] for entry in tables["example"] if not entry.get("answer", OK).count(OK)]
    frame = FRAME.format(
        request=block([request, answer]),
        refusals=block(refusals),
        notices=block([checked(NOTICES["event"]), checked(NOTICES["telemetry"])]),
        first_start="\n".join(first_start(tables)),
    )
    return [
        "# Reference",
        "",
        f"<!-- {BANNER} -->",
        "",
        f"Protocol {protocol['version']}, digest `{digest(tables)}`, lines of {protocol['line_bytes']} bytes at most.",
        frame,
        "## Commands",
    ]


def first_start(tables: Tables) -> list[str]:
    """Each step, with the requests of the examples that belong to it."""
    out = []
    for number, (text, commands) in enumerate(FIRST_START, 1):
        out.append(f"{number}. {text}")
        requests = [lines_of(example_of(tables, name), tables)[0] for name in commands]
        out += ["", *(f"       {line}" for line in requests), ""] if requests else []
    return out


def example_of(tables: Tables, command: str) -> dict[str, Any]:
    """Its first example that was answered."""
    fits = (entry for entry in tables["example"] if OK in entry.get("answer", ""))
    found: dict[str, Any] = next(entry for entry in fits if fields_of(entry["request"])["cmd"] == command)
    return found


def lines_of(entry: dict[str, Any], tables: Tables) -> tuple[str, str]:
    """Request and answer of an example, each with its checksum."""
    return checked(entry["request"]), checked(entry["answer"].replace("DIGEST", digest(tables)))


def checked(text: str) -> str:
    return f"{text}*{zlib.crc32(text.encode()):08X}"


def block(lines: list[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)


def command(entry: dict[str, Any], tables: Tables) -> list[str]:
    choices = {choice["name"]: choice["values"] for choice in tables["choice"]}
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
    out += [f"* answers `{a['name']}`: {a['text']}" for a in entry.get("answer", [])]
    return [*out, *([""] if out[-1] else []), block([*lines_of(example_of(tables, entry["name"]), tables)])]


def default_text(field: dict[str, Any], choices: dict[str, list[str]]) -> str:
    return str(choices[field["choice"]][field["default"]]) if field["type"] == "choice" else str(field["default"])


def cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def grid(keys: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(keys)} |", "|" + " --- |" * len(keys), *(f"| {' | '.join(row)} |" for row in rows)]
