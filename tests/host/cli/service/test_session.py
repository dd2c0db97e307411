"""The verbs for sessions: what a monitor or a service recorded is listed, shown, exported and removed."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from pumpctl.protocol import answers
from pumpctl.session import recording, store

EVENTS = [[sequence, 1, 0, 32, 0, 0] for sequence in range(1, 4)]


@pytest.fixture
def recorded() -> Path:
    """A session with two rows of telemetry and two records."""
    session = recording.Recording(store.new_path(store.folder(), "a"), "pumpctl monitor", {}, print)
    for second in (1, 2):
        session.status(answers.Status(**{**STATUS, "uptime_s": second}))
        session.event(answers.LogRow(*EVENTS[second]))
    session.close()
    return session.path


STATUS: dict[str, Any] = {
    **{field.name: 1 for field in fields(answers.Status)},
    "fluid": "saline",
    "silenced": False,
}


def test_monitor_records_telemetry_and_the_records_since_its_beginning_once(run: Any, pty_device: Any) -> None:
    status = {**pty_device.answers["status"], "boot": 1, "log_next": 2, "uptime_s": 100}

    def first(_: Any) -> Any:
        """The answer to the first question; after it, telemetry shows a record that was not sent. Then nothing more."""
        pty_device.answers["status"] = None
        pty_device.say(pty_device.line(event=EVENTS[1]))
        pty_device.say(pty_device.line(telemetry={**status, "uptime_s": 102, "log_next": 4}))
        return status

    pty_device.answers["status"] = first
    pty_device.answers["log"] = lambda request: {
        "rows": [row for row in EVENTS if row[0] >= request["first"]],
        "next": None,
    }
    code, out, err = run("monitor", "--record", "--json", "--wait", "0")
    assert (code, len(out.splitlines())) == (4, 3)
    assert json.loads(out.splitlines()[-1])["error"]["code"] == "pump_absent"
    assert "Recording into " in err
    code, out, _ = run("session", "export", "last", port=None)
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["sequence"] for row in rows if row["kind"] == "event"] == [2, 3]
    assert [row["uptime_ms"] // 1000 for row in rows if row["kind"] == "telemetry"] == [100, 102]


def test_sessions_are_listed_and_shown(run: Any, recorded: Path) -> None:
    (listed,) = json.loads(run("session", "list", "--json", port=None)[1])
    assert (listed["name"], listed["counts"]["event"]) == (recorded.stem, 2)
    assert recorded.stem in run("session", "list", port=None)[1]
    shown = json.loads(run("session", "show", "last", "--json", port=None)[1])
    assert shown["runs"][0]["program"] == "pumpctl monitor"
    assert "by pumpctl monitor" in run("session", "show", "last", port=None)[1]


def test_a_session_is_exported_to_a_file(run: Any, recorded: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    words = ("--kind", "event", "--format", "csv", "-o", str(target))
    assert run("session", "export", "last", *words, port=None)[0] == 0
    assert target.read_text(encoding="utf-8").splitlines()[0].startswith("time,id,at_ms,log,sequence")
    code, _, err = run("session", "export", "last", *words[:-1], str(tmp_path / "none" / "x"), port=None)
    assert (code, "could not be saved" in err) == (7, True)
    assert run("session", "export", "last", "--format", "csv", port=None)[0] == 2
    assert run("session", "export", "none", port=None)[0] == 2


def test_a_session_is_exported_to_parquet(run: Any, recorded: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: pip install 'pumpctl[parquet]'")
    target = tmp_path / "x.parquet"
    words = ("--kind", "telemetry", "--format", "parquet")
    code, _, err = run("session", "export", "last", *words, "-o", str(target), port=None)
    assert (code, err) == (0, f"Written to {target}: 2 rows.\n")
    table = parquet.read_table(target)
    with store.to_read(recorded) as database:
        rows = list(store.rows(database, "telemetry"))
    assert [{**row, "time": round(row["time"].timestamp() * 1000)} for row in table.to_pylist()] == [
        {"time": row["at_ms"], **row} for row in rows
    ]
    assert str(table.schema.field("time").type) == "timestamp[ms, tz=UTC]"
    assert str(table.schema.field("level_nl").type) == "int64"
    assert run("session", "export", "last", *words, "-o", str(tmp_path / "none" / "x"), port=None)[0] == 7
    assert run("session", "export", "last", "--format", "parquet", "-o", str(target), port=None)[0] == 2


def test_a_session_cut_short_is_exported_to_parquet_as_far_as_it_goes(run: Any, recorded: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: pip install 'pumpctl[parquet]'")
    _cut_short(recorded)
    target = tmp_path / "x.parquet"
    words = ("--kind", "gap", "--format", "parquet", "-o", str(target))
    assert run("session", "export", "last", *words, port=None)[0] == 5
    assert 100 < parquet.read_table(target).num_rows < 2000


def test_parquet_without_its_library_or_a_file_is_told(
    run: Any, recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    words = ("session", "export", "last", "--kind", "event", "--format", "parquet")
    code, _, err = run(*words, "-o", str(tmp_path / "x"), port=None)
    assert (code, err) == (2, "Parquet needs pyarrow, which isn't installed; type `pip install 'pumpctl[parquet]'`.\n")
    assert not (tmp_path / "x").exists()
    assert run(*words, port=None)[::2] == (2, "Parquet is no text; name a file with --output.\n")


def _cut_short(session: Path) -> None:
    """Fill a session with gaps, and lose the last quarter of the file."""
    with sqlite3.connect(session) as database:
        insert = "INSERT INTO gap (at_ms, cause, text) VALUES (1, 'x', ?)"
        database.executemany(insert, [(f"number {number} " + "x" * 200,) for number in range(2000)])
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    os.truncate(session, session.stat().st_size * 3 // 4)


def test_a_session_cut_short_is_exported_as_far_as_it_goes_with_exit_code_5(run: Any, recorded: Path) -> None:
    _cut_short(recorded)
    code, out, err = run("session", "export", "last", "--kind", "gap", port=None)
    assert code == 5
    assert len(out.splitlines()) > 100
    assert err.startswith(f"The session {recorded} is damaged")
    assert "damaged: see" in run("session", "list", port=None)[1]


def test_a_report_is_written(run: Any, recorded: Path, tmp_path: Path) -> None:
    assert run("session", "report", "last", "-o", str(tmp_path / "r.html"), port=None)[0] == 0
    assert "<svg" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_old_sessions_are_removed_after_a_question(run: Any, recorded: Path) -> None:
    assert run("session", "prune", "--yes", port=None)[2] == "Removed: 0 sessions; left: 1.\n"
    with sqlite3.connect(recorded) as database:
        for table in ("telemetry", "event", "request", "gap", "world"):
            database.execute(f"UPDATE {table} SET at_ms = 1000")
        database.execute("UPDATE run SET began_ms = 1000")
    database.close()
    assert run("session", "prune", "--json", port=None)[0] == 2
    assert run("session", "prune", port=None, typed="n\n")[0] == 5
    assert recorded.exists()
    assert run("session", "prune", port=None, typed="y\n")[0] == 0
    assert list(store.folder().iterdir()) == []
    assert run("session", "list", port=None)[2].startswith("There are no sessions")
