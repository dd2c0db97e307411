"""Runs the firmware on the Pico; a release image never enters the REPL, unless the jumper is set."""

import repl_lock

try:
    repl_lock.close()
    if not repl_lock.is_open:  # with an open REPL the watchdog is off
        import reset_cause

        reset_cause.test_watchdog()
        reset_cause.start_watchdog()  # the set-up of the board may hang as anything else
    import board
    from pump import app

    pump = app.App(board)
    board.attach(pump)
    pump.run()
except BaseException as error:  # noqa: BLE001  # the last handler: no error may lead to a REPL
    repl_lock.exit(error)
