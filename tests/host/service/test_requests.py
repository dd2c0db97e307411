"""The requests of many clients on one line: their order, a stop ahead of all, answers by id, what is sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from pumpctl import defs, errors
from pumpctl.protocol import wire
from pumpctl.service import requests


class Line:
    """Takes what is written; `sent` are the requests in the order on the line."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.requests = requests.Requests()
        self.requests.write = self._write
        self.sent: list[dict[str, Any]] = []
        monkeypatch.setattr(requests, "TRY_S", 3600)

    def _write(self, line: bytes) -> None:
        self.sent.append(wire.decode(line).fields)

    @property
    def commands(self) -> list[str]:
        return [request["cmd"] for request in self.sent]

    async def ask(self, command: str, **fields: Any) -> asyncio.Task[dict[str, Any]]:
        """Ask, and let the request get as far as it can."""
        task = asyncio.ensure_future(self.requests.ask(command, fields))
        await asyncio.sleep(0)
        return task

    def answer(self, at: int, **fields: Any) -> None:
        """Answer the request that was sent as number `at`."""
        self.requests.take({"id": self.sent[at]["id"], "ok": True, **fields})


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    return Line(monkeypatch)


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def test_requests_are_sent_one_at_a_time_in_their_order_and_answered_by_id(line: Line) -> None:
    async def test() -> None:
        first, second = await line.ask("alarms"), await line.ask("dose")
        assert line.commands == ["alarms"]
        line.requests.take({"id": 5, "ok": True, "rows": []})  # an answer to another program
        line.requests.take({"id": line.sent[0]["id"], "cmd": "dose", "ok": False})  # to another command
        assert not first.done()
        line.answer(0, rows=[1])
        line.answer(1, hour_nl=3)
        assert ((await first)["rows"], (await second)["hour_nl"]) == ([1], 3)

    run(test)


def test_a_stop_is_sent_at_once_and_what_waited_behind_is_refused_if_it_changes_something(line: Line) -> None:
    async def test() -> None:
        await line.ask("status")
        start, dose = await line.ask("start"), await line.ask("dose")
        stop = await line.ask("stop")
        assert line.commands == ["status", "stop"]
        refused = await start
        assert (refused["ok"], defs.REFUSALS[refused["refused"]].name) == (False, "held")
        assert defs.BITS[refused["bits"]].name == "stopped"
        line.answer(1)
        line.answer(0)
        line.answer(2, hour_nl=1)
        assert (await stop)["ok"]
        assert (await dose)["hour_nl"] == 1
        assert line.commands == ["status", "stop", "dose"]

    run(test)


def test_a_request_that_changes_something_is_not_sent_again_after_a_stop(line: Line) -> None:
    async def test() -> None:
        requests.TRY_S = 0
        start = await line.ask("start")
        requests.TRY_S = 3600
        stop = await line.ask("stop")
        with pytest.raises(errors.NoAnswer, match="it is not known whether it was executed"):
            await start
        assert line.commands == ["start", "stop"]
        line.answer(1)
        await stop

    run(test)


def test_a_request_without_an_answer_is_sent_three_times_with_the_same_id(line: Line) -> None:
    async def test() -> None:
        requests.TRY_S = 0
        with pytest.raises(errors.NoAnswer, match="did not answer status in 0 s"):
            await line.requests.ask("status", {})
        assert line.commands == ["status"] * 3
        assert len({request["id"] for request in line.sent}) == 1

    run(test)


def test_a_request_that_arrived_damaged_is_sent_again(line: Line) -> None:
    async def test() -> None:
        status = await line.ask("status")
        number = next(number for number, refusal in defs.REFUSALS.items() if refusal.name == "bad_checksum")
        line.requests.take({"id": None, "ok": False, "refused": number})
        assert line.commands == ["status", "status"]
        line.answer(1)
        assert (await status)["ok"]

    run(test)


def test_equal_requests_to_read_that_wait_are_sent_once(line: Line) -> None:
    async def test() -> None:
        first = await line.ask("status")
        others = [await line.ask("status") for _ in range(20)]
        line.answer(0, state=1)
        await first
        assert line.commands == ["status", "status"]
        line.answer(1, state=2)
        assert [(await other)["state"] for other in others] == [2] * 20

    run(test)


def test_equal_requests_that_change_something_are_sent_each(line: Line) -> None:
    async def test() -> None:
        asked = [await line.ask("ack", alarm=0) for _ in range(3)]
        for at in range(3):
            line.answer(at)
            await asked[at]
        assert line.commands == ["ack"] * 3
        assert len({request["id"] for request in line.sent}) == 3

    run(test)


def test_a_lost_link_fails_every_request_and_new_ones(line: Line) -> None:
    async def test() -> None:
        asked = [await line.ask("status"), await line.ask("start"), await line.ask("stop")]
        line.requests.drop(errors.LinkLost("/dev/x"))
        for task in asked[::2]:
            with pytest.raises(errors.LinkLost):
                await task
        with pytest.raises(errors.LinkLost):
            await line.requests.ask("stop", {})

    run(test)


def test_too_many_requests_are_refused_with_a_sentence(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "_MOST_WAITING", 2)

    async def test() -> None:
        asked = [await line.ask("ack", alarm=alarm) for alarm in range(3)]
        with pytest.raises(errors.ServiceBusy, match="More than 2 requests wait"):
            await line.requests.ask("dose", {})
        line.requests.drop(errors.LinkLost("/dev/x"))
        await asyncio.gather(*asked, return_exceptions=True)

    run(test)
