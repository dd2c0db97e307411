"""The two wires of an I2C bus for unit tests, with a part that holds one of them. The pins are those of machine.Pin.

The part follows UM10204: it changes SDA only after SCL has fallen, and each start or stop condition ends its transfer.
"""

from i2c_models import EIO, ETIMEDOUT

_ACKNOWLEDGE = 8  # position of the ninth bit


class Wires:
    """SDA and SCL between the chip and a part. `sda_held` says when the part holds SDA, `scl_left_us` for how long SCL.

    `deaf`: the part takes no notice of clocks, as one that has latched up. `clocks`, `stops`: what the chip has made.
    """

    def __init__(self):
        self.now_us = 0
        self.position = -1  # bit that the part sends, 8 while it acknowledges, -1 at rest
        self.byte = 0
        self.receives = False
        self.deaf = False
        self.scl_left_us = 0
        self.clocks = 0
        self.stops = 0
        self.sda = Pin(self, "sda")
        self.scl = Pin(self, "scl")

    def hold_sda(self, position, byte=0):
        """A part in the middle of a byte that it sends; at position 8 one that acknowledges a byte it has received."""
        self.position = position
        self.byte = byte
        self.receives = position == _ACKNOWLEDGE

    def sleep_us(self, span_us):
        self.now_us += span_us
        self.scl_left_us = max(0, self.scl_left_us - span_us)

    def part_pulls_sda(self):
        if self.deaf:
            return True
        if self.position < 0:
            return False
        if self.position == _ACKNOWLEDGE:
            return self.receives
        return not self.receives and not self.byte >> 7 - self.position & 1

    def changed(self, pin, before):
        """The chip has set a pin; `before` are the levels of SDA and SCL until now."""
        if pin == "scl":
            if before[1] and not self.scl.level():
                self._fall()
            elif not before[1] and self.scl.level():
                self._rise()
        elif self.scl.level() and before[0] != self.sda.level():
            self.position = -1  # a start or stop condition
            if self.sda.level():
                self.stops += 1

    def _fall(self):
        """The part puts its next bit on SDA."""
        if self.position == _ACKNOWLEDGE:
            self.position = 0
        elif self.position >= 0:
            self.position += 1

    def _rise(self):
        self.clocks += 1
        if self.position == _ACKNOWLEDGE and not self.receives and self.sda.level():
            self.position = -1  # not acknowledged: the part sends no more

    def levels(self):
        return self.sda.level(), self.scl.level()

    def are_free(self):
        return self.levels() == (1, 1)


class Pin:
    """One end of a wire: open drain, with a pull-up."""

    OPEN_DRAIN, PULL_UP = 2, 1

    def __init__(self, wires, name):
        self._wires = wires
        self._name = name
        self._pulls = False

    def init(self, mode, pull=None):
        assert mode == self.OPEN_DRAIN and pull == self.PULL_UP
        self._set(False)

    def value(self, level=None):
        if level is None:
            return self.level()
        self._set(level == 0)
        return None

    def level(self):
        wires = self._wires
        held = wires.scl_left_us > 0 if self._name == "scl" else wires.part_pulls_sda()
        return 0 if self._pulls or held else 1

    def _set(self, pulls):
        before = self._wires.levels()
        self._pulls = pulls
        self._wires.changed(self._name, before)


class Controller:
    """machine.I2C: a transfer with a held line waits for its time-out, and hangs until it is made again."""

    def __init__(self, wires, parts):
        self.wires = wires
        self.parts = parts  # an i2c_models.Bus
        self.made = 0
        self.hangs = False
        self.before_transfer = None  # called once, when the next transfer has begun

    def begin(self):
        self.made += 1
        self.hangs = False
        return self

    def writeto(self, address, data, stop=True):
        self._transfer()
        return self.parts.writeto(address, data, stop)

    def readfrom_into(self, address, buffer, stop=True):
        self._transfer()
        self.parts.readfrom_into(address, buffer, stop)

    def _transfer(self):
        if self.before_transfer is not None:
            disturb, self.before_transfer = self.before_transfer, None
            disturb()
        if self.wires.scl.level() == 0:
            self.hangs = True
        if self.hangs:
            self.wires.sleep_us(5000)
            raise OSError(ETIMEDOUT)
        if self.wires.sda.level() == 0:
            raise OSError(EIO)  # the controller has lost the arbitration
