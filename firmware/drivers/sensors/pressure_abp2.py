"""Honeywell ABP2 pressure and temperature sensor (24 bit) on I2C; the protocol is in _i2c_honeywell.py."""

from micropython import const
from pump import defs, hal
from pump.core import fixed_point

from drivers.sensors import _i2c_honeywell

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine

ADDRESS = const(0x28)
_FUNCTION = (1677722, 15099494)  # counts at the lowest and the highest pressure
_REPLY_BYTES = const(7)  # status, three of pressure, three of temperature


class HoneywellAbp2(_i2c_honeywell.Sensor):
    """A hal.Pressure and a hal.Temperature. lowest_pa, highest_pa: the range in the part number."""

    def __init__(self, i2c: "machine.I2C", lowest_pa: int, highest_pa: int, address: int = ADDRESS) -> None:
        super().__init__(i2c, address, _REPLY_BYTES, lowest_pa, highest_pa, _FUNCTION)
        self._centi_c = fixed_point.Scale(20000, 16777215)
        self._temperature = 0  # counts
        self._measured = False

    def read_pa(self) -> int:
        """Pascals of the conversion begun last, 5 ms or longer ago; begins the next one."""
        self._measured = False
        pa = super().read_pa()
        reply = self._reply
        self._temperature = reply[4] << 16 | reply[5] << 8 | reply[6]
        self._measured = True
        return pa

    def read_centi_c(self) -> int:
        """Temperature of the sensor as of the last pressure: raw * 200 / 16777215 - 50 degrees."""
        if not self._measured:
            raise hal.PartError(defs.FAULT_NOT_READY)
        return self._centi_c.of(self._temperature) - 5000
