"""Memory, program and second clock for the background test, with the faults that the bench can set."""

import binascii

from pump.core import ticks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_CELLS = 64
_PROGRAM_BYTES = 16384
_SUM_BYTES = 4


class Cells:
    """RAM cells; `do stick_cell <cell>` makes one stick at its present value."""

    def __init__(self) -> None:
        self._bytes = bytearray(_CELLS)
        self._stuck = -1
        self.actions = {"stick_cell": self._stick}

    def _stick(self, cell: int) -> None:
        if not -1 <= cell < _CELLS:
            raise ValueError("stick_cell takes 0..63, or -1 for none")
        self._stuck = cell

    def __len__(self) -> int:
        return _CELLS

    def __getitem__(self, cell: int) -> int:
        return self._bytes[cell]

    def __setitem__(self, cell: int, value: int) -> None:
        if cell != self._stuck:
            self._bytes[cell] = value


class Program:
    """Represents a program in flash: bytes and their CRC-32; `do flip_program <bit>` inverts one bit."""

    def __init__(self) -> None:
        content = bytes(at * 167 + (at >> 8) & 0xFF for at in range(_PROGRAM_BYTES - _SUM_BYTES))
        self._content = bytearray(content + binascii.crc32(content).to_bytes(_SUM_BYTES, "little"))
        self._view = memoryview(self._content)
        self._sum = 0
        self.bytes_total = _PROGRAM_BYTES
        self.actions = {"flip_program": self._flip}

    def _flip(self, bit: int) -> None:
        if not 0 <= bit < 8 * _PROGRAM_BYTES:
            raise ValueError("flip_program takes 0..131071")
        self._content[bit >> 3] ^= 1 << (bit & 7)

    def restart(self) -> None:
        self._sum = 0

    def add(self, at: int, count: int) -> None:
        self._sum = binascii.crc32(self._view[at : at + count], self._sum)

    def half(self, number: int) -> int:
        return ~self._sum >> 16 & 0xFFFF if number else ~self._sum & 0xFFFF


class SecondClock:
    """A clock that follows the ticks; `do second_clock_percent <percent>` makes it slower or faster."""

    def __init__(self, ticks_ms: "Callable[[], int]") -> None:
        self._ticks_ms = ticks_ms
        self._since = ticks_ms()
        self._ms = 0
        self._percent = 100
        self.actions = {"second_clock_percent": self._set_percent}

    def _set_percent(self, percent: int) -> None:
        if not 0 <= percent <= 1000:
            raise ValueError("second_clock_percent takes 0..1000")
        self.read_ms()
        self._percent = percent

    def read_ms(self) -> int:
        now = self._ticks_ms()
        self._ms = ticks.add(self._ms, ticks.diff(now, self._since) * self._percent // 100)
        self._since = now
        return self._ms
