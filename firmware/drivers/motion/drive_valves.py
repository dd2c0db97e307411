"""Inlet, chamber and outlet: a PIO program drives them through one cycle at a time and reads their sense lines.

A cycle has five phases: inlet open and chamber drawn, the same held with less current, all but the chamber closed,
outlet open, outlet held with the chamber released. In reverse, to relieve the line, inlet and outlet are
exchanged. The two are never open together, nor one right after the other. The phases are loaded before the cycle
begins, and the program itself reads the sense lines at the end of each. If a valve is not in its position, the program
closes all valves and stops, so the outlet never opens while the inlet is stuck open (D11). Without a phase it closes
all valves too, so none stays open if the processor stops. One word comes back at the end: that of a complete cycle, or
what the sense lines showed.
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
        in_,
        invert,
        isr,
        jmp,
        label,
        mov,
        not_x,
        null,
        osr,
        out,
        pins,
        pull,
        push,
        wrap,
        wrap_target,
        x,
        x_not_y,
        y,
        y_dec,
    )

_FREQUENCY = const(500000)
_CHOPS_PER_MS = const(20)  # a chop has 25 cycles, 9 of them on: 36 % of the current for holding
_INLET = const(1)
_CHAMBER = const(2)
_OUTLET = const(4)
_PHASES = const(5)
# (on, off): pins in both parts of a chop, for each phase. A pin in both is fully driven, one only in `on` is held.
_DRIVEN = (
    (_INLET | _CHAMBER, _INLET | _CHAMBER),
    (_INLET | _CHAMBER, 0),
    (_CHAMBER, 0),
    (_OUTLET | _CHAMBER, _OUTLET),
    (_OUTLET, 0),
)
_BACK = (
    (_OUTLET | _CHAMBER, _OUTLET | _CHAMBER),
    (_OUTLET | _CHAMBER, 0),
    (_CHAMBER, 0),
    (_INLET | _CHAMBER, _INLET),
    (_INLET, 0),
)
# What the sense lines must show at the end of each phase: 1 the inlet is open, 2 the outlet.
_OPEN = (1, 1, 0, 2, 2)
_OPEN_BACK = (2, 2, 0, 1, 1)
_LAST = const(_PHASES - 1)
_WHOLE = const(-1)  # the word of a cycle that was right to its end
# A phase as a word for the program, from its lowest bit: pins `on`, chops less one, pins `off`, sense lines, the last.
_CHOPS_BIT = const(3)
_OFF_BIT = const(26)
_SENSE_BIT = const(29)
_LAST_BIT = const(31)
# Instructions for exec().
_CLOSE = const(0xA003)  # mov(pins, null)
_PULL = const(0x8080)  # pull(noblock)


@rp2.asm_pio(
    out_init=[rp2.PIO.OUT_LOW, rp2.PIO.OUT_LOW, rp2.PIO.OUT_LOW],
    out_shiftdir=rp2.PIO.SHIFT_RIGHT,
)
def _phases():  # type: ignore[no-untyped-def]
    """A word has, from the lowest bit: 3 bits `on`, 23 chops less one, 3 `off`, 2 sense lines, 1 for the last phase."""
    wrap_target()
    label("phase")
    mov(pins, null)
    pull(block)
    out(x, 3)
    out(y, 23)
    mov(isr, null)
    label("chop")
    mov(pins, x) [8]
    mov(pins, osr) [14]
    jmp(y_dec, "chop")
    in_(pins, 2)
    mov(x, isr)
    out(null, 3)
    out(y, 2)
    jmp(x_not_y, "closed")  # ISR has what the sense lines show
    out(x, 1)
    jmp(not_x, "phase")
    mov(isr, invert(null))
    label("closed")
    mov(pins, null)
    push(block)
    label("end")
    jmp("end")
    wrap()


class Valves:
    """A hal.ValveDrive of normally closed valves on three consecutive pins; without a chamber the second is unused.

    first: pin of the inlet. sense: two consecutive sense pins (inlet, outlet), high while the valve is open (a
    position switch, or the coil's current after a filter of a millisecond), set up as inputs with pull-down; None
    without sense lines: then the program reads the outputs, and a stuck valve is not detected.
    """

    def __init__(
        self,
        state_machine: "rp2.StateMachine",
        first: "machine.Pin",
        sense: "tuple[machine.Pin, machine.Pin] | None" = None,
        full_ms: int = 40,
        hold_ms: int = 40,
        gap_ms: int = 20,
    ) -> None:
        self._machine = state_machine
        self._first = first
        self._sense = sense
        times_ms = (full_ms, hold_ms, gap_ms, full_ms, hold_ms)
        self.cycle_ms = full_ms + hold_ms + gap_ms + full_ms + hold_ms + 1
        self._words = _words(_DRIVEN, None if sense is None else _OPEN, times_ms)
        self._back_words = _words(_BACK, None if sense is None else _OPEN_BACK, times_ms)
        self._word = array("i", [0])
        self._moving = False
        self._done = 0  # as steps_done returns it
        self._stuck = False  # a valve was in the wrong position
        self._set_up()

    def check(self) -> None:
        """STUCK unless both sense lines show closed at rest."""
        self.stop()
        self._stuck = False
        self._check_at_rest()

    def start(self, steps: int, interval_us: int) -> None:
        """As hal.Drive: 1 step is a cycle, -1 a cycle in reverse; the interval is not used."""
        if steps != 1 and steps != -1:
            raise hal.PartError(defs.FAULT_OUT_OF_RANGE)
        self.cycle(steps < 0)

    def cycle(self, reverse: bool = False) -> None:
        """Begins a cycle; in reverse it takes one chamber volume back from the line.

        STUCK when a valve was in the wrong position in the last cycle, or is open now.
        """
        self.steps_done()
        if self._moving:
            raise hal.PartError(defs.FAULT_BUSY)
        if self._stuck:
            raise hal.PartError(defs.FAULT_STUCK)
        self._check_at_rest()
        self._done = 0
        self._moving = True
        self._empty()  # of the phases that a cycle with a stuck valve has left
        self._machine.restart()
        self._machine.active(1)
        self._machine.put(self._back_words if reverse else self._words)

    def steps_done(self) -> int:
        """1 when the present or last cycle is complete and the sense lines were right after each phase, else 0."""
        machine = self._machine
        if self._moving and machine.rx_fifo():
            machine.get(self._word)
            self._moving = False
            machine.active(0)
            machine.exec(_CLOSE)
            if self._word[0] == _WHOLE:
                self._done = 1
            else:
                self._stuck = True
        return self._done

    def stop(self) -> None:
        """Closes all valves at once; an unfinished cycle is not counted."""
        machine = self._machine
        machine.active(0)
        machine.exec(_CLOSE)
        self.steps_done()
        self._moving = False
        self._empty()

    def _check_at_rest(self) -> None:
        sense = self._sense
        if sense is not None and (sense[0].value() or sense[1].value()):
            raise hal.PartError(defs.FAULT_STUCK)

    def _empty(self) -> None:
        machine = self._machine
        while machine.tx_fifo():
            machine.exec(_PULL)

    def _set_up(self) -> None:
        read = self._first if self._sense is None else self._sense[0]
        self._machine.init(_phases, freq=_FREQUENCY, out_base=self._first, in_base=read)


def _words(
    driven: "tuple[tuple[int, int], ...]", shown: "tuple[int, ...] | None", times_ms: "tuple[int, ...]"
) -> "array[int]":
    """The phases as words for the program; without sense lines it reads inlet and chamber, as `off` leaves them."""
    words = array("I", [0] * _PHASES)
    for at in range(_PHASES):
        on, off = driven[at]
        sense = off & (_INLET | _CHAMBER) if shown is None else shown[at]
        word = on | (times_ms[at] * _CHOPS_PER_MS - 1) << _CHOPS_BIT | off << _OFF_BIT | sense << _SENSE_BIT
        words[at] = word | (at == _LAST) << _LAST_BIT
    return words
