"""A reservoir with a fake level sensor, filled unless fill_nl is None; its level is known."""

import pump_rig
from pump import defs
from pump.core import conditions, params
from pump.reservoir import reservoir


def make(level_nl=16000000, fill_nl=16000000, goes_forward=True):
    board = pump_rig.Board()
    board.level.nl = level_nl
    condition_bits = conditions.Conditions(0)
    tank = reservoir.Reservoir(board.level, condition_bits, lambda: goes_forward)
    tank.configure(params.Params({}), 1000)
    if fill_nl is not None:
        fill(tank, fill_nl)
    return board.level, condition_bits, tank


def fill(tank, volume_nl, fluid=defs.FLUID_SALINE):
    """A fill, and the readings after which its level is known."""
    tank.fill(volume_nl, fluid)
    for _ in range(2):
        tank.read_level()
