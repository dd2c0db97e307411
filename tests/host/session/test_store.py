"""Session files: their names, versions, what is no session, the list, removal."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pumpctl import errors
from pumpctl.session import schema, store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make(path: Path) -> Path:
    store.to_continue(path).close()
    return path


def test_a_new_session_is_named_by_time_and_pump_and_never_overwrites_another(tmp_path: Path) -> None:
    first = make(store.new_path(tmp_path / "x", "sim:speed=60", NOON))
    second = store.new_path(tmp_path / "x", "sim:speed=60", NOON)
    assert first.name == "2026-03-01T120000Z-sim-speed-60.session"
    assert second.name == "2026-03-01T120000Z-sim-speed-60-2.session"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.NotSaved):
        store.new_path(tmp_path / "file" / "x", "a")


def test_a_session_is_found_by_name_by_the_beginning_of_one_and_as_the_last(tmp_path: Path) -> None:
    first, second = (make(tmp_path / f"2026-03-0{day}-a.session") for day in (1, 2))
    assert store.find("2026-03-01-a", tmp_path) == store.find("2026-03-01", tmp_path) == first
    assert store.find("last", tmp_path) == second
    assert store.find(str(first), Path("elsewhere")) == first
    with pytest.raises(errors.SessionUnknown, match="Several sessions begin with '2026'"):
        store.find("2026", tmp_path)
    with pytest.raises(errors.SessionUnknown, match="There is no session 'x'"):
        store.find("x", tmp_path)


def test_every_version_is_brought_to_the_present_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path / "old.session")
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "ALTER TABLE gap ADD COLUMN length_s INTEGER;"))
    monkeypatch.setattr(schema, "VERSION", len(schema.MIGRATIONS))
    with sqlite3.connect(path) as database:
        database.execute("INSERT INTO gap (at_ms, cause, text) VALUES (1, 'reset', 'x')")
    database.close()
    continued = store.to_continue(path)
    assert continued.execute("SELECT cause, length_s FROM gap").fetchall() == [("reset", None)]
    assert schema.version_of(continued) == len(schema.MIGRATIONS)
    continued.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path / "old.session")
    broken = "ALTER TABLE gap ADD COLUMN length_s INTEGER; ALTER TABLE none ADD COLUMN x;"
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, broken))
    monkeypatch.setattr(schema, "VERSION", len(schema.MIGRATIONS))
    with pytest.raises(errors.PumpError):
        store.to_continue(path)
    with sqlite3.connect(path) as database:
        assert schema.version_of(database) == len(schema.MIGRATIONS) - 1
        assert "length_s" not in [column[1] for column in database.execute("PRAGMA table_info(gap)")]
    database.close()


def test_a_session_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = make(tmp_path / "new.session")
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    database.close()
    for opening in (store.to_continue, lambda path: store.to_read(path).__enter__()):
        with pytest.raises(errors.SessionUnfit, match=f"its version is {schema.VERSION + 1}"):
            opening(path)


def test_another_programs_file_is_no_session(tmp_path: Path) -> None:
    path = tmp_path / "other.session"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE x (y)")
    database.close()
    with pytest.raises(errors.SessionUnfit, match="it is no session of pumpctl"):
        store.to_continue(path)
    path.write_bytes(b"text " * 1000)
    with pytest.raises(errors.SessionDamaged, match="file is not a database"):
        store.to_continue(path)


def test_the_list_shows_a_damaged_session_with_its_trouble(tmp_path: Path) -> None:
    make(tmp_path / "a.session")
    (tmp_path / "b.session").write_bytes(b"text " * 1000)
    good, bad = store.all_in(tmp_path)
    assert (good.name, good.trouble, good.counts["gap"]) == ("a", "", 0)
    assert (bad.name, bad.last_ms) == ("b", None)
    assert "is damaged" in bad.trouble


def test_a_removed_session_leaves_nothing(tmp_path: Path) -> None:
    path = make(store.new_path(tmp_path / "x", "a", NOON))
    Path(f"{path}-wal").write_bytes(b"")
    store.remove(path)
    assert list(path.parent.iterdir()) == []
