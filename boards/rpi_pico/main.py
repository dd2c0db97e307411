"""Board in, app out, run for ever; from a release image nothing leads out of it but the jumper."""

import repl_lock

repl_lock.close()
try:
    if not repl_lock.is_open:  # a chip that stands at its REPL has no watchdog
        import reset_cause

        reset_cause.test_watchdog()
    import board
    from pump import app

    app.App(board).run()
except BaseException as error:  # noqa: BLE001  # the last net: whatever ends the firmware must not end in a REPL
    repl_lock.exit(error)
