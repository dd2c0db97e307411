"""Simulates a Honeywell MPR on I2C, with the RP2040's I2C block as a target (registers: data sheet, section 4.3).

MicroPython 1.25 has no I2C target for this chip. The block handles address and acknowledge, and holds SCL low from a
read request until the first byte of the answer is there. A PIO state machine detects the held clock within 70 us and
raises a hard interrupt, which garbage collection doesn't delay. The main loop serves the bus too, so that a lost
interrupt only costs milliseconds. The answer can't be put into the FIFO beforehand, because the block flushes it at the
next request. A command (AA 00 00) latches the newest sample, so a value is at most one pass of the main loop old.
The sensor's busy time of 5 ms is not simulated.
"""

import rp2
from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import machine
    from rp2.asm_pio import irq, jmp, label, pin, set, wait, wrap, wrap_target, x, x_dec

ADDRESS = const(0x18)
_LOWEST = const(1677722)  # counts at 0 Pa and at the end of the range: transfer function A, 30 psi gauge
_HIGHEST = const(15099494)
_RANGE_PA = const(206843)
_MOST = const(0xFFFFFF)
_DITHER = const(31)  # counts, below 0.5 Pa (78 counts are 1 Pa): the value of a real sensor is never constant
_POWERED = const(0x40)
_SATURATED = const(0x01)

_CON = const(0x00)
_SAR = const(0x08)
_DATA = const(0x10)
_MASK = const(0x30)
_RAW = const(0x34)
_CLEAR_READ_REQUEST = const(0x50)
_CLEAR_ABORT = const(0x54)
_ENABLE = const(0x6C)
_WAITING = const(0x78)
_MASTER = const(0x41)  # in CON: master mode, target switched off
_HOLD_WHEN_FULL = const(0x200)
_READ_REQUEST = const(0x20)  # in RAW
_ABORT = const(0x40)
_FIRST = const(0x800)  # in DATA: first byte after the address

_FREQUENCY = const(1000000)


@rp2.asm_pio()
def _held():  # type: ignore[no-untyped-def]
    """Sets flag 0 once when the line has been low for 64 us; at 100 kHz a bit is low for 5 us."""
    wrap_target()
    label("next")
    wait(1, pin, 0)
    wait(0, pin, 0)
    set(x, 31)
    label("low")
    jmp(pin, "next")
    jmp(x_dec, "low")
    irq(0)
    wrap()


class MprTarget:
    """registers: machine.mem32; base: of an I2C block that machine.I2C has set up on its pins.

    state_machine: number 0 or 4, as flag 0 of its PIO block is its interrupt. scl: the clock's pin.
    """

    def __init__(
        self,
        registers: "Any",
        base: int,
        state_machine: "rp2.StateMachine",
        scl: "machine.Pin",
        disable_irq: "Callable[[], int]",
        enable_irq: "Callable[[int], None]",
    ) -> None:
        self._registers = registers
        # Addresses exceed 30 bits and are computed here, because an interrupt can't allocate memory.
        self._at_enable = base + _ENABLE
        self._at_data = base + _DATA
        self._at_raw = base + _RAW
        self._at_waiting = base + _WAITING
        self._at_clear_request = base + _CLEAR_READ_REQUEST
        self._at_clear_abort = base + _CLEAR_ABORT
        self._disable_irq = disable_irq
        self._enable_irq = enable_irq
        self._fresh = bytearray(4)  # the newest sample; `_spare` is written, then the two are swapped
        self._spare = bytearray(4)
        self._reply = bytearray(4)
        self._received = 0
        self._good = 0
        self._noise = 1
        self._stuck = False
        self._answers = True
        self.conversions = 0
        self.give(0)
        self._reply[:] = self._fresh
        registers[self._at_enable] = 0
        registers[base + _CON] = registers[base + _CON] & ~_MASTER | _HOLD_WHEN_FULL
        registers[base + _SAR] = ADDRESS
        registers[base + _MASK] = 0
        registers[self._at_enable] = 1
        state_machine.init(_held, freq=_FREQUENCY, in_base=scl, jmp_pin=scl)
        state_machine.irq(self.serve, hard=True)
        state_machine.active(1)

    def give(self, pa: int) -> None:
        """Sets the pressure of the next conversion, in Pa."""
        if not self._stuck:
            self._noise = (self._noise * 1103 + 12345) & 0xFFFFF
        counts = _LOWEST + (2 * pa + 1) * (_HIGHEST - _LOWEST) // (2 * _RANGE_PA)
        counts += (self._noise >> 8) % _DITHER - (_DITHER >> 1)
        spare = self._spare
        spare[0] = _POWERED if 0 <= counts <= _MOST else _POWERED | _SATURATED
        counts = max(0, min(_MOST, counts))
        spare[1] = counts >> 16
        spare[2] = counts >> 8 & 255
        spare[3] = counts & 255
        self._spare = self._fresh
        self._fresh = spare

    def stick(self, stuck: bool) -> None:
        """Sets whether the value is stuck, that is constant to the last count."""
        self._stuck = stuck

    def answer(self, answers: bool) -> None:
        """Sets whether the sensor answers; if not, the pump gets no acknowledge."""
        if answers != self._answers:
            self._answers = answers
            self._registers[self._at_enable] = 1 if answers else 0

    def poll(self) -> None:
        """Serves the bus from the main loop, with interrupts disabled."""
        state = self._disable_irq()
        self.serve()
        self._enable_irq(state)

    def serve(self, _state_machine: "Any" = None) -> None:
        """Reads the bytes written to the sensor and answers a read request. Runs in an interrupt, allocates nothing."""
        registers = self._registers
        flags = registers[self._at_raw]
        if flags & _ABORT:  # the last read took only a part of the bytes, and the block has flushed the rest
            _ = registers[self._at_clear_abort]
        while registers[self._at_waiting]:
            self._accept(registers[self._at_data])
        if flags & _READ_REQUEST:
            _ = registers[self._at_clear_request]
            reply = self._reply
            data = self._at_data
            registers[data] = reply[0]
            registers[data] = reply[1]
            registers[data] = reply[2]
            registers[data] = reply[3]

    def _accept(self, word: int) -> None:
        """Takes one byte of a command; the third correct byte starts a conversion."""
        if word & _FIRST:
            self._received = 0
            self._good = 0
        if word & 255 == (0 if self._received else 0xAA):
            self._good += 1
        self._received += 1
        if self._received == 3 and self._good == 3:
            fresh = self._fresh
            reply = self._reply
            reply[0] = fresh[0]
            reply[1] = fresh[1]
            reply[2] = fresh[2]
            reply[3] = fresh[3]
            self.conversions = self.conversions + 1 & 0x3FFFFFFF
