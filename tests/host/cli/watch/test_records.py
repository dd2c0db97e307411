"""`log`: which records are shown, in which form, with their time of day and the number of the start."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pumpctl import defs, errors
from pumpctl.cli.watch import records
from pumpctl.diagnostics import log_clock
from pumpctl.protocol import answers

EVENT = {event.name: number for number, event in defs.EVENTS.items()}
DAY = 20_787  # 2026-11-30
# Two starts: the first without a time of day, the second with one from its fourth record on.
ROWS = [
    [1, 0, 0, EVENT["power_on"], 0, 0],
    [2, 0, 0, EVENT["reset"], 301, 6],
    [3, 100, 0, EVENT["stopped"], 2, 0],
    [4, 0, 0, EVENT["power_on"], 0, 0],
    [5, 0, 0, EVENT["reset"], 301, 7],
    [6, 10, 0, EVENT["time_set"], DAY, 3600],
    [7, 3610, 0, EVENT["rate"], 1000, 1500],
]


@pytest.fixture
def logged(pty_device: Any) -> Any:
    pty_device.answers["log"] = {"rows": ROWS, "next": None}
    pty_device.answers["status"].update(boot=7, uptime_s=3700, log_next=8)
    return pty_device


def shown(run: Any, *words: str) -> list[dict[str, Any]]:
    code, out, err = run("log", "--json", *words)
    assert (code, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def test_each_record_has_the_number_of_its_start_and_its_time(run: Any, logged: Any) -> None:
    rows = shown(run)
    assert [row["boot"] for row in rows] == [6, 6, 6, 7, 7, 7, 7]
    assert [row["time"] for row in rows] == [None] * 5 + ["2026-11-30T01:00:00Z", "2026-11-30T02:00:00Z"]
    lines = run("log")[1].splitlines()
    assert "time unknown             start 6      0 d 00:01:40.000  stopped" in lines[2]
    assert "2026-11-30 02:00:00 UTC  start 7      0 d 01:00:10.000  rate" in lines[6]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (("--last", "2"), [6, 7]),
        (("--first", "3", "--last", "9"), [3, 4, 5, 6, 7]),
        (("--since", "2026-11-30 01:30"), [7]),
        (("--since", "2026-11-30"), [6, 7]),
        (("--since", "2026-12-01"), []),
    ],
)
def test_only_the_records_that_are_wanted(run: Any, logged: Any, words: tuple[str, ...], numbers: list[int]) -> None:
    assert [row["sequence"] for row in shown(run, *words)] == numbers


def test_since_an_age_counts_by_the_uptime_where_there_is_no_time_of_day(run: Any, logged: Any) -> None:
    without = [[*row[:3], EVENT["silenced"], 60, 0] if row[3] == EVENT["time_set"] else row for row in ROWS]
    logged.answers["log"] = {"rows": without}
    assert [row["sequence"] for row in shown(run, "--since", "5min")] == [7]
    assert [row["sequence"] for row in shown(run, "--since", "2h")] == [4, 5, 6, 7]  # an earlier start's age is unknown


def test_csv_has_a_heading_and_one_line_for_each_record(run: Any, logged: Any) -> None:
    code, out, _ = run("log", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [(row["sequence"], row["boot"], row["name"]) for row in rows][-1] == ("7", "7", "rate")
    assert rows[-1]["detail"] == "old rate in uL/day: 1000, new rate in uL/day: 1500"


@pytest.mark.parametrize(
    "words", [("--csv", "--json"), ("--follow", "--last", "3"), ("--follow", "--since", "1h"), ("--since", "tomorrow")]
)
def test_what_does_not_fit_together_is_one_sentence(run: Any, logged: Any, words: tuple[str, ...]) -> None:
    code, out, err = run("log", *words)
    assert (code, err.count("\n")) == (2, 1)
    assert "log" not in logged.commands
    assert out == "" or "--json" in words


def test_a_time_is_a_date_in_utc_or_an_age() -> None:
    now = datetime(2026, 11, 30, 9, tzinfo=UTC)
    assert records.since("90min", now) == (datetime(2026, 11, 30, 7, 30, tzinfo=UTC), 5400)
    assert records.since("2026-11-30T08:00:00Z") == (datetime(2026, 11, 30, 8, tzinfo=UTC), None)
    with pytest.raises(errors.UsageProblem):
        records.since("99999999d", now)


def test_a_start_whose_record_is_missing_has_no_number() -> None:
    rows = [answers.LogRow(*row) for row in ROWS if row[0] in (1, 2, 4, 7)]
    assert [item.boot for item in log_clock.placed(rows)] == [6, 6, None, None]
    assert [item.boot for item in log_clock.placed(rows[2:3])] == [None]
