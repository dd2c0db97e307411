"""Temperature of the RP2040's die: T = 27 - (V - 0.706) / 0.001721, by its data sheet.

Good enough to detect an overheated controller; dies differ by some degrees.
"""

from micropython import const
from pump import defs, hal

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine

_OFFSET_CENTI_C = const(43723)  # 2700 + 0.706 V / 0.001721 V * 100
_LOWEST = const(-4000)
_HIGHEST = const(12500)


class DieTemperature:
    """A hal.Temperature over machine.ADC(machine.ADC.CORE_TEMP)."""

    def __init__(self, adc: "machine.ADC", reference_mv: int = 3300) -> None:
        self._read_u16 = adc.read_u16
        # Thousandths of 0.01 degree per count of 12 bits: 46,814 at 3.3 V.
        self._milli = reference_mv * 100000000 // (4096 * 1721)

    def check(self) -> None:
        """OUT_OF_RANGE when the chip can't work at this temperature."""
        self.read_centi_c()

    def read_centi_c(self) -> int:
        """Hundredths of a degree; a count is half a degree."""
        centi_c = _OFFSET_CENTI_C - (self._read_u16() >> 4) * self._milli // 1000
        if not _LOWEST <= centi_c <= _HIGHEST:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        return centi_c
