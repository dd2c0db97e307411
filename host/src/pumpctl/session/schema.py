"""The tables of a session's file, and the steps from each version to the next (docs/service.md explains them)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

# One script for each version; the file's user_version is the number of scripts that were run.
MIGRATIONS = (
    """
    CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE run (
        id INTEGER PRIMARY KEY, began_ms INTEGER NOT NULL, ended_ms INTEGER, program TEXT NOT NULL, hello TEXT NOT NULL
    );
    CREATE TABLE telemetry (
        id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, boot INTEGER NOT NULL, uptime_ms INTEGER NOT NULL,
        state INTEGER NOT NULL, bits INTEGER NOT NULL, notes INTEGER NOT NULL, rate_ul_day INTEGER NOT NULL,
        strokes INTEGER NOT NULL, book_ul INTEGER NOT NULL, book_pl INTEGER NOT NULL, fluid TEXT NOT NULL,
        ledger_nl INTEGER NOT NULL, level_nl INTEGER, left_s INTEGER, left_by TEXT, pressure_pa INTEGER,
        baseline_pa INTEGER, stroke_in_ms INTEGER, alarm INTEGER NOT NULL, priority INTEGER NOT NULL,
        silenced INTEGER NOT NULL, log_next INTEGER NOT NULL
    );
    CREATE TABLE event (
        id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, log INTEGER NOT NULL, sequence INTEGER NOT NULL,
        uptime_s INTEGER NOT NULL, ms INTEGER NOT NULL, event INTEGER NOT NULL, name TEXT NOT NULL,
        a INTEGER NOT NULL, b INTEGER NOT NULL, detail TEXT NOT NULL, UNIQUE (log, sequence)
    );
    CREATE TABLE request (
        id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, command TEXT NOT NULL, fields TEXT NOT NULL,
        ok INTEGER NOT NULL, answer TEXT NOT NULL
    );
    CREATE TABLE gap (id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, cause TEXT NOT NULL, text TEXT NOT NULL);
    CREATE TABLE world (
        id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, value INTEGER
    );
    CREATE INDEX telemetry_at ON telemetry (at_ms);
    """,
    """
    CREATE TABLE measurement (
        id INTEGER PRIMARY KEY, began_ms INTEGER NOT NULL, ended_ms INTEGER, conditions TEXT NOT NULL,
        figures TEXT NOT NULL
    );
    CREATE TABLE weight (
        id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, measurement INTEGER NOT NULL, time_ms INTEGER NOT NULL,
        mass_ug INTEGER NOT NULL, stable INTEGER NOT NULL, piece INTEGER NOT NULL
    );
    CREATE TABLE weight_mark (
        id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, measurement INTEGER NOT NULL, time_ms INTEGER NOT NULL,
        cause TEXT NOT NULL, text TEXT NOT NULL
    );
    """,
)
VERSION = len(MIGRATIONS)
APPLICATION_ID = 0x50554D50  # "PUMP": a file of another program is told apart by it

# Tables with rows over time, in the order of an export.
KINDS = ("telemetry", "event", "request", "gap", "world")


def version_of(database: sqlite3.Connection) -> int:
    """Return the version of a session's tables, 0 for an empty file."""
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def is_session(database: sqlite3.Connection) -> bool:
    """Return whether a file that is not empty belongs to this program."""
    return int(database.execute("PRAGMA application_id").fetchone()[0]) == APPLICATION_ID


def migrate(database: sqlite3.Connection) -> None:
    """Bring the tables to the present version, each step whole or not at all."""
    for at in range(version_of(database), VERSION):
        database.executescript(
            f"BEGIN; {MIGRATIONS[at]} PRAGMA user_version = {at + 1}; PRAGMA application_id = {APPLICATION_ID}; COMMIT;"
        )
