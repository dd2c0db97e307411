"""A session's file: opened to be continued or to be read; every failure is one sentence."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pumpctl import errors
from pumpctl.frozen import frozen
from pumpctl.session import schema

SUFFIX = ".session"
_BUSY_MS = 5000


@frozen
class Summary:
    """A session in the list: its name, file, size, beginning and end, and the number of rows of each kind."""

    name: str
    path: Path
    size_bytes: int
    began_ms: int | None
    last_ms: int | None
    counts: Mapping[str, int]
    about: Mapping[str, str]
    trouble: str = ""


def folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the sessions."""
    base = environment.get("XDG_DATA_HOME")
    if not base:
        home = environment.get("HOME") or os.path.expanduser("~")
        base = str(Path(home) / ".local" / "share")
    return Path(base) / "pumpctl" / "sessions"


def new_path(place: Path, pump: str, now: datetime | None = None) -> Path:
    """Return a path for a new session of a pump; raises NotSaved."""
    began = (now or datetime.now(UTC)).astimezone(UTC)
    name = "".join(letter if letter.isalnum() else "-" for letter in pump).strip("-") or "pump"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.NotSaved(place, error) from error
    stem = f"{began:%Y-%m-%dT%H%M%SZ}-{name}"
    paths = (place / f"{stem}{end}{SUFFIX}" for end in ("", *(f"-{number}" for number in range(2, 1000))))
    return next(path for path in paths if not path.exists())


def find(name: str, place: Path) -> Path:
    """Return a session by its path, or as `find_in` does; raises SessionUnknown."""
    return Path(name) if Path(name).is_file() else find_in(name, place)


def find_in(name: str, place: Path) -> Path:
    """Return a session of the folder by its name, the beginning of one, or `last`; raises SessionUnknown."""
    names = sorted(path for path in place.glob(f"*{SUFFIX}"))
    if name == "last" and names:
        return names[-1]
    found = [path for path in names if path.stem == name] or [path for path in names if path.stem.startswith(name)]
    if len(found) == 1:
        return found[0]
    what = f"Several sessions begin with {name!r}" if found else f"There is no session {name!r} in {place}"
    raise errors.SessionUnknown(f"{what}; `pumpctl session list` lists them.")


def to_continue(path: Path) -> sqlite3.Connection:
    """Open a session to append to it, and make it if there is none. Raises SessionUnfit, SessionDamaged, NotSaved."""
    database: sqlite3.Connection | None = None
    try:
        database = sqlite3.connect(path, timeout=_BUSY_MS / 1000, check_same_thread=False)
        if schema.version_of(database) or _has_tables(database):
            _check(database, path)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")  # a row that is committed outlasts a power failure
        schema.migrate(database)
    except sqlite3.OperationalError as error:
        _close(database)
        raise errors.NotSaved(path, error) from error
    except sqlite3.DatabaseError as error:
        _close(database)
        raise errors.SessionDamaged(path, errors.reason(error)) from error
    except errors.PumpError:
        _close(database)
        raise
    return database


@contextmanager
def to_read(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a session to read it; raises SessionUnfit, SessionDamaged, also for damage that is met later."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            database.execute("PRAGMA writable_schema = ON")  # a file that was cut short is read as far as it goes
            _check_kind(database, path)
            yield database
    except sqlite3.DatabaseError as error:
        raise errors.SessionDamaged(path, errors.reason(error)) from error


def summary(path: Path) -> Summary:
    """Return a session's summary; one that can't be read has its trouble in it."""
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    try:
        with to_read(path) as database:
            counts = {kind: _one(database, f"SELECT count(*) FROM {kind}") for kind in schema.KINDS}
            began = _one(database, "SELECT min(began_ms) FROM run")
            ends = [_one(database, f"SELECT max(at_ms) FROM {kind}") for kind in schema.KINDS]
            last = max((end for end in [*ends, began] if end is not None), default=None)
            about = dict(database.execute("SELECT name, value FROM about").fetchall())
    except errors.PumpError as error:
        return Summary(path.stem, path, size, None, None, {}, {}, str(error))
    return Summary(path.stem, path, size, began, last, counts, about)


def all_in(place: Path) -> list[Summary]:
    """Return the sessions of a folder, oldest first."""
    return [summary(path) for path in sorted(place.glob(f"*{SUFFIX}"))]


def rows(database: sqlite3.Connection, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of one kind in their order; raises sqlite3.DatabaseError at a row that no program has written.

    SQLite reads what is missing of a cut page as zeros, which gives rows without values.
    """
    last = 0
    for row in database.execute(f"SELECT * FROM {kind} ORDER BY id"):
        if row["id"] <= last or row["at_ms"] is None:
            raise sqlite3.DatabaseError("a row has no values")
        last = row["id"]
        yield dict(row)


def as_json(value: Any) -> str:
    """Return a value as one line of JSON."""
    return json.dumps(value, separators=(",", ":"))


def remove(path: Path) -> None:
    """Remove a session and what SQLite keeps beside it; raises NotSaved."""
    try:
        for end in ("", "-wal", "-shm"):
            Path(f"{path}{end}").unlink(missing_ok=True)
    except OSError as error:
        raise errors.NotSaved(path, error) from error


def _check(database: sqlite3.Connection, path: Path) -> None:
    """Raise SessionUnfit or SessionDamaged for a file that can't be continued."""
    _check_kind(database, path)
    found = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise errors.SessionDamaged(path, str(found).splitlines()[0])


def _check_kind(database: sqlite3.Connection, path: Path) -> None:
    version = schema.version_of(database)
    if not schema.is_session(database):
        raise errors.SessionUnfit(path, "it is no session of pumpctl")
    if version > schema.VERSION:
        raise errors.SessionUnfit(path, f"its version is {version}, this program reads up to {schema.VERSION}")


def _has_tables(database: sqlite3.Connection) -> bool:
    return bool(_one(database, "SELECT count(*) FROM sqlite_master"))


def _one(database: sqlite3.Connection, question: str) -> Any:
    return database.execute(question).fetchone()[0]


def _close(database: sqlite3.Connection | None) -> None:
    if database is not None:
        database.close()
