"""The pump's methods against a fake device, with valid and with invalid answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pumpctl import defs, errors
from pumpctl.protocol import answers, wire
from pumpctl.protocol.changes import Change
from pumpctl.pump import Acknowledged, Pump

ROWS = [[1, 1000, 0, 336], [2, 1000, 336, 336], [1, 1000, 672, 336]]


def test_status(pump: Pump) -> None:
    status = pump.status()
    assert status.delivered_pl == 3_250_250_500
    assert status.delivered_nl == 3_250_250
    assert status.total_uptime_ms == 280_800_250
    assert (status.state_name, status.bit_names, status.alarm_name) == ("infusing", ("tested",), None)
    assert status.priority_name == "none"


def test_requests_have_the_defined_fields(pump: Pump, device: Any) -> None:
    withdrawal = {"ledger_nl": 2_000_000, "difference_nl": -100_000, "commanded_nl": 14_000_000, "percent": 1}
    device.answers.update(
        ack={"acknowledged": 1, "standing": 2},
        silence={"silence_s": 120},
        refill_begin={"ledger_nl": 2_000_000},
        refill_withdrawn=withdrawal,
        bolus_cancel={"given_nl": 12_500},
    )
    device.at_once = True
    pump.start(), pump.pause(), pump.resume(), pump.stop(), pump.refill_cancel(), pump.telemetry(5)
    pump.rate(1500)
    pump.therapy_set("intrahepatic", 1000, phase_h=336, cycles=3)
    device.old = {"low_time_h": 48}
    assert pump.param_set("low_time_h", 24) == Change({"low_time_h": 48}, {"low_time_h": 24})
    assert pump.ack(104) == Acknowledged(1, 2)
    assert pump.silence() == 120
    assert pump.refill_begin() == 2_000_000
    assert pump.refill_withdrawn(1_900_000) == answers.Withdrawal(**withdrawal)
    assert pump.refill_finish(16_000_000, "drug", early=True).new == {"volume_nl": 16_000_000, "fluid": "drug"}
    pump.rate(9000, override="soft_rate"), pump.bolus(20_000), pump.prime(300_000, "bridge"), pump.draft_drop()
    assert pump.bolus_cancel() == 12_500
    plan = {"profile": "intrahepatic", "rows": ROWS, "cycles": 3, "repeat_from": 1, "volume_nl": 0}
    assert device.asked(*device.commands)[-13:] == [
        {"cmd": "rate", "ul_day": 1500},
        {"cmd": "therapy_set", **plan},
        {"cmd": "param_set", "name": "low_time_h", "value": 24},
        {"cmd": "ack", "alarm": 104},
        {"cmd": "silence"},
        {"cmd": "refill_begin"},
        {"cmd": "refill_withdrawn", "volume_nl": 1_900_000},
        {"cmd": "refill_finish", "volume_nl": 16_000_000, "fluid": "drug", "early": True},
        {"cmd": "rate", "ul_day": 9000, "override": "soft_rate"},
        {"cmd": "bolus", "volume_nl": 20_000},
        {"cmd": "prime", "volume_nl": 300_000, "purpose": "bridge"},
        {"cmd": "draft_drop"},
        {"cmd": "bolus_cancel"},
    ]
    ids = [request["id"] for request in device.seen]
    assert ids == sorted(set(ids))


def test_every_command_has_a_method(pump: Pump) -> None:
    without = [name for name in defs.COMMANDS if not hasattr(pump, name)]
    assert without == ["help"]  # for an operator at a terminal


def test_the_first_byte_ends_an_incomplete_line(device: Any, link: Any) -> None:
    device.receive(b'{"id":1,"cm')
    pump = Pump.connect(link)
    assert pump.hello.board == "fake"
    assert device.commands == ["hello"]


def test_pages(pump: Pump, device: Any) -> None:
    device.answers["params"] = lambda asked: (
        {"rows": [[0, 100], [1, 2500]], "next": 2} if asked["first"] == 0 else {"rows": [[2, 2000]], "next": None}
    )
    assert [(row.name, row.value) for row in pump.params()] == [
        ("steps_per_stroke", 100),
        ("pl_per_step", 2500),
        ("step_interval_us", 2000),
    ]


def test_pages_that_do_not_advance(pump: Pump, device: Any) -> None:
    device.answers["log"] = {"rows": [], "next": 0}
    with pytest.raises(errors.BadAnswer, match="do not advance"):
        pump.log()


def test_alarms_and_log(pump: Pump, device: Any) -> None:
    device.answers["alarms"] = {"rows": [[104, 1, 0, 77, 1], [199, 0, 1, 5, 3]]}
    first, second = pump.alarms()
    assert (first.name, first.stands, first.acknowledged, first.raised_s) == ("occlusion", True, False, 77)
    assert (first.times, second.times) == (1, 3)
    assert first.action == defs.ALARMS[104].action
    assert (second.name, second.definition) == ("alarm 199", None)
    device.answers["log"] = {
        "rows": [[1, 0, 0, 2, 0, 1], [2, 77, 5, 3, 104, 25580], [3, 78, 0, 99, 1, 2]],
        "next": None,
    }
    assert [row.detail for row in pump.log(1)] == [
        "state before: self_test, state now: standby",
        "alarm: occlusion, last line pressure in Pa: 25580",
        "1 2",
    ]


def test_therapy(pump: Pump, device: Any) -> None:
    device.answers["therapy"].update(phase=4)
    plan = pump.therapy()
    assert plan is not None
    assert (plan.phase, plan.phases, plan.rows, plan.row) == (4, 7, ROWS, 2)
    device.answers["therapy"]["rows"] = [[1, 1000]]
    with pytest.raises(errors.BadAnswer):
        pump.therapy()
    device.answers["therapy"] = {"profile": None}
    assert pump.therapy() is None


def test_dose_and_notes(pump: Pump, device: Any) -> None:
    device.answers["dose"].update(tip_fluid="drug", hold_over_s=None)
    dose = pump.dose()
    assert (dose.tip_fluid, dose.hold_over_s, dose.refill_in_s) == ("drug", None, 924_480)
    device.answers["status"]["notes"] = 1 << 1 | 1 << 30
    assert pump.status().note_names == ("reservoir_low", f"note {1 << 30}")


def test_traces_come_in_pages(pump: Pump, device: Any) -> None:
    rows = [[1, -500, 14_900], [1, 500, 17_400], [0, -500, 15_000]]
    device.answers["trace"] = lambda asked: (
        {"alarm": 104, "rows": rows[:2], "next": 2}
        if asked["first"] == 0
        else {"alarm": 104, "rows": rows[2:], "next": None}
    )
    assert pump.trace() == answers.Trace(104, tuple(answers.Sample(*row) for row in rows))


def test_the_pending_change(pump: Pump, device: Any) -> None:
    device.answers["draft"] = {"draft": None}
    assert pump.draft() is None
    device.answers["draft"] = {"draft": 3, "command": "rate", "age_s": 12}
    assert pump.draft() == answers.Pending(3, "rate", 12)


@pytest.mark.parametrize("chunk", [1, 5, 64])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_lines_between_request_and_answer(device: Any, memory: Callable[..., Any], chunk: int, end: bytes) -> None:
    device.line_end = end
    logged: list[str] = []
    link = memory(device, chunk)
    pump = Pump.connect(link, on_log=logged.append)
    status = device.answers["status"]
    device.before = b"".join(
        (
            b"motor warm" + end,
            b'nt":[1,2,3]}*0A1B2C3D' + end,
            device.line(event=[41, 5, 250, 4, 104, 15230]),
            b'{"id":2,"ok":true}*00000000' + end,
            b"{\xff\x00garbage" + end,
            device.line(id=1, ok=True, stale="answer"),
            device.line(event="nonsense"),
            device.line(id=None, ok=False, refused=205),
            device.line(telemetry={**status, "strokes": 12}),
            device.line(telemetry={"state": 1}),
            b"\x1b[31mred\x07" + end,
        )
    )
    assert pump.status().strokes == 13000
    assert logged == ["motor warm", "\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}"]
    assert [(row.sequence, row.name) for row in pump.events()] == [(41, "alarm_cleared")]
    assert [status.strokes for status in pump.telemetries()] == [12]
    assert pump.events() == []
    link.say(device.line(event=[42, 6, 0, 1, 0, 0]))
    for _ in range(100):
        pump.poll(1)
    assert [row.sequence for row in pump.events()] == [42]


def test_foreign_definitions_allow_reading_and_stop(device: Any, link: Any) -> None:
    device.answers["hello"]["digest"] = "0123456789abcdef"
    pump = Pump.connect(link)
    assert pump.foreign
    pump.status(), pump.stop(), pump.telemetry(0)
    with pytest.raises(errors.ForeignDefinitions, match="0123456789abcdef"):
        pump.rate(1000)
    with pytest.raises(errors.ForeignDefinitions):
        pump.silence()
    assert device.commands == ["hello", "status", "stop", "telemetry"]


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("status", {"state": 1}),
        ("status", {"state": "infusing"}),
        ("alarms", {}),
        ("alarms", {"rows": [[1, 2]]}),
        ("alarms", {"rows": [["a", 1, 1, 1]]}),
        ("silence", {"silence_s": "long"}),
        ("silence", {}),
    ],
)
def test_answers_of_the_wrong_form(pump: Pump, device: Any, command: str, answer: Any) -> None:
    of_status = answer.get("state") == "infusing"
    device.answers[command] = {**device.answers[command], **answer} if of_status else answer
    with pytest.raises(errors.BadAnswer):
        getattr(pump, command)()


def test_an_unknown_field_is_ignored(pump: Pump, device: Any) -> None:
    device.answers["status"]["colour"] = "blue"
    assert pump.status().state_name == "infusing"


def test_numbers_without_a_name(pump: Pump, device: Any) -> None:
    device.answers["status"].update(state=44, bits=1 << 30, alarm=177, priority=9)
    status = pump.status()
    assert (status.state_name, status.bit_names) == ("state 44", (f"bit {1 << 30}",))
    assert (status.alarm_name, status.priority_name) == ("alarm 177", "9")


def test_a_request_longer_than_a_line_is_an_error(pump: Pump) -> None:
    with pytest.raises(errors.WireError):
        pump.param_set("x" * 600, 1)
    assert len(wire.encode({"id": 1})) < defs.LINE_BYTES


@pytest.mark.parametrize(("known", "sent"), [(False, 1), (True, 0), (None, 0)])
def test_the_time_of_day_is_set_where_the_pump_says_that_it_is_unknown(
    device: Any, pump: Pump, known: bool | None, sent: int
) -> None:
    if known is not None:
        device.answers["hello"]["time_known"] = known
    pump.keep_clock()
    asked = device.asked("time_set")
    assert len(asked) == sent
    assert all(fields["day"] > 20_000 and 0 <= fields["second"] < 86_400 for fields in asked)


def test_a_refusal_or_foreign_definitions_leave_the_time_unknown(device: Any, link: Any) -> None:
    device.answers["hello"]["time_known"] = False
    device.refuse("time_set", "not_kept")
    Pump.connect(link).keep_clock()
    assert len(device.asked("time_set")) == 1
    device.answers["hello"]["digest"] = "0123456789abcdef"
    Pump.connect(link).keep_clock()
    assert len(device.asked("time_set")) == 1
