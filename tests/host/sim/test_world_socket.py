"""The world of a simulated pump for other programs: actions, true values, refusals, the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pumpctl import errors, sim
from pumpctl.sim import world_socket


@pytest.fixture
def done() -> list[tuple[str, str, int | None]]:
    return []


@pytest.fixture
def world(checkout: Path, done: list[tuple[str, str, int | None]]) -> Iterator[world_socket.WorldSocket]:
    with sim.Simulation() as simulation:
        served = world_socket.WorldSocket(simulation, lambda *action: done.append(action))
        yield served
        served.close()


def test_an_action_is_done_and_noted(world: world_socket.WorldSocket, done: list[tuple[str, str, int | None]]) -> None:
    assert world_socket.ask(world.path, "do block") == {"ok": True}
    assert world_socket.ask(world.path, "do block") == {"ok": True}
    assert done == [("world", "block", None), ("world", "block", None)]
    assert isinstance(world_socket.ask(world.path, "truth"), dict)


@pytest.mark.parametrize("line", ["do nonsense", "do", "do drain x", "quit", "run 5", ""])
def test_what_is_no_action_is_refused_and_not_noted(
    world: world_socket.WorldSocket, done: list[tuple[str, str, int | None]], line: str
) -> None:
    with pytest.raises(errors.UnknownWorldAction):
        world_socket.ask(world.path, line)
    assert done == []
    assert world_socket.ask(world.path, "truth")


def test_a_world_that_has_ended_is_told(world: world_socket.WorldSocket) -> None:
    path = world.path
    world.close()
    world.close()
    assert not Path(path).parent.exists()
    with pytest.raises(errors.SimulatorDied, match="can't be reached"):
        world_socket.ask(path, "truth")
