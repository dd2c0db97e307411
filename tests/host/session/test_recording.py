"""What is recorded is in the file once, over a full disk, a killed program and damage; each failure is a sentence."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from interpreters import started
from pumpctl import errors
from pumpctl.protocol import answers
from pumpctl.session import recording, schema, store

HELLO = {"board": "fake", "version": "1", "image": "none", "unique_id": "e660"}


@pytest.fixture
def status() -> answers.Status:
    numbers: dict[str, Any] = {field.name: 1 for field in fields(answers.Status)}
    return answers.Status(**{**numbers, "fluid": "saline", "silenced": False, "level_nl": None, "uptime_s": 0})


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def made(tmp_path: Path, said: list[str]) -> Iterator[Callable[..., recording.Recording]]:
    opened: list[recording.Recording] = []

    def make(**hello: str) -> recording.Recording:
        opened.append(recording.Recording(tmp_path / "a.session", "test", {**HELLO, **hello}, said.append))
        return opened[-1]

    yield make
    for session in opened:
        if session._thread.is_alive():
            session.close()


def row(sequence: int) -> answers.LogRow:
    return answers.LogRow(sequence, 5, 0, 32, 0, 0)


def read(path: Path, question: str) -> list[tuple[Any, ...]]:
    with store.to_read(path) as database:
        return [tuple(found) for found in database.execute(question)]


def test_every_kind_of_row_is_in_the_file_after_the_end(made: Any, status: answers.Status) -> None:
    session = made()
    session.status(status)
    session.event(row(7))
    session.request("web", "rate", {"ul_day": 5}, True, "{}")
    session.gap("reset", "The pump was reset.")
    session.world("world", "drain", 1000)
    session.close()
    summary = store.summary(session.path)
    assert dict(summary.counts) == dict.fromkeys(schema.KINDS, 1)
    assert read(session.path, "SELECT who, command, fields, ok FROM request") == [("web", "rate", '{"ul_day": 5}', 1)]
    assert read(session.path, "SELECT ended_ms IS NOT NULL FROM run") == [(1,)]


def test_telemetry_is_stored_with_every_field_of_a_status(made: Any, status: answers.Status) -> None:
    session = made()
    session.status(replace(status, pressure_pa=-3, uptime_s=9, uptime_ms=8))
    session.close()
    with store.to_read(session.path) as database:
        (stored,) = store.rows(database, "telemetry")
    own = {"id", "at_ms"}
    assert stored.keys() - own == {field.name for field in fields(answers.Status)} - {"uptime_s"}
    assert (stored["pressure_pa"], stored["uptime_ms"], stored["level_nl"]) == (-3, 9008, None)


def test_a_continued_session_marks_the_gap_and_begins_after_its_last_record(made: Any) -> None:
    session = made()
    session.event(row(1))
    session.event(row(2))
    session.close()
    again = made()
    assert again.last == row(2)
    again.event(row(2))
    again.event(row(3))
    again.new_log()
    again.event(row(1))
    again.close()
    assert read(again.path, "SELECT log, sequence FROM event ORDER BY id") == [(1, 1), (1, 2), (1, 3), (2, 1)]
    assert read(again.path, "SELECT cause FROM gap") == [("program",)]
    assert made().last == row(1)


def test_a_session_of_another_pump_is_not_continued(made: Any) -> None:
    made().close()
    with pytest.raises(errors.SessionUnfit, match="it belongs to the pump e660, this one is e661"):
        made(unique_id="e661")


def test_a_full_disk_is_told_once_and_what_waited_is_written_when_there_is_room(
    made: Any, status: answers.Status, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_RETRY_S", 0.01)
    session = made()
    pages = session.database.execute("PRAGMA page_count").fetchone()[0]
    session.database.execute(f"PRAGMA max_page_count = {pages}")
    for second in range(2000):
        session.status(replace(status, uptime_s=second))
    _until(lambda: said)
    assert "can't be written (database or disk is full); its rows are stored in memory" in said[0]
    session.event(row(1))
    session.database.execute("PRAGMA max_page_count = 1000000")
    _until(lambda: len(said) == 2)
    assert said[1] == f"The session {session.path} is written again."
    session.close()
    assert read(session.path, "SELECT count(*), count(DISTINCT uptime_ms) FROM telemetry") == [(2000, 2000)]
    assert read(session.path, "SELECT sequence FROM event") == [(1,)]


def test_rows_that_are_too_many_for_the_memory_are_dropped_and_the_place_is_marked(
    made: Any, status: answers.Status, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_RETRY_S", 0.01)
    monkeypatch.setattr(recording, "_MOST_ROWS", 500)
    session = made()
    pages = session.database.execute("PRAGMA page_count").fetchone()[0]
    session.database.execute(f"PRAGMA max_page_count = {pages}")
    for second in range(2000):
        session.status(replace(status, uptime_s=second))
    _until(lambda: said)
    _until(session._rows.empty)
    session.database.execute("PRAGMA max_page_count = 1000000")
    session.close()
    (count, last_ms), *_ = read(session.path, "SELECT count(*), max(uptime_ms) FROM telemetry")
    assert (count, last_ms) == (500, 1_999_001)
    assert read(session.path, "SELECT cause, text FROM gap") == [
        ("disk", "Rows dropped, because the disk was full: 1500.")
    ]


def test_a_program_that_is_killed_leaves_every_row_that_was_committed(tmp_path: Path) -> None:
    path = tmp_path / "killed.session"
    program = f"""
import sys, time
from pathlib import Path
from pumpctl.protocol.answers import LogRow
from pumpctl.session import recording
session = recording.Recording(Path({str(path)!r}), "test", {{}}, print)
for sequence in range(100):
    session.event(LogRow(sequence, 1, 0, 32, 0, 0))
while session.database.execute("SELECT count(*) FROM event").fetchone()[0] < 100:
    time.sleep(0.01)
print("written", flush=True)
time.sleep(3600)
"""
    with started([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGKILL)
    assert store.summary(path).counts["event"] == 100
    assert read(path, "SELECT ended_ms FROM run") == [(None,)]


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
def test_a_file_cut_short_is_told_in_one_sentence_and_is_not_written_to(made: Any, share: float) -> None:
    session = made()
    for sequence in range(3000):
        session.event(row(sequence))
    session.close()
    whole = session.path.read_bytes()
    cut = whole[: int(len(whole) * share)]
    session.path.write_bytes(cut)
    with pytest.raises(errors.PumpError) as found:
        made()
    assert isinstance(found.value, errors.SessionDamaged | errors.SessionUnfit), found.value
    assert str(session.path) in str(found.value)
    assert session.path.read_bytes() == cut


def test_the_rows_before_the_damage_are_read(made: Any) -> None:
    session = made()
    for sequence in range(3000):
        session.event(row(sequence))
    session.close()
    data = session.path.read_bytes()
    session.path.write_bytes(data[: len(data) * 9 // 10])
    found = []
    with pytest.raises(errors.SessionDamaged), store.to_read(session.path) as database:
        found.extend(stored["sequence"] for stored in store.rows(database, "event"))
    assert found == list(range(len(found)))
    assert found


def _until(true: Callable[[], object]) -> None:
    """Wait until it is true; the runner's own limit ends a wait without end."""
    while not true():
        time.sleep(0.01)


def test_a_disk_that_stays_full_at_the_end_is_told_with_the_number_of_lost_rows(
    made: Any, status: answers.Status, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_RETRY_S", 0.01)
    session = made()
    session.database.execute("PRAGMA max_page_count = 1")
    for second in range(2000):
        session.status(replace(status, uptime_s=second))
    _until(lambda: said)
    session.close()
    assert "could not be written and are lost: " in said[-1]
    with sqlite3.connect(session.path) as database:
        assert database.execute("PRAGMA quick_check").fetchone()[0] == "ok"
