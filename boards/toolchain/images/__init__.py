"""The images of a board with an RP2 chip.

    image.py              compiles MicroPython and freezes the firmware into it
    pico_source.py        the source tree with the Pico's libraries
    binary_info.py        name, version and kind of a program, as `picotool info` reads them
    seal.py               writes length and CRC of a program
    uf2.py                the UF2 format
    empty_file_system.py  runs on MicroPython: the blocks of an empty file system
"""
