"""The parts of a session for a plot: no peak is lost, and the sums are those of the report."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from pumpctl import defs
from pumpctl.protocol import answers
from pumpctl.session import curves, recording, report, store

INFUSING = next(number for number, state in defs.STATES.items() if state.name == "infusing")
PEAK_AT, PEAK_PA = 777, 99_000
ROWS = 1440


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A day with a report each minute, at 1440 uL/day; from row 1000 on a second start of the pump."""
    numbers: dict[str, Any] = {field.name: 0 for field in fields(answers.Status)}
    first = answers.Status(**{**numbers, "fluid": "saline", "silenced": False, "state": INFUSING, "boot": 1})
    session = recording.Recording(tmp_path / "s.session", "test", {}, print)
    for at in range(ROWS):
        boot, minute = (1, at) if at < 1000 else (2, at - 1000)
        status = replace(first, boot=boot, uptime_s=60 * minute, book_ul=at, strokes=4 * at, rate_ul_day=1440)
        session.status(replace(status, pressure_pa=PEAK_PA if at == PEAK_AT else 8000 + at % 7, level_nl=None))
    session.close()
    return session.path


def _column(rows: list[list[int | None]], name: str) -> list[Any]:
    return [row[curves.COLUMNS.index(name)] for row in rows]


@pytest.mark.parametrize("most", [5000, 100, 7])
def test_the_sums_are_those_of_the_report_and_the_peak_is_there(path: Path, most: int) -> None:
    rows = curves.of(path, most)
    with store.to_read(path) as database:
        days = report.days(database.execute("SELECT * FROM telemetry ORDER BY id").fetchall())
    programmed_pl = sum(_column(rows, "programmed_ul_day_ms")) * 1_000_000 // 86_400_000
    assert programmed_pl == sum(day.programmed_pl for day in days) > 0
    assert sum(_column(rows, "delivered_pl")) == sum(day.delivered_pl for day in days) == 1438 * 1_000_000
    assert max(_column(rows, "pressure_high_pa")) == PEAK_PA
    assert set(_column(rows, "level_low_nl")) == {None}


def test_few_rows_are_parts_of_their_own_and_many_are_joined_but_not_over_a_reset(path: Path) -> None:
    single = curves.of(path)
    assert len(single) == ROWS
    assert _column(single, "first_ms") == _column(single, "last_ms")
    joined = curves.of(path, 7)
    assert 7 <= len(joined) <= 9
    assert _column(joined, "last_id")[-1] == ROWS
    assert [row for row in joined if row[curves.COLUMNS.index("first_ms")] is None] == []
    assert sorted(set(_column(joined, "boot"))) == [1, 2]
    assert max(_column(joined, "strokes")) == 4 * (ROWS - 1)
