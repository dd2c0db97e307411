"""The layout of the journal in flash: reads flash.toml, checks it and renders it for the firmware and the host.

The firmware's record modules have their numbers in a block of lines between two marks: a `const` with an underscore is
compiled into the code and takes no RAM, which a name of another module would.
"""

from __future__ import annotations

import struct
import tomllib
from collections.abc import Iterator
from pathlib import Path

from python_text import BANNER
from tables import HERE, DefinitionError, Entry, Tables, unique

BEGIN = "# ---- generated from firmware/definitions/flash.toml by `make gen`; don't edit ----"
END = "# ---- end of the generated lines ----"


def load(folder: Path = HERE) -> Tables:
    """The layout, checked; DefinitionError when it contradicts itself."""
    try:
        tables = tomllib.loads((folder / "flash.toml").read_text())
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"flash.toml: {error}") from error
    check(tables)
    return tables


def check(tables: Tables) -> None:
    """Names and numbers are used once, records fit their size, pages hold whole records, rings keep sectors free."""
    for kind, key in (("record", "name"), ("ring", "name"), ("ring", "id"), ("own", "name")):
        unique(kind, key, (entry[key] for entry in tables[kind]))
    records = {record["name"]: record for record in tables["record"]}
    for name, record in records.items():
        used = struct.calcsize(_format(record["fields"]))
        if used > record["bytes"] or tables["flash"]["page_bytes"] % record["bytes"]:
            raise DefinitionError(f"record {name}: {used} bytes of fields, {record['bytes']} bytes don't fit a page")
    for ring in tables["ring"]:
        if ring["record"] not in records:
            raise DefinitionError(f"ring {ring['name']}: record {ring['record']!r} is not one of {sorted(records)}")
        ahead, sectors = ring["ahead"], ring["sectors"]
        if not 0 < ahead <= sectors - 2:
            raise DefinitionError(f"ring {ring['name']}: {ahead} of {sectors} sectors ahead is too many")


# ---- what both sides need ------------------------------------------------------------------------------------------


def record(tables: Tables, name: str) -> Entry:
    found: Entry = next(entry for entry in tables["record"] if entry["name"] == name)
    return found


def at(entry: Entry, field: str) -> int:
    """Where a field begins in its record."""
    names = [name for name, _ in entry["fields"]]
    return struct.calcsize(_format(entry["fields"][: names.index(field)]))


def index(entry: Entry, field: str) -> int:
    """The place of a field among the numbers of its record."""
    return [name for name, _ in entry["fields"]].index(field)


def before_crc(entry: Entry) -> list[list[str]]:
    """The fields that the CRC covers."""
    fields: list[list[str]] = entry["fields"]
    return fields[: index(entry, "crc")]


def _format(fields: list[list[str]]) -> str:
    return "<" + "".join(kind for _, kind in fields)


def _names(fields: list[list[str]]) -> str:
    return ", ".join(name for name, _ in fields)


def _with_crc(entry: Entry) -> list[list[str]]:
    fields: list[list[str]] = entry["fields"]
    return fields[: index(entry, "crc") + 1]


# ---- the firmware --------------------------------------------------------------------------------------------------


def ring_lines(tables: Tables) -> list[str]:
    """For flash_ring.py: sizes, and the header of a sector."""
    flash, header = tables["flash"], record(tables, "header")
    return [
        f"_VERSION = const({flash['version']})",
        f'_MAGIC = const(b"{flash["magic"]}")',
        f"_PAGE = const({flash['page_bytes']})",
        f"_SECTOR = const({flash['sector_bytes']})",
        *_formats("_HEADER", header),
        f"_HEADER_BYTES = const({header['bytes']})",
        f"_CRC_AT = const({at(header, 'crc')})",
    ]


def event_lines(tables: Tables) -> list[str]:
    """For event_log.py."""
    event = record(tables, "event")
    return [
        *_formats("_RECORD", event),
        f"_RECORD_BYTES = const({event['bytes']})",
        f"_CRC_AT = const({at(event, 'crc')})",
        f"_SEQUENCE = const({index(event, 'sequence')})  # places in an unpacked record",
        f"_BOOT = const({index(event, 'boot')})",
    ]


def stroke_lines(tables: Tables) -> list[str]:
    """For stroke_log.py."""
    stroke = record(tables, "stroke")
    return [
        *_formats("_RECORD", stroke),
        f"_RECORD_BYTES = const({stroke['bytes']})",
        f"_CRC_AT = const({at(stroke, 'crc')})",
        f"_MARK_AT = const({at(stroke, 'mark')})",
        f"_MARK_BYTES = const({stroke['bytes'] - at(stroke, 'mark')})",
        f"_STRAY_BITS = const({stroke['stray_bits']})  # of a mark; more bits that are set: the stroke is not done",
    ]


def page_lines(tables: Tables) -> list[str]:
    """For snapshot.py."""
    page = record(tables, "page")
    return [
        f"_RECORD_BYTES = const({page['bytes']})",
        f"MOST = const({most(tables)})  # numbers in a page",
        f"_COUNT_AT = const({at(page, 'count')})  # behind the CRC",
        f"_NUMBERS_AT = const({at(page, 'numbers')})",
    ]


def _formats(name: str, entry: Entry) -> list[str]:
    covered = before_crc(entry)
    return [
        f'{name} = const("{_format(covered)}")  # {_names(covered)}',
        f'{name}_CRC = const("{_format(_with_crc(entry))}")  # and the CRC',
    ]


def most(tables: Tables) -> int:
    """Numbers that a page holds."""
    page = record(tables, "page")
    return (int(page["bytes"]) - at(page, "numbers")) // 4


def rings(tables: Tables) -> Iterator[tuple[str, tuple[int, ...]]]:
    """(name, (number, first sector, sectors, bytes of a record, sectors kept erased ahead)) of each ring."""
    first = 0
    for ring in tables["ring"]:
        size = record(tables, ring["record"])["bytes"]
        yield ring["name"].upper(), (ring["id"], first, ring["sectors"], size, ring["ahead"])
        first += ring["sectors"]


def render_firmware(tables: Tables) -> str:
    """layout.py of the journal."""
    out = [
        '"""How the journal divides its flash among rings, and its own numbers in a snapshot.',
        "",
        f'{BANNER}\n"""',
        "",
        "from micropython import const",
        "",
        "# number, first sector, sectors, bytes of a record, sectors kept erased ahead",
        *(f"{name} = {row}" for name, row in rings(tables)),
        "",
        "# Places of the journal's own numbers at the beginning of a snapshot.",
    ]
    for place, own in enumerate(tables["own"]):
        comment = f"  # {own['text']}" if "text" in own else ""
        out.append(f"{own['name'].upper()} = const({place}){comment}")
    return "\n".join([*out, f"OWN = const({len(tables['own'])})  # how many they are", ""])


BLOCKS = {
    "firmware/pump/journal/flash_ring.py": ring_lines,
    "firmware/pump/journal/event_log.py": event_lines,
    "firmware/pump/journal/stroke_log.py": stroke_lines,
    "firmware/pump/journal/snapshot.py": page_lines,
}


def render_block(source: str, lines: list[str], name: str) -> str:
    """The file with these lines between its marks; DefinitionError when it has not one of each, in order."""
    head, begin, rest = source.partition(BEGIN + "\n")
    _, end, tail = rest.partition(END + "\n")
    if not begin or not end or BEGIN in tail or END in tail:
        raise DefinitionError(f"{name}: there is no block of generated lines between its marks")
    return "\n".join([head + BEGIN, *lines, END + "\n" + tail])


# ---- the host ------------------------------------------------------------------------------------------------------


def render_host(tables: Tables) -> str:
    """flash_layout.py of the host's diagnostics."""
    flash = tables["flash"]
    out = [
        '"""How the pump\'s journal lies in its flash.',
        "",
        f'{BANNER}\n"""',
        "",
        f"VERSION = {flash['version']}",
        f"READABLE = {(*flash['readable'], flash['version'])}  # versions whose records have these fields",
        f'MAGIC = b"{flash["magic"]}"',
        f"SECTOR_BYTES = {flash['sector_bytes']}",
        "",
        "# Numbers of the rings, and the bytes of a record in each.",
        *(f"{name} = {row[0]}" for name, row in rings(tables)),
        f"RECORD_BYTES = {{{', '.join(f'{name}: {row[3]}' for name, row in rings(tables))}}}",
        "",
        "# Records up to their CRC; the CRC covers what is before it.",
    ]
    for name in ("header", "event", "stroke"):
        fields = _with_crc(record(tables, name))
        out.append(f'{name.upper()} = "{_format(fields)}"  # {_names(fields)}')
    return "\n".join([*out, *_host_details(tables), ""])


def _host_details(tables: Tables) -> list[str]:
    """What the host needs of strokes and pages besides their formats."""
    stroke, page = record(tables, "stroke"), record(tables, "page")
    return [
        f"STROKE_MARK_AT = {at(stroke, 'mark')}  # all bits of the rest are cleared when the stroke is done",
        f"STROKE_STRAY_BITS = {stroke['stray_bits']}  # more bits of it that are set: the stroke is not done",
        "",
        "# A page: its CRC and how many numbers are in use; the CRC covers what is behind it.",
        f'PAGE = "{_format(page["fields"][:2])}"  # {_names(page["fields"][:2])}',
        f"PAGE_NUMBERS_AT = {at(page, 'numbers')}",
        f"PAGE_MOST = {most(tables)}",
    ]


TARGETS = {
    "firmware/pump/journal/layout.py": render_firmware,
    "host/src/pumpctl/diagnostics/flash_layout.py": render_host,
}
