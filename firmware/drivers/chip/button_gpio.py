"""A key between a pin and ground. A press is stored until it is read, because the processor sleeps for seconds."""

from micropython import const
from pump import defs, hal

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine


class Button:
    """A hal.Button. pin: input with pull-up. Contact bounce is harmless: it sets a flag that is already set."""

    def __init__(self, pin: "machine.Pin") -> None:
        self._value = pin.value
        self._was = False  # pressed since the last call
        pin.irq(self._note, pin.IRQ_FALLING)

    def check(self) -> None:
        """STUCK when it is pressed at power-on."""
        if not self._value():
            raise hal.PartError(defs.FAULT_STUCK)

    def pressed(self) -> bool:
        """Whether it is pressed, or was since the last call."""
        was = self._was
        self._was = False
        return was or not self._value()

    def _note(self, pin: "machine.Pin") -> None:
        self._was = True
