"""The simulated pump: the firmware on MicroPython's unix port with the models of hil/plant, in a child process."""

from pumpctl.sim.simulation import Options, SimulatedPort, Simulation, options_of, setting

__all__ = ["Options", "SimulatedPort", "Simulation", "options_of", "setting"]
