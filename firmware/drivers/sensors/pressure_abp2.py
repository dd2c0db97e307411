"""Honeywell ABP2 pressure and temperature sensor (24 bit) on I2C.

A conversion takes 5 ms, and nothing here waits: `read_pa` fetches the conversion that the call before has begun and
begins the next. Seven bytes: status, which must be 0x40, three of pressure, three of temperature.
"""

from micropython import const
from pump import defs, hal
from pump.core import fixed_point

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine

ADDRESS = const(0x28)
_ZERO = const(1677722)
_FULL = const(15099494)
_MARGIN = const(671088)  # 5 % of the span
_POWERED = const(0x40)
_BUSY = const(0x20)
_MEMORY = const(0x04)
_SATURATED = const(0x01)
_NEVER = const(0x9A)  # bits that are always 0
_SAME = const(16)  # a live sensor's noise is many counts: so many equal values don't happen


class HoneywellAbp2:
    """A hal.Pressure and a hal.Temperature. lowest_pa, highest_pa: the range in the part number."""

    def __init__(self, i2c: "machine.I2C", lowest_pa: int, highest_pa: int, address: int = ADDRESS) -> None:
        self._write = i2c.writeto
        self._read_into = i2c.readfrom_into
        self._address = address
        self._command = b"\xaa\x00\x00"
        self._reply = bytearray(7)
        self._scale = fixed_point.Scale(highest_pa - lowest_pa, _FULL - _ZERO)
        self._centi_c = fixed_point.Scale(20000, 16777215)
        self._lowest_pa = lowest_pa
        self._begun = False
        self._last = -1
        self._same = 0
        self._temperature = 0
        self._measured = False

    def check(self) -> None:
        """Somebody with a sound status answers; begins a conversion."""
        self._fetch()
        self._judge_status()
        self.begin()

    def begin(self) -> None:
        """Begins a conversion, so that the next read is not older than this call."""
        self._begun = False
        try:
            self._write(self._address, self._command)
        except OSError as error:
            raise hal.bus_error(error)
        self._begun = True

    def read_pa(self) -> int:
        """Pascals of the conversion begun last, 5 ms or longer ago; begins the next one."""
        self._measured = False
        if not self._begun:
            self.begin()
            raise hal.PartError(defs.FAULT_NOT_READY)
        self._fetch()
        reply = self._reply
        if reply[0] == _POWERED | _BUSY:
            raise hal.PartError(defs.FAULT_NOT_READY)
        self.begin()
        self._judge_status()
        count = reply[1] << 16 | reply[2] << 8 | reply[3]
        if reply[0] & _SATURATED or not _ZERO - _MARGIN <= count <= _FULL + _MARGIN:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        self._same = self._same + 1 if count == self._last else 0
        self._last = count
        if self._same >= _SAME:
            raise hal.PartError(defs.FAULT_STALE)
        self._temperature = reply[4] << 16 | reply[5] << 8 | reply[6]
        self._measured = True
        return self._lowest_pa + self._scale.of(count - _ZERO)

    def read_centi_c(self) -> int:
        """Temperature of the sensor as of the last pressure: raw * 200 / 16777215 - 50 degrees."""
        if not self._measured:
            raise hal.PartError(defs.FAULT_NOT_READY)
        return self._centi_c.of(self._temperature) - 5000

    def _fetch(self) -> None:
        try:
            self._read_into(self._address, self._reply)
        except OSError as error:
            raise hal.bus_error(error)

    def _judge_status(self) -> None:
        status = self._reply[0]
        if status & _NEVER:
            raise hal.PartError(defs.FAULT_BUS_STUCK if status == 0xFF else defs.FAULT_WRONG_IDENTITY)
        if not status & _POWERED:
            raise hal.PartError(defs.FAULT_NO_POWER)
        if status & _MEMORY:
            raise hal.PartError(defs.FAULT_MEMORY_FAULT)
