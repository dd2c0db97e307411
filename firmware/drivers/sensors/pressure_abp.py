"""Honeywell ABP pressure sensor (basic amplified, 14 bit) on I2C: it converts continuously and is only read.

The two top bits of its two bytes are the status: 0 new, 1 command mode, 2 read before (stale), 3 diagnostic. It
converts about every millisecond, so a value that is still stale after 200 ms shows that the sensor has stopped.
"""

from micropython import const
from pump import defs, hal
from pump.core import fixed_point

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine

ADDRESS = const(0x28)
_ZERO = const(1638)
_FULL = const(14745)
_MARGIN = const(656)  # 5 % of the span
_TRIES = const(3)  # at power-on: a value has no checksum, and a disturbed one says nothing of the sensor


class HoneywellAbp:
    """A hal.Pressure. lowest_pa, highest_pa: the range in the part number (15 psi gauge: 0, 103421)."""

    def __init__(self, i2c: "machine.I2C", lowest_pa: int, highest_pa: int, address: int = ADDRESS) -> None:
        self._read_into = i2c.readfrom_into
        self._address = address
        self._reply = bytearray(2)
        self._scale = fixed_point.Scale(highest_pa - lowest_pa, _FULL - _ZERO)
        self._lowest_pa = lowest_pa

    def check(self) -> None:
        """Reads a new value."""
        for _ in range(_TRIES - 1):
            try:
                self.read_pa()
                return
            except hal.PartError:
                pass  # is read again
        self.read_pa()

    def begin(self) -> None:
        """Does nothing: it converts continuously."""

    def read_pa(self) -> int:
        """Pressure in Pa, from a conversion a millisecond ago."""
        reply = self._reply
        try:
            self._read_into(self._address, reply)
        except OSError as error:
            raise hal.bus_error(error)
        status = reply[0] >> 6
        if status:
            if status == 2:
                raise hal.PartError(defs.FAULT_STALE)
            if status == 1:
                raise hal.PartError(defs.FAULT_WRONG_IDENTITY)
            raise hal.PartError(defs.FAULT_BUS_STUCK if reply[0] == 0xFF and reply[1] == 0xFF else defs.FAULT_FAULT)
        count = reply[0] << 8 | reply[1]
        if count == 0:
            raise hal.PartError(defs.FAULT_BUS_STUCK)
        if not _ZERO - _MARGIN <= count <= _FULL + _MARGIN:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        return self._lowest_pa + self._scale.of(count - _ZERO)
