"""The quick part of the attacks against the release image in the emulated Pico."""

from __future__ import annotations

import pytest
from pumpctl import sim

from attacks import lines
from attacks.victim import Victim

REQUIREMENTS = ("C5", "C8")
pytestmark = pytest.mark.long("some minutes in the emulated Pico")

_PRESS_MS = 300


def test_hostile_lines_change_nothing_on_the_image() -> None:
    with sim.Simulation(seed=1, emulated=True) as simulation:
        simulation.run(5000)

        def press() -> None:
            simulation.do("button_down")
            simulation.run(_PRESS_MS)
            simulation.do("button_up")

        victim = Victim(simulation, press, answer_ms=200)
        simulation.do("refill", 20_000_000)
        victim.infuse()
        for kind in (lines.without_code, lines.wrong_codes, lines.bad_ids):
            victim.attack(kind(victim), together=5)
        assert victim.accepted == []
        assert victim.late == 0
        assert victim.cases > 150
