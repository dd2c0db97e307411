"""The checksum in machine code equals MicroPython's own CRC-32 and allocates nothing."""

from collections.abc import Callable

import pytest

_SCRIPT = """
import binascii, micropython, uctypes
from drivers.chip import program_crc

content = bytes((at * at >> 3) & 255 for at in range(9001))
address = uctypes.addressof(content)

def total(part, pieces):
    part.restart()
    at = 0
    for count in pieces:
        part.add(at, count)
        at += count
    assert at == part.bytes_total
    return part.half(0), part.half(1)

part = program_crc.ProgramFlash(address, 9001)
for pieces in ((9001,), (4096, 4096, 809), (4, 8, 8989)):
    low, high = total(part, pieces)
    assert (high << 16 | low) ^ 0xFFFFFFFF == binascii.crc32(content), pieces
print("as crc32")

# On the Pico the address is a small integer; here it isn't, so no bytes are added with the heap locked.
part = program_crc.ProgramFlash(0, 0)
micropython.heap_lock()
part.restart()
part.add(0, 0)
halves = part.half(0) + part.half(1)
micropython.heap_unlock()
print(halves == 2 * 0xFFFF)
"""


@pytest.mark.parametrize("interpreter", ["pico-sized", "stock"])
def test_it_is_the_usual_crc_32_and_takes_no_memory(micropython: Callable[..., str], interpreter: str) -> None:
    assert micropython(_SCRIPT, interpreter=interpreter).split("\n")[:2] == ["as crc32", "True"]
