"""A reservoir with a fake level sensor, filled unless fill_nl is None."""

import fakes
from pump import conditions, defs, params, reservoir


def make(level_nl=16000000, fill_nl=16000000):
    board = fakes.Board()
    board.level.nl = level_nl
    facts = conditions.Conditions(0)
    room = reservoir.Reservoir(board.level, facts)
    room.configure(params.Params({}), 1000)
    if fill_nl is not None:
        room.fill(fill_nl, defs.FLUID_SALINE)
    return board.level, facts, room
