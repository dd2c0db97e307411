"""The stepper and its pump head: the times of steps, and the volume that each step really moves."""

from plant.arithmetic import noise
from plant.parts import faults, pump_head

_MOST_STEPS = 1000  # in one piece of time, so that steps * ppm stays inside 30 bits
_MOST_PL = 100000000


class Drive(pump_head.PumpHead):
    """A motion is a number of steps, negative for reverse, the first of them one interval after the start."""

    def __init__(self, config: dict[str, int], chance: noise.Noise) -> None:
        super().__init__(config, chance)
        self._backlash_steps = config["drive_backlash_steps"]
        self._most_steps = min(_MOST_STEPS, _MOST_PL // self._pl_per_step)
        self._piece_steps = self._most_steps
        self._steps = 0
        self._left_steps = 0
        self._slack_steps = 0
        self._interval_us = 0
        self._carry_us = 0
        self._told_steps = -1  # commanded steps, while GARBAGE makes it do another number; else -1

    def start(self, steps: int, interval_us: int) -> None:
        """Begins a motion and replaces one in progress; ValueError outside 100..1,000,000 us or a million steps."""
        if not 100 <= interval_us <= 1000000 or not -1000000 <= steps <= 1000000:
            raise ValueError("start takes up to 1000000 steps of 100..1000000 us")
        if self.fault:
            self._fail()
        reverse = (steps < 0) != self._inverted
        if steps < 0:
            steps = -steps
        if steps and reverse != self.reverse:
            self.reverse = reverse
            self._slack_steps = self._backlash_steps
        self._size()
        self.before_steps = self.counted_steps
        self._steps = steps
        self._left_steps = steps
        self._interval_us = interval_us
        self._carry_us = 0
        if self.fault:
            self._apply_fault(steps)
        self.moving = self._left_steps > 0

    def _apply_fault(self, steps: int) -> None:
        """Changes the motion by a fault that doesn't prevent its start."""
        if self.fault == faults.GARBAGE:
            self._told_steps = steps
            self._steps = self._left_steps = self._chance.below(2 * steps + 1)
        elif self.fault == faults.SLOW:
            self._interval_us *= pump_head.SLOWER

    def set_fault(self, fault: int, value: int = 0) -> None:
        """As for any pump head."""
        super().set_fault(fault, value)
        self._told_steps = -1
        # With a fault a step can take longer and move more, so fewer fit in a piece.
        self._piece_steps = max(1, self._most_steps // pump_head.SLOWER) if fault else self._most_steps

    def lengthen(self, steps: int, interval_us: int = 0) -> None:
        """Adds steps to the stroke, in the same direction, at another interval if one is given."""
        if interval_us:
            self._interval_us = interval_us
        if interval_us or not self.moving:
            self._carry_us = 0
        self._steps += steps
        self._left_steps += steps
        self.moving = self._left_steps > 0

    def steps_to_go(self) -> int:
        """Steps of the present motion that are not done yet."""
        return self._left_steps

    def stop(self) -> None:
        """Ends the motion at once."""
        if self._told_steps >= 0:
            self._told_steps = self.steps_done()
        self._steps -= self._left_steps
        self._left_steps = 0
        self._wait_ms = 0
        self.moving = False

    def steps_done(self) -> int:
        """Steps done of the present or last motion, by the drive's own count; positive in either direction."""
        steps = self._steps - self._left_steps
        if self._told_steps < 0:
            return steps
        return min(steps, self._told_steps) if self.moving else self._told_steps

    def piece_ms(self) -> int:
        """The longest time that `run` takes now: to the end of the motion, or the most steps of one piece."""
        if self._wait_ms:
            return self._wait_ms
        steps = self._left_steps
        if steps > self._piece_steps:
            steps = self._piece_steps
        return (steps * self._interval_us - self._carry_us + 999) // 1000

    def run(self, dt_ms: int, stalled: bool) -> int:
        """Lets time pass; returns the pL displaced, negative in reverse. A stalled rotor counts, but moves nothing."""
        if self._wait_ms:
            self._wait_ms -= dt_ms
            return 0
        elapsed_us = self._carry_us + dt_ms * 1000
        steps = elapsed_us // self._interval_us
        if steps >= self._left_steps:
            steps = self._left_steps
            self.moving = False
        else:
            self._carry_us = elapsed_us - steps * self._interval_us
        self._left_steps -= steps
        self.counted_steps = self.counted_steps + steps & 0x3FFFFFFF
        moved = steps
        if self._slack_steps or self._loss_ppm:
            moved = self._less_lost(moved)
        if stalled or self.stuck:
            moved = 0
        if moved != steps:
            self.idle_steps = self.idle_steps + steps - moved & 0x3FFFFFFF
        thousandths = self._carry_thousandths + moved * self._step_thousandths
        self._carry_thousandths = thousandths % 1000
        moved_pl = moved * self._step_pl + thousandths // 1000
        return -moved_pl if self.reverse else moved_pl

    def _less_lost(self, steps: int) -> int:
        """How many of these steps are left after backlash and lost steps."""
        taken = min(steps, self._slack_steps)
        self._slack_steps -= taken
        steps -= taken
        if self._loss_ppm:
            # The mean is exact; many steps at once scatter less than single ones would.
            steps -= (steps * self._loss_ppm + self._chance.below(1000000)) // 1000000
        return steps
