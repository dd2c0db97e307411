"""The I2C bus with its recovery: frees SDA when a part holds it, and never waits for a line that is held.

A part that lost a clock, or whose controller was reset in the middle of a byte, holds SDA low until it gets the rest of
its clocks. UM10204 (NXP, I2C-bus specification), 3.1.16: nine clocks free it. SDA follows SCL half a clock later, so
that each clock ends in a stop condition as soon as SDA is free: more clocks than the part needs do no harm.
A part that holds SCL can't be helped by the controller; it may let go by itself (clock stretching).
"""

from micropython import const
from pump import defs, hal

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    import machine

_ETIMEDOUT = const(110)
_CLOCKS = const(9)
_HALF_US = const(5)  # half a clock at 100 kHz, the slowest that any of the parts is built for
_POLLS = const(20)  # of SCL, 5 us apart: a part that stretches a clock by more is left to the next transfer
_ENDING = const(4)  # polls, 5 us apart: machine.I2C returns from a read before its stop condition is over


class I2cBus:
    """The transfers of machine.I2C that the drivers use. OSError ETIMEDOUT when a line is held and can't be freed.

    begin: makes the machine.I2C and gives it the pins; called by the constructor, which frees the bus first, and after
    each recovery. A transfer that a held line has ended is repeated once. `exchanges` counts the transfers, `disturbed`
    those that met a held line, of which `held` found no way to free it, all modulo 2^30.
    """

    def __init__(
        self,
        begin: "Callable[[], machine.I2C]",
        sda: "machine.Pin",
        scl: "machine.Pin",
        sleep_us: "Callable[[int], object]",
    ) -> None:
        self._begin = begin
        self._sda = sda
        self._scl = scl
        self._sleep_us = sleep_us
        self._open = False  # the last transfer ended without a stop condition, so a read alone means something else
        self.exchanges = 0
        self.disturbed = 0
        self.held = 0
        self._free()
        self._i2c = begin()

    def check(self) -> None:
        """Frees the bus, as before a self-test; BUS_STUCK when a line stays held."""
        if not self._is_idle() and not self._recover():
            raise hal.PartError(defs.FAULT_BUS_STUCK)

    def writeto(self, address: int, data: "bytes | bytearray", stop: bool = True) -> int:
        """Writes the bytes; OSError as machine.I2C."""
        self._prepare()
        self._open = not stop
        try:
            return self._i2c.writeto(address, data, stop)
        except OSError as error:
            self._open = False
            if not self._recovered(error):
                raise
        self._open = not stop
        return self._i2c.writeto(address, data, stop)

    def readfrom_into(self, address: int, buffer: bytearray) -> None:
        """Fills the buffer; OSError as machine.I2C."""
        follows = self._open
        if not follows:
            self._prepare()
        self._open = False
        try:
            self._i2c.readfrom_into(address, buffer)
            return
        except OSError as error:
            if not self._recovered(error) or follows:
                raise
        self._i2c.readfrom_into(address, buffer)

    def _prepare(self) -> None:
        """At rest both lines are high: a transfer with one that is low would wait for its time-out."""
        self.exchanges = self.exchanges + 1 & 0x3FFFFFFF
        if self._is_idle() or self._recover():
            return
        raise OSError(_ETIMEDOUT)

    def _recovered(self, error: OSError) -> bool:
        """Whether a held line has ended the transfer, and the bus is free again."""
        if error.args[0] != _ETIMEDOUT and self._is_idle():
            return False  # the part did not acknowledge
        return self._recover()

    def _recover(self) -> bool:
        free = self._free()
        self._i2c = self._begin()  # the peripheral may hang in its transfer as well
        self.disturbed = self.disturbed + 1 & 0x3FFFFFFF
        if not free:
            self.held = self.held + 1 & 0x3FFFFFFF
        return free

    def _is_idle(self) -> bool:
        """Whether both lines are high, or get high soon."""
        for _ in range(_ENDING):
            if self._sda.value() and self._scl.value():
                return True
            self._sleep_us(_HALF_US)
        return False

    def _free(self) -> bool:
        """One to nine clocks with stop conditions; whether both lines are free. Takes 0.3 ms at most."""
        sda = self._sda
        scl = self._scl
        sleep_us = self._sleep_us
        sda.init(sda.OPEN_DRAIN, sda.PULL_UP)
        scl.init(scl.OPEN_DRAIN, scl.PULL_UP)
        for _ in range(_CLOCKS):
            if not self._is_released():
                return False
            scl.value(0)
            sleep_us(_HALF_US)
            sda.value(0)
            scl.value(1)
            if not self._is_released():
                sda.value(1)
                return False
            sleep_us(_HALF_US)
            sda.value(1)
            sleep_us(_HALF_US)
            if sda.value():
                return True
        return False

    def _is_released(self) -> bool:
        """Whether SCL is high, or gets high soon."""
        for _ in range(_POLLS):
            if self._scl.value():
                return True
            self._sleep_us(_HALF_US)
        return False
