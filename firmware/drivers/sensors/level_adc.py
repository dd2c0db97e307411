"""Level of the reservoir from a voltage: a float's potentiometer, or a pressure sensor under the reservoir."""

from micropython import const
from pump import defs, hal
from pump.core import fixed_point

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine

_SAMPLES = const(16)  # they take 0.2 ms; their mean has a quarter of the noise of one sample
_LOWEST = const(320)  # 0.5 % of full scale from either end: a broken or shorted wire
_HIGHEST = const(65215)


class AdcLevel:
    """A hal.Level. empty_u16, full_u16: readings (0 to 65535) with an empty reservoir and with full_nl in it."""

    def __init__(self, adc: "machine.ADC", empty_u16: int, full_u16: int, full_nl: int) -> None:
        self._read_u16 = adc.read_u16
        self._falling = full_u16 < empty_u16
        self._empty = empty_u16 * _SAMPLES
        self._full = abs(full_u16 - empty_u16) * _SAMPLES
        self._scale = fixed_point.Scale(full_nl, self._full)

    def check(self) -> None:
        """OUT_OF_RANGE as for `read_nl`."""
        self.read_nl()

    def read_nl(self) -> int:
        """Nanolitres; OUT_OF_RANGE near an end of the converter, or a quarter of the span beyond the calibration."""
        read_u16 = self._read_u16
        count = 0
        for _ in range(_SAMPLES):
            count += read_u16()
        if not _LOWEST * _SAMPLES <= count <= _HIGHEST * _SAMPLES:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        count -= self._empty
        if self._falling:
            count = -count
        margin = self._full >> 2
        if not -margin <= count <= self._full + margin:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        return self._scale.of(count)
