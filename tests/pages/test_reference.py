"""REFERENCE.md is enough to write a client: its examples are what a pump answers, and a client made from it works."""

import json
import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tables
from pumpctl import sim
from pumpctl.protocol import session as sessions

from pages.reference_client import Client

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "firmware/definitions/REFERENCE.md"
_READY_MS = 5_000
_ANSWER_MS = 50
_PRIVATE = bytes(range(32))  # of the host in the examples


@pytest.fixture
def simulation() -> Iterator[sim.Simulation]:
    with sim.Simulation(seed=1) as simulation:
        simulation.run(_READY_MS)
        yield simulation


def framed(text: str) -> bytes:
    return f"{text}*{zlib.crc32(text.encode()):08X}\n".encode()


def shape(value: Any) -> Any:
    """The names in an answer, with those within."""
    return {name: shape(inner) for name, inner in value.items()} if isinstance(value, dict) else None


def answer_of(simulation: sim.Simulation, request: str) -> dict[str, Any]:
    simulation.send(framed(request))
    simulation.run(_ANSWER_MS)
    number = tables.fields_of(request)["id"]
    lines = [tables.fields_of(line.rpartition(b"*")[0].decode()) for line in simulation.receive().splitlines()]
    (answer,) = [line for line in lines if line.get("id") == number]
    return dict(answer)


class Host:
    """The host of the examples: puts into a request what follows from the answers of this run."""

    def __init__(self) -> None:
        self._pairing = sessions.Pairing("bench", "service", _PRIVATE)
        self._draft: dict[str, Any] = {}
        self._key = sessions.HostKey("", "", b"")
        self._session: sessions.Session | None = None

    def line(self, example: str) -> str:
        request = tables.fields_of(example)
        if request["cmd"] == "confirm":
            request |= {"draft": self._draft["draft"], "code": self._draft["code"]}
        if request["cmd"] == "pair_finish":
            request["proof"] = sessions.host_proof(self._key)
        text = json.dumps(request, separators=(",", ":"))
        if "~" not in example:
            return text
        assert self._session
        return f"{text}~{self._session.seal(text.encode())}"

    def take(self, request: str, answer: dict[str, Any]) -> None:
        fields = tables.fields_of(request)
        self._draft = answer if answer.get("code") else self._draft
        if answer.get("public"):
            self._key = self._pairing.agree(answer["public"], "simulated-1")
        if fields["cmd"] == "session_open":
            self._session = sessions.Session(self._key, "simulated-1", bytes.fromhex(fields["nonce"]), answer)


def test_every_example_is_what_a_pump_answers(simulation: sim.Simulation) -> None:
    host = Host()
    for entry in tables.load()["example"]:
        if "do" in entry:
            simulation.do(entry["do"])
            for _ in range(entry["wait_s"]):
                simulation.run(1000)
            simulation.receive()
            continue
        expected = tables.fields_of(entry["answer"])
        request = host.line(entry["request"])
        answer = answer_of(simulation, request)
        host.take(request, answer)
        assert shape(answer) == shape(expected), entry["request"]
        assert (answer["ok"], answer.get("refused")) == (expected["ok"], expected.get("refused")), entry["request"]


def test_every_line_on_the_page_has_a_right_checksum() -> None:
    lines = [line.strip() for line in REFERENCE.read_text().splitlines() if line.strip().startswith('{"')]
    assert len(lines) > 2 * len(tables.load()["command"])
    for line in lines:
        text, _, check = line.rpartition("*")
        assert check == f"{zlib.crc32(text.encode()):08X}", line


def test_every_command_has_an_example_with_its_fields() -> None:
    page = REFERENCE.read_text()
    for command in tables.load()["command"]:
        section = page.partition(f"### `{command['name']}` ")[2].partition("\n### ")[0].partition("\n## ")[0]
        (request,) = [line for line in section.splitlines() if f'"cmd":"{command["name"]}"' in line]
        fields = tables.fields_of(request.rpartition("*")[0])
        for field in command.get("fields", []):
            assert field["name"] in fields or field.get("optional"), request
        said = section[section.index(request) + len(request) :].strip().split("\n")[0]
        answer = tables.fields_of(said.rpartition("*")[0])
        assert {entry["name"] for entry in command.get("answer", [])} == set(answer) - {"id", "ok"}, command["name"]


def test_the_examples_do_not_count_in_the_digest() -> None:
    definitions = tables.load()
    before = tables.digest(definitions)
    definitions["example"] = definitions["example"][:1]
    assert tables.digest(definitions) == before


def test_a_command_without_an_example_is_an_error() -> None:
    definitions = tables.load()
    definitions["example"] = [
        entry for entry in definitions["example"] if '"cmd":"trace"' not in entry.get("request", "")
    ]
    with pytest.raises(tables.DefinitionError, match=r"command trace: examples\.toml has no example"):
        tables.check(definitions)


def test_a_client_written_from_the_page_alone_starts_a_new_pump(simulation: sim.Simulation) -> None:
    lines: deque[bytes] = deque()

    def receive() -> bytes:
        while not lines:
            simulation.run(_ANSWER_MS)
            lines.extend(simulation.receive().splitlines())
        return lines.popleft()

    client = Client(simulation.send, receive)
    assert f"`{client.ask('hello')['digest']}`" in REFERENCE.read_text()
    assert client.ask("status")["state"] == 1
    client.ask("time_set", day=20500, second=43200)
    client.ask("refill_begin")
    client.ask("refill_withdrawn", volume_nl=0)
    client.change("refill_finish", volume_nl=20_000_000, fluid="drug")
    client.change("therapy_set", profile="continuous", rows=[[2, 1000, 0, 0]])
    client.ask("start")
    simulation.run(60_000)
    status = client.ask("status")
    assert (status["state"], status["fluid"], status["rate_ul_day"]) == (2, "drug", 1000)
    assert status["strokes"] == 2
    assert any("event" in line for line in client.unasked)
    with pytest.raises(ValueError, match="'refused': 209"):
        client.change("rate", ul_day=10)
    client.change("rate", ul_day=1200)
    client.ask("stop")
    assert client.ask("status")["state"] == 1
