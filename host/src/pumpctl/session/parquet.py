"""A session's rows as a Parquet file, whose columns have types: for pandas, Polars, DuckDB and others."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from pumpctl import errors
from pumpctl.session import schema, store

_GROUP_ROWS = 10_000  # that are in memory at once
_TYPES = {"INTEGER": "int64", "TEXT": "string"}  # of SQLite, and of Arrow


def write(path: Path, database: sqlite3.Connection, kind: str) -> int:
    """Write the rows of one kind, with their `time` (UTC, ms); return their number.

    Raises UsageProblem, ParquetExtraMissing, NotSaved, and the database's error at a damaged row, before which all rows
    are in the file.
    """
    if kind not in schema.KINDS:
        kinds = ", ".join(schema.KINDS)
        raise errors.UsageProblem(f"Parquet has one kind of rows in a file; choose one of {kinds} with --kind.")
    try:
        import pyarrow  # an extra, and large
        from pyarrow import parquet
    except ImportError as error:
        raise errors.ParquetExtraMissing from error
    columns = [(name, _TYPES[type_]) for _, name, type_, *_ in database.execute(f"PRAGMA table_info({kind})")]
    types = pyarrow.schema([("time", pyarrow.timestamp("ms", tz="UTC")), *columns])
    rows: list[dict[str, Any]] = []
    count = 0
    try:
        with parquet.ParquetWriter(path, types) as writer:
            try:
                for row in store.rows(database, kind):
                    rows.append({"time": row["at_ms"], **row})
                    count += 1
                    if len(rows) == _GROUP_ROWS:
                        writer.write_table(pyarrow.Table.from_pylist(rows, types))
                        rows.clear()
            finally:
                writer.write_table(pyarrow.Table.from_pylist(rows, types))
    except OSError as error:
        raise errors.NotSaved(path, error) from error
    return count
