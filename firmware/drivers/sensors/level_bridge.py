"""Level of the reservoir from its weight: a load cell's counts between an empty and a full reservoir."""

from micropython import const
from pump import defs, hal
from pump.core import fixed_point

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Protocol

    class Bridge(Protocol):
        def check(self) -> None: ...

        def read_raw(self) -> int: ...


class BridgeLevel:
    """A hal.Level. empty_raw, full_raw: counts with an empty reservoir and with full_nl in it."""

    def __init__(self, bridge: "Bridge", empty_raw: int, full_raw: int, full_nl: int) -> None:
        self._bridge = bridge
        self._empty = empty_raw
        self._falling = full_raw < empty_raw
        span = abs(full_raw - empty_raw)
        self._margin = span // 4
        self._full = span
        self._scale = fixed_point.Scale(full_nl, span)

    def check(self) -> None:
        """Checks the load cell's converter."""
        self._bridge.check()

    def read_nl(self) -> int:
        """Nanolitres; OUT_OF_RANGE when more than a quarter of the span outside the calibration."""
        count = self._bridge.read_raw() - self._empty
        if self._falling:
            count = -count
        if not -self._margin <= count <= self._full + self._margin:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        return self._scale.of(count)
