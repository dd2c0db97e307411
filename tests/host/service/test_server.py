"""The running service with a fake pump on a pty: many clients, its own line port, the verbs that find it, its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pumpctl import defs, running
from pumpctl.protocol import transport, wire
from pumpctl.pump import Pump
from service_process import LineClient, Service, next_of
from websockets.exceptions import InvalidStatus

ROW = [1, 5, 0, 32, 0, 0]


@pytest.fixture
def pump(pty_device: Any) -> Any:
    """The fake pump, with what the service asks by itself."""
    pty_device.answers["hello"]["unique_id"] = "e660"
    pty_device.answers["status"].update(boot=1, log_next=1)
    pty_device.answers.update(log={"rows": [], "next": None}, alarms={"rows": []})
    return pty_device


@pytest.fixture
def service(pump: Any) -> Iterator[Service]:
    with Service("--port", pump.port) as made:
        yield made


def test_the_line_port_speaks_the_pumps_own_protocol_to_pumpctl(pump: Any, service: Service) -> None:
    url = service.pumps[0]["line_port"]
    with Pump.connect(transport.SerialTransport(url)) as first, Pump.connect(transport.SerialTransport(url)) as second:
        assert first.hello.board == "fake"
        assert first.status().rate_ul_day == second.status().rate_ul_day == 1000
        first.stop()
    assert "stop" in pump.commands


def test_each_client_gets_the_answer_to_its_own_id(pump: Any, service: Service) -> None:
    pump.answers["ack"] = lambda request: {"acknowledged": request["alarm"], "standing": 0}
    with service.line() as first, service.line() as second:
        for alarm in range(5):
            line = wire.encode({"id": 7, "cmd": "ack", "alarm": alarm})
            (first if alarm % 2 else second).send(line)
        assert [first.read_until(_answer)["acknowledged"] for _ in range(2)] == [1, 3]
        assert [second.read_until(_answer)["acknowledged"] for _ in range(3)] == [0, 2, 4]


def test_a_line_that_is_sent_again_is_carried_out_once_and_answered_each_time(pump: Any, service: Service) -> None:
    with service.line() as client:
        assert client.ask(9, "start")["ok"]
        assert client.ask(9, "start")["ok"]
    assert pump.commands.count("start") == 1


@pytest.mark.parametrize("text", [b"STOP\n", b"\x00\xffstop\n", b'{"id":1,"cmd":"stop"}\n', b'{"id":1,"cm stop;\n'])
def test_a_stop_typed_at_the_line_port_in_any_form_stops(pump: Any, service: Service, text: bytes) -> None:
    with service.line() as client:
        client.send(text)
        assert client.read_until(_answer)["ok"]
    assert pump.commands.count("stop") == 1


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (b"nonsense 1\n", "bad_line"),
        (b'{"id":1,"cmd":"start"}\n', "no_checksum"),
        (wire.encode({"id": 1, "cmd": "start"})[:-3] + b"00\n", "bad_checksum"),
        (b"{" + b"x" * 600 + b"}\n", "too_long"),
        (b'[["cmd"]]\n', "bad_line"),
    ],
)
def test_a_bad_line_is_refused_as_the_pump_would_and_reaches_no_pump(
    pump: Any, service: Service, text: bytes, refusal: str
) -> None:
    with service.line() as client:
        client.send(text)
        answer = client.read_until(_answer)
        assert (answer["id"], defs.REFUSALS[answer["refused"]].name) == (None, refusal)
    assert "start" not in pump.commands


def test_a_web_page_cannot_reach_the_pump_by_the_line_port(pump: Any, service: Service) -> None:
    with service.line() as client:
        line = wire.encode({"id": 1, "cmd": "start"})
        client.send(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + line)
        assert client.read() == {}
    with service.line() as client:
        client.ask(2, "status")
    assert "start" not in pump.commands


def test_rest_and_websocket_have_the_pumps_commands_and_tell_refusals_as_sentences(pump: Any, service: Service) -> None:
    assert service.get("pumps")[1][0]["hello"]["unique_id"] == "e660"
    assert service.command("status")[1]["rate_ul_day"] == 1000
    pump.refuse("start", "plan_missing")
    code, refused = service.command("start")
    assert (code, refused["name"]) == (409, "plan_missing")
    assert refused["text"].startswith("start refused: ")
    assert service.command("no_such")[0] == 400
    assert service.get("pumps/2")[0] == 404
    with service.web() as web:
        web.send('{"id":"a","cmd":"status"}')
        assert next_of(web, lambda message: message.get("id") == "a")["rate_ul_day"] == 1000


def test_the_description_of_the_interface_names_every_command(service: Service) -> None:
    paths = service.get("openapi.json")[1]["paths"]
    assert {path.rpartition("/")[2] for path in paths} >= set(defs.COMMANDS)
    rate = paths["/api/v1/pumps/{pump}/commands/rate"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert (rate["properties"]["ul_day"]["minimum"], rate["required"]) == (50, ["ul_day"])


def test_events_go_to_all_clients_and_telemetry_to_those_that_want_it(pump: Any, service: Service) -> None:
    with service.line() as idle, service.line() as slow, service.web() as web:
        idle.ask(1, "status")
        slow.ask(1, "telemetry", period_s=10)
        web.send('{"id":1,"cmd":"telemetry","period_s":1}')
        next_of(web, lambda message: message.get("id") == 1)
        for second in range(20):
            status = {**pump.answers["status"], "uptime_s": 300_000 + second}
            pump.say(pump.line(telemetry=status))
        pump.say(pump.line(event=ROW))
        assert idle.read()["event"] == ROW
        for client, read in ((2, slow.read), (20, lambda: next_of(web, lambda message: True))):
            got = []
            while "event" not in (message := read()):
                got.append(message)
            assert len([message for message in got if "telemetry" in message]) == client
    assert [request["period_s"] for request in pump.asked("telemetry")][-1] == 1


def test_a_verb_without_a_port_goes_through_the_only_service_and_says_so(run: Any, pump: Any, service: Service) -> None:
    code, out, err = run("stop", "--json", port=None)
    assert (code, json.loads(out)) == (0, {"ok": True})
    assert f"belongs to the service with pid {service.process.pid}" in err
    assert "stop" in pump.commands


def test_a_verb_for_the_port_that_the_service_owns_goes_through_it(run: Any, service: Service) -> None:
    code, out, err = run("status", "--json")
    assert (code, json.loads(out)["rate_ul_day"]) == (0, 1000)
    assert f"belongs to the service with pid {service.process.pid}" in err


def test_a_second_service_on_the_same_port_is_refused_with_the_first_ones_address(pump: Any, service: Service) -> None:
    with pytest.raises(AssertionError, match=f"served by the service with pid {service.process.pid} at {service.url}"):
        Service("--port", pump.port)
    assert service.command("status")[0] == 200


def test_a_port_held_by_another_program_is_refused_with_its_name_and_pid(pump: Any) -> None:
    with Pump.connect(transport.SerialTransport(pump.port)), pytest.raises(AssertionError) as refused:
        Service("--port", pump.port)
    assert f"in use by {Path(sys.argv[0]).name or 'python'}" in str(refused.value) or "with pid" in str(refused.value)
    assert f"with pid {os.getpid()}" in str(refused.value)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_service_ends_in_order_and_is_not_found_any_more(pump: Any, how: int) -> None:
    service = Service("--port", pump.port)
    assert [entry.pid for entry in running.entries()] == [service.process.pid]
    assert service.end(how) == 0
    assert running.entries() == []
    assert pump.asked("telemetry")[-1]["period_s"] == 0


def test_a_service_that_was_killed_is_not_found_any_more(pump: Any) -> None:
    service = Service("--port", pump.port)
    service.end(signal.SIGKILL)
    assert running.holder_of(pump.port) is None


def test_a_pump_with_other_definitions_can_be_read_and_stopped_only(pump: Any) -> None:
    pump.answers["hello"]["digest"] = "0123456789abcdef"
    with Service("--port", pump.port) as service:
        assert service.command("status")[0] == 200
        assert service.command("stop")[0] == 200
        code, answer = service.command("start")
        assert (code, answer["error"]["code"]) == (409, "foreign_definitions")
        assert "definitions (0123456789abcdef) differ" in answer["error"]["text"]
    assert "start" not in pump.commands


def test_a_pump_that_does_not_answer_at_the_start_is_told_in_a_sentence(pump: Any) -> None:
    pump.answers["hello"] = None
    with pytest.raises(AssertionError, match=r"No answer at .*; check that it is the pump's port and has power"):
        Service("--port", pump.port)


def test_the_service_names_the_package_that_it_misses() -> None:
    program = "import sys; sys.modules['uvicorn'] = None; sys.argv[1:] = ['serve', '--port', 'x']\n"
    program += "from pumpctl.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        "The service needs uvicorn, which isn't installed; type `pip install 'pumpctl[service]'`.\n",
    )


def test_off_this_computer_a_token_is_needed(pump: Any, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="so a token is needed"):
        Service("--port", pump.port, "--host", "0.0.0.0")
    token = tmp_path / "token"
    token.write_text("a-token-of-the-test")
    token.chmod(0o600)
    with Service("--port", pump.port, "--host", "0.0.0.0", "--token-file", str(token)) as service:
        service.url = f"http://127.0.0.1:{service.port}"
        assert service.command("status")[0] == 403
        assert service.get("pumps", Authorization="Bearer a-token-of-the-tesT")[0] == 403
        assert service.get("pumps", Authorization="Bearer a-token-of-the-test")[0] == 200
        assert service.get("pumps?token=a-token-of-the-test")[0] == 200
        with pytest.raises(InvalidStatus):
            service.web()
        with urllib.request.urlopen(f"{service.url}/page.js") as page:
            assert page.status == 200


def test_after_a_reset_of_the_pump_telemetry_is_asked_for_again_without_a_client_doing_so(
    pump: Any, service: Service
) -> None:
    """After a reset the pump sends nothing until it is asked, and its telemetry is off."""
    with service.line() as client:
        client.ask(1, "telemetry", period_s=7)
        while "status" not in pump.commands:  # of the service itself
            time.sleep(0.01)
        before = len(pump.asked("telemetry"))
        pump.answers["status"] = {**pump.answers["status"], "boot": 2, "uptime_s": 1}
        while len(pump.asked("telemetry")) == before:
            time.sleep(0.05)
        assert pump.asked("telemetry")[-1]["period_s"] == 1
        pump.say(pump.line(telemetry=pump.answers["status"]))
        assert client.read_until(lambda fields: "telemetry" in fields)["telemetry"]["boot"] == 2


def test_without_a_link_a_stop_fails_at_once_with_a_sentence_and_the_line_port_is_closed(
    pump: Any, service: Service
) -> None:
    with service.line() as client, service.web() as web:
        client.ask(1, "status")
        pump.close()
        assert next_of(web, lambda message: message.get("connected") is False)["text"].startswith("The link to /dev/")
        while client.read():
            pass
        code, answer = service.command("stop")
        assert (code, answer["error"]["code"]) == (503, "link_lost")
        assert service.get("pumps")[1][0]["connected"] is False
        with service.line() as refused:
            assert refused.read() == {}


def _answer(fields: dict[str, Any]) -> bool:
    return "ok" in fields


def test_the_line_client_of_the_tests_reads_nothing_from_a_closed_port() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        client = LineClient(server.getsockname()[1])
        accepted, _ = server.accept()
        accepted.close()
        assert client.read() == {}
        client.close()
