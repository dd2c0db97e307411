"""`pumpctl world` finds the simulated pump that runs, in the service or in another terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from interpreters import started
from pumpctl import sim
from service_process import Service


@pytest.fixture
def simulated(checkout: Path) -> Iterator[str]:
    """The port of `pumpctl sim` with a fake firmware, in a process of its own."""
    words = [sys.executable, "-m", "pumpctl", "sim", "--json"]
    with started(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["port"]
        process.communicate("quit\n")


def test_an_action_reaches_the_pump_in_the_other_terminal(run: Any, simulated: str) -> None:
    assert run("world", "block", port=None)[::2] == (0, "block done.\n")
    code, out, _ = run("world", "truth", "--json", port=simulated)
    assert (code, isinstance(json.loads(out), dict)) == (0, True)
    code, _, err = run("world", "nonsense", port=None)
    assert (code, "refused" in err) == (2, True)
    code, _, err = run("world", "block", port="/dev/null")
    assert (code, err.startswith("No simulated pump runs at /dev/null")) == (3, True)


def test_without_a_simulated_pump_the_sentence_says_how_to_start_one(run: Any) -> None:
    code, _, err = run("world", "block", port=None)
    assert (code, "pumpctl serve --port sim:" in err) == (3, True)
    assert run("world", "help", port=None)[2].startswith("block, unblock")


def test_the_world_of_a_served_pump_is_acted_on_by_the_verb_and_by_rest_and_recorded(run: Any) -> None:
    _real_checkout()
    with Service("--port", "sim:") as service:
        assert run("world", "block", port=None)[0] == 0
        assert service.get("pumps/1/world", {"action": "drain", "value": 1000}) == (200, {"ok": True})
        assert service.get("pumps/1/world", {"action": "nonsense"})[0] == 400
        assert "reservoir_nl" in service.get("pumps/1/world")[1]
    code, out, _ = run("session", "export", "last", "--kind", "world", port=None)
    assert code == 0
    assert [json.loads(line)["action"] for line in out.splitlines()] == ["block", "drain"]


def _real_checkout() -> None:
    try:
        sim.Simulation().close()
    except sim.simulation.errors.SimulatorMissing as missing:
        pytest.skip(str(missing))
