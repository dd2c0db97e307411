"""A reservoir with a fake level sensor, filled unless fill_nl is None."""

import pump_rig
from pump import defs
from pump.core import conditions, params
from pump.reservoir import reservoir


def make(level_nl=16000000, fill_nl=16000000):
    board = pump_rig.Board()
    board.level.nl = level_nl
    facts = conditions.Conditions(0)
    room = reservoir.Reservoir(board.level, facts)
    room.configure(params.Params({}), 1000)
    if fill_nl is not None:
        room.fill(fill_nl, defs.FLUID_SALINE)
    return board.level, facts, room
