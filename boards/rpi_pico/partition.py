"""How the flash is divided; the one place that says it. The build reads it too, and checks the program against it.

    0            program (boot loader stage, MicroPython, frozen firmware)
    JOURNAL      the journal's own area, raw NOR pages, no file system in between
    FILE_SYSTEM  littlefs, to the end of the flash

An area that moves loses what is in it, so these numbers stay as they are.
"""

from micropython import const

FLASH_BYTES = const(2 * 1024 * 1024)
JOURNAL_BYTES = const(256 * 1024)
FILE_SYSTEM_BYTES = const(512 * 1024)

# MicroPython hands out both areas as one: rp2.Flash counts from its beginning.
STORAGE_BYTES = const(JOURNAL_BYTES + FILE_SYSTEM_BYTES)
PROGRAM_BYTES = const(FLASH_BYTES - STORAGE_BYTES)
JOURNAL_ADDRESS = PROGRAM_BYTES
FILE_SYSTEM_ADDRESS = const(PROGRAM_BYTES + JOURNAL_BYTES)

SECTOR_BYTES = const(4096)
PAGE_BYTES = const(256)
