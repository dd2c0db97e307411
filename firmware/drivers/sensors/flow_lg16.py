"""Sensirion LG16 liquid flow sensors (SF04 chip) on I2C, down to nanolitres per minute.

Command F1 starts a measurement (74 ms at 16 bits). No call waits: `read_pl_s` fetches the measurement that the call
before has started and starts the next. The CRC-8 of a value starts with 0, so a line that is stuck low reads as no flow
with a valid CRC; therefore equal values in a row are an error. The scale of a count is in the EEPROM.
"""

from micropython import const
from pump import defs, hal
from pump.core import fixed_point

from drivers.sensors import _sensirion_crc

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine

ADDRESS = const(0x40)
_MEASURE = b"\xf1"
_USER_REGISTER = b"\xe3"
_EEPROM = const(0xFA)
_SCALE_AT = const(0x2B6)  # of calibration field 0; the code of the unit is the next word
_FIELD_WORDS = const(0x300)
_LITRE = const(8)
_VOLUMES_PL = {3: 1000, 4: 1000000, 5: 1000000000}  # nano, micro, milli
_TIMES_S = {3: 1, 4: 60, 5: 3600}
_CRC_START = const(0)
_SAME = const(16)  # equal values in a row mean a fault: a working sensor has noise


class Lg16:
    """A hal.Flow; call `check` first, which reads the scale."""

    def __init__(self, i2c: "machine.I2C", address: int = ADDRESS) -> None:
        self._i2c = i2c
        self._read_into = i2c.readfrom_into
        self._address = address
        self._reply = bytearray(3)
        self._scale: "fixed_point.Scale | None" = None
        self._begun = False
        self._last = -1  # the last count, and how often it was repeated
        self._same = 0

    def check(self) -> None:
        """Reads the scale of the calibration field that is in use, and begins a measurement."""
        self._begun = False
        field = self._ask(_USER_REGISTER) >> 4 & 7
        at = _SCALE_AT + field * _FIELD_WORDS
        factor = self._word(at)
        unit = self._word(at + 1)
        if factor == 0 or unit >> 8 & 0x1F != _LITRE or unit & 15 not in _VOLUMES_PL or unit >> 4 & 15 not in _TIMES_S:
            raise hal.PartError(defs.FAULT_WRONG_IDENTITY)
        self._scale = fixed_point.Scale(_VOLUMES_PL[unit & 15], _TIMES_S[unit >> 4 & 15] * factor)
        self.begin()

    def begin(self) -> None:
        """Begins a measurement, so that the next read is not older than this call."""
        self._begun = False
        try:
            self._i2c.writeto(self._address, _MEASURE)
        except OSError as error:
            raise hal.bus_error(error)
        self._begun = True

    def read_pl_s(self) -> int:
        """Flow of the measurement begun last, pL/s; NOT_READY before `check` has found the scale."""
        if self._scale is None:
            raise hal.PartError(defs.FAULT_NOT_READY)
        if not self._begun:
            self.begin()
            raise hal.PartError(defs.FAULT_NOT_READY)
        reply = self._reply
        try:
            self._read_into(self._address, reply)
        except OSError as error:
            self._begun = False
            raise hal.bus_error(error)
        self.begin()
        if not _sensirion_crc.matches(reply, 0, _CRC_START):
            raise hal.PartError(defs.FAULT_BAD_CHECKSUM)
        count = _sensirion_crc.signed(reply, 0)
        self._same = self._same + 1 if count == self._last else 0
        self._last = count
        if self._same >= _SAME:
            raise hal.PartError(defs.FAULT_STALE if count else defs.FAULT_BUS_STUCK)
        return self._scale.of(count)

    def _word(self, at: int) -> int:
        return self._ask(bytes((_EEPROM, at >> 4, at << 4 & 0xFF)))

    def _ask(self, command: bytes) -> int:
        reply = self._reply
        try:
            self._i2c.writeto(self._address, command, False)
            self._read_into(self._address, reply)
        except OSError as error:
            raise hal.bus_error(error)
        if not _sensirion_crc.matches(reply, 0, _CRC_START):
            raise hal.PartError(defs.FAULT_BAD_CHECKSUM)
        return reply[0] << 8 | reply[1]
