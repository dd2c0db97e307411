"""Light and sound of the simulated pump, with the time of each change."""

import array

from pump.core import ticks

_CHANGES = 512  # enough for the last minute of a high-priority alarm


class Outputs:
    """Three outputs, `red`, `yellow` and `tone`, and the log of their changes.

    The driver of the real board (drivers/chip/annunciator_gpio.py) sets them, so that its patterns are tested too.
    """

    NAMES = ("red", "yellow", "tone")

    def __init__(self, ticks_ms: "callable") -> None:
        self._ticks_ms = ticks_ms
        self._began = ticks_ms()
        self._levels = bytearray(3)
        self._times = array.array("i", [0] * _CHANGES)
        self._codes = bytearray(_CHANGES)
        self._count = 0
        self.red = Output(self, 0)
        self.yellow = Output(self, 1)
        self.tone = Output(self, 2)

    def put(self, number: int, on: int) -> None:
        if on == self._levels[number]:
            return
        self._levels[number] = on
        at = self._count % _CHANGES
        self._times[at] = ticks.diff(self._ticks_ms(), self._began) & 0x3FFFFFFF
        self._codes[at] = number * 2 + on
        self._count += 1

    def truth(self) -> "dict[str, int]":
        """{"red": 0, "yellow": 1, "tone": 0}"""
        return dict(zip(self.NAMES, self._levels))

    def changes(self) -> "list[list[object]]":
        """The last changes, oldest first: [ms since power-on modulo 2^30, name, 0 or 1]."""
        found = []
        for count in range(max(0, self._count - _CHANGES), self._count):
            code = self._codes[count % _CHANGES]
            found.append([self._times[count % _CHANGES], self.NAMES[code >> 1], code & 1])
        return found


class Output:
    """One of the three outputs, with the methods of a pin and of a PWM that the driver uses."""

    def __init__(self, outputs: Outputs, number: int) -> None:
        self._outputs = outputs
        self._number = number

    def value(self, on: int) -> None:
        self._outputs.put(self._number, on)

    def duty_u16(self, duty: int) -> None:
        self._outputs.put(self._number, 1 if duty else 0)
