"""Honeywell MPR pressure sensor (MicroPressure, 24 bit) on I2C; the protocol is in _i2c_honeywell.py."""

from micropython import const

from drivers.sensors import _i2c_honeywell

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine

ADDRESS = const(0x18)
# Transfer functions: counts at the lowest and the highest pressure.
A = (1677722, 15099494)
B = (419430, 3774874)
C = (3355443, 13421773)
_REPLY_BYTES = const(4)  # status, three of pressure


class HoneywellMpr(_i2c_honeywell.Sensor):
    """A hal.Pressure. lowest_pa, highest_pa: the range in the part number (30 psi gauge: 0, 206843)."""

    def __init__(
        self,
        i2c: "machine.I2C",
        lowest_pa: int,
        highest_pa: int,
        function: "tuple[int, int]" = A,
        address: int = ADDRESS,
    ) -> None:
        super().__init__(i2c, address, _REPLY_BYTES, lowest_pa, highest_pa, function)
