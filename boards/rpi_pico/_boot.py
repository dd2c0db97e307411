"""Runs first: switches the drive off, sets the REPL lock, mounts the file system. It never formats."""

import repl_lock

repl_lock.set_up()

import storage  # noqa: E402  # only after the drive is off

storage.mount()
