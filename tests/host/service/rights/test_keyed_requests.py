"""Requests in a session: opened before them, opened anew when the pump has forgotten it, and never after a stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from pumpctl import defs, errors
from pumpctl.protocol import key_files, session, wire
from pumpctl.service import requests
from pumpctl.service.rights import keyring

REQUIREMENTS = ("C5", "C7")
_ID = "e660"
_KEY = session.HostKey("bench", "service", bytes(range(32)))
_NUMBERS = {refusal.name: number for number, refusal in defs.REFUSALS.items()}


class Pump:
    """Has the key, checks the code of each line, and answers when it is told to; `done` are commands carried out."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, key: bytes = _KEY.key, started_with: session.HostKey | None = None
    ) -> None:
        monkeypatch.setattr(requests, "TRY_S", 3600)
        self.requests = requests.Requests()
        self.lines: list[bytes] = []
        self.requests.write = self.lines.append
        self.requests.keyring = keyring.Keyring(_ID, started_with)
        self.done: list[str] = []
        self._key = key
        self._session_key = b""

    async def ask(self, command: str, **fields: Any) -> asyncio.Task[dict[str, Any]]:
        task = asyncio.ensure_future(self.requests.ask(command, fields))
        await asyncio.sleep(0)
        return task

    def forget(self) -> None:
        """As by a reset."""
        self._session_key = b""

    def answer_all(self) -> None:
        while self.lines:
            self.answer(self.lines.pop(0))

    def answer(self, line: bytes, forged: bool = False) -> None:
        message = wire.decode(line)
        number, command = message.fields["id"], message.fields["cmd"]
        if command == "session_open":
            self.requests.take({"id": number, "ok": True, **self._open(message.fields)})
            return
        if message.code is None:
            self.done.append(f"{command} without a code")
            self.requests.take({"id": number, "ok": True})
            return
        if not self._session_key or session.code(self._session_key, b"h" + message.body) != message.code:
            self.requests.take({"id": None, "ok": False, "refused": _NUMBERS["no_session"]})
            return
        self.done.append(command)
        fields = {"id": number, "ok": True}
        body = wire.body_of(fields)
        self.requests.take(fields, body, None if forged else session.code(self._session_key, b"p" + body))

    def _open(self, fields: dict[str, Any]) -> dict[str, Any]:
        nonce = bytes(16)
        salt = bytes.fromhex(fields["nonce"]) + nonce + (1).to_bytes(4, "little")
        info = b"pump session" + bytes([defs.ROLE_NAMES.index(fields["role"])]) + _ID.encode()
        self._session_key = session.expand(session.extract(salt, self._key), info)
        return {"nonce": nonce.hex(), "starts": 1, "proof": session.code(self._session_key, b"o")}


@pytest.fixture
def pump(monkeypatch: pytest.MonkeyPatch) -> Pump:
    key_files.save(_ID, _KEY)
    return Pump(monkeypatch)


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def test_what_changes_something_goes_in_a_session_and_what_reads_or_stops_does_not(pump: Pump) -> None:
    async def test() -> None:
        asked = [await pump.ask(command) for command in ("start", "status", "silence")]
        stop = await pump.ask("stop")
        pump.answer_all()
        assert [(await task)["ok"] for task in asked] == [False, True, False]  # they waited behind the stop
        assert (await stop)["ok"]
        again = [await pump.ask(command) for command in ("start", "silence")]
        pump.answer_all()
        assert all([(await task)["ok"] for task in again])
        assert pump.done == ["stop without a code", "status without a code", "start", "silence"]

    run(test)


def test_without_a_file_the_key_is_the_one_that_the_pump_was_started_with(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        pump = Pump(monkeypatch, started_with=_KEY)
        task = await pump.ask("start")
        pump.answer_all()
        assert (await task)["ok"]
        assert pump.done == ["start"]

    run(test)


def test_after_a_reset_a_request_is_sent_in_a_new_session(pump: Pump) -> None:
    async def test() -> None:
        for command in ("start", "silence"):
            task = await pump.ask(command)
            pump.answer_all()
            assert (await task)["ok"]
            pump.forget()
        assert pump.done == ["start", "silence"]

    run(test)


def test_a_request_is_not_sent_in_a_new_session_after_a_stop_or_when_a_copy_may_have_been_carried_out(
    pump: Pump,
) -> None:
    async def test() -> None:
        first = await pump.ask("silence")
        pump.answer_all()
        await first
        pump.forget()
        start = await pump.ask("start")
        (line,) = pump.lines
        pump.lines.clear()
        stop = await pump.ask("stop")
        pump.answer(line)
        assert defs.REFUSALS[(await start)["refused"]].name == "held"
        pump.answer_all()
        await stop
        task = await pump.ask("silence")
        pump.answer_all()
        await task
        pump.forget()
        task = await pump.ask("ack", alarm=0)
        pump.requests.take({"id": None, "ok": False, "refused": _NUMBERS["bad_checksum"]})
        pump.answer_all()
        with pytest.raises(errors.LinkDamaged, match="it is not known whether it was executed"):
            await task
        assert pump.done == ["silence", "stop without a code", "silence"]

    run(test)


def test_a_stop_while_a_session_is_opened_refuses_what_it_is_opened_for(pump: Pump) -> None:
    async def test() -> None:
        start = await pump.ask("start")
        stop = await pump.ask("stop")
        assert defs.REFUSALS[(await start)["refused"]].name == "held"
        pump.answer_all()
        await stop
        assert pump.done == ["stop without a code"]

    run(test)


def test_an_answer_without_the_pumps_code_does_not_count(pump: Pump) -> None:
    async def test() -> None:
        task = await pump.ask("start")
        pump.answer(pump.lines.pop(0))
        pump.answer(pump.lines.pop(0), forged=True)
        await asyncio.sleep(0)
        assert not task.done()
        pump.requests.drop(errors.LinkLost("x"))
        with pytest.raises(errors.LinkLost):
            await task

    run(test)


def test_ids_below_the_last_of_a_session_are_sent_in_a_new_one(pump: Pump) -> None:
    async def test() -> None:
        task = await pump.ask("silence")
        pump.answer_all()
        await task
        pump.requests._next_id = 100_000_000  # as after the highest
        task = await pump.ask("start")
        assert wire.decode(pump.lines[0]).fields["cmd"] == "session_open"
        pump.answer_all()
        await task
        assert pump.done == ["silence", "start"]

    run(test)


def test_a_pump_that_never_knows_the_session_is_asked_twice(pump: Pump) -> None:
    async def test() -> None:
        task = await pump.ask("start")
        for _ in range(2):
            pump.answer(pump.lines.pop(0))
            pump.forget()
            pump.answer(pump.lines.pop(0))
        with pytest.raises(errors.SessionEnded):
            await task
        assert (pump.done, pump.lines) == ([], [])

    run(test)


def test_no_key_a_damaged_one_and_one_of_another_pairing_are_each_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        pump = Pump(monkeypatch, bytes(32))
        for prepare, error in (
            (lambda: None, errors.KeyMissing),
            (lambda: key_files.save(_ID, _KEY).chmod(0o644), errors.KeyUnfit),
            (lambda: key_files.save(_ID, _KEY), errors.ProofWrong),
        ):
            prepare()
            task = await pump.ask("start")
            pump.answer_all()
            with pytest.raises(error):
                await task
        reading = await pump.ask("status")
        pump.answer_all()
        assert (await reading)["ok"]
        assert pump.done == ["status without a code"]

    run(test)
