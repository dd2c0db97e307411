"""A broken wire of the level sensor: the pump sees it by the resistor to ground that wiring.md requires."""

from __future__ import annotations

import pytest
from emulated_run import EMULATOR, WITH_IMAGE
from pumpctl import sim
from pumpctl.pump import Pump

pytestmark = [*EMULATOR, WITH_IMAGE]

_SETTLED_MS = 4_000
_WATCHED_MS = 300_000  # five readings of the level


def alarms(*actions: str, parts: tuple[str, ...] = ()) -> list[str]:
    """The alarms some minutes after these actions."""
    options = [word for part in parts for word in ("--part", part)]
    with sim.Simulation(seed=1, emulated=True, options=options) as simulation:
        simulation.run(_SETTLED_MS)
        for action in actions:
            simulation.do(action)
        simulation.run(_WATCHED_MS)
        with Pump.connect(simulation.transport()) as pump:
            return [alarm.name for alarm in pump.alarms()]


@pytest.mark.parametrize("action", ["level_wire_off", "level_open"])
def test_it_raises_the_alarm_of_the_sensor(action: str) -> None:
    assert "level_sensor" in alarms(action)


def test_without_the_resistor_it_is_not_seen() -> None:
    """The capacitor at the pin holds the last voltage. This is the reason for the resistor."""
    assert "level_sensor" not in alarms("level_wire_off", parts=("level_pull_down=missing",))


def test_a_sensor_that_is_connected_raises_nothing() -> None:
    assert "level_sensor" not in alarms()
