"""Changes at the command line: present beside new values, confirmation; plans, doses, alarms, the refill."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pumpctl import defs

REQUIREMENTS = ("V5",)
GOOD = 'profile = "intrahepatic"\nrate_ml_day = 1.0\ncycles = 3\n'
REFILLING = next(number for number, state in defs.STATES.items() if state.name == "refilling")
OCCLUSION, MISMATCH = 104, 129


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.toml"
    path.write_text(GOOD)
    return path


# ---- confirmation ---------------------------------------------------------------------------------------------------


def test_the_new_values_are_shown_beside_the_present_ones_and_confirmed(run: Any, pty_device: Any) -> None:
    pty_device.old = {"rate_ul_day": 1000}
    pty_device.read_back = lambda asked: {"rate_ul_day": asked["ul_day"], "left_s": 889_200, "refill_in_s": 0}
    code, _, err = run("rate", "1.5", typed="y\n")
    assert code == 0
    assert re.search(r"set rate +1\.000 mL/day +1\.500 mL/day\n", err)
    assert re.search(r"reservoir empty in +10 d 7 h\n", err)
    assert pty_device.asked("confirm") == [{"cmd": "confirm", "draft": 7, "code": 1234}]


@pytest.mark.parametrize(
    ("words", "typed", "code"),
    [(("rate", "1.5"), "n\n", 5), (("rate", "1.5"), "", 2), (("rate", "1.5", "--json"), "y\n", 2)],
    ids=["no", "no input", "json"],
)
def test_without_a_yes_the_draft_is_dropped(run: Any, pty_device: Any, words: Any, typed: str, code: int) -> None:
    got, _, err = run(*words, typed=typed)
    assert got == code
    assert err.splitlines()[-1].endswith(".")
    assert "nothing was changed" in err
    assert pty_device.commands[1:] == ["rate", "draft_drop"]


@pytest.mark.parametrize(
    ("resumes", "told"), [(1, "Delivery resumes by itself."), (0, "Delivery does not resume by itself.")]
)
def test_a_reset_is_confirmed_and_says_whether_delivery_resumes(
    run: Any, pty_device: Any, resumes: int, told: str
) -> None:
    pty_device.old = {"state": 2}
    pty_device.read_back = lambda asked: {"resumes": resumes}
    code, out, err = run("reset", typed="y\n")
    assert code == 0
    assert told in out + err
    assert pty_device.commands[1:] == ["reset", "confirm"]
    code, out, _ = run("reset", "--yes", "--json")
    assert (code, json.loads(out)) == (0, {"ok": True, "resumes": bool(resumes)})


@pytest.mark.parametrize("option", ["--yes", "-y"])
def test_an_option_confirms_without_asking(run: Any, pty_device: Any, option: str) -> None:
    pty_device.old = {"hour_limit_nl": 1_200_000}
    code, out, err = run("params", "set", "hour_limit_nl", "1300000", option, "--json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert (answer["old"], answer["new"]) == ({"hour_limit_nl": 1_200_000}, {"hour_limit_nl": 1_300_000})
    assert "confirm" in pty_device.commands


def test_a_read_back_that_differs_is_reported(run: Any, pty_device: Any) -> None:
    pty_device.read_back = lambda asked: {"rate_ul_day": 15_000}
    code, _, err = run("rate", "1.5", "--yes")
    assert code == 5
    assert err.startswith("The pump's read-back of rate is wrong: rate_ul_day 1500 was sent and 15000 read back; ")
    assert err.endswith("nothing was changed.\n")
    assert pty_device.commands[1:] == ["rate", "draft_drop"]


def test_another_calibration_asks_for_the_button_before_it_asks_for_the_yes(run: Any, pty_device: Any) -> None:
    pty_device.read_back = lambda asked: {"pl_per_step": 18_400, "press_button": True}
    pty_device.old = {"pl_per_step": 2_500}
    code, _, err = run("params", "set", "pl_per_step", "18400", typed="y\n")
    assert code == 0
    assert "Press the button on the pump now." in err
    assert err.index("Press the button") < err.index("Confirm?")


def test_the_pending_change(run: Any, pty_device: Any) -> None:
    pty_device.answers["draft"] = {"draft": None}
    assert run("draft")[2] == "No change is waiting for confirmation.\n"
    assert run("draft", "--json")[1] == "null\n"
    pty_device.answers["draft"] = {"draft": 3, "command": "therapy_set", "age_s": 75}
    out = run("draft", "show")[1]
    assert re.search(r"command +therapy set\nwaiting for +1 min 15 s", out)
    assert json.loads(run("draft", "--json")[1])["age_s"] == 75


# ---- plans ----------------------------------------------------------------------------------------------------------


def test_a_plan_is_checked_without_a_pump(run: Any, plan: Path) -> None:
    code, out, err = run("therapy", "check", str(plan), port=None)
    assert code == 0
    assert "2  drug    1.000 mL/day  14        28      14.000 mL" in out
    assert "Phases 2 to 3 are given 3 times." in out
    assert err == "The plan is valid for the default reservoir, which can give 19.500 mL.\n"
    assert json.loads(run("therapy", "check", str(plan), "--json", port=None)[1])["cycles"] == 3


def test_a_plan_is_checked_against_the_pumps_own_reservoir(run: Any, pty_device: Any, plan: Path) -> None:
    pty_device.answers["params"] = {"rows": [[5, 14_000_000], [8, 400_000]], "next": None}
    for verb in ("check", "load"):
        code, out, err = run("therapy", verb, str(plan), typed="y\n")
        assert (code, out) == (5, "")
        reason = "the phase needs 14.000 mL, but the reservoir can give 13.600 mL."
        assert err.splitlines()[0] == f"{plan}:2: rate_ml_day: {reason}"
    assert "therapy_set" not in pty_device.commands


def test_a_plan_is_loaded_after_a_yes(run: Any, pty_device: Any, plan: Path) -> None:
    pty_device.answers["params"] = {"rows": [], "next": None}
    pty_device.old = {"profile": None, "rate_ul_day": 0, "phases": 0}
    plan.write_text(GOOD.replace("1.0", "1.25"))
    code, _, err = run("therapy", "load", str(plan), "--override", "soft_rate", typed="y\n")
    assert code == 0
    for row in (r"profile +none +intrahepatic", r"phases +0 +7", r"phase 2 +drug 1\.250 mL/day from day 14 to 28"):
        assert re.search(row, err)
    (sent,) = pty_device.asked("therapy_set")
    assert (sent["override"], sent["rows"][1]) == ("soft_rate", [2, 1250, 336, 336])


# ---- dose and alarms ------------------------------------------------------------------------------------------------


def test_dose(run: Any, pty_device: Any) -> None:
    assert json.loads(run("dose", "--json")[1])["boluses_left"] == 4
    pty_device.answers["status"]["fluid"] = "drug"
    pty_device.answers["dose"].update(hold_over_s=25_920, bolus_left_nl=12_500, lockout_s=11_520, boluses_left=3)
    out = run("dose")[1]
    for row in (
        r"last hour +41\.75 µL of at most 1\.175 mL",
        r"last day +1\.000 mL",
        r"in progress +12\.5 µL left of a bolus or prime",
        r"boluses +3 left within 24 h, next allowed in 3 h 12 min",
        r"catheter tip +still saline; drug in 7 h 12 min",
        r"refill by +\w{3} \d\d \w{3} \d{4}, \d\d:\d\d UTC, in 10 d 16 h",
        r"temperature +21\.05 °C",
    ):
        assert re.search(row, out), row


@pytest.mark.parametrize("verb", [("status",), ("monitor", "--once")])
def test_notes_bolus_keep_open_and_refill_date_are_shown(run: Any, pty_device: Any, verb: tuple[str, ...]) -> None:
    pty_device.answers["alarms"] = {"rows": []}
    pty_device.answers["status"].update(state=8, notes=1 << 1)
    pty_device.answers["dose"].update(bolus_left_nl=20_000, refill_in_s=0)
    out = run(*verb)[1]
    for row in (
        r"rate +1\.000 mL/day; the keep-open rate is given",
        r"bolus +20 µL left",
        r"refill by +now",
        r"notes +reservoir_low",
    ):
        assert re.search(row, out), row
    pty_device.answers["status"].update(state=7)
    assert re.search(r"prime +20 µL left", run(*verb)[1])


def test_an_alarm_with_its_pressure_trace(run: Any, pty_device: Any, tmp_path: Path) -> None:
    pty_device.answers["alarms"] = {"rows": [[OCCLUSION, 1, 0, 280_000, 1]]}
    samples = [[1, -500, 14_900], [1, 500, 17_400], [0, -500, 17_000], [0, 500, 24_100], [0, 9000, 23_000]]
    pty_device.answers["trace"] = {"alarm": OCCLUSION, "rows": samples, "next": None}
    code, out, _ = run("alarms", "show", "occlusion")
    assert code == 0
    assert defs.ALARMS[OCCLUSION].cause in out
    assert re.search(r"condition +active, not acknowledged, raised 13 min 20 s ago", out)
    assert re.search(r"1 before +2 +14\.9 kPa +17\.4 kPa +17\.4 kPa\nthe last +3 +17\.0 kPa +24\.1 kPa +23\.0 kPa", out)
    kept = json.loads(run("alarms", "show", "104", "--json")[1])["samples"]
    assert kept[0] == {"stroke": 1, "ms": -500, "pa": 14_900}
    picture = tmp_path / "trace.png"
    assert run("alarms", "show", "occlusion", "--plot", str(picture))[0] == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_an_alarm_without_a_pressure_trace(run: Any, pty_device: Any, tmp_path: Path) -> None:
    pty_device.answers.update(alarms={"rows": []}, trace={"alarm": 0, "rows": [[0, 0, 14_900]], "next": None})
    code, out, _ = run("alarms", "show", "reservoir_low")
    assert (code, "not active" in out, "the last" in out) == (0, True, False)
    code, _, err = run("alarms", "show", "reservoir_low", "--plot", str(tmp_path / "x.png"))
    assert (code, err) == (2, "The pump has stored no pressure for reservoir_low, so there is nothing to plot.\n")
    assert run("alarms", "show", "199")[0] == 2


# ---- the refill, guided ---------------------------------------------------------------------------------------------


@pytest.fixture
def refill(pty_device: Any) -> Any:
    """A pump that is infusing saline, whose phase is over, and which follows a refill."""

    def goes_to(state: int, **fields: Any) -> Any:
        def answer(_request: Any) -> dict[str, Any]:
            pty_device.answers["status"]["state"] = state
            return fields

        return answer

    found = {"ledger_nl": 12_749_750, "difference_nl": -49_750, "commanded_nl": 3_250_250, "percent": 2}
    pty_device.answers["therapy"]["phase_left_s"] = 0
    pty_device.answers.update(
        params={"rows": [], "next": None},
        alarms={"rows": []},
        refill_begin=goes_to(REFILLING, ledger_nl=12_749_750),
        refill_withdrawn=found,
        confirm=goes_to(1, done="refill_finish"),
        start=goes_to(2),
    )
    return pty_device


def test_the_refill_is_guided_to_its_end(run: Any, refill: Any) -> None:
    code, _, err = run("refill", typed="y\nmuch\n12.7\n16\nwater\n\ny\ny\n")
    assert code == 0
    changing = ("refill_begin", "refill_withdrawn", "refill_finish", "confirm", "start")
    assert refill.asked(*changing) == [
        {"cmd": "refill_begin"},
        {"cmd": "refill_withdrawn", "volume_nl": 12_700_000},
        {"cmd": "refill_finish", "volume_nl": 16_000_000, "fluid": "drug"},  # the plan's next, as nothing was typed
        {"cmd": "confirm", "draft": 7, "code": 1234},
        {"cmd": "start"},
    ]
    assert "This is 49.75 µL less than the ledger's 12.750 mL: 2 % of the 3.250 mL commanded" in err
    assert "There is no fluid 'water'." in err
    assert "The refill is done. The pump is infusing at 1.000 mL/day. The next refill is due by " in err


@pytest.mark.parametrize(
    ("typed", "ends"),
    [
        ("n\n", (5, "refill was not confirmed; nothing was changed.\n")),
        ("", (2, "or use a form of the command that doesn't ask (see its --help).\n")),
    ],
)
def test_a_refill_that_is_not_begun_changes_nothing(
    run: Any, refill: Any, typed: str, ends: tuple[int, str]
) -> None:
    code, _, err = run("refill", typed=typed)
    assert code == ends[0]
    assert err.endswith(ends[1])
    assert "refill_begin" not in refill.commands


@pytest.mark.parametrize("typed", ["y\n", "y\n12.7\n", "y\n12.7\n16\n", "y\n12.7\n16\ndrug\nn\n"])
def test_a_refill_that_is_left_is_reported_as_not_finished(run: Any, refill: Any, typed: str) -> None:
    code, _, err = run("refill", typed=typed)
    assert code == (5 if typed.endswith("n\n") else 2)
    assert "confirm" not in refill.commands
    assert "The refill is not finished" in err


def test_an_unfinished_refill_continues_and_an_unknown_volume_is_not_compared(run: Any, refill: Any) -> None:
    refill.answers["status"].update(state=REFILLING, fluid="none")
    refill.answers["therapy"] = {"profile": None}
    assert run("refill", typed="16\nsaline\ny\nn\n")[0] == 0
    assert not {"refill_begin", "refill_withdrawn", "start"} & set(refill.commands)


def test_a_phase_with_time_left_is_ended_by_the_refill(run: Any, refill: Any) -> None:
    refill.answers["therapy"]["phase_left_s"] = 86_400
    code, _, err = run("refill", typed="y\n12.7\n16\ndrug\ny\nn\n")
    assert (code, refill.asked("refill_finish")[0]["early"]) == (0, True)
    assert "has 1 d left; this refill ends it" in err


@pytest.mark.parametrize("known", [True, False])
def test_a_large_difference_is_acknowledged_or_the_refill_is_not_finished(run: Any, refill: Any, known: bool) -> None:
    refill.answers.update(alarms={"rows": [[MISMATCH, 1, 0, 5, 1]]}, ack={"acknowledged": 1, "standing": 0})
    code, _, err = run("refill", typed="y\n1\ny\n2\nn\n" + ("y\n16\ndrug\ny\nn\n" if known else "n\n"))
    assert defs.ALARMS[MISMATCH].action in err
    assert len(refill.asked("refill_withdrawn")) == 2
    if known:
        assert (code, refill.asked("ack")) == (0, [{"cmd": "ack", "alarm": MISMATCH}])
    else:
        assert (code, refill.asked("ack", "refill_finish")) == (5, [])


def test_a_script_names_the_step(run: Any, refill: Any) -> None:
    code, _, err = run("refill", "--json")
    assert (code, err) == (2, "With --json, add the step: refill begin, withdrawn, finish or cancel.\n")
    answer = json.loads(run("refill", "withdrawn", "12.7", "--json")[1])
    assert (answer["difference_nl"], answer["percent"]) == (-49_750, 2)
