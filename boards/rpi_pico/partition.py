"""The layout of the flash. The build also reads this file, to check the size of the program.

    0            program (boot loader stage, MicroPython, frozen firmware)
    KEYS         the keys of paired hosts, two sectors
    JOURNAL      the journal, in raw NOR pages without a file system
    FILE_SYSTEM  littlefs, to the end of the flash

Never change these numbers: a moved area loses its content.
"""

from micropython import const

FLASH_BYTES = const(2 * 1024 * 1024)
KEYS_BYTES = const(8 * 1024)
JOURNAL_BYTES = const(256 * 1024)
FILE_SYSTEM_BYTES = const(512 * 1024)

# rp2.Flash is one device with these areas, which begins at KEYS.
STORAGE_BYTES = const(KEYS_BYTES + JOURNAL_BYTES + FILE_SYSTEM_BYTES)
PROGRAM_BYTES = const(FLASH_BYTES - STORAGE_BYTES)
KEYS_ADDRESS = PROGRAM_BYTES
JOURNAL_ADDRESS = const(PROGRAM_BYTES + KEYS_BYTES)
FILE_SYSTEM_ADDRESS = const(PROGRAM_BYTES + KEYS_BYTES + JOURNAL_BYTES)

SECTOR_BYTES = const(4096)
PAGE_BYTES = const(256)
