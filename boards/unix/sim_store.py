"""The journal's flash with faults that the bench can set, and with the driver's check of written data."""

from plant import actions
from plant.arithmetic import noise
from plant.parts import faults
from pump import defs, hal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Longest times for a page and a block of the Pico's flash, see drivers/chip/store_flash.py.
_PROGRAM_MS = 3
_ERASE_MS = 400


class FaultyStore:
    """A hal.Store that adds faults to another one; `pass_ms` lets time pass while the program waits.

    Actions store_...: off: no answer; intermittent: no answer in half of the calls, at random; stuck: nothing is
    written; garbage: reads give random bytes; wrong: one bit too many is cleared in each page; slow: the longest times
    of the flash; delayed: a page is written only with the next one.
    """

    def __init__(self, store: "hal.Store", seed: int, pass_ms: "Callable[[int], None]") -> None:
        self._store = store
        self._chance = noise.Noise(seed, 8)
        self._pass_ms = pass_ms
        self._fault = faults.WORKS
        self._late_at = -1
        self._late = b""
        self._found = bytearray(store.page_bytes)
        self.size = store.size
        self.page_bytes = store.page_bytes
        self.block_bytes = store.block_bytes
        self.actions = actions.of_parts({"store": self._set_fault})

    def _set_fault(self, fault: int, _: int) -> None:
        self._fault = fault

    def check(self) -> None:
        """PartError when it doesn't answer."""
        self._answer()

    def read(self, at: int, buffer: bytearray) -> None:
        """Fills the buffer from this byte on."""
        self._answer()
        self._store.read(at, buffer)
        if self._fault == faults.GARBAGE:
            for place in range(len(buffer)):
                buffer[place] = self._chance.below(256)

    def program(self, at: int, page: "bytes | bytearray") -> None:
        """Clears the bits of a page that are clear in `page`; NOT_CONFIRMED when one is still set."""
        if self._fault or self._late_at >= 0:
            self._program_at_fault(at, page)
        else:
            self._store.program(at, page)

    def _program_at_fault(self, at: int, page: "bytes | bytearray") -> None:
        self._answer()
        fault = self._fault
        self._write_late()
        if fault == faults.DELAYED:
            self._late_at = at
            self._late = bytes(page)
        elif fault == faults.WRONG:
            worn = bytearray(page)
            worn[self._chance.below(len(worn))] &= ~(1 << self._chance.below(8))
            self._store.program(at, worn)
        elif fault != faults.STUCK:
            self._store.program(at, page)
        if not fault:
            return
        if fault == faults.SLOW:
            self._pass_ms(_PROGRAM_MS)
        self.read(at, self._found)
        for place in range(len(page)):
            if self._found[place] & ~page[place]:
                raise hal.PartError(defs.FAULT_NOT_CONFIRMED)

    def erase(self, at: int) -> None:
        """Sets all bits of a block; NOT_CONFIRMED when it is not blank."""
        self._answer()
        self._write_late()
        if self._fault == faults.STUCK or self._fault == faults.GARBAGE:
            raise hal.PartError(defs.FAULT_NOT_CONFIRMED)
        self._store.erase(at)
        if self._fault == faults.SLOW:
            self._pass_ms(_ERASE_MS)

    def _answer(self) -> None:
        if self._fault == faults.OFF or (self._fault == faults.INTERMITTENT and self._chance.below(2)):
            raise hal.PartError(defs.FAULT_NO_ANSWER)

    def _write_late(self) -> None:
        if self._late_at >= 0:
            self._store.program(self._late_at, self._late)
            self._late_at = -1
