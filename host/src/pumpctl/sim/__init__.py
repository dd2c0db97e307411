"""The simulated pump: the firmware on MicroPython's unix port with the models of hil/plant, in a child process."""

from pumpctl.sim.port import Options, SimulatedPort, action_value, options_of, setting
from pumpctl.sim.simulation import Simulation

__all__ = ["Options", "SimulatedPort", "Simulation", "action_value", "options_of", "setting"]
