"""Export and report of a session: rows as they were, days counted by the pump's time, no peak lost in a plot."""

from __future__ import annotations

import csv
import json
import random
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from pumpctl import defs, errors
from pumpctl.measurement import result
from pumpctl.measurement.weights import Weight
from pumpctl.protocol import answers
from pumpctl.session import export, measurements, recording, report, store

INFUSING = next(number for number, state in defs.STATES.items() if state.name == "infusing")
RATE_UL_DAY = 1440


def statuses(count: int, ul_minute: int = 1) -> list[answers.Status]:
    """A status a minute at 1440 uL a day; each minute delivers `ul_minute`."""
    numbers: dict[str, Any] = {field.name: 0 for field in fields(answers.Status)}
    first = answers.Status(**{**numbers, "fluid": "saline", "silenced": False, "state": INFUSING, "boot": 1})
    return [
        replace(first, uptime_s=60 * at, book_ul=ul_minute * at, rate_ul_day=RATE_UL_DAY, pressure_pa=at)
        for at in range(count)
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    session = recording.Recording(tmp_path / "s.session", "test <b>", {"unique_id": "e660"}, print)
    for status in statuses(2 * 1440 + 11):
        session.status(status)
    session.event(answers.LogRow(3, 5, 0, next(n for n, e in defs.EVENTS.items() if e.name == "alarm_raised"), 104, 0))
    session.gap("reset", "The pump was reset.")
    session.close()
    return session.path


def test_csv_has_the_rows_and_names_of_one_kind(path: Path) -> None:
    with store.to_read(path) as database:
        rows = list(csv.DictReader(export.lines(database, "telemetry", "csv")))
    assert len(rows) == 2891
    assert (rows[5]["uptime_ms"], rows[5]["level_nl"], rows[5]["time"][-1]) == ("300000", "0", "Z")


def test_jsonl_has_one_object_per_row_of_all_kinds(path: Path) -> None:
    with store.to_read(path) as database:
        rows = [json.loads(line) for line in export.lines(database, "all", "jsonl")]
    assert [row["kind"] for row in rows[-2:]] == ["event", "gap"]
    assert rows[-2]["detail"].startswith("alarm: occlusion")


@pytest.mark.parametrize(("kind", "form"), [("all", "csv"), ("none", "jsonl"), ("gap", "xml")])
def test_what_cannot_be_exported_is_told(path: Path, kind: str, form: str) -> None:
    with store.to_read(path) as database, pytest.raises(errors.UsageProblem):
        export.lines(database, kind, form)


def test_the_overview_counts_volume_alarms_and_gaps(path: Path) -> None:
    with store.to_read(path) as database:
        found = export.overview(database, path)
    assert (found["delivered_nl"], found["alarms"]) == (2_890_000, {"occlusion": 1})
    assert dict(export.overview_pairs(found))["alarms"] == "occlusion 1 time"
    assert [gap["cause"] for gap in found["gaps"]] == ["reset"]


def rows_of(given: list[answers.Status]) -> list[dict[str, Any]]:
    return [{**vars(status), "uptime_ms": status.total_uptime_ms} for status in given]


def test_a_day_compares_what_was_delivered_with_what_the_rate_gives() -> None:
    days = report.days(rows_of(statuses(2 * 1440 + 11)))  # type: ignore[arg-type]
    assert [(day.number, day.recorded_ms // 60_000, day.error_ppm) for day in days] == [
        (1, 1440, 0),
        (2, 1440, 0),
        (3, 10, 0),
    ]
    (day,) = report.days(rows_of(statuses(11, ul_minute=2)))  # type: ignore[arg-type]
    assert day.error_ppm == 1_000_000


def test_time_that_was_not_recorded_or_in_which_nothing_was_infused_counts_for_no_day() -> None:
    given = statuses(30)
    del given[10:20]
    given[5:8] = [replace(status, state=1) for status in given[5:8]]
    given[15:] = [replace(status, boot=2, uptime_s=status.uptime_s - 100) for status in given[15:]]
    (day,) = report.days(rows_of(given))  # type: ignore[arg-type]
    steps = 19 - 1 - 4 - 1  # without the one over the gap, the four that touch another state, the one over the reset
    assert day.programmed_pl == day.delivered_pl == steps * 1_000_000


def test_a_thinned_curve_has_its_lowest_and_highest_point() -> None:
    chance = random.Random(1)
    points = [(float(at), chance.random()) for at in range(10_000)]
    points[777] = (777.0, 9.0)
    points[778] = (778.0, -9.0)
    found = report.thinned([*points, (10_000.0, None)], 100)
    assert len(found) <= 102
    assert {(777.0, 9.0), (778.0, -9.0)} <= set(found)
    assert found == sorted(found)


def test_the_report_is_one_page_with_days_alarms_events_plots_and_data(path: Path, tmp_path: Path) -> None:
    with store.to_read(path) as database:
        report.write(tmp_path / "r.html", database, path)
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    for wanted in ("within 5 %", "alarm_raised", "occlusion", "test &lt;b&gt;", defs.DIGEST):
        assert wanted in text
    assert text.count("<svg") == 5
    assert "Trumpet curve by the pump's account" in text
    data = text.partition('id="data">')[2].partition("</script>")[0]
    assert json.loads(data)["counts"]["telemetry"] == 2891
    assert "http://" not in text.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", ""
    )


def test_a_session_with_weights_shows_their_curves_too(path: Path, tmp_path: Path) -> None:
    with measurements.Record(path, result.Conditions(RATE_UL_DAY, settling_min=0, period_min=600)) as kept:
        for at in range(41):
            kept.weigh(Weight(at * 900_000, at * 15_000), True)
        kept.end({})
    with store.to_read(path) as database:
        report.write(tmp_path / "r.html", database, path)
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert text.count("<svg") == 7
    assert "Trumpet curve by weight" in text
