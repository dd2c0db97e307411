"""Plain STEP/DIR drivers, A4988 and DRV8825: sets direction and SLEEP once, reads nFAULT before each motion.

SLEEP stays released, because a sleeping driver loses its microstep position; ENABLE turns the coils off. Times from the
data sheets: wake-up 1 ms (A4988) and 1.7 ms (DRV8825), STEP high for 1 and 1.9 us. The drive's `settle_us` must be the
wake-up time or more, so that the first motion doesn't come too early.
"""

from micropython import const
from pump import defs, hal

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine

A4988_WAKE_US = const(1000)
DRV8825_WAKE_US = const(1700)


class StepDir:
    """A hal.MotorDriver. Pins that are not wired are None.

    direction: output, `forward` is its level for delivery. sleep: output, active low. fault: input with pull-up,
    active low and open drain (DRV8825; the A4988 has none).
    """

    def __init__(
        self,
        direction: "machine.Pin | None" = None,
        forward: int = 1,
        sleep: "machine.Pin | None" = None,
        fault: "machine.Pin | None" = None,
    ) -> None:
        self._fault = fault
        if direction is not None:
            direction.value(forward)
        if sleep is not None:
            sleep.value(1)

    def check(self) -> None:
        """FAULT while the driver reports one; a missing motor can't be detected."""
        self.ready()

    def ready(self) -> None:
        """FAULT while the driver reports one: overcurrent until its supply is cut, overheating until it has cooled."""
        if self._fault is not None and not self._fault.value():
            raise hal.PartError(defs.FAULT_FAULT)

    def moving(self) -> None:
        """Nothing to do: nFAULT is a level."""
