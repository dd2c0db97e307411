"""A pump with a flash, used and reset; for the tests of what it takes up again."""

import fakes
import journal_store

ROOMS = 4  # numbers before those of the rooms


def new(**board):
    return fakes.Pump(store=journal_store.Flash(), **board)


def again(pump, **board):
    """The same pump after a reset: what moves and measures stays, the firmware begins anew."""
    after = fakes.Pump(store=pump.board.store, **board)
    after.board.level.full_nl = pump.board.level.full_nl - pump.board.drive.moved_nl()
    after.run(100)
    return after


_kept = bytearray()


def used():
    """The flash of a pump that gave a millilitre in an hour, worked out once: a copy."""
    store = journal_store.Flash()
    if not _kept:
        pump = fakes.infuse(fakes.Pump(store=store), 24000)
        pump.run(fakes.HOUR)
        _kept.extend(store.data)
    store.data[:] = _kept
    return store
