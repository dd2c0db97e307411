"""Appends to a session in a thread of its own, so that no pump and no client waits for the disk.

While the disk is full, rows are stored in memory and written when there is room again; when they become too many, the
oldest are dropped and the place is marked. Rows of one commit are written whole or not at all.
"""

from __future__ import annotations

import json
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pumpctl import __version__, defs, errors
from pumpctl.protocol import answers
from pumpctl.session import store

_RETRY_S = 2.0
_MOST_ROWS = 200_000  # in memory: two days of telemetry at one a second
_BATCH = 2000

_TELEMETRY = (
    "state", "bits", "notes", "rate_ul_day", "strokes", "book_ul", "book_pl", "fluid", "ledger_nl", "level_nl",
    "left_s", "left_by", "pressure_pa", "baseline_pa", "stroke_in_ms", "alarm", "priority", "silenced", "log_next",
)  # fmt: skip

_Row = tuple[str, tuple[Any, ...]]


def _insert(table: str, *columns: str) -> str:
    return f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


_SQL = {
    "telemetry": _insert("telemetry", "at_ms", "boot", "uptime_ms", *_TELEMETRY),
    "event": _insert("event", "at_ms", "log", "sequence", "uptime_s", "ms", "event", "name", "a", "b", "detail"),
    "request": _insert("request", "at_ms", "who", "command", "fields", "ok", "answer"),
    "gap": _insert("gap", "at_ms", "cause", "text"),
    "world": _insert("world", "at_ms", "who", "action", "value"),
}


class Recording:
    """An open session. Every method but `close` returns at once and may be called from any thread."""

    def __init__(
        self,
        path: Path,
        program: str,
        hello: Mapping[str, Any],
        say: Callable[[str], None],
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        """Open or make the file; raises SessionUnfit, SessionDamaged, NotSaved."""
        self.path = path
        self._say = say
        self._now_ms = now_ms
        self.database = store.to_continue(path)
        self._rows: queue.SimpleQueue[_Row | None] = queue.SimpleQueue()
        self._ending = threading.Event()
        self._dropped = 0
        try:
            self._check_pump(hello)
            self.log, self.last = self._last_record()
            self._run_id = self._begin(program, hello)
        except sqlite3.Error as error:
            self.database.close()
            raise errors.NotSaved(path, error) from error
        except errors.PumpError:
            self.database.close()
            raise
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _check_pump(self, hello: Mapping[str, Any]) -> None:
        """Raise SessionUnfit when the session is another pump's."""
        row = self.database.execute("SELECT hello FROM run ORDER BY id DESC LIMIT 1").fetchone()
        earlier = {} if row is None else json.loads(row[0])
        theirs, ours = earlier.get("unique_id") or "", hello.get("unique_id") or ""
        if theirs and ours and theirs != ours:
            raise errors.SessionUnfit(self.path, f"it belongs to the pump {theirs}, this one is {ours}")

    def _begin(self, program: str, hello: Mapping[str, Any]) -> int:
        last_ms = store.summary(self.path).last_ms
        now_ms = self._now_ms()
        with self.database:
            about = {"pumpctl": __version__, "definitions": defs.DIGEST}
            self.database.executemany("INSERT OR IGNORE INTO about VALUES (?, ?)", about.items())
            if last_ms is not None:
                text = f"Nothing was recorded for {max(0, now_ms - last_ms) // 1000} s, until this program began."
                self.database.execute(_SQL["gap"], (now_ms, "program", text))
            run = self.database.execute(
                "INSERT INTO run (began_ms, program, hello) VALUES (?, ?, ?)",
                (now_ms, program, json.dumps(dict(hello))),
            )
        return int(run.lastrowid or 0)

    def _last_record(self) -> tuple[int, answers.LogRow | None]:
        """Return the number of the pump's log in this session, and the last record of it."""
        row = self.database.execute(
            "SELECT log, sequence, uptime_s, ms, event, a, b FROM event ORDER BY log DESC, sequence DESC LIMIT 1"
        ).fetchone()
        return (1, None) if row is None else (row[0], answers.LogRow(*row[1:]))

    def status(self, status: answers.Status) -> None:
        """Record telemetry."""
        values = (getattr(status, name) for name in _TELEMETRY)
        self._put("telemetry", status.boot, status.total_uptime_ms, *values)

    def event(self, row: answers.LogRow) -> None:
        """Record an event; one that is there already is left out."""
        self._put("event", self.log, row.sequence, row.uptime_s, row.ms, row.event, row.name, row.a, row.b, row.detail)

    def new_log(self) -> None:
        """The pump has begun a new log: its numbers begin again."""
        self.log += 1

    def request(self, who: str, command: str, fields: Mapping[str, Any], ok: bool, answer: str) -> None:
        """Record a request and its answer."""
        self._put("request", who, command, json.dumps(dict(fields)), int(ok), answer)

    def gap(self, cause: str, text: str) -> None:
        """Mark a place where something may be missing."""
        self._put("gap", cause, text)

    def world(self, who: str, action: str, value: int | None) -> None:
        """Record an action on the simulated world."""
        self._put("world", who, action, value)

    def close(self) -> None:
        """Write what is left, as far as the disk takes it, and close the file."""
        self._ending.set()
        self._rows.put(None)
        self._thread.join()
        self.database.close()

    def _put(self, kind: str, *values: Any) -> None:
        self._rows.put((kind, (self._now_ms(), *values)))

    def _run(self) -> None:
        left: list[_Row] = []
        told = False
        while True:
            ending = self._gather(left)
            try:
                self._write(left)
            except sqlite3.Error as error:
                if not told:
                    self._say(
                        f"The session {self.path} can't be written ({errors.reason(error)}); its rows are stored "
                        "in memory until it can be."
                    )
                told = True
                self._shorten(left)
                if ending:
                    self._say(f"Rows of the session {self.path} could not be written and are lost: {len(left)}.")
                    return
                self._ending.wait(_RETRY_S)
                continue
            if told:
                self._say(f"The session {self.path} is written again.")
                told = False
            if ending:
                return

    def _gather(self, left: list[_Row]) -> bool:
        """Add the rows that wait to those that are left; wait for one if there is none. Return whether to end."""
        row = self._rows.get() if not left else None
        while True:
            if row is not None:
                left.append(row)
            if len(left) >= _MOST_ROWS + _BATCH:
                return False
            try:
                row = self._rows.get_nowait()
            except queue.Empty:
                return self._ending.is_set()

    def _write(self, left: list[_Row]) -> None:
        """Write the rows in commits of limited size; those that are written are taken out of the list."""
        while left:
            batch = left[:_BATCH]
            with self.database:
                if self._dropped:
                    text = f"Rows dropped, because the disk was full: {self._dropped}."
                    self.database.execute(_SQL["gap"], (self._now_ms(), "disk", text))
                for kind, values in batch:
                    self.database.execute(_SQL[kind], values)
            self._dropped = 0
            del left[:_BATCH]
        if self._ending.is_set():
            with self.database:
                self.database.execute("UPDATE run SET ended_ms = ? WHERE id = ?", (self._now_ms(), self._run_id))

    def _shorten(self, left: list[_Row]) -> None:
        surplus = len(left) - _MOST_ROWS
        if surplus > 0:
            del left[:surplus]
            self._dropped += surplus
