"""A reservoir with a fake level sensor, filled unless fill_nl is None."""

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
        tank.fill(fill_nl, defs.FLUID_SALINE)
    return board.level, condition_bits, tank
