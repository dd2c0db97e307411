"""CRC-32 of the program in flash, read at the addresses where it is executed; allocates nothing."""

import array

import micropython
from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from micropython import ptr8, ptr16, ptr32, uint

_SUM = const(256)  # index of the sum, after the table
_POLYNOMIAL = 0xEDB88320


def table() -> "array.array[int]":
    """Table for the CRC-32 of IEEE 802.3: one entry for each byte value; the sum follows the table."""
    words = array.array("I", bytes(4 * (_SUM + 1)))
    word = 1
    bit = 128
    while bit:
        word = word >> 1 ^ (_POLYNOMIAL if word & 1 else 0)
        for above in range(0, 256, 2 * bit):
            words[above + bit] = words[above] ^ word
        bit >>= 1
    return words


# Only machine code uses words of 32 bits: as Python integers they would allocate memory.


@micropython.viper
def _restart(words: ptr32):
    words[256] = -1


# The first three variables are in registers. Reads words, because reading single bytes takes longer.
@micropython.viper
def _add_words(address: int, end: int, words: ptr32):
    crc = uint(words[256])
    while address < end:
        crc ^= uint(ptr32(address)[0])
        crc = (crc >> uint(8)) ^ uint(words[int(crc & uint(255))])
        crc = (crc >> uint(8)) ^ uint(words[int(crc & uint(255))])
        crc = (crc >> uint(8)) ^ uint(words[int(crc & uint(255))])
        crc = (crc >> uint(8)) ^ uint(words[int(crc & uint(255))])
        address += 4
    words[256] = int(crc)


@micropython.viper
def _add_bytes(address: int, end: int, words: ptr32):
    crc = uint(words[256])
    while address < end:
        crc = (crc >> uint(8)) ^ uint(words[int((crc ^ uint(ptr8(address)[0])) & uint(255))])
        address += 1
    words[256] = int(crc)


@micropython.viper
def _half(words: ptr16, number: int) -> int:
    return int(words[512 + number])


class ProgramFlash:
    """A hal.Program for the bytes from an address on; the processor may execute them at the same time."""

    def __init__(self, address: int, bytes_total: int) -> None:
        self._address = address
        self._words = table()
        self.bytes_total = bytes_total

    def restart(self) -> None:
        """Begins a new sum."""
        _restart(self._words)

    def add(self, at: int, count: int) -> None:
        """Adds these bytes to the sum; all pieces except the last begin and end at whole words."""
        at += self._address
        end = at + (count & ~3)
        _add_words(at, end, self._words)
        _add_bytes(end, at + count, self._words)

    def half(self, number: int) -> int:
        """The lower (0) or upper (1) 16 bits of the sum, which is not inverted at its end."""
        return _half(self._words, number)
