"""How the flash is divided. The build reads this file too, and checks the program's size against it.

    0            program (boot loader stage, MicroPython, frozen firmware)
    JOURNAL      the journal's own area, raw NOR pages, no file system in between
    FILE_SYSTEM  littlefs, to the end of the flash

Never change these numbers: an area that moves loses its content.
"""

from micropython import const

FLASH_BYTES = const(2 * 1024 * 1024)
JOURNAL_BYTES = const(256 * 1024)
FILE_SYSTEM_BYTES = const(512 * 1024)

# rp2.Flash has both areas as one device, which begins at JOURNAL.
STORAGE_BYTES = const(JOURNAL_BYTES + FILE_SYSTEM_BYTES)
PROGRAM_BYTES = const(FLASH_BYTES - STORAGE_BYTES)
JOURNAL_ADDRESS = PROGRAM_BYTES
FILE_SYSTEM_ADDRESS = const(PROGRAM_BYTES + JOURNAL_BYTES)

SECTOR_BYTES = const(4096)
PAGE_BYTES = const(256)
