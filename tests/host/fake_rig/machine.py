"""Unconnected pins, for the rig's program without a Pico."""


class Pin:
    IN, OUT, OPEN_DRAIN = 0, 1, 2
    PULL_UP, PULL_DOWN = 1, 2

    def __init__(self, number, mode=None, pull=None, value=0):
        self._level = value

    def value(self, level=None):
        if level is None:
            return self._level
        self._level = level
        return None


class PWM:
    def __init__(self, pin, freq):
        self._duty = 0

    def duty_u16(self, duty):
        assert 0 <= duty <= 65535
        self._duty = duty


class I2C:
    def __init__(self, number, sda, scl, freq):
        registers = mem32.values
        registers.clear()


class _Registers:
    """The registers of an I2C block on a bus without a controller."""

    def __init__(self):
        self.values = {}

    def __getitem__(self, address):
        return self.values.get(address, 0)

    def __setitem__(self, address, value):
        self.values[address] = value


mem32 = _Registers()


def disable_irq():
    return 0


def enable_irq(state):
    pass
