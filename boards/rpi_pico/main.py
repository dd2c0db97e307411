"""Board in, app out, run for ever; from a release image nothing leads out of it but the jumper."""

import gate

gate.close()
try:
    if not gate.is_open:  # a chip that stands at its REPL has no watchdog
        import resets

        resets.prove_watchdog()
    import board
    from pump import app

    app.App(board).run()
except BaseException as error:  # noqa: BLE001  # the last net: whatever ends the firmware must not end in a REPL
    gate.leave(error)
