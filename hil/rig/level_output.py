"""Plays the reservoir's level sensor: a voltage by PWM, which a resistor and a capacitor make smooth (wiring.md)."""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine

FREQUENCY = const(30518)  # 125 MHz / 4096: twelve bits, and far above the filter's corner
_FULL = const(65535)
_UNIT_NL = const(2000)  # of the product below, so that it stays a small number


class LevelOutput:
    """full_nl: what the pump takes 3.3 V for, up to 32 mL."""

    def __init__(self, pwm: "machine.PWM", full_nl: int) -> None:
        self._set = pwm.duty_u16
        self._full = full_nl // _UNIT_NL
        self.silence()

    def show(self, volume_nl: int) -> None:
        """The voltage of this volume, within 0 and full."""
        self._set(max(0, min(_FULL, volume_nl // _UNIT_NL * _FULL // self._full)))

    def silence(self) -> None:
        """0 V, which the pump takes for a broken wire; and nothing feeds a pump that has no supply."""
        self._set(0)
