"""Stands in where no build has frozen its own in: which image this is."""

VERSION = "unbuilt"
IMAGE = "unbuilt"
BOARD = "rpi_pico"
RELEASE = False
LENGTH = b"00000000"  # of the program with its CRC, in hexadecimal digits
