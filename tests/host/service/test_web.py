"""Hostile clients: bad frames, pages from elsewhere, clients that never read. The pump is undisturbed."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import service_runs
from pumpctl import listening
from service_process import Service, next_of
from websockets.exceptions import ConnectionClosed, InvalidStatus

FRAMES = 1000


@pytest.fixture
def pump(pty_device: Any) -> Any:
    pty_device.answers["status"].update(boot=1, log_next=1)
    pty_device.answers.update(log={"rows": [], "next": None}, alarms={"rows": []})
    return pty_device


@pytest.fixture
def service(pump: Any) -> Iterator[Service]:
    with Service("--port", pump.port, "--no-record") as made:
        yield made


def test_hostile_frames_are_answered_and_neither_stop_the_service_nor_reach_the_pump(
    pump: Any, service: Service
) -> None:
    assert service_runs.hostile_frames(service, FRAMES) == 0
    assert not {"start", "rate"} & set(pump.commands)
    assert service.process.poll() is None
    assert "Traceback" not in service.said


def test_a_frame_that_is_too_long_ends_its_connection_only(service: Service) -> None:
    with service.web() as other, service.web(max_size=None) as web:
        web.send("x" * 100_000)
        with pytest.raises(ConnectionClosed):
            next_of(web, lambda message: False)
        other.send('{"id":5,"cmd":"status"}')
        assert next_of(other, lambda message: message.get("id") == 5)["ok"]


def test_a_page_from_another_origin_gets_nothing_by_any_way(pump: Any, service: Service) -> None:
    code, answer = service.get("pumps/1/commands/stop", {}, Origin="http://evil.example")
    assert (code, answer["error"]["code"]) == (403, "not_authorised")
    assert "A page from http://evil.example may not use this service" in answer["error"]["text"]
    assert service.get("pumps", Host=f"evil.example:{service.port}")[0] == 403
    with pytest.raises(InvalidStatus):
        service.web(origin="http://evil.example")
    assert service.get("pumps", Origin=service.url)[0] == 200
    with service.web(origin=service.url) as web:
        assert json.loads(web.recv())["pump"] == "1"
    assert "stop" not in pump.commands


def test_a_form_of_a_page_cannot_send_a_command(pump: Any, service: Service) -> None:
    assert service.get("pumps/1/commands/start", {"a": 1}, Content_Type="text/plain")[0] == 400
    assert service.get("pumps/1/commands/start")[0] == 405
    assert "start" not in pump.commands


def test_a_body_that_is_too_long_is_refused(service: Service) -> None:
    assert service.get("pumps/1/commands/start", {"a": "x" * 100_000})[0] == 400


@pytest.mark.parametrize("kind", ["web", "line"])
def test_a_client_that_never_reads_is_closed_and_delays_no_other(pump: Any, service: Service, kind: str) -> None:
    deaf = _deaf(service) if kind == "web" else _connected(int(service.pumps[0]["line_port"].rpartition(":")[2]))
    event = pump.line(event=[1, 5, 0, 32, 0, 0])
    with service.line() as client, deaf:
        number = 0
        while "not read, so the connection is closed." not in service.said:
            number += 1
            for _ in range(100):
                pump.say(event)
            assert client.ask(number, "status")["ok"]
        assert service.command("status")[0] == 200


def _connected(port: int) -> socket.socket:
    """A connection that takes little before it is read."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    made.connect(("127.0.0.1", port))
    return made


def _deaf(service: Service) -> socket.socket:
    """A WebSocket that was opened by hand, and is never read, with a small buffer."""
    made = _connected(service.port)
    made.sendall(
        f"GET /api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    return made


def test_the_page_and_what_it_needs_come_from_the_service_alone(service: Service) -> None:
    import urllib.request

    for path in ("", "page.js", "style.css", "api/v1/"):
        with urllib.request.urlopen(f"{service.url}/{path}") as answer:
            text = answer.read().decode()
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "http://" not in text
        assert "https://" not in text
    assert service.get("names")[1]["states"]["2"] == "infusing"


def test_gaps_are_marked_to_web_clients(pump: Any, service: Service) -> None:
    while "status" not in pump.commands:  # of the service itself
        time.sleep(0.01)
    with service.web() as web:
        pump.answers["status"].update(boot=2, uptime_s=3)
        pump.say(pump.line(telemetry=pump.answers["status"]))
        found = next_of(web, lambda message: "gap" in message)
        assert found["gap"] == listening.Gap("reset", "").cause
        assert found["text"].startswith("The pump was reset; this is start 2")
