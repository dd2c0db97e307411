"""The command line: data on stdout, one sentence on stderr, the right exit code, never a traceback."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from pumpctl import defs
from pumpctl.cli.main import app
from pumpctl.protocol import transport
from typer.testing import CliRunner

VERBS = ("ports", "info", "status", "start", "stop", "pause", "resume", "rate", "therapy", "params", "alarms", "ack")
VERBS += ("silence", "log", "monitor", "refill", "sim", "bolus", "prime", "dose", "draft")
REQUIREMENTS = ("L1",)
PLAN_ROWS = [[1, 1000, 0, 336], [2, 1000, 336, 336], [1, 1000, 672, 336]]
PLAN = {"profile": "intrahepatic", "rows": PLAN_ROWS, "cycles": 3, "repeat_from": 1, "volume_nl": 0}
WITHDRAWAL = {"ledger_nl": 2_000_000, "difference_nl": -100_000, "commanded_nl": 14_000_000, "percent": 1}


def one_sentence(text: str) -> bool:
    return text.count("\n") == 1 and text.endswith((".\n", "?\n"))


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str) -> None:
    result = CliRunner().invoke(app, [verb, "--help"])
    assert result.exit_code == 0
    assert len(result.stdout) > 100


def test_status(run: Any) -> None:
    code, out, err = run("status")
    assert (code, err) == (0, "")
    assert "infusing: Delivery by the plan" in out
    assert "12.750 mL by the ledger, 12.748 mL by the level sensor" in out
    assert "delivered     3.250 mL in 13000 strokes" in out
    assert "in 12 s" in out


def test_status_with_values_unknown(run: Any, pty_device: Any) -> None:
    unknown = dict.fromkeys(("level_nl", "left_s", "pressure_pa", "baseline_pa", "stroke_in_ms"))
    pty_device.answers["status"].update(unknown, fluid="none", rate_ul_day=0, alarm=104, priority=3, silenced=True)
    code, out, _ = run("status")
    assert code == 0
    for text in (
        "not entered yet, no level reading",
        "no reading",
        "not set",
        "occlusion, high",
        "silenced",
    ):
        assert text in out


@pytest.mark.parametrize("place", ["before", "after"])
def test_json_and_port_before_and_after_the_verb(run: Any, pty_device: Any, place: str) -> None:
    options = ("--json", "--port", pty_device.port, "--timeout", "600")
    code, out, err = run(*(("status", *options) if place == "after" else (*options, "status")), port=None)
    assert (code, err) == (0, "")
    status = json.loads(out)
    assert (status["delivered_nl"], status["state_name"], status["bit_names"]) == (3_250_250, "infusing", ["tested"])


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (("start",), {"cmd": "start"}),
        (("pause",), {"cmd": "pause"}),
        (("resume",), {"cmd": "resume"}),
        (("stop",), {"cmd": "stop"}),
        (("rate", "1.5"), {"cmd": "rate", "ul_day": 1500}),
        (("rate", "1000uL"), {"cmd": "rate", "ul_day": 1000}),
        (("rate", "9", "--override", "soft_rate"), {"cmd": "rate", "ul_day": 9000, "override": "soft_rate"}),
        (("bolus", "20uL"), {"cmd": "bolus", "volume_nl": 20_000}),
        (("bolus", "cancel"), {"cmd": "bolus_cancel"}),
        (("prime", "0.3", "--purpose", "bridge"), {"cmd": "prime", "volume_nl": 300_000, "purpose": "bridge"}),
        (("draft", "drop"), {"cmd": "draft_drop"}),
        (
            ("therapy", "set", "--profile", "intrahepatic", "--rate", "1", "--phase-days", "14", "--cycles", "3"),
            {"cmd": "therapy_set", **PLAN},
        ),
        (
            ("therapy", "set", "--profile", "timed", "--rate", "1", "--fluid", "drug", "--volume", "1.5"),
            {
                "cmd": "therapy_set",
                "profile": "timed",
                "rows": [[2, 1000, 0, 0]],
                "cycles": 1,
                "repeat_from": 0,
                "volume_nl": 1_500_000,
            },
        ),
        (("params", "set", "low_time_h", "24"), {"cmd": "param_set", "name": "low_time_h", "value": 24}),
        (("ack",), {"cmd": "ack", "alarm": 0}),
        (("ack", "all"), {"cmd": "ack", "alarm": 0}),
        (("ack", "occlusion"), {"cmd": "ack", "alarm": 104}),
        (("ack", "105"), {"cmd": "ack", "alarm": 105}),
        (("silence",), {"cmd": "silence"}),
        (("refill", "begin"), {"cmd": "refill_begin"}),
        (
            ["refill", "finish", "--volume", "16", "--fluid", "drug", "--early"],
            {"cmd": "refill_finish", "volume_nl": 16_000_000, "fluid": "drug", "early": True},
        ),
        (("refill", "withdrawn", "1.9"), {"cmd": "refill_withdrawn", "volume_nl": 1_900_000}),
        (("refill", "cancel"), {"cmd": "refill_cancel"}),
    ],
)
@pytest.mark.parametrize("as_json", [False, True], ids=["words", "json"])
def test_what_is_sent(run: Any, pty_device: Any, words: Any, asked: dict[str, Any], as_json: bool) -> None:
    pty_device.answers.update(
        ack={"acknowledged": 1, "standing": 0},
        silence={"silence_s": 120},
        refill_begin={"ledger_nl": 2_000_000},
        refill_withdrawn=WITHDRAWAL,
        bolus_cancel={"given_nl": 12_500},
    )
    pty_device.old = {"low_time_h": 48}
    pty_device.at_once = True
    code, out, err = run(*words, *(("--json",) if as_json else ()))
    assert code == 0, err
    sent = dict(pty_device.seen[1])
    del sent["id"]
    assert sent == asked
    if as_json:
        assert json.loads(out)["ok"] is True
        assert err == ""
    else:
        assert out == ""
        assert err.endswith(".\n")


def test_lists(run: Any, pty_device: Any) -> None:
    pty_device.answers.update(
        params={"rows": [[7, 48], [99, 1]], "next": None},
        alarms={"rows": [[104, 1, 0, 77, 1]]},
        log={"rows": [[1, 90061, 5, 3, 104, 25580]], "next": None},
    )
    assert run("params")[1].splitlines()[1].split()[:6] == ["low_time_h", "48", "h", "1", "336", "48"]
    assert json.loads(run("params", "--json")[1])[0]["unit"] == "h"
    assert defs.ALARMS[104].action in run("alarms")[1]
    assert json.loads(run("alarms", "--json")[1])[0]["name"] == "occlusion"
    line = "time unknown             start ?      1 d 01:01:01.005  alarm_raised        alarm: occlusion"
    assert line in run("log")[1]
    assert json.loads(run("log", "--json")[1])["name"] == "alarm_raised"
    plan = run("therapy", "show")[1]
    assert plan == run("therapy")[1]
    assert "1 of 7" in plan
    assert plan.splitlines()[-4:] == [
        "1 now  saline  1.000 mL/day  0         14      14.000 mL",
        "2      drug    1.000 mL/day  14        28      14.000 mL",
        "3      saline  1.000 mL/day  28        42      14.000 mL",
        "Phases 2 to 3 are given 3 times.",
    ]
    assert json.loads(run("therapy", "--json")[1])["next_fluid"] == "drug"


def test_the_log_shows_the_time_of_day_only_after_a_host_has_set_it(run: Any, pty_device: Any) -> None:
    """Set several times, and unknown after a reset, a missing record, and an uptime that goes back."""
    number = {entry.name: event for event, entry in defs.EVENTS.items()}
    kinds = ["power_on", "time_set", "alarm_raised", "time_set", "alarm_raised", "power_on", "alarm_raised"]
    kinds += ["time_set", "alarm_raised", "time_set", "alarm_raised"]
    sequences = [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12]
    uptimes_s = [0, 60, 90, 100, 3700, 0, 1, 2, 3, 4, 3]
    set_times = {2: (20_778, 43_200), 4: (20_778, 86_399), 8: (20_779, 0), 11: (20_779, 10)}
    rows = [
        [sequence, s, 500, number[kind], *set_times.get(sequence, (104, 0))]
        for sequence, s, kind in zip(sequences, uptimes_s, kinds, strict=True)
    ]
    pty_device.answers["log"] = {"rows": rows, "next": None}
    times = [
        None,
        "2026-11-21T12:00:00Z",
        "2026-11-21T12:00:30Z",
        "2026-11-21T23:59:59Z",
        "2026-11-22T00:59:59Z",
        *(None, None, "2026-11-22T00:00:00Z", None, "2026-11-22T00:00:10Z", None),
    ]
    assert [json.loads(line)["time"] for line in run("log", "--json")[1].splitlines()] == times
    assert "2026-11-22 00:59:59 UTC  start ?      0 d 01:01:40.500  alarm_raised" in run("log")[1]
    later = run("log", "--first", "5", "--json")[1].splitlines()
    assert [json.loads(line)["time"] for line in later] == times[4:]


def test_empty_lists_are_reported_in_words(run: Any, pty_device: Any) -> None:
    pty_device.answers.update(alarms={"rows": []}, therapy={"profile": None})
    assert run("alarms") == (0, "", "No alarms.\n")
    assert run("therapy")[0::2] == (0, "No plan is set; use `therapy load` or `therapy set`.\n")
    assert run("therapy", "--json")[1] == "null\n"
    assert run("ports", port=None)[:2] == (0, "")
    assert run("ports", "--json", port=None)[1] == "[]\n"


def test_monitor_once(run: Any, pty_device: Any) -> None:
    pty_device.answers["alarms"] = {"rows": [[104, 1, 0, 280_000, 1]]}
    code, out, _ = run("monitor", "--once")
    assert code == 0
    assert "occlusion  high priority, 104, active, not acknowledged, raised 13 min 20 s ago" in out
    assert defs.ALARMS[104].action in out
    assert json.loads(run("monitor", "--once", "--json")[1])["state_name"] == "infusing"


def test_refusal(run: Any, pty_device: Any) -> None:
    pty_device.refuse("rate", "out_of_range", field="ul_day", value=5, min=50, max=24000)
    assert run("rate", "5uL") == (1, "", "rate refused: 5 µL/day is outside 50 to 24000 µL/day.\n")
    assert run("rate", "0.005")[2] == "rate refused: 0.005 mL/day is outside 0.05 to 24 mL/day.\n"


@pytest.mark.parametrize(
    "words",
    [
        ("rate", "fast"),
        ("rate", "0.0001"),
        ("ack", "oclusion"),
        ("refill", "finish", "--volume", "much", "--fluid", "drug"),
        ("therapy", "set", "--profile", "continuous", "--rate", "1", "--phase-days", "x"),
        ("status", "--port", "sim:speed=fast"),
        ("params", "set", "a", "1.5"),
    ],
)
def test_usage_in_one_sentence(run: Any, words: tuple[str, ...]) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert one_sentence(err)


@pytest.mark.parametrize("words", [("nonsense",), ("rate",), ("--timeout", "0", "info")])
def test_usage_of_the_shell_kind(run: Any, words: tuple[str, ...]) -> None:
    code, out, _ = run(*words)
    assert (code, out) == (2, "")


def test_did_you_mean(run: Any) -> None:
    assert "did you mean occlusion?" in run("ack", "oclusion")[2]


@pytest.mark.parametrize("port", ["/dev/ttyNobody", "nonsense://x", "/dev/null", None])
def test_no_device(run: Any, port: str | None) -> None:
    code, out, err = run("status", port=port)
    assert (code, out) == (3, "")
    assert one_sentence(err)


def test_the_configured_port(run: Any, pty_device: Any, tmp_path: Path) -> None:
    (tmp_path / "config" / "pumpctl").mkdir(parents=True)
    (tmp_path / "config" / "pumpctl" / "config.toml").write_text(f'port = "{pty_device.port}"\n')
    assert run("info", port=None)[0] == 0


def test_busy_port(run: Any, pty_device: Any) -> None:
    other = transport.SerialTransport(pty_device.port)
    code, out, err = run("status")
    other.close()
    assert (code, out) == (3, "")
    assert f"with pid {os.getpid()}; close that program" in err
    assert one_sentence(err)


def test_a_device_that_does_not_answer(run: Any, pty_device: Any) -> None:
    pty_device.answers["hello"] = None
    code, out, err = run("status", "--timeout", "0.2")
    assert (code, out) == (4, "")
    assert err.startswith("No answer at /dev/")
    assert one_sentence(err)


def test_foreign_definitions(run: Any, pty_device: Any) -> None:
    pty_device.answers["hello"]["digest"] = "0123456789abcdef"
    code, _, err = run("start")
    assert code == 5
    assert "start was not sent" in err
    assert "start" not in pty_device.commands
    assert run("stop")[0] == 0
    assert json.loads(run("info", "--json")[1])["foreign"] is True


def test_device_log_goes_to_stderr(run: Any, pty_device: Any) -> None:
    pty_device.before = b"motor warm [bold]\r\n"
    code, out, err = run("status", "--json")
    assert code == 0
    assert json.loads(out)["state"] == 2
    assert err == "pump: motor warm [bold]\n"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("rate", "5uL"), {"code": "refused", "exit_code": 1, "refusal": {"number": 209, "name": "out_of_range"}}),
        (("rate", "fast"), {"code": "bad_amount", "exit_code": 2}),
        (("rate", "2"), {"code": "confirmation_missing", "exit_code": 2}),
        (("status", "--nonsense"), {"code": "usage", "exit_code": 2}),
        (("status", "--port", "/dev/ttyNobody"), {"code": "port_missing", "exit_code": 3}),
    ],
)
def test_with_json_an_error_is_an_object_with_a_code_beside_its_sentence(
    run: Any, pty_device: Any, words: tuple[str, ...], error: dict[str, Any]
) -> None:
    if error["code"] == "refused":
        pty_device.refuse("rate", "out_of_range", field="ul_day", value="5", min=50, max=24000)
    code, out, err = run(*words, "--json")
    found = json.loads(out)
    assert code == error["exit_code"]
    assert found["ok"] is False
    assert found["error"].pop("text") in err
    assert found["error"] == error


def test_a_volume_is_typed_with_its_unit_wherever_there_is_one(run: Any, pty_device: Any) -> None:
    name = next(param.name for param in defs.PARAMS.values() if param.unit == "nL")
    pty_device.old = {name: 1}
    assert run("params", "set", name, "1.5mL", "--yes")[0] == 0
    assert run("params", "set", name, "1500000", "--yes")[0] == 0
    assert [asked["value"] for asked in pty_device.asked("param_set")] == [1_500_000, 1_500_000]
    code, out, err = run("params", "set", "low_time_h", "2mL")
    assert (code, out, err) == (2, "", "The value '2mL' of low_time_h is not a whole number of h.\n")


def test_the_clock_is_set_on_connect_unless_the_configuration_says_not_to(run: Any, pty_device: Any) -> None:
    pty_device.answers["hello"]["time_known"] = False
    assert run("status")[0] == 0
    assert len(pty_device.asked("time_set")) == 1
    assert run("config", "set", "set_clock", "false", port=None)[0] == 0
    assert run("status")[0] == 0
    assert len(pty_device.asked("time_set")) == 1
