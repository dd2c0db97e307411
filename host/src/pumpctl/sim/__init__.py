"""The simulated pump: the firmware on the unix build, with the world of hil/plant, in a child process."""

from pumpctl.sim.simulation import Options, SimulatedPort, Simulation, options_of, setting

__all__ = ["Options", "SimulatedPort", "Simulation", "options_of", "setting"]
