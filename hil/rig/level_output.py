"""Simulates the reservoir's level sensor: a voltage by PWM, smoothed by a resistor and a capacitor (wiring.md)."""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine

FREQUENCY = const(30518)  # 125 MHz / 4096: twelve bits, and far above the filter's corner
_FULL = const(65535)
_UNIT_NL = const(2000)  # keeps the product below 2^30


class LevelOutput:
    """full_nl: the volume that the pump reads at 3.3 V, up to 32 mL."""

    def __init__(self, pwm: "machine.PWM", full_nl: int) -> None:
        self._set = pwm.duty_u16
        self._full = full_nl // _UNIT_NL
        self.silence()

    def show(self, volume_nl: int) -> None:
        """Sets the voltage of this volume, limited to 0..full."""
        self._set(max(0, min(_FULL, volume_nl // _UNIT_NL * _FULL // self._full)))

    def silence(self) -> None:
        """Sets 0 V: the pump detects a broken wire, and a pump without supply gets no current from this pin."""
        self._set(0)
