"""Sensirion SLF3x liquid flow sensors on I2C: they measure continuously and return the mean since the last read.

Nine bytes: flow, temperature and flags, each a signed word with a CRC-8. The CRC starts with 0xFF, so that a line stuck
low is detected. The first value comes 12 ms after the start and is accurate after 60 ms.
"""

from micropython import const
from pump import defs, hal
from pump.core import fixed_point

from drivers.sensors import _sensirion_crc

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine

ADDRESS = const(0x08)
# (third byte of the product number 0x0703xx, pL/s as numerator and denominator of a count)
SLF3S_0600F = (0x03, 5000, 3)  # a count is 0.1 uL/min
SLF3S_1300F = (0x02, 100000, 3)  # a count is 2 uL/min
WATER = b"\x36\x08"
ALCOHOL = b"\x36\x15"
_STOP = b"\x3f\xf9"
_IDENTITY = b"\x36\x7c"
_IDENTITY_MORE = b"\xe1\x02"
_TRIES = const(20)  # the next command is accepted only half a millisecond after a stop
_CRC_START = const(0xFF)
_AIR = const(0x01)
_HIGH_FLOW = const(0x02)


class Slf3x:
    """A hal.Flow and a hal.Temperature. `air`: whether the sensor detected air at the last value."""

    def __init__(
        self,
        i2c: "machine.I2C",
        model: "tuple[int, int, int]" = SLF3S_0600F,
        liquid: bytes = WATER,
        address: int = ADDRESS,
    ) -> None:
        self._i2c = i2c
        self._read_into = i2c.readfrom_into
        self._address = address
        self._product = model[0]
        self._scale = fixed_point.Scale(model[1], model[2])
        self._liquid = liquid
        self._reply = bytearray(9)
        self._number = bytearray(18)
        self._started = False
        self.air = False

    def check(self) -> None:
        """Checks the product number and starts the measurement. While measuring, the sensor accepts only a stop."""
        self._started = False
        self._send(_STOP, 1)
        self._send(_IDENTITY, _TRIES)
        self._send(_IDENTITY_MORE, 1)
        number = self._number
        try:
            self._read_into(self._address, number)
        except OSError as error:
            raise hal.bus_error(error)
        if not (_sensirion_crc.matches(number, 0, _CRC_START) and _sensirion_crc.matches(number, 3, _CRC_START)):
            raise hal.PartError(defs.FAULT_BAD_CHECKSUM)
        if number[0] != 0x07 or number[1] != 0x03 or number[3] != self._product:
            raise hal.PartError(defs.FAULT_WRONG_IDENTITY)
        self._start()

    def read_pl_s(self) -> int:
        """Mean flow since the last read, pL/s. After a failed read the next call starts the sensor again.

        It may have lost its power, or still be measuring, and then it acknowledges nothing but a stop.
        """
        if not self._started:
            self._send(_STOP, 1)
            self._start()
            raise hal.PartError(defs.FAULT_NOT_READY)
        reply = self._reply
        try:
            self._read_into(self._address, reply)
        except OSError as error:
            self._started = False
            raise hal.bus_error(error)
        for at in (0, 3, 6):
            if not _sensirion_crc.matches(reply, at, _CRC_START):
                raise hal.PartError(defs.FAULT_BAD_CHECKSUM)
        self.air = reply[7] & _AIR != 0
        if reply[7] & _HIGH_FLOW:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        return self._scale.of(_sensirion_crc.signed(reply, 0))

    def read_centi_c(self) -> int:
        """Temperature of the last value; a count is 1/200 of a degree."""
        if not self._started:
            raise hal.PartError(defs.FAULT_NOT_READY)
        return _sensirion_crc.signed(self._reply, 3) >> 1

    def _start(self) -> None:
        self._send(self._liquid, _TRIES)
        self._started = True

    def _send(self, command: bytes, tries: int) -> None:
        while True:
            tries -= 1
            try:
                self._i2c.writeto(self._address, command)
            except OSError as error:
                failure = hal.bus_error(error)
                if tries <= 0 or failure.args[0] == defs.FAULT_BUS_STUCK:
                    raise failure
            else:
                return
