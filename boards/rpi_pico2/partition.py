"""The layout of the flash: as on the Pico, with 2 MiB more for the program.

    0            program (MicroPython, frozen firmware)
    KEYS         the keys of paired hosts, two sectors
    JOURNAL      the journal, in raw NOR pages without a file system
    FILE_SYSTEM  littlefs, to the end of the flash
"""

from micropython import const

FLASH_BYTES = const(4 * 1024 * 1024)
KEYS_BYTES = const(8 * 1024)
JOURNAL_BYTES = const(256 * 1024)
FILE_SYSTEM_BYTES = const(512 * 1024)

STORAGE_BYTES = const(KEYS_BYTES + JOURNAL_BYTES + FILE_SYSTEM_BYTES)
PROGRAM_BYTES = const(FLASH_BYTES - STORAGE_BYTES)
KEYS_ADDRESS = PROGRAM_BYTES
JOURNAL_ADDRESS = const(PROGRAM_BYTES + KEYS_BYTES)
FILE_SYSTEM_ADDRESS = const(PROGRAM_BYTES + KEYS_BYTES + JOURNAL_BYTES)

SECTOR_BYTES = const(4096)
PAGE_BYTES = const(256)
