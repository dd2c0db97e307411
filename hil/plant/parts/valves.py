"""The valve drive: inlet, chamber and outlet, one cycle at a time; valves can stick."""

from plant.arithmetic import noise
from plant.parts import faults, pump_head

INLET = 1
OUTLET = 2
# (valve that is driven open, ms), as in the firmware's driver.
_PHASES = ((INLET, 80), (0, 20), (OUTLET, 80))
_REVERSE_PHASES = ((OUTLET, 80), (0, 20), (INLET, 80))
CYCLE_MS = sum([time_ms for _, time_ms in _PHASES])


class Valves(pump_head.PumpHead):
    """A cycle fills the chamber through the inlet and empties it into the line through the outlet, or in reverse.

    The firmware's driver reads the sense lines at the end of each phase: a valve that is not where it was driven ends
    the cycle there, with all valves closed.
    """

    def __init__(self, config: dict[str, int], chance: noise.Noise) -> None:
        super().__init__(config, chance)
        self._phase = 0
        self._phases = _PHASES
        self._left_ms = 0
        self._times = 1
        self._driven = 0
        self._stuck_open = 0
        self._stuck_shut = 0
        self._cycle_pl = 0  # volume of this cycle
        self._chamber_pl = 0
        self._done = 0

    def start_cycle(self, reverse: bool) -> None:
        """Begins a cycle and replaces one in progress."""
        fault = self.fault
        reverse = reverse != self._inverted
        if fault:
            self._fail()
        self._size()
        thousandths = self._carry_thousandths + self._step_thousandths
        self._carry_thousandths = thousandths % 1000
        self._cycle_pl = self._step_pl + thousandths // 1000
        if self._loss_ppm and self._chance.below(1000000) < self._loss_ppm:
            self._cycle_pl = 0
        if fault == faults.GARBAGE:
            self._cycle_pl = self._cycle_pl // 1000 * self._chance.below(2001)
        self._times = pump_head.SLOWER if fault == faults.SLOW else 1
        self.before_steps = self.counted_steps
        self._done = 0
        self.wrong = 0
        self.reverse = reverse
        self._phases = _REVERSE_PHASES if reverse else _PHASES
        self.moving = True
        self._begin(0)

    def steps_done(self) -> int:
        """1 when the present or last cycle is over, even if it moved nothing or a stuck valve has ended it."""
        return self._done

    def stop(self) -> None:
        """Closes all valves at once; the chamber keeps its content."""
        self.moving = False
        self._wait_ms = 0
        self._go(0)

    def stick(self, bits: int, is_open: bool) -> None:
        """Makes these valves stick, open or closed."""
        self._stuck_open = self._stuck_open & ~bits | (bits if is_open else 0)
        self._stuck_shut = self._stuck_shut & ~bits | (0 if is_open else bits)
        self._go(self._driven)

    def free(self) -> None:
        """All valves move again."""
        self._stuck_open = self._stuck_shut = 0
        self._go(self._driven)

    def set_fault(self, fault: int, value: int = 0) -> None:
        """As for any pump head; with STUCK no valve opens."""
        super().set_fault(fault, value)
        self._go(self._driven)

    def lift(self, lifted: bool) -> None:
        """Opens or closes the free flow from the reservoir, whatever the valves do."""
        self.lifted = lifted
        self._go(self._driven)

    def piece_ms(self) -> int:
        """The longest time that `run` takes now: to the end of the phase."""
        return self._wait_ms or self._left_ms

    def run(self, dt_ms: int, stalled: bool) -> int:
        """Lets time pass; returns the pL from the chamber into the line, negative in reverse.

        The reservoir loses or gains the same volume at that moment, not when the chamber fills.
        """
        if self._wait_ms:
            self._wait_ms -= dt_ms
            return 0
        moved_pl = 0
        phase = self._phase
        if self.reverse:
            if phase == 0 and self.open & OUTLET and not stalled:
                moved_pl = -(self._cycle_pl * dt_ms // self._left_ms)
                self._cycle_pl += moved_pl
        elif phase == 0 and self.open & INLET:
            self._chamber_pl += (self._cycle_pl - self._chamber_pl) * dt_ms // self._left_ms
        elif phase == 2 and self.open & OUTLET and not stalled:
            moved_pl = self._chamber_pl * dt_ms // self._left_ms
            self._chamber_pl -= moved_pl
        self._left_ms -= dt_ms
        if not self._left_ms:
            self._end_phase(phase)
        return moved_pl

    def _end_phase(self, phase: int) -> None:
        stuck = self.open != self._driven
        if phase < 2 and not stuck:
            self._begin(phase + 1)
            return
        self.moving = False
        self._done = 1
        if not stuck:
            self.cycles = self.cycles + 1 & 0x3FFFFFFF
        self._go(0)

    def _begin(self, phase: int) -> None:
        driven, time_ms = self._phases[phase]
        self._phase = phase
        self._left_ms = time_ms * self._times
        self._go(driven)

    def _go(self, driven: int) -> None:
        """Drives these valves open, and determines which valves really are open."""
        before = self.open
        self._driven = driven
        self.open = 0 if self.stuck else driven
        self.open = self.open & ~self._stuck_shut | self._stuck_open
        self.runs_free = self.lifted or self.open == INLET | OUTLET
        if self.open & ~before & OUTLET:
            self.counted_steps = self.counted_steps + 1 & 0x3FFFFFFF
        if self.moving:
            self.wrong |= self.open ^ driven
