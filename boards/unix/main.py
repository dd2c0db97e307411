"""Board in, app out, run for ever; after a reset or a cut of the simulated power it begins anew."""

import board
from pump import app

while True:
    try:
        board.test_watchdog()
        pump = app.App(board)
        board.hangs.enter(pump.scheduler)
        pump.run()
    except board.LOST as lost:
        board.begin_anew(lost)
