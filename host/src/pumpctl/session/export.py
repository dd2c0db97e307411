"""A session's rows as lines of CSV or JSON, and its overview."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pumpctl import defs, errors, units
from pumpctl.session import schema, store

KINDS = schema.KINDS
FORMS = ("csv", "jsonl")

_SHOWN_GAPS = 10


def lines(database: sqlite3.Connection, kind: str, form: str) -> Iterator[str]:
    """Return the lines of one kind, or of all; raises UsageProblem at once, and the database's errors while reading."""
    if kind not in (*KINDS, "all"):
        raise errors.UsageProblem(f"There is no kind {kind!r}; there are {', '.join(KINDS)} and all.")
    if form not in FORMS:
        raise errors.UsageProblem(f"There is no format {form!r}; there are {', '.join(FORMS)} and parquet.")
    if form == "csv":
        if kind == "all":
            raise errors.UsageProblem("CSV has one kind of rows in a file; choose one with --kind.")
        return _csv(database, kind)
    return (json.dumps(row) for name in (KINDS if kind == "all" else (kind,)) for row in _rows(database, name))


def write(path: Path, text: Iterable[str]) -> int:
    """Write lines to a file; return their number. Raises NotSaved."""
    count = 0
    try:
        with path.open("w", encoding="utf-8") as file:
            for line in text:
                file.write(line + "\n")
                count += 1
    except OSError as error:
        raise errors.NotSaved(path, error) from error
    return count


def overview(database: sqlite3.Connection, path: Path) -> dict[str, Any]:
    """Return what a session holds, for JSON."""
    counts = {kind: database.execute(f"SELECT count(*) FROM {kind}").fetchone()[0] for kind in KINDS}
    runs = [dict(row) for row in database.execute("SELECT began_ms, ended_ms, program, hello FROM run ORDER BY id")]
    first, last = (
        database.execute(f"SELECT * FROM telemetry ORDER BY id {order} LIMIT 1").fetchone() for order in ("", "DESC")
    )
    alarms = database.execute("SELECT a, count(*) FROM event WHERE name = 'alarm_raised' GROUP BY a").fetchall()
    return {
        "name": path.stem,
        "path": str(path),
        "about": dict(database.execute("SELECT name, value FROM about").fetchall()),
        "runs": [{**run, "hello": json.loads(run["hello"])} for run in runs],
        "counts": counts,
        "first": None if first is None else dict(first),
        "last": None if last is None else dict(last),
        "delivered_nl": None if first is None else (_delivered_pl(last) - _delivered_pl(first)) // 1000,
        "alarms": {_alarm(number): count for number, count in alarms},
        "gaps": [dict(row) for row in database.execute("SELECT at_ms, cause, text FROM gap ORDER BY id")],
    }


def overview_pairs(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the same as names and texts."""
    yield "session", found["path"]
    for run in found["runs"]:
        hello = run["hello"]
        ended = "not ended in order" if run["ended_ms"] is None else f"to {time_text(run['ended_ms'])}"
        yield "recorded", f"from {time_text(run['began_ms'])} {ended}, by {run['program']}"
        known = [hello.get(name) or "unknown" for name in ("board", "version", "image", "unique_id")]
        yield "pump", "{} {}, image {}, unique id {}".format(*known)
    yield "rows", ", ".join(f"{count} {kind}" for kind, count in found["counts"].items())
    if found["last"] is not None:
        yield "telemetry", f"from {time_text(found['first']['at_ms'])} to {time_text(found['last']['at_ms'])}"
        yield "delivered", units.ml(found["delivered_nl"])
    raised = (f"{name} {units.count(count, 'time')}" for name, count in found["alarms"].items())
    yield "alarms", ", ".join(raised) or "none"
    for gap in found["gaps"][-_SHOWN_GAPS:]:
        yield "gap", f"{time_text(gap['at_ms'])} {gap['text']}"
    if len(found["gaps"]) > _SHOWN_GAPS:
        yield "gap", f"{len(found['gaps']) - _SHOWN_GAPS} earlier ones are in the export"


def _rows(database: sqlite3.Connection, kind: str) -> Iterator[dict[str, Any]]:
    for row in store.rows(database, kind):
        yield {"kind": kind, "time": _iso(row["at_ms"]), **row}


def _csv(database: sqlite3.Connection, kind: str) -> Iterator[str]:
    names = [column[1] for column in database.execute(f"PRAGMA table_info({kind})")]
    yield _csv_line(["time", *names])
    for row in store.rows(database, kind):
        yield _csv_line([_iso(row["at_ms"]), *row.values()])


def _csv_line(cells: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow("" if cell is None else cell for cell in cells)
    return text.getvalue()


def _delivered_pl(row: sqlite3.Row) -> int:
    return int(row["book_ul"]) * 1_000_000 + int(row["book_pl"])


def _alarm(number: int) -> str:
    known = defs.ALARMS.get(number)
    return known.name if known else f"alarm {number}"


def _iso(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03}Z"


def time_text(ms: int) -> str:
    """Return a time of this computer as text, in UTC."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%SZ}"
