"""Changes in two steps: only a read-back that matches and was agreed to is confirmed (C1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pumpctl import errors
from pumpctl.protocol.changes import Change, PendingChange
from pumpctl.pump import Pump

REQUIREMENTS = ("C1",)

CHANGES: list[Callable[[Pump], Change]] = [
    lambda pump: pump.rate(1500),
    lambda pump: pump.bolus(20_000),
    lambda pump: pump.prime(300_000, "bridge"),
    lambda pump: pump.param_set("hour_limit_nl", 900_000),
    lambda pump: pump.refill_finish(16_000_000, "drug", early=True),
    lambda pump: pump.therapy_set("intrahepatic", 1000, cycles=3),
    lambda pump: pump.therapy_set("timed", 1000, fluid="drug", volume_nl=5_000_000),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_program_confirms_what_was_read_back(pump: Pump, device: Any, change: Callable[[Pump], Change]) -> None:
    change(pump)
    assert device.commands[2:] == ["confirm"]
    assert device.asked("confirm") == [{"cmd": "confirm", "draft": 7, "code": 1234}]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("at_once", [False, True])
def test_a_read_back_without_a_value_or_with_another_is_never_confirmed(
    pump: Pump, device: Any, change: Callable[[Pump], Change], at_once: bool
) -> None:
    device.at_once = at_once
    read_back = device.read_back
    request = {}
    device.read_back = lambda asked: request.update(asked) or read_back(asked)
    change(pump)
    for name in read_back(request):
        for alter in ({}, {name: "something else"}, {name: 987_654_321}, {name: None}):
            device.read_back = lambda asked, name=name, alter=alter: {
                **{key: value for key, value in read_back(asked).items() if key != name},
                **alter,
            }
            device.seen.clear()
            with pytest.raises(errors.ReadBackMismatch) as caught:
                change(pump)
            assert caught.value.exit_code == 5
            assert "confirm" not in device.commands
            assert device.commands[1:] == ([] if at_once else ["draft_drop"])
            assert ("check `status`" if at_once else "nothing was changed") in str(caught.value)


def test_predictions_in_the_read_back_are_returned(pump: Pump, device: Any) -> None:
    device.old = {"rate_ul_day": 1000}
    device.read_back = lambda asked: {"rate_ul_day": asked["ul_day"], "left_s": 900}
    assert pump.rate(1500) == Change({"rate_ul_day": 1000}, {"rate_ul_day": 1500, "left_s": 900})


@pytest.mark.parametrize(("read_back_nl", "fits"), [(20_100, True), (19_601, True), (19_600, False), (20_101, False)])
@pytest.mark.parametrize("command", ["bolus", "prime"])
def test_whole_strokes_are_rounded_down(pump: Pump, device: Any, command: str, read_back_nl: int, fits: bool) -> None:
    device.read_back = lambda asked: {**asked, "volume_nl": read_back_nl}
    if fits:
        assert getattr(pump, command)(20_100).new["volume_nl"] == read_back_nl
    else:
        with pytest.raises(errors.ReadBackMismatch):
            getattr(pump, command)(20_100)


@pytest.mark.parametrize("answer", ["no", "interrupted"])
def test_a_user_who_does_not_agree(pump: Pump, device: Any, answer: str) -> None:
    shown: list[PendingChange] = []

    def agree(draft: PendingChange) -> bool:
        shown.append(draft)
        if answer == "interrupted":
            raise KeyboardInterrupt
        return False

    device.old = {"rate_ul_day": 1000}
    with pytest.raises(errors.NotConfirmed if answer == "no" else KeyboardInterrupt):
        pump.rate(1500, agree=agree)
    assert (shown[0].old, shown[0].new) == ({"rate_ul_day": 1000}, {"rate_ul_day": 1500})
    assert device.commands[1:] == ["rate", "draft_drop"]


def test_a_change_without_confirmation_is_made_without_asking(pump: Pump, device: Any) -> None:
    device.at_once = True
    pump.rate(500, agree=lambda _: pytest.fail("asked"))
    assert device.commands[1:] == ["rate"]


def test_the_first_error_is_reported_when_the_drop_fails_too(pump: Pump, device: Any) -> None:
    device.refuse("draft_drop", "nothing_to_do")
    with pytest.raises(errors.NotConfirmed):
        pump.rate(1500, agree=lambda _: False)


def test_a_pending_change_that_has_expired(pump: Pump, device: Any) -> None:
    device.refuse("confirm", "no_draft")
    with pytest.raises(errors.Refused, match="ask for it again"):
        pump.rate(1500)


@pytest.mark.parametrize("answer", [{}, {"draft": 7, "code": 1}, {"draft": 7, "code": None, "old": {}, "new": {}}])
def test_an_answer_without_a_read_back(pump: Pump, device: Any, answer: dict[str, Any]) -> None:
    device.answers["rate"] = answer
    with pytest.raises(errors.BadAnswer):
        pump.rate(1500)
    assert "confirm" not in device.commands
