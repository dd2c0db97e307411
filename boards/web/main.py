"""Runs the firmware on the simulated board turn by turn: a browser's worker gets messages only between two calls.

`take` gets the lines of the bench channel (boards/unix/bench_channel.py); what they give is printed.
"""

import board
from pump import app

_pump = None
# A program that hangs then would never return.
del board.world.actions["watchdog_dead"]


def take(line: str) -> None:
    """Executes a line, and all turns of the main loop until the end of a run that it begins."""
    try:
        begins = board.clock.take(line)
    except board.RESTARTS as reason:
        _restart(reason)
        begins = True
    if begins:
        _go()


def _go() -> None:
    board.clock.is_over = False
    while not board.clock.is_over:
        try:
            board.clock.wait_ms(_started().turn())
        except board.RESTARTS as reason:
            _restart(reason)


def _started() -> "app.App":
    global _pump
    if _pump is None:
        board.test_watchdog()
        _pump = app.App(board)
        board.hangs.enter(_pump.scheduler)
        _pump.begin()
    return _pump


def _restart(reason: BaseException) -> None:
    global _pump
    _pump = None
    board.restart(reason)


_go()
