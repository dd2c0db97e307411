"""The verbs pair and keys, on a simulated pump whose button is pressed as soon as it is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from pumpctl import ports, sim
from pumpctl.cli.main import app
from pumpctl.cli.screen import console
from pumpctl.protocol import key_files
from typer.testing import CliRunner

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def simulation() -> Iterator[sim.Simulation]:
    with sim.Simulation(seed=1) as simulation:
        simulation.run(5000)
        yield simulation


@pytest.fixture
def run(simulation: sim.Simulation, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command line and returns (exit code, stdout, stderr).

    `action` is done on the pump when the verb asks for it.
    """
    monkeypatch.setattr(ports, "opened", lambda _port: simulation.transport())

    def run(*words: str, action: tuple[str, int | None] | None = None) -> tuple[int, str, str]:
        with monkeypatch.context() as patch:
            if action:
                patch.setattr(console, "say", lambda _text: simulation.do(*action))
            result = CliRunner().invoke(app, ["--port", "simulated", *words])
        assert "Traceback" not in result.output
        return result.exit_code, result.stdout, result.stderr

    return run


def test_a_host_is_paired_listed_and_revoked(run: Run, simulation: sim.Simulation) -> None:
    code, out, _ = run("pair", "--name", "bench", "--json", action=("press", None))
    assert (code, json.loads(out)["role"]) == (0, "service")
    assert run("silence", "--json")[0] == 0
    code, out, _ = run("keys", "--json")
    assert (code, json.loads(out)["hosts"]) == (0, [{"name": "bench", "role": "service"}])
    assert run("keys", "list", "--json")[1] == out
    assert "bench" in run("keys")[1]
    assert run("keys", "revoke", "bench", "--json")[0] == 0
    assert json.loads(run("keys", "--json")[1])["hosts"] == []


def test_all_keys_are_erased_by_holding_the_button(run: Run, simulation: sim.Simulation) -> None:
    run("pair", "--name", "bench", "--json", action=("press", None))
    code, out, _ = run("keys", "erase", "--json", action=("hold", 1))
    assert (code, json.loads(out)["keyed"]) == (0, False)
    assert key_files.load("simulated-1") is None


def test_what_is_not_authorised_ends_with_6(run: Run, simulation: sim.Simulation) -> None:
    run("pair", "--name", "bench", "--json", action=("press", None))
    key_files.place_of("simulated-1").chmod(0o644)
    code, _, err = run("silence")
    assert (code, "can be read by others" in err) == (6, True)
    place = key_files.place_of("simulated-1")
    place.chmod(0o600)
    good = place.read_text()
    for wrong, said in (("other", "is for the pump other, not for this one"), ('"', "is damaged; delete it")):
        place.write_text(good.replace("simulated-1", wrong))
        code, _, err = run("silence")
        assert (code, said in err, err.count("\n")) == (6, True, 1), err
    key_files.forget("simulated-1")
    code, _, err = run("silence")
    assert (code, "type `pumpctl pair`" in err) == (6, True)
    assert run("stop", "--json")[0] == 0
    assert run("keys", "erase", "--json", action=("press", None))[0] == 6


def test_bad_names_and_roles_change_nothing(run: Run, simulation: sim.Simulation) -> None:
    assert run("pair", "--name", "a b")[0] == 1
    assert run("pair", "--role", "root")[0] == 1
    assert json.loads(run("keys", "--json")[1])["area"] == "blank"
