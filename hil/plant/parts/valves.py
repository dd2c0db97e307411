"""The valve drive: inlet, chamber and outlet, one cycle at a time, with valves that stick."""

from plant.arithmetic import noise
from plant.parts import faults, pump_head

INLET = 1
OUTLET = 2
# (what is driven open, ms), as the firmware's driver does it.
_PHASES = ((INLET, 80), (0, 20), (OUTLET, 80))
_BACK = ((OUTLET, 80), (0, 20), (INLET, 80))
CYCLE_MS = sum([time_ms for _, time_ms in _PHASES])


class Valves(pump_head.PumpHead):
    """A cycle draws a chamber full through the inlet and gives it into the line through the outlet, or in reverse."""

    def __init__(self, config: dict[str, int], chance: noise.Noise) -> None:
        super().__init__(config, chance)
        self._phase = 0
        self._phases = _PHASES
        self._left_ms = 0
        self._times = 1
        self._driven = 0
        self._stuck_open = 0
        self._stuck_shut = 0
        self._cycle_pl = 0  # what the chamber takes in this cycle
        self._chamber_pl = 0
        self._done = 0

    def start_cycle(self, reverse: bool) -> None:
        """Begins a cycle (and forgets one under way)."""
        fault = self.fault
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
        self._phases = _BACK if reverse else _PHASES
        self.moving = True
        self._begin(0)

    def steps_done(self) -> int:
        """1 when the present or last cycle is over, whatever it moved."""
        return self._done

    def stop(self) -> None:
        """Closes everything at once; what is in the chamber stays there."""
        self.moving = False
        self._wait_ms = 0
        self._go(0)

    def stick(self, bits: int, is_open: bool) -> None:
        """These valves don't move any more."""
        self._stuck_open = self._stuck_open & ~bits | (bits if is_open else 0)
        self._stuck_shut = self._stuck_shut & ~bits | (0 if is_open else bits)
        self._go(self._driven)

    def free(self) -> None:
        """All valves move again."""
        self._stuck_open = self._stuck_shut = 0
        self._go(self._driven)

    def set_fault(self, fault: int, value: int = 0) -> None:
        """As for any head; STUCK lets no valve open."""
        super().set_fault(fault, value)
        self._go(self._driven)

    def lift(self, lifted: bool) -> None:
        """Whether the reservoir runs through, whatever the valves do."""
        self.lifted = lifted
        self._go(self._driven)

    def piece_ms(self) -> int:
        """The longest time `run` may be given now: to the end of the phase."""
        return self._wait_ms or self._left_ms

    def run(self, dt_ms: int, stalled: bool) -> int:
        """Goes on; the pL that the chamber gave into the line, negative when it draws from it.

        What was in the chamber came from the reservoir then, and what is drawn from the line goes there at once.
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
            if phase == 2:
                self.moving = False
                self._done = 1
                self.cycles = self.cycles + 1 & 0x3FFFFFFF
                self._go(0)
            else:
                self._begin(phase + 1)
        return moved_pl

    def _begin(self, phase: int) -> None:
        driven, time_ms = self._phases[phase]
        self._phase = phase
        self._left_ms = time_ms * self._times
        self._go(driven)

    def _go(self, driven: int) -> None:
        """Drives these open; where the valves really are then."""
        before = self.open
        self._driven = driven
        self.open = 0 if self.stuck else driven
        self.open = self.open & ~self._stuck_shut | self._stuck_open
        self.runs_free = self.lifted or self.open == INLET | OUTLET
        if self.open & ~before & OUTLET:
            self.counted_steps = self.counted_steps + 1 & 0x3FFFFFFF
        if self.moving:
            self.wrong |= self.open ^ driven
