"""What Honeywell's MPR and ABP2 pressure sensors (24 bit, I2C) share: command, status byte, checks of a value.

A conversion takes 5 ms, and no call waits: `read_pa` fetches the conversion that the call before has started and starts
the next. Status byte: bit 6 powered, 5 busy, 2 memory damaged, 0 saturated, the others 0.
"""

from micropython import const
from pump import defs, hal
from pump.core import fixed_point

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine

_POWERED = const(0x40)
_BUSY = const(0x20)
_MEMORY = const(0x04)
_SATURATED = const(0x01)
_NEVER = const(0x9A)  # bits that are always 0
_SAME = const(16)  # equal values in a row mean a fault: the noise of a working sensor is many counts
_TRIES = const(3)  # of the status at power-on: it has no checksum, and a disturbed one says nothing of the sensor


class Sensor:
    """A hal.Pressure. lowest_pa, highest_pa: the range in the part number; function: the counts at these pressures."""

    def __init__(
        self,
        i2c: "machine.I2C",
        address: int,
        reply_bytes: int,
        lowest_pa: int,
        highest_pa: int,
        function: "tuple[int, int]",
    ) -> None:
        self._write = i2c.writeto
        self._read_into = i2c.readfrom_into
        self._address = address
        self._command = b"\xaa\x00\x00"
        self._reply = bytearray(reply_bytes)
        self._zero, full = function
        span = full - self._zero
        self._pa_above = fixed_point.Scale(highest_pa - lowest_pa, span).of
        self._lowest_pa = lowest_pa
        self._low = self._zero - span // 20  # 5 % of the span outside it are still a pressure
        self._high = full + span // 20
        self._begun = False
        self._last = -1  # the last count, and how often it was repeated
        self._same = 0

    def check(self) -> None:
        """Checks that the sensor answers with a good status; begins a conversion."""
        for _ in range(_TRIES - 1):
            self._fetch()
            try:
                self._check_status()
                break
            except hal.PartError:
                pass  # is read again
        else:
            self._fetch()
            self._check_status()
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
        if not self._begun:
            self.begin()
            raise hal.PartError(defs.FAULT_NOT_READY)
        self._fetch()
        reply = self._reply
        status = reply[0]
        if status == _POWERED | _BUSY:
            raise hal.PartError(defs.FAULT_NOT_READY)
        self.begin()
        if status != _POWERED:
            self._check_status()
        count = reply[1] << 16 | reply[2] << 8 | reply[3]
        if status & _SATURATED or not self._low <= count <= self._high:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        if count != self._last:
            self._last = count
            self._same = 0
        else:
            self._same += 1
            if self._same >= _SAME:
                raise hal.PartError(defs.FAULT_STALE)
        return self._lowest_pa + self._pa_above(count - self._zero)

    def _fetch(self) -> None:
        try:
            self._read_into(self._address, self._reply)
        except OSError as error:
            raise hal.bus_error(error)

    def _check_status(self) -> None:
        status = self._reply[0]
        if status & _NEVER:
            raise hal.PartError(defs.FAULT_BUS_STUCK if status == 0xFF else defs.FAULT_WRONG_IDENTITY)
        if not status & _POWERED:
            raise hal.PartError(defs.FAULT_NO_POWER)
        if status & _MEMORY:
            raise hal.PartError(defs.FAULT_MEMORY_FAULT)
