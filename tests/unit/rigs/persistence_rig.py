"""A pump with a flash, used and reset, for the tests of persistence."""

import journal_store
import pump_rig

PARTS = 4  # numbers before those of the parts


def new(**board):
    return pump_rig.Pump(store=journal_store.Flash(), **board)


def again(pump, **board):
    """The pump after a reset: the parts stay, the firmware starts again."""
    after = pump_rig.Pump(store=pump.board.store, **board)
    after.board.level.full_nl = pump.board.level.full_nl - pump.board.drive.moved_nl()
    after.run(100)
    return after


_kept = bytearray()


def used():
    """A copy of the flash of a pump after an hour with 1 mL; simulated once."""
    store = journal_store.Flash()
    if not _kept:
        pump = pump_rig.infuse(pump_rig.Pump(store=store), 24000)
        pump.run(pump_rig.HOUR)
        _kept.extend(store.data)
    store.data[:] = _kept
    return store
