"""The pump's methods over a link that drops or damages lines: what is sent again, and what never is."""

from __future__ import annotations

from typing import Any

import pytest
from pumpctl import errors
from pumpctl.pump import Pump


def test_no_answer_at_all(device: Any, link: Any) -> None:
    device.answers["hello"] = None
    with pytest.raises(errors.NoAnswer, match="No answer at memory in 3 s"):
        Pump.connect(link)
    assert link.closed
    assert device.commands == ["hello"] * 3
    assert link.now_s() == pytest.approx(3)


def test_another_device_sends_data(device: Any, link: Any) -> None:
    device.answers["hello"] = None
    device.before = b"login: \n"
    with pytest.raises(errors.NoAnswer, match="sends data but no answer"):
        Pump.connect(link)


def test_a_command_that_changes_something_is_sent_again_under_the_same_id(pump: Pump, device: Any) -> None:
    device.answers["rate"] = None
    with pytest.raises(errors.NoAnswer, match="not known whether it was executed"):
        pump.rate(1000)
    assert len({request["id"] for request in device.seen if request["cmd"] == "rate"}) == 1
    assert device.commands.count("rate") == 3


def test_two_clients_use_different_ids(device: Any, memory: Any) -> None:
    for _ in range(5):
        Pump.connect(memory(device))
    assert len({request["id"] for request in device.seen}) == 5


def test_the_answer_to_another_command_is_not_taken(pump: Pump, device: Any, link: Any) -> None:
    def foreign(asked: Any) -> Any:
        link.say(device.line(id=asked["id"], ok=False, refused=211, cmd="start", state=2))
        return {"draft": None, "code": None, "old": {"rate_ul_day": 500}, "new": {"rate_ul_day": 1000, "left_s": 1}}

    device.answers["rate"] = foreign
    pump.rate(1000)


def test_a_refusal_without_an_id_after_a_change_does_not_deny_it(pump: Pump, device: Any, link: Any) -> None:
    """Another program's garbage is refused while the answer to the change is on its way."""
    device.before = device.line(id=None, ok=False, refused=201)
    pump.rate(1000)
    assert len({request["id"] for request in device.seen if request["cmd"] == "rate"}) == 1


def test_a_request_whose_checksum_was_cut_off_on_the_way_is_sent_again_and_not_refused(pump: Pump, device: Any) -> None:
    tries: list[Any] = []

    def rate(asked: Any) -> Any:
        tries.append(asked)
        if len(tries) == 1:
            return {"ok": False, "refused": 204, "cmd": "rate"}
        return {"draft": None, "code": None, "old": {"rate_ul_day": 500}, "new": {"rate_ul_day": 400, "left_s": 1}}

    device.answers["rate"] = rate
    pump.rate(400)
    assert len(tries) == 2 and tries[0]["id"] == tries[1]["id"]


def test_stop_is_sent_again(pump: Pump, device: Any) -> None:
    tries: list[Any] = []

    def silent(asked: Any) -> Any:
        tries.append(asked)
        return {} if len(tries) == 3 else None

    device.answers["stop"] = silent
    pump.stop()
    assert len(tries) == 3


def test_a_late_answer_to_an_earlier_try_counts(pump: Pump, device: Any, link: Any) -> None:
    def late(asked: Any) -> Any:
        if device.commands.count("status") == 2:
            device.before = b""
            link.say(device.line(id=asked["id"], ok=True, **device_status))
        return None

    device_status = device.answers["status"]
    device.answers["status"] = late
    assert pump.status().strokes == 13000


def test_a_line_damaged_on_the_way_out_is_sent_again(pump: Pump, device: Any) -> None:
    device.garble = 1
    pump.rate(1000)
    assert device.commands.count("rate") == 1


def test_a_link_that_damages_every_line(pump: Pump, device: Any) -> None:
    device.garble = 99
    with pytest.raises(errors.LinkDamaged, match="not known whether it was executed"):
        pump.rate(1000)
