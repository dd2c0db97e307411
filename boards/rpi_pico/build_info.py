"""Identifies the image. The build freezes its own version of this file into each image; this one is for tests."""

VERSION = "unbuilt"
IMAGE = "unbuilt"
BOARD = "rpi_pico"
RELEASE = False
FILES = "{}"  # JSON: the files that `make deploy` can replace, with a hash of their source
LENGTH = b"00000000"  # bytes of the program with its CRC, in hexadecimal digits
