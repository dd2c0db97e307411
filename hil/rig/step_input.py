"""Counts the pump's STEP pulses while ENABLE is low, by a PIO state machine; DIR gives their direction."""

from array import array

import rp2
from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine
    from rp2.asm_pio import jmp, label, pin, wait, wrap, wrap_target, x_dec

_FREQUENCY = const(1000000)  # counts pulses of 2 us and more
_CIRCLE = const(0x3FFFFFFF)
# Instructions for exec(), executed between two instructions of the program.
_START = const(0xA02B)  # mov(x, invert(null)): X counts down from all ones
_COUNT_TO_ISR = const(0xA0C9)  # mov(isr, invert(x))
_PUSH = const(0x8000)  # push(noblock)


@rp2.asm_pio()
def _powered_edges():  # type: ignore[no-untyped-def]
    """Decrements X at each rising edge while ENABLE is low."""
    wrap_target()
    label("next")
    wait(0, pin, 0)
    wait(1, pin, 0)
    jmp(pin, "next")  # ENABLE is high, the coils have no current: the pulse moves nothing
    jmp(x_dec, "next")
    wrap()


class StepInput:
    """step, direction, enable: input pins. The direction applies to all steps since the last read."""

    def __init__(
        self, state_machine: "rp2.StateMachine", step: "machine.Pin", direction: "machine.Pin", enable: "machine.Pin"
    ) -> None:
        self._machine = state_machine
        self._direction = direction
        self._word = array("i", [0])
        self._before = 0
        state_machine.init(_powered_edges, freq=_FREQUENCY, in_base=step, jmp_pin=enable)
        state_machine.exec(_START)
        state_machine.active(1)

    def read(self) -> int:
        """Steps since the last call, 0 or more."""
        machine = self._machine
        while machine.rx_fifo():
            machine.get(self._word)
        machine.exec(_COUNT_TO_ISR)
        machine.exec(_PUSH)
        machine.get(self._word)
        count = self._word[0] & _CIRCLE
        steps = count - self._before & _CIRCLE
        self._before = count
        return steps

    def is_reverse(self) -> bool:
        """Whether DIR is high now."""
        return bool(self._direction.value())
