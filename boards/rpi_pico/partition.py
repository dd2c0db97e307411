"""The layout of the flash. The build also reads this file, to check the size of the program.

    0            program (boot loader stage, MicroPython, frozen firmware)
    JOURNAL      the journal, in raw NOR pages without a file system
    FILE_SYSTEM  littlefs, to the end of the flash

Never change these numbers: a moved area loses its content.
"""

from micropython import const

FLASH_BYTES = const(2 * 1024 * 1024)
JOURNAL_BYTES = const(256 * 1024)
FILE_SYSTEM_BYTES = const(512 * 1024)

# rp2.Flash is one device with both areas, which begins at JOURNAL.
STORAGE_BYTES = const(JOURNAL_BYTES + FILE_SYSTEM_BYTES)
PROGRAM_BYTES = const(FLASH_BYTES - STORAGE_BYTES)
JOURNAL_ADDRESS = PROGRAM_BYTES
FILE_SYSTEM_ADDRESS = const(PROGRAM_BYTES + JOURNAL_BYTES)

SECTOR_BYTES = const(4096)
PAGE_BYTES = const(256)
