"""The simulated pump in the wall's time: as long as a person waits, so much does its clock go on."""

import time

from pumpctl import sim
from pumpctl.pump import Pump


def test_its_clock_keeps_pace_with_the_wall() -> None:
    with sim.Simulation(time="wall", speed=50) as simulation, Pump.connect(simulation.transport()) as pump:
        before_ms, began_s = pump.status().total_uptime_ms, time.monotonic()
        time.sleep(0.6)
        passed_ms = pump.status().total_uptime_ms - before_ms
        answered_s = time.monotonic()
    # The clock may lag by what the machine lost, never run ahead; 20 s at least of the 30 s.
    assert 20_000 <= passed_ms <= (answered_s - began_s) * 50_000 + 1000
