"""Runs the firmware on the simulated board, and again after each reset or power cut."""

import board
from pump import app

while True:
    try:
        board.test_watchdog()
        pump = app.App(board)
        board.hangs.enter(pump.scheduler)
        pump.run()
    except board.RESTARTS as reason:
        board.restart(reason)
