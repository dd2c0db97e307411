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
from reference_client import Client

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "firmware/definitions/REFERENCE.md"
_READY_MS = 5_000
_ANSWER_MS = 50


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
    number = json.loads(request)["id"]
    lines = [json.loads(line.rpartition(b"*")[0]) for line in simulation.receive().splitlines()]
    (answer,) = [line for line in lines if line.get("id") == number]
    return dict(answer)


def test_every_example_is_what_a_pump_answers(simulation: sim.Simulation) -> None:
    draft: dict[str, Any] = {}
    for entry in tables.load()["example"]:
        if "do" in entry:
            simulation.do(entry["do"])
            for _ in range(entry["wait_s"]):
                simulation.run(1000)
            simulation.receive()
            continue
        request, expected = json.loads(entry["request"]), json.loads(entry["answer"])
        if request["cmd"] == "confirm":  # the code depends on the values, which are those of this run
            request = {**request, "draft": draft["draft"], "code": draft["code"]}
        answer = answer_of(simulation, json.dumps(request, separators=(",", ":")))
        assert shape(answer) == shape(expected), entry["request"]
        assert (answer["ok"], answer.get("refused")) == (expected["ok"], expected.get("refused")), entry["request"]
        draft = answer if answer.get("code") else draft


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
        fields = json.loads(request.rpartition("*")[0])
        for field in command.get("fields", []):
            assert field["name"] in fields or field.get("optional"), request
        answer = json.loads(section[section.index(request) + len(request) :].strip().split("\n")[0].rpartition("*")[0])
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
