"""State machines for the rig's program without a Pico: the STEP pin rises 100 times per second."""

import time

_STEP_MS = 10


def asm_pio():
    return lambda function: function


class StateMachine:
    def __init__(self, number):
        self._began = time.ticks_ms()

    def init(self, program, freq, in_base, jmp_pin):
        pass

    def exec(self, word):
        pass

    def irq(self, handler, hard):
        pass

    def active(self, value):
        pass

    def rx_fifo(self):
        return 0

    def get(self, buffer):
        buffer[0] = time.ticks_diff(time.ticks_ms(), self._began) // _STEP_MS
