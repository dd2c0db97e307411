"""`pumpctl serve` as a user types it: what it prints, the ports it takes, its mistakes."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from pumpctl.session import store
from service_process import Service


@pytest.fixture
def pump(pty_device: Any) -> Any:
    pty_device.answers["status"].update(boot=1, log_next=1)
    pty_device.answers.update(log={"rows": [], "next": None}, alarms={"rows": []})
    return pty_device


def test_two_pumps_are_served_by_their_names_and_each_has_its_own_line_port_and_session(pump: Any) -> None:
    other = type(pump)()
    other.answers.update(pump.answers)
    other.answers["status"] = {**pump.answers["status"], "rate_ul_day": 77}
    try:
        with Service("--port", pump.port, "--port", other.port) as service:
            assert [found["name"] for found in service.get("pumps")[1]] == ["1", "2"]
            assert service.get("pumps/2/commands/status", {})[1]["rate_ul_day"] == 77
            assert len({found["line_port"] for found in service.pumps}) == 2
            assert len({found["session"] for found in service.pumps}) == 2
    finally:
        other.close()


def test_what_a_client_asked_and_what_it_got_is_in_the_session(run: Any, pump: Any) -> None:
    with Service("--port", pump.port) as service:
        service.command("start")
        pump.refuse("ack", "no_such_alarm")
        assert run("ack")[0] == 1
        assert run("status")[0] == 0  # which only reads
        assert service.command("stop")[0] == 200
    with store.to_read(service.session) as database:
        rows = [(row["command"], row["ok"], row["who"]) for row in store.rows(database, "request")]
    asked = [(command, ok, who.rpartition(", ")[2]) for command, ok, who in rows]
    assert asked == [("start", 1, "web"), ("ack", 0, "line port"), ("stop", 1, "web")]
    assert all(f"with pid {os.getpid()}, " in who for _, _, who in rows)


def test_a_session_is_continued_over_a_kill_and_the_gap_is_marked(pump: Any, tmp_path: Path) -> None:
    rows = [[sequence, 1, 0, 32, 0, 0] for sequence in range(1, 9)]
    pump.answers["log"] = lambda asked: {"rows": [row for row in rows if row[0] >= asked["first"]], "next": None}
    words = ("--port", pump.port, "--session", str(tmp_path / "s.session"))
    service = Service(*words)
    _until_recorded(service, "telemetry", 1)  # the session begins with the records after this one
    with service.line() as client:
        client.ask(1, "status")
        pump.answers["status"]["log_next"] = 4
        for row in rows[:3]:
            pump.say(pump.line(event=row))
        for row in rows[:3]:
            client.read_until(lambda fields, row=row: fields.get("event") == row)  # type: ignore[misc]
    _until_recorded(service, "event", 3)
    service.end(9)
    pump.answers["status"]["log_next"] = 9
    with Service(*words) as again:
        _until_recorded(again, "event", 8)
    with store.to_read(again.session) as database:
        assert [row["sequence"] for row in store.rows(database, "event")] == list(range(1, 9))
        assert [row["cause"] for row in store.rows(database, "gap")] == ["program"]


def _until_recorded(service: Service, kind: str, count: int) -> None:
    while store.summary(service.session).counts.get(kind, 0) < count:
        assert service.process.poll() is None
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--port", "/dev/none"), "There is no port /dev/none"),
        (("--port", "sim:x"), "The setting 'x' can't be read"),
        (("--port", "a", "--port", "b", "--session", "c"), "--session takes one pump"),
        (("--port", "a", "--token-file", "/none"), "The token can't be read from /none"),
        ((), "No pump was found"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(AssertionError) as told:
        Service(*words)
    assert said in str(told.value)
    assert "Traceback" not in str(told.value)


def test_an_address_in_use_is_told(pump: Any) -> None:
    with (
        Service("--port", pump.port) as service,
        pytest.raises(AssertionError, match="choose another with --http-port"),
    ):
        Service("--port", "/dev/none", "--http-port", str(service.port))
