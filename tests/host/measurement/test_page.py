"""Limits, verdict, and the report of measurements."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pumpctl import errors
from pumpctl.measurement import limits, page, result
from pumpctl.measurement.weights import Mark, Weight, Weights

CONDITIONS = result.Conditions(1000, density_g_ml=1, air_g_ml=0, note="<b>first</b>", balance="A & B")


def constant(percent: float = 0) -> Weights:
    """Two days of a flow that is off by some percent, with a mark."""
    step_ug = 1_000_000 * (1 + percent / 100) / 96
    return Weights(
        [Weight(at * 900_000, round(at * step_ug)) for at in range(197)], [Mark(5, "tare", "The tare <key>.")]
    )


def limits_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "limits.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_verdict_compares_each_figure_with_its_limit(tmp_path: Path) -> None:
    wanted = limits.read(limits_file(tmp_path, "overall_percent = 2\n[trumpet_percent]\n15 = 10\n930 = 1.5\n"))
    assert wanted == {"overall_percent": 2, "trumpet_percent_15_min": 10, "trumpet_percent_930_min": 1.5}
    for percent, line in ((1, "passed"), (-1.9, "failed: trumpet_percent_930_min"), (1.4, "passed")):
        assert limits.line(result.of_weights("a", constant(percent), CONDITIONS, wanted).verdicts) == line
    (row,) = limits.verdicts({}, {"bolus_percent": 5})
    assert (row.good, limits.line([row])) == (None, "incomplete, not measured: bolus_percent")


@pytest.mark.parametrize(
    "text",
    ["", "overal = 1", "overall_percent = '2'", "overall_percent = -1", "overall_percent = nan",
     "[trumpet_percent]\nx = 1", "[trumpet_percent]\n15 = true", "="],
)  # fmt: skip
def test_a_file_of_limits_that_cannot_be_used_is_told_in_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(errors.BadLimits) as raised:
        limits.read(limits_file(tmp_path, text))
    assert str(raised.value).count("\n") == 0


def test_the_report_has_curves_figures_conditions_and_verdict_of_several_runs(tmp_path: Path) -> None:
    runs = [
        result.of_weights("firmware A", constant(1), CONDITIONS, {"overall_percent": 2}),
        result.of_weights("firmware B", constant(-3), replace(CONDITIONS, note="second"), {"overall_percent": 2}),
    ]
    beside = page.write(tmp_path / "run.html", runs)
    text = (tmp_path / "run.html").read_text(encoding="utf-8")
    for wanted in (
        "+1.00 %",
        "-3.00 %",
        "failed: overall_percent",
        "&lt;b&gt;first",
        "A &amp; B",
        "The tare &lt;key&gt;.",
    ):
        assert wanted in text
    assert text.count("<svg") == 2
    first, second = json.loads(beside.read_text(encoding="utf-8"))
    assert (first["name"], first["verdict"], second["verdict"]) == ("firmware A", "passed", "failed: overall_percent")
    assert second["figures"]["overall_percent"] == pytest.approx(-3, abs=0.001)
    assert (len(first["flow_ul_h"]), first["trumpet"][0]["count"]) == (196, 100)


def test_a_report_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(errors.NotSaved):
        page.write(tmp_path / "none" / "run.html", [result.of_weights("a", constant(), CONDITIONS)])


def test_conditions_come_from_the_file_by_their_type() -> None:
    assert result.conditions_of({"rate_ul_day": "1000", "temperature_c": "21.5", "note": "x"}) == {
        "rate_ul_day": 1000,
        "temperature_c": 21.5,
        "note": "x",
    }
    for given in ({"rate": "1"}, {"temperature_c": "warm"}):
        with pytest.raises(errors.UsageProblem):
            result.conditions_of(given)
    with pytest.raises(errors.UsageProblem, match="--rate"):
        result.of_weights("a", constant(), replace(CONDITIONS, rate_ul_day=0))
