"""`pumpctl bench`: measurements on a simulated pump, recorded weights, the balance; bad input changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pumpctl import ports
from pumpctl.balance.simulated import Imperfections, SimulatedBalance
from pumpctl.measurement import result
from pumpctl.measurement.weights import Weight
from pumpctl.session import measurements, store

WEIGHTS = "time_s,mass_mg\n" + "".join(f"{at * 900},{at * 10.4:.3f}\n" for at in range(197))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.csv").write_text(WEIGHTS, encoding="utf-8")
    (tmp_path / "good.toml").write_text("overall_percent = 1\n", encoding="utf-8")
    (tmp_path / "strict.toml").write_text("overall_percent = 0.01\n", encoding="utf-8")
    return tmp_path / "run.csv"


def test_weights_become_a_page_and_json(run: Any, file: Path) -> None:
    code, out, err = run("bench", "report", "run.csv", "--rate", "1", "--limits", "good.toml", port=None)
    assert (code, "overall error A" in out, "passed" in out) == (0, True, True)
    assert "bench.html" in err
    (found,) = json.loads((file.parent / "bench.json").read_text(encoding="utf-8"))
    density_g_ml = 0.99716  # of water at 20 °C, as weighed in air
    assert found["figures"]["overall_percent"] == pytest.approx(100 * (10.4 / density_g_ml * 96 / 1000 - 1), abs=0.002)


def test_a_figure_beyond_its_limit_ends_with_the_code_of_a_failed_check(run: Any, file: Path) -> None:
    code, out, _ = run("bench", "report", "run.csv", "--rate", "1000uL", "--limits", "strict.toml", "--json", port=None)
    shown, failure = map(json.loads, out.splitlines())
    assert (code, shown[0]["verdict"]) == (5, "failed: overall_percent")
    assert "The measurement run is failed" in failure["error"]["text"]
    assert (file.parent / "bench.html").is_file()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["run.csv"], 2),
        (["none.csv", "--rate", "1"], 5),
        (["run.csv", "--rate", "1", "--sampling", "x"], 2),
        (["run.csv", "--rate", "1", "--sampling", "strokes"], 2),
        (["run.csv", "--rate", "1", "--limits", "run.csv"], 5),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(run: Any, file: Path, words: list[str], code: int) -> None:
    found, out, err = run("bench", "report", *words, port=None)
    assert (found, out, err.count("\n")) == (code, "", 1)
    assert not (file.parent / "bench.html").exists()


def test_weigh_finds_the_balance_and_shows_what_it_weighs(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    simulated = SimulatedBalance(lambda: (0, 1e6), "ohaus", faults=Imperfections(noise_ug=0))
    pico = ports.Port("/dev/nothing", "", "", "", True)
    monkeypatch.setattr(ports, "listed", lambda: [pico, ports.Port(simulated.port, "", "", "", False)])
    try:
        code, out, _ = run("bench", "weigh", "--json", port=None)
        assert (code, json.loads(out)["mass_ug"], json.loads(out)["stable"]) == (0, 997_160, True)
        code, out, _ = run("bench", "weigh", "--balance", f"{simulated.port},ohaus", port=None)
        assert (code, "997.160 mg, stable" in out) == (0, True)
    finally:
        simulated.close()
    code, out, err = run("bench", "weigh", "--balance", "/dev/nothing", port=None)
    assert (code, out, err.count("\n")) == (3, "", 1)


def test_a_run_on_a_simulated_pump_is_recorded_and_reported(run: Any, file: Path) -> None:
    words = ["--settling", "0", "--period", "60", "--session", "a.session", "--note", "first", "--json", "--yes"]
    code, out, err = run("bench", "accuracy", *words, port="sim:drive_error_ppm=0")
    (found,) = json.loads(out)
    assert (code, found["missing_intervals"], found["conditions"]["note"]) == (0, 0, "first")
    assert found["figures"]["overall_percent"] == pytest.approx(0, abs=1.5)  # a stroke and the noise in 42 uL
    assert "Recorded in a.session" in err
    code, out, _ = run("bench", "report", "a.session", "run.csv", "--rate", "1", "--json", port=None)
    names = [(row["name"], row["conditions"]["kind"]) for row in json.loads(out)]
    assert (code, names) == (0, [("a", "accuracy"), ("run", "accuracy")])


def test_the_weights_of_a_session_as_a_file_give_the_same_figures(run: Any, file: Path) -> None:
    conditions = result.Conditions(1000, settling_min=0, period_min=60, note="two\nlines", temperature_c=25)
    with measurements.Record(Path("a.session"), conditions) as kept:
        for at in range(5):
            kept.weigh(Weight(at * 900_000, at * 10_400 + at % 2 * 33), True)
    assert run("bench", "weights", "a.session", "-o", "a.csv", port=None)[0] == 0
    code, out, _ = run("bench", "report", "a.session", "a.csv", "--json", port=None)
    recorded, written = json.loads(out)
    assert (code, recorded["figures"], recorded["flow_ul_h"]) == (0, written["figures"], written["flow_ul_h"])
    store.to_continue(Path("empty.session")).close()
    code, out, err = run("bench", "weights", "empty.session", port=None)
    assert (code, out, "holds no measurement" in err) == (5, "", True)


def test_an_occlusion_on_a_simulated_pump_has_a_verdict(run: Any, file: Path) -> None:
    (file.parent / "limits.toml").write_text("occlusion_alarm_s = 1\n", encoding="utf-8")
    words = ["--limits", "limits.toml", "--session", "b.session", "--yes"]
    code, out, _ = run("bench", "occlusion", *words, port="sim:")
    assert (code, "failed: occlusion_alarm_s" in out) == (5, True)
    code, out, _ = run("bench", "report", "b.session", port=None)
    assert "occlusion alarm after" in out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--rate", "x"], 2),
        (["--sampling", "strokes"], 2),
        (["--limits", "none.toml"], 5),
        (["--session", "run.csv"], 5),
    ],
)
def test_a_run_with_bad_input_moves_nothing(run: Any, file: Path, words: list[str], code: int) -> None:
    found, out, err = run("bench", "accuracy", "--yes", *words, port="sim:")
    assert (found, out, err.count("\n")) == (code, "", 1)
    assert file.read_text(encoding="utf-8") == WEIGHTS


def test_a_session_without_a_measurement_is_told(run: Any, file: Path) -> None:
    store.to_continue(Path("empty.session")).close()
    code, out, err = run("bench", "report", "empty.session", port=None)
    assert (code, out, "holds no measurement" in err) == (5, "", True)


def test_calibrate_sets_what_it_found_after_confirmation(run: Any, file: Path) -> None:
    words = ["calibrate", "--strokes", "40", "--points", "5", "--session", "c.session"]
    with measurements.Record(Path("c.session"), result.Conditions(24_000, "calibration")) as interrupted:
        interrupted.keep({"points": [[0, 0.0, 1], [4_000, 10_500_000.0, 1], [8_000, 21_000_000.0, 1]]})
    code, out, _ = run(*words, "--yes", "--json", port="sim:drive_error_ppm=50000")
    found = json.loads(out)
    assert (code, found["before_pl"]) == (0, 2500)
    assert found["set_pl"] == round(found["pl_per_step"]) == pytest.approx(2625, rel=0.01)
    code, out, _ = run("bench", "report", "c.session", "--json", port=None)
    (kept,) = json.loads(out)
    assert (code, kept["conditions"]["kind"], kept["figures"]["before_pl"]) == (0, "calibration", 2500)
    assert [row["piece"] for row in kept["table"]] == ["1", "1", "1", "2", "2"]
    code, out, _ = run(*words, "--json", port="sim:")
    assert (code, json.loads(out)["error"]["code"]) == (2, "confirmation_missing")
    code, _, err = run("calibrate", "--from", "flow", port="sim:")
    assert (code, "no flow sensor" in err) == (2, True)
