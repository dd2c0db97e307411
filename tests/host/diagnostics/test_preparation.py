"""A simulated pump that is made ready is filled, planned and running; one that already runs is left alone."""

from __future__ import annotations

from pumpctl import sim
from pumpctl.diagnostics import preparation
from pumpctl.pump import Pump


def test_a_new_pump_is_filled_planned_and_running() -> None:
    with sim.Simulation(seed=1) as world:
        preparation.prepare(world)
        with Pump.connect(world.transport()) as pump:
            status, therapy = pump.status(), pump.therapy()
            assert (status.state_name, status.fluid, status.rate_ul_day) == ("infusing", "saline", 1000)
            assert therapy is not None
            assert therapy.profile == "intrahepatic"
            assert abs(status.ledger_nl - world.truth()["reservoir_nl"]) < 1000
            strokes = status.strokes
            preparation.prepare(world)
            assert pump.status().strokes >= strokes
