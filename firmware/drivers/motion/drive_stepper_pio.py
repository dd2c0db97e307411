"""A stepper's STEP and ENABLE lines from a PIO program that counts its own steps and then stops.

A motion has `steps` cells of `interval_us`; STEP is low in the first half of a cell and high in the second. So the
coils have current before the first edge and until the rotor has settled after the last, and the motion takes
steps * interval_us. Where half a cell is shorter than `settle_us`, the difference is added before the first cell and
after the last. The count is loaded before the state machine starts, and X is decremented in the cycle that raises
STEP: the count is exact wherever the program is stopped. Without a count nothing moves.
"""

from array import array

import rp2
from micropython import const
from pump import defs, hal

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine
    from rp2.asm_pio import (
        block,
        invert,
        isr,
        jmp,
        label,
        mov,
        noblock,
        not_x,
        osr,
        pins,
        pull,
        push,
        set,
        wrap,
        wrap_target,
        x,
        x_dec,
        y,
        y_dec,
    )

_FREQUENCY = const(1000000)  # a cycle is a microsecond; 125 and 150 MHz are whole multiples
_CELL_CYCLES = const(10)  # cycles of a cell in addition to its two pauses
_SHORTEST_US = const(12)
_LONGEST_US = const(1000000)
_MOST_STEPS = const(20000)
# Instructions for exec(), all with STEP low.
_DISABLE = const(0xE001)  # set(pins, 1)
_COUNT_TO_ISR = const(0xA0C1)  # mov(isr, x)
_PUSH = const(0x8000)  # push(noblock)
_PULL = const(0x8080)  # pull(noblock)
_OSR_TO_COUNT = const(0xA027)  # mov(x, osr)


@rp2.asm_pio(sideset_init=rp2.PIO.OUT_LOW, set_init=rp2.PIO.OUT_HIGH)
def _motion():  # type: ignore[no-untyped-def]
    """Side-set is STEP, set is ENABLE (active low). X has the steps left; settle, pause, hold come through the FIFO."""
    wrap_target()
    pull(block).side(0)
    mov(y, osr).side(0)  # settle
    pull(block).side(0)  # pause, stays in OSR
    set(pins, 0).side(0)
    label("settle")
    jmp(y_dec, "settle").side(0)
    label("cell")
    jmp(not_x, "end").side(0)
    mov(y, osr).side(0)
    label("low")
    jmp(y_dec, "low").side(0)
    jmp(x_dec, "high").side(1)
    label("high")
    mov(y, osr).side(1)
    mov(isr, x).side(1)
    push(noblock).side(1) [1]
    label("wait")
    jmp(y_dec, "wait").side(1)
    jmp("cell").side(0)
    label("end")
    pull(block).side(0)
    mov(y, osr).side(0)  # hold
    label("hold")
    jmp(y_dec, "hold").side(0)
    set(pins, 1).side(0)
    mov(isr, invert(x)).side(0)  # all ones: the motion is over
    push(block).side(0)
    wrap()


class PioStepper:
    """A hal.Drive. state_machine: its PIO block needs 20 free instructions.

    step, enable: pins, not set up. enable is active low with an external pull-up of 10 kilohm or less.
    driver: the hal.MotorDriver, None for one without feedback. direction: an output, low for forward and high for
    a reverse; None when the drive can't reverse.
    """

    cycle_ms = 0

    def __init__(
        self,
        state_machine: "rp2.StateMachine",
        step: "machine.Pin",
        enable: "machine.Pin",
        driver: "hal.MotorDriver | None" = None,
        settle_us: int = 2000,
        direction: "machine.Pin | None" = None,
    ) -> None:
        self._machine = state_machine
        self._step = step
        self._enable = enable
        self._driver = driver
        self._direction = direction
        self._settle_us = settle_us
        self._word = array("i", [0])  # one FIFO word
        self._steps = 0  # steps commanded in the present or last motion
        self._done = 0  # steps made in it
        self._moving = False
        self._set_up()

    def check(self) -> None:
        """Releases ENABLE and reads it, because after a reset only the pull-up keeps the coils off."""
        self.stop()
        pin = self._enable
        pin.init(pin.IN, pin.PULL_DOWN)
        held = pin.value()
        self._set_up()
        if not held:
            raise hal.PartError(defs.FAULT_NO_PULL_UP)
        if self._driver is not None:
            self._driver.ready()

    def start(self, steps: int, interval_us: int) -> None:
        """Begins a motion of 1 to 20,000 steps, negative for a reverse; an odd interval is rounded down to even.

        STUCK when ENABLE is low at rest: then a stray pulse on STEP would move the rotor.
        """
        reverse = steps < 0
        if reverse:
            steps = -steps
        can = self._direction is not None or not reverse
        if not (can and 0 < steps <= _MOST_STEPS and _SHORTEST_US <= interval_us <= _LONGEST_US):
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        if self._moving:
            self.steps_done()
            if self._moving:
                raise hal.PartError(defs.FAULT_BUSY)
        if not self._enable.value():  # the coils had current between the motions
            raise hal.PartError(defs.FAULT_STUCK)
        driver = self._driver
        if driver is not None:
            driver.ready()
        if self._direction is not None:
            self._direction.value(1 if reverse else 0)
        machine = self._machine
        self._empty()
        machine.restart()
        machine.put(steps)
        machine.exec(_PULL)
        machine.exec(_OSR_TO_COUNT)
        half_us = interval_us >> 1
        extra_us = self._settle_us - half_us if half_us < self._settle_us else 0
        machine.put(extra_us)
        machine.put(half_us - (_CELL_CYCLES >> 1))
        machine.put(extra_us)
        self._steps = steps
        self._done = 0
        self._moving = True
        machine.active(1)
        if driver is not None:
            driver.moving()

    def steps_done(self) -> int:
        """Steps of the present or last motion: exact at rest, the steps reported so far while moving."""
        if self._moving:
            machine = self._machine
            word = self._word
            while machine.rx_fifo():
                machine.get(word)
                if word[0] < 0:
                    self._done = self._steps
                    self._moving = False
                    machine.active(0)
                    break
                self._done = self._steps - word[0]
        return self._done

    def stop(self) -> None:
        """Ends a motion at once and turns the coils off."""
        machine = self._machine
        machine.active(0)
        machine.exec(_DISABLE)
        self.steps_done()
        if self._moving:
            self._moving = False
            machine.exec(_COUNT_TO_ISR)
            machine.exec(_PUSH)
            machine.get(self._word)
            self._done = self._steps - self._word[0]
        self._empty()

    def _empty(self) -> None:
        machine = self._machine
        while machine.rx_fifo():
            machine.get(self._word)
        while machine.tx_fifo():
            machine.exec(_PULL)

    def _set_up(self) -> None:
        self._machine.init(_motion, freq=_FREQUENCY, sideset_base=self._step, set_base=self._enable)
