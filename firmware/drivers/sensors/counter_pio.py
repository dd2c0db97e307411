"""Counts rising edges of the STEP line, or of a valve's sense line, in a state machine of its own.

It reads the pin, not the drive. It must be in the other PIO block, so that operations on the drive's block don't affect
the count.
"""

from array import array

import rp2
from micropython import const
from pump import defs, hal

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine
    from rp2.asm_pio import jmp, label, pin, wait, wrap, wrap_target, x_dec

_FREQUENCY = const(1000000)  # counts pulses of 2 us and more; shorter ones are mostly not counted
_CIRCLE = const(0x3FFFFFFF)  # the count is modulo 2^30
# Instructions for exec(); they run between two reads of the pin and take one cycle each.
_START = const(0xA02B)  # mov(x, invert(null)): X counts down from all ones
_COUNT_TO_ISR = const(0xA0C9)  # mov(isr, invert(x))
_PUSH = const(0x8000)  # push(noblock)


@rp2.asm_pio()
def _edges():  # type: ignore[no-untyped-def]
    """X is decremented at each rising edge."""
    wrap_target()
    label("next")
    wait(0, pin, 0)
    wait(1, pin, 0)
    jmp(x_dec, "next")  # X is decremented at 0 too, where the jump is not taken
    wrap()


class StepCounter:
    """A hal.StepCounter. `line` is not configured: its level can be read whatever drives it."""

    def __init__(self, state_machine: "rp2.StateMachine", line: "machine.Pin") -> None:
        self._machine = state_machine
        self._word = array("i", [0])
        state_machine.init(_edges, freq=_FREQUENCY, in_base=line)
        state_machine.exec(_START)
        state_machine.active(1)

    def check(self) -> None:
        """NO_ANSWER when the state machine doesn't run or answer."""
        if not self._machine.active():
            raise hal.PartError(defs.FAULT_NO_ANSWER)
        self.count()

    def count(self) -> int:
        """Edges since construction, modulo 2^30; counting is not interrupted."""
        machine = self._machine
        while machine.rx_fifo():
            machine.get(self._word)
        machine.exec(_COUNT_TO_ISR)
        machine.exec(_PUSH)
        if not machine.rx_fifo():
            raise hal.PartError(defs.FAULT_NO_ANSWER)
        machine.get(self._word)
        return self._word[0] & _CIRCLE
