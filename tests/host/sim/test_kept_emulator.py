"""A device in the process of an earlier one does what it would do in a process of its own, to the cycle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from emulated_run import DEMO, EMULATOR, RELEASE, WITH_IMAGE
from pumpctl import sim
from pumpctl.protocol import wire
from pumpctl.sim import kept

pytestmark = [*EMULATOR, WITH_IMAGE]

_MINUTE_MS = 60_000
_CUT_S = 3
_SELF_TEST_MS = 5_000
_REQUESTS: list[tuple[str, dict[str, Any]]] = [  # a release image without a key refuses those that change something
    ("hello", {}),
    ("refill_begin", {}),
    ("refill_finish", {"volume_nl": 16_000_000, "fluid": "saline"}),
    ("status", {}),
    ("log", {}),
]


def course(image: Path, seed: int) -> list[Any]:
    """What the world and the host see of a delivery, a block and a power cut; the requests are the same each time."""
    seen: list[Any] = []
    with sim.Simulation(seed=seed, emulated=True, image=image, paired=False) as simulation:
        simulation.run(_SELF_TEST_MS)
        for number, (command, fields) in enumerate(_REQUESTS):
            simulation.transport().write(wire.framed(wire.body_of({"id": number, "cmd": command, **fields})))
            simulation.run(1_000)
            seen.append(simulation.receive())
        simulation.run(10 * _MINUTE_MS)
        simulation.do("block")
        simulation.do("power_cut", _CUT_S)
        simulation.run(_SELF_TEST_MS)
        return [*seen, simulation.truth(), simulation.changes(), simulation.measure()]


@pytest.mark.parametrize(
    ("before", "image"),
    [(RELEASE, RELEASE), (DEMO, RELEASE), (RELEASE, DEMO)],
    ids=["the same image", "another image", "another image, which takes a refill"],
)
def test_it_is_as_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch, before: Path, image: Path) -> None:
    monkeypatch.setattr(kept, "_idle", [])
    monkeypatch.setattr(kept, "_users", 0)
    alone = course(image, 2)
    with kept.emulators():
        course(before, 1)
        assert len(kept._idle) == 1
        assert course(image, 2) == alone
