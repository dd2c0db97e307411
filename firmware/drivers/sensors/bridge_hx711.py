"""HX711 and HX710, 24-bit converters of a load cell, clocked by a PIO program.

A clock pulse longer than 50 us puts the converter to sleep; Python can't guarantee shorter ones, the PIO can. DATA is
low when a conversion is ready (10 or 80 a second). 24 bits follow, the highest first. One to three more clocks select
the next conversion; DATA must be high during these, which detects a line that is stuck low.
A converter that resets or loses its wire during the 24 bits leaves only ones behind: -1, 2^k - 1, or a long tail of
ones. 0 is no bridge's value.
"""

from array import array

import rp2
from micropython import const
from pump import defs, hal

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine
    from rp2.asm_pio import block, in_, jmp, label, mov, osr, pins, pull, push, set, wrap, wrap_target, x, x_dec

# Total number of clocks, which selects input and gain (or rate) of the next conversion.
HX711_A_128 = const(25)
HX711_B_32 = const(26)
HX711_A_64 = const(27)
HX710_BRIDGE_10_HZ = const(25)
HX710_BRIDGE_40_HZ = const(27)
_FREQUENCY = const(1000000)
_POLLS = const(1000)  # some milliseconds; 27 clocks take 0.16 ms
_SAME = const(8)  # equal values in a row mean a fault: the noise of a working converter is tens of counts
_SIGN = const(0x800000)
_TAIL = const(0xFFF)  # so many ones at the end come by chance once in 4096 readings, which is then left out


@rp2.asm_pio(set_init=rp2.PIO.OUT_LOW)
def _clock_in():  # type: ignore[no-untyped-def]
    """Takes the number of clocks less one, returns the bits as one word. A clock is high for 4 us and low for 2."""
    wrap_target()
    pull(block)
    mov(x, osr)
    label("bit")
    set(pins, 1) [2]
    in_(pins, 1)
    set(pins, 0)
    jmp(x_dec, "bit")
    push(block)
    wrap()


class Hx711:
    """A load cell's converter. data: an input with pull-up, so that a missing converter is never ready."""

    def __init__(
        self, state_machine: "rp2.StateMachine", clock: "machine.Pin", data: "machine.Pin", clocks: int = HX711_A_128
    ) -> None:
        self._machine = state_machine
        self._data = data
        self._clocks = clocks
        self._extra = clocks - 24
        self._word = array("i", [0])
        self._last = _SIGN  # the last value (first an impossible one), and how often it was repeated
        self._same = 0
        state_machine.init(_clock_in, freq=_FREQUENCY, set_base=clock, in_base=data)
        state_machine.active(1)

    def check(self) -> None:
        """Reads a conversion; NOT_READY for 0.4 s after power-on, and always without a converter."""
        self.read_raw()

    def read_raw(self) -> int:
        """Counts of the newest conversion, -8,388,608 to 8,388,607; NOT_READY for a tenth of a second after each."""
        if self._data.value():
            raise hal.PartError(defs.FAULT_NOT_READY)
        machine = self._machine
        word = self._word
        while machine.rx_fifo():
            machine.get(word)
        machine.put(self._clocks - 1)
        polls = _POLLS
        while not machine.rx_fifo():
            polls -= 1
            if polls == 0:
                raise hal.PartError(defs.FAULT_NO_ANSWER)
        machine.get(word)
        extra = self._extra
        ones = (1 << extra) - 1
        if word[0] & ones != ones:
            raise hal.PartError(defs.FAULT_BUS_STUCK)
        raw = (word[0] >> extra ^ _SIGN) - _SIGN
        cut = raw & (raw + 1) == 0 or raw & _TAIL == _TAIL  # the first: 0, -1, and every 2^k - 1
        if raw == -_SIGN or cut:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        self._same = self._same + 1 if raw == self._last else 0
        self._last = raw
        if self._same >= _SAME:
            raise hal.PartError(defs.FAULT_STALE)
        return raw
