"""The program in the flash, where the processor reads it, and its CRC-32; nothing is allocated."""

import array

import micropython
from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from micropython import ptr8, ptr16, ptr32, uint

_SUM = const(16)  # place of the sum, behind the table


def table() -> "array.array[int]":
    """CRC-32 of IEEE 802.3: an entry for each value of four bits; and room for the sum."""
    words = array.array("I", bytes(4 * (_SUM + 1)))
    for number in range(_SUM):
        word = number
        for _ in range(4):
            word = word >> 1 ^ (0xEDB88320 if word & 1 else 0)
        words[number] = word
    return words


# Whole words of 32 bits live in machine code alone: as numbers of Python they would take memory.


@micropython.viper
def _restart(words: ptr32):
    words[16] = -1


@micropython.viper
def _add(address: int, count: int, words: ptr32):
    at = ptr8(address)
    crc = uint(words[16])
    place = 0
    while place < count:
        crc ^= uint(at[place])
        crc = (crc >> uint(4)) ^ uint(words[int(crc & uint(15))])
        crc = (crc >> uint(4)) ^ uint(words[int(crc & uint(15))])
        place += 1
    words[16] = int(crc)


@micropython.viper
def _half(words: ptr16, number: int) -> int:
    return int(words[32 + number])


class ProgramFlash:
    """A hal.Program over the bytes from an address on, which the processor may run from meanwhile."""

    def __init__(self, address: int, bytes_total: int) -> None:
        self._address = address
        self._words = table()
        self.bytes_total = bytes_total

    def restart(self) -> None:
        """Begins a new sum."""
        _restart(self._words)

    def add(self, at: int, count: int) -> None:
        """Adds these bytes to the sum."""
        _add(self._address + at, count, self._words)

    def half(self, number: int) -> int:
        """The lower (0) or upper (1) 16 bits of the sum, which is not inverted at its end."""
        return _half(self._words, number)
