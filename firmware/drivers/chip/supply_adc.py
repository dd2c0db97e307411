"""The Pico's supply voltage VSYS, a third of which is on ADC3, and the cause of the last reset."""

from micropython import const
from pump import defs, hal

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    import machine

_LOWEST_MV = const(1500)  # the Pico runs from 1.8 V; less means that the divider is not connected
_HIGHEST_MV = const(6000)


class Supply:
    """A hal.Supply over machine.ADC(3). reset_cause: gives one of defs.RESET_*; called once."""

    def __init__(self, adc: "machine.ADC", reset_cause: "Callable[[], int]", reference_mv: int = 3300) -> None:
        self._read_u16 = adc.read_u16
        self._full_mv = 3 * reference_mv
        self._cause = reset_cause()

    def check(self) -> None:
        """OUT_OF_RANGE when a Pico can't run at this voltage."""
        self.read_mv()

    def read_mv(self) -> int:
        """Millivolts at VSYS; a count is 2.4 mV."""
        mv = (self._read_u16() >> 4) * self._full_mv >> 12
        if not _LOWEST_MV <= mv <= _HIGHEST_MV:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        return mv

    def reset_cause(self) -> int:
        """One of defs.RESET_*, the cause of the last reset."""
        return self._cause
