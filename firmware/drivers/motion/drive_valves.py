"""Inlet, chamber and outlet: a PIO program drives them through one cycle at a time and reads their sense lines.

A cycle has five phases: inlet open and chamber drawn, the same held with less current, all but the chamber closed,
outlet open, outlet held with the chamber released. In reverse, to relieve the line, inlet and outlet are
exchanged. The two are never open together, nor one right after the other. The phases are loaded before the cycle
begins. Without a phase the program closes all valves, so none stays open if the processor stops. The sense lines are
read at the end of each phase; the five readings come back as one word when the cycle is over.
"""

from array import array

import rp2
from micropython import const
from pump import defs, hal

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    import machine
    from rp2.asm_pio import block, in_, jmp, label, mov, null, osr, out, pins, pull, wrap, wrap_target, x, y, y_dec

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
# What the sense lines must show at the end of each phase.
_OPEN = (_INLET, _INLET, 0, _OUTLET, _OUTLET)
_OPEN_BACK = (_OUTLET, _OUTLET, 0, _INLET, _INLET)
# Instructions for exec().
_CLOSE = const(0xA003)  # mov(pins, null)
_PULL = const(0x8080)  # pull(noblock)


@rp2.asm_pio(
    out_init=[rp2.PIO.OUT_LOW, rp2.PIO.OUT_LOW, rp2.PIO.OUT_LOW],
    out_shiftdir=rp2.PIO.SHIFT_RIGHT,
    autopush=True,
    push_thresh=15,
)
def _phases():  # type: ignore[no-untyped-def]
    """A word has, from the lowest bit: 3 bits `on`, 26 bits chops less one, 3 bits `off`, which stay in OSR."""
    wrap_target()
    mov(pins, null)
    pull(block)
    out(x, 3)
    out(y, 26)
    label("chop")
    mov(pins, x) [8]
    mov(pins, osr) [14]
    jmp(y_dec, "chop")
    in_(pins, 3)
    wrap()


class Valves:
    """A hal.ValveDrive of normally closed valves on three consecutive pins; without a chamber the second is unused.

    first: pin of the inlet. sense: three consecutive sense pins (inlet, any, outlet), high while the valve is open (a
    position switch, or the coil's current after a filter of a millisecond), set up as inputs with pull-down; None
    without sense lines, and then a stuck valve is not detected.
    """

    def __init__(
        self,
        state_machine: "rp2.StateMachine",
        first: "machine.Pin",
        sense: "tuple[machine.Pin, machine.Pin, machine.Pin] | None" = None,
        full_ms: int = 40,
        hold_ms: int = 40,
        gap_ms: int = 20,
    ) -> None:
        self._machine = state_machine
        self._first = first
        self._sense = sense
        times_ms = (full_ms, hold_ms, gap_ms, full_ms, hold_ms)
        self.cycle_ms = full_ms + hold_ms + gap_ms + full_ms + hold_ms + 1
        self._words = _words(_DRIVEN, times_ms)
        self._back_words = _words(_BACK, times_ms)
        self._forward = _readings(_OPEN)
        self._backward = _readings(_OPEN_BACK)
        self._expected = self._forward
        self._mask = _readings((_INLET | _OUTLET,) * _PHASES)
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
        self._machine.restart()
        self._machine.active(1)
        self._expected = self._backward if reverse else self._forward
        self._machine.put(self._back_words if reverse else self._words)

    def steps_done(self) -> int:
        """1 when the present or last cycle is complete and the sense lines were right in each phase, else 0."""
        machine = self._machine
        if self._moving and machine.rx_fifo():
            machine.get(self._word)
            self._moving = False
            machine.active(0)
            machine.exec(_CLOSE)
            if self._sense is not None and (self._word[0] ^ self._expected) & self._mask:
                self._stuck = True
            else:
                self._done = 1
        return self._done

    def stop(self) -> None:
        """Closes all valves at once; an unfinished cycle is not counted."""
        machine = self._machine
        machine.active(0)
        machine.exec(_CLOSE)
        self.steps_done()
        self._moving = False
        while machine.tx_fifo():
            machine.exec(_PULL)

    def _check_at_rest(self) -> None:
        sense = self._sense
        if sense is not None and (sense[0].value() or sense[2].value()):
            raise hal.PartError(defs.FAULT_STUCK)

    def _set_up(self) -> None:
        machine = self._machine
        if self._sense is None:
            machine.init(_phases, freq=_FREQUENCY, out_base=self._first)
        else:
            machine.init(_phases, freq=_FREQUENCY, out_base=self._first, in_base=self._sense[0])


def _words(driven: "tuple[tuple[int, int], ...]", times_ms: "tuple[int, ...]") -> "array[int]":
    """The phases as words for the program."""
    words = array("I", [0] * _PHASES)
    for at in range(_PHASES):
        on, off = driven[at]
        words[at] = on | (times_ms[at] * _CHOPS_PER_MS - 1) << 3 | off << 29
    return words


def _readings(shown: "tuple[int, ...]") -> int:
    """Readings at the ends of the phases as one word, as the program returns them."""
    word = 0
    for bits in shown:
        word = word << 3 | bits
    return word
