"""The RP2040's watchdog: once started it can't be stopped; it resets the processor 8 s after the last feed."""

from micropython import const
from pump import defs, hal

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    import machine

_LONGEST_MS = const(8388)  # 24 bits at half a microsecond (RP2040-E1)


class Watchdog:
    """A hal.Watchdog over the class machine.WDT. It starts with the first feed, unless the boot has started it before.

    `tested`: whether it has reset the processor in its test at this power-on; None without a test.
    `light`: a pin with a LED that changes with each feed, five seconds apart at most: a sign of life.
    """

    def __init__(
        self,
        make: "Callable[..., machine.WDT]",
        tested: "bool | None" = None,
        timeout_ms: int = 8000,
        light: "machine.Pin | None" = None,
    ) -> None:
        if not 0 < timeout_ms <= _LONGEST_MS:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        self._make = make
        self.tested = tested
        self._timeout_ms = timeout_ms
        self._light = light
        self._wdt: "machine.WDT | None" = None

    def check(self) -> None:
        """NO_RESET when it did not reset the processor in its test."""
        if self.tested is False:
            raise hal.PartError(defs.FAULT_NO_RESET)

    def feed(self) -> None:
        """Delays the reset by another period."""
        if self._wdt is None:
            self._wdt = self._make(timeout=self._timeout_ms)
        self._wdt.feed()
        if self._light is not None:
            self._light.toggle()
