"""`params save`, `params load` and `therapy save`: what is saved is loaded again; a wrong file changes nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pumpctl import defs, errors
from pumpctl.therapy import plan, plan_file, plan_text

LIMITS = plan.Limits(40_000_000, 24_000)
PLANS = Path(__file__).parents[3] / "docs" / "plans"


@pytest.fixture
def stored(pty_device: Any) -> Any:
    """A pump whose parameters have their defaults."""
    rows = [[entry.id, entry.default] for entry in defs.PARAMS.values()]
    pty_device.answers["params"] = {"rows": rows, "next": None}
    return pty_device


def test_saved_parameters_are_loaded_and_only_differing_ones_are_set(run: Any, stored: Any, tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    assert run("params", "save", str(file))[0] == 0
    assert tomllib.loads(file.read_text()) == {entry.name: entry.default for entry in defs.PARAMS.values()}
    assert run("params", "load", str(file))[0] == 0
    assert stored.asked("param_set") == []
    file.write_text(file.read_text().replace("low_time_h = 48", "low_time_h = 49"))
    code, _, err = run("params", "load", str(file), "--yes")
    assert (code, stored.asked("param_set")) == (0, [{"cmd": "param_set", "name": "low_time_h", "value": 49}])
    assert "low_time_h 49." in err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("low_time = 48\n", "did you mean low_time_h?"),
        ("low_time_h = 48\nlow_time_h = 49\n", "Cannot overwrite a value"),
        ('low_time_h = "48"\n', "'48', which is not a whole number of h."),
        ("low_time_h = 1.5\n", "is not a whole number"),
        ("low_time_h = 0\n", "low_time_h 0 is outside 1 to 336 h."),
        ("low_time_h = 49\nx = 1\n", "there is no parameter 'x'"),
    ],
)
def test_a_wrong_file_of_parameters_changes_nothing(
    run: Any, stored: Any, tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "p.toml").write_text(text)
    code, _, err = run("params", "load", str(tmp_path / "p.toml"), "--yes")
    assert (code, stored.commands) == (5, [])
    assert words in err
    assert err.endswith("Nothing was changed.\n")


def test_what_was_set_before_a_refusal_is_told(run: Any, stored: Any, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("low_time_h = 49\nlink_timeout_s = 61\n")
    change = stored.answers["param_set"]

    def answer(request: dict[str, Any]) -> Any:
        if request["name"] == "low_time_h":
            return change(request)
        number = next(entry.id for entry in defs.REFUSALS.values() if entry.name == "wrong_state")
        return {"ok": False, "refused": number, "state": 2}

    stored.answers["param_set"] = answer
    code, _, err = run("params", "load", str(tmp_path / "p.toml"), "--yes")
    assert (code, "These were set before the failure: low_time_h." in err) == (1, True)


@pytest.mark.parametrize("path", sorted(PLANS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_text_of_a_plan_is_read_back_as_the_same_plan(path: Path, tmp_path: Path) -> None:
    wanted = plan_file.load(path, LIMITS)
    (tmp_path / "saved.toml").write_text(plan_text.of(wanted, "saved"))
    assert plan_file.load(tmp_path / "saved.toml", LIMITS) == wanted


def test_a_plan_is_saved_from_the_pump(run: Any, pty_device: Any, tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    assert run("therapy", "save", str(file))[0] == 0
    saved = plan_file.load(file, LIMITS)
    assert (saved.profile, saved.cycles, saved.repeat_from) == ("intrahepatic", 3, 1)
    assert saved.fields()["rows"] == pty_device.answers["therapy"]["rows"]
    pty_device.answers["therapy"] = {"profile": None}
    assert run("therapy", "save", str(tmp_path / "none"))[0] == 2
    assert not (tmp_path / "none").exists()


def test_times_that_are_no_finite_number_of_days_are_refused() -> None:
    phases = (plan.Phase("saline", 1000, 0, 10), plan.Phase("saline", 2000, 10, 0))
    with pytest.raises(errors.UsageProblem, match="Phase 1 has a time of 10 h"):
        plan_text.of(plan.Plan("continuous", phases), "saved")
