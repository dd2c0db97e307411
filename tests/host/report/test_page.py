"""The report of a run: alarms from the log, figures as text, a page that loads nothing from elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from pumpctl import defs, errors
from pumpctl.report import page
from pumpctl.report.timeseries import Curves, Event, span

OCCLUSION = next(alarm.id for alarm in defs.ALARMS.values() if alarm.name == "occlusion")
RESERVOIR_LOW = next(alarm.id for alarm in defs.ALARMS.values() if alarm.name == "reservoir_low")
INFUSING = next(number for number, state in defs.STATES.items() if state.name == "infusing")
EVENTS = [
    Event(600.0, "alarm_raised", OCCLUSION, 25_000),
    Event(700.0, "alarm_acknowledged", OCCLUSION, 0),
    Event(800.0, "alarm_cleared", OCCLUSION, 14_000),
    Event(810.0, "state", 5, INFUSING),
    Event(900.0, "alarm_raised", OCCLUSION, 25_000),
    Event(950.0, "alarm_raised", RESERVOIR_LOW, 0),
    Event(960.0, "alarm_cleared", 9999, 0),
]


def summary() -> dict[str, Any]:
    return {
        "days": 1,
        "rate_ul_day": 1000,
        "programmed_nl": 1_000_000,
        "delivered_nl": 999_500,
        "book_nl": 1_000_000,
        "error_ppm": -500,
        "reservoir_left_nl": 15_000_000,
        "refills": 1,
        "withdrawals": [{"ledger_nl": 2_000_000, "difference_nl": -50_000, "commanded_nl": 14_000_000, "percent": 1}],
        "hold_over_s": 25_920,
        "dose": {"day_nl": 1_000_000, "moved_ul": 1000},
        "occlusion": {"injected_s": 300.0, "alarm_after_s": 300.0, "missing_nl": 3_000, "released_nl": 1_000},
        "alarms": page.alarms_of(EVENTS),
        "wall_s": 2.5,
        "interpreter": "MicroPython <test>",
    }


def curves() -> Curves:
    made = Curves()
    for t_s in (0, 43_200, 86_400):
        made.add(
            t_s=t_s,
            programmed_nl=t_s * 10,
            delivered_nl=t_s * 10,
            reservoir_nl=16_000_000 - t_s * 10,
            ledger_nl=16_000_000 - t_s * 10,
            level_nl=None,
            line_pa=14_000,
            pressure_pa=14_100,
            baseline_pa=None,
        )
    return made


def test_each_alarm_has_the_times_of_its_own_events() -> None:
    first, second, low = page.alarms_of(EVENTS)
    assert (first["raised_s"], first["acknowledged_s"], first["cleared_s"]) == (600, 700, 800)
    assert (second["alarm"], second["raised_s"], second["cleared_s"]) == ("occlusion", 900, None)
    assert (low["alarm"], low["priority"]) == ("reservoir_low", defs.ALARMS[RESERVOIR_LOW].priority)


def test_figures_are_shown_in_readable_units() -> None:
    rows = dict(page.rows_of(summary()))
    assert rows["rate"] == "1 mL/day"
    assert rows["delivered (true value)"] == "0.999500 mL"
    assert rows["deviation from programmed"] == "-500 ppm"
    assert rows["withdrawn minus ledger"] == "2.0 mL, -50 µL, 1 %"
    assert rows["drug at the catheter tip after"] == "7 h 12 min"
    assert rows["line blocked at"] == "day 1, 00:05"
    assert rows["alarms"] == "occlusion, occlusion, reservoir_low"


def test_the_page_is_complete_in_one_file(tmp_path: Path) -> None:
    more = [("Trumpet <curve>", "By true volume.", "<svg></svg>")]
    page.write(tmp_path / "report.html", summary(), curves(), curves(), EVENTS, more)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert text.count("<svg") == 5
    assert "Trumpet &lt;curve&gt;" in text
    assert "MicroPython &lt;test&gt;" in text
    assert "src=" not in text
    assert "href=" not in text.replace("xlink:href=", "")


def test_without_matplotlib_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(errors.ReportExtraMissing, match=r"pumpctl\[report\]"):
        page.write(tmp_path / "report.html", summary(), curves(), curves(), EVENTS)
    assert not (tmp_path / "report.html").exists()


def test_points_over_time() -> None:
    made = curves()
    assert made.scaled("t_s", 3600) == [0, 12, 24]
    assert str(made.scaled("level_nl", 1)[0]) == "nan"
    assert made["unknown"] == []
    assert made.last()["t_s"] == 86_400
    assert span(86_400 + 3_660) == "day 2, 01:01"
