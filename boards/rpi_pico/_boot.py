"""Runs first: switches the drive off and sets the REPL lock.

Only where the lock is open is the file system of any use: there it is mounted, without ever being formatted.
"""

import repl_lock

repl_lock.set_up()

if repl_lock.is_open:
    import storage

    if storage.mount():
        import deployed

        deployed.set_up()
