"""The running service with a simulated pump that requires keys: pairing, roles by token, the record (C5, C7)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pumpctl import running, sim
from pumpctl.cli.screen import console
from pumpctl.protocol import key_files
from pumpctl.session import store
from service_process import Service, next_of

REQUIREMENTS = ("C5", "C6", "C7")
_ANNA, _BERT = "token-of-the-operator", "token-of-the-service"


@pytest.fixture
def pump() -> Iterator[sim.Simulation]:
    """A pump that was never paired and takes no command without a key."""
    with sim.Simulation(seed=1, time="wall", options=("--keys", "yes")) as simulation:
        yield simulation


def _pair(service: Service, pump: sim.Simulation, token: str, role: str = "service") -> tuple[int, Any]:
    """Pair the service, and press the button when the pump waits for it."""
    found: list[tuple[int, Any]] = []
    body = {"name": "bench", "role": role}

    def ask() -> None:
        found.append(service.get("pumps/1/pair", body, Authorization=f"Bearer {token}"))

    thread = threading.Thread(target=ask)
    thread.start()
    while thread.is_alive() and service.command("pair_state")[1]["stage"] == "idle":
        pass
    pump.do("press")
    thread.join()
    return found[0]


def _until_standby(service: Service) -> None:
    service.until("status", lambda answer: answer["state"] == 1)


@pytest.mark.long("two services and a pump in wall time")
def test_the_service_holds_the_key_and_its_clients_have_the_roles_of_their_tokens(
    pump: sim.Simulation, run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    def command(token: str, command: str, **fields: Any) -> tuple[int, Any]:
        return service.get(f"pumps/1/commands/{command}", fields, Authorization=f"Bearer {token}")

    with Service("--port", pump.port) as service:
        _until_standby(service)
        (entry,) = running.entries()
        # Without a token: read and stop, by every way.
        about = service.get("pumps")[1][0]
        assert (about["keyed"], about["role"]) == (True, "view")
        assert service.command("status")[0] == service.command("stop")[0] == 200
        for name in ("start", "silence", "pair_begin", "keys_erase"):
            code, answer = service.command(name)
            assert (code, answer["error"]["code"]) == (403, "token_needed"), name
        assert service.get("pumps/1/world", {"action": "press"})[0] == 403
        assert service.get("pumps/1/pair", {"name": "x", "role": "view"})[0] == 403
        with service.line() as line:
            assert line.ask(1, "hello", token="wrong" * 5)["role"] == "view"
            assert line.ask(2, "silence")["service"] == "token"
            assert line.ask(3, "session_open", name="x", role="view", nonce="00" * 16)["ok"] is False
            assert line.ask(4, "stop")["ok"]
        # With the token, and no key so far.
        code, answer = command(entry.token, "silence")
        assert (code, answer["error"]["code"]) == (403, "key_missing")
        code, _, err = run("silence", port=pump.port)
        assert (code, "type `pumpctl pair`" in err) == (6, True)
        # A pairing by the service, whose other clients learn of it.
        assert _pair(service, pump, entry.token)[1]["role"] == "service"
        assert command(entry.token, "silence")[0] == 200
        with service.web() as web:
            assert next_of(web, lambda message: "role" in message)["role"] == "view"
        # A pairing by pumpctl while the service holds the port; then the session ends with a reset.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(console, "say", lambda _text: pump.do("press"))
            assert run("pair", "--name", "bench", port=pump.port)[0] == 0
        for _ in range(2):
            assert run("silence", port=pump.port)[0] == 0
            pump.do("reset")
            _until_standby(service)
        key_files.place_of("simulated-1").chmod(0o644)
        code, _, err = run("silence", port=pump.port)
        assert code == 6
        service.wait_for("can be read by others")
        key_files.place_of("simulated-1").chmod(0o600)
    with store.to_read(service.session) as database:
        asked = [(row["command"], row["ok"], row["who"]) for row in store.rows(database, "request")]
    assert [(name, ok) for name, ok, _ in asked if name in ("pair_begin", "pair_finish")][-4:] == [
        ("pair_begin", 1),
        ("pair_finish", 1),
    ] * 2
    assert [ok for name, ok, _ in asked if name == "silence"] == [0, 0, 0, 0, 1, 1, 1, 0]
    assert all("with pid " in who for name, _, who in asked if name == "silence")
    tokens = tmp_path / "tokens"
    tokens.write_text(f"{_ANNA} operate anna\n{_BERT} service bert\n")
    tokens.chmod(0o600)
    with Service("--port", pump.port, "--token-file", str(tokens)) as service:
        assert service.command("status")[0] == 403
        code, answer = command(_ANNA, "param_set", name="pl_per_step", value=2400)
        assert (code, answer["error"]["code"]) == (403, "token_needed")
        change = command(_BERT, "param_set", name="occlusion_rise_pa", value=7000)[1]
        confirm = {"draft": change["draft"], "code": change["code"]}
        assert command(_ANNA, "confirm", **confirm)[0] == 403
        assert command(_BERT, "confirm", **confirm)[0] == 200
        assert command(_ANNA, "silence")[0] == 200
    with store.to_read(service.session) as database:
        asked = [(row["command"], row["ok"], row["who"]) for row in store.rows(database, "request")]
    assert [(name, ok, who.partition(",")[0]) for name, ok, who in asked if "with pid" in who] == [
        ("param_set", 0, "anna (operate)"),
        ("param_set", 1, "bert (service)"),
        ("confirm", 0, "anna (operate)"),
        ("confirm", 1, "bert (service)"),
        ("silence", 1, "anna (operate)"),
    ]
