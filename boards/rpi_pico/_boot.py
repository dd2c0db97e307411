"""Runs first: the drive off, the way to the REPL decided, the file system mounted but never formatted."""

import repl_lock

repl_lock.set_up()

import storage  # noqa: E402  # not a moment before the drive is off

storage.mount()
