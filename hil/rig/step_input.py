"""Counts the pump's STEP pulses while ENABLE is low, by a state machine of its own; DIR says which way they went."""

from array import array

import rp2
from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine
    from rp2.asm_pio import jmp, label, pin, wait, wrap, wrap_target, x_dec

_FREQUENCY = const(1000000)  # pulses of two microseconds and more are seen
_CIRCLE = const(0x3FFFFFFF)
# Instructions given by hand; they run between two looks at the pin.
_START = const(0xA02B)  # mov(x, invert(null)): X counts down from all ones
_COUNT_TO_ISR = const(0xA0C9)  # mov(isr, invert(x))
_PUSH = const(0x8000)  # push(noblock)


@rp2.asm_pio()
def _powered_edges():  # type: ignore[no-untyped-def]
    """X goes down by one at each rising edge that finds ENABLE low."""
    wrap_target()
    label("next")
    wait(0, pin, 0)
    wait(1, pin, 0)
    jmp(pin, "next")  # no current in the coils: a pulse that moves nothing
    jmp(x_dec, "next")
    wrap()


class StepInput:
    """step, direction, enable: input pins. A direction counts for all steps since the look before."""

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

    def take(self) -> int:
        """Steps since the look before, 0 or more."""
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
        """What DIR says now."""
        return bool(self._direction.value())
