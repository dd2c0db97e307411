"""Makes a new simulated pump ready: contents entered, a plan set, delivery started, as on a bench before a test."""

from __future__ import annotations

from pumpctl import errors, sim
from pumpctl.pump import Pump

RATE_UL_DAY = 1000
_TRIES = 200  # of the status during the self-test


def prepare(world: sim.Simulation) -> None:
    """Enter the volume that the world's reservoir holds as saline, set the intrahepatic plan, start.

    A pump that goes on from its flash, with contents and a plan, is left as it is. Raises Refused, NoAnswer.
    """
    with Pump.connect(world.transport()) as pump:
        for _ in range(_TRIES):
            status = pump.status()
            if status.state_name != "self_test":
                break
            pump.poll(0.05)
        if status.fluid == "none":
            pump.refill_begin()
            pump.refill_finish(world.truth()["reservoir_nl"], "saline")
        if pump.therapy() is None:
            pump.therapy_set("intrahepatic", RATE_UL_DAY)
        if status.state_name in ("self_test", "standby"):
            pump.start()
        if pump.status().state_name != "infusing":
            raise errors.NotReached("infusing", 0, pump.status().state_name)
