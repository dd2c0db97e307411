"""The stepper and its pump head: steps in time, and the volume each of them really moves."""

from plant import noise

_MOST_STEPS = 1000  # in one piece of time, so that steps * ppm stays inside 30 bits
_MOST_PL = 100000000
_MOST_ERROR_PPM = 450000


class Drive:
    """A motion is a number of steps, negative for reverse, the first of them one interval after the start."""

    def __init__(self, config: dict[str, int], chance: noise.Noise) -> None:
        self._chance = chance
        self._pl_per_step = config["pl_per_step"]
        self._error_ppm = config["drive_error_ppm"]
        self._drift_ppm_day = config["drive_drift_ppm_day"]
        self._random_ppm = config["drive_random_ppm"]
        self._loss_ppm = config["drive_loss_ppm"]
        self._backlash_steps = config["drive_backlash_steps"]
        self._aged_ppm = self._error_ppm
        self._most_steps = min(_MOST_STEPS, _MOST_PL // self._pl_per_step)
        self.moving = False
        self.reverse = False
        self.stuck = False
        self._steps = 0
        self._left_steps = 0
        self._slack_steps = 0
        self._interval_us = 0
        self._carry_us = 0
        self._step_pl = 0
        self._step_thousandths = 0
        self._carry_thousandths = 0
        self.counted_steps = 0  # pulses on the STEP pin, both ways, on a circle of 2^30
        self.idle_steps = 0  # of those, the ones that moved nothing: backlash, lost, stalled; same circle

    def drift(self, days: int, day_thousandths: int) -> None:
        """Ages the pump head to `days` and thousandths of a day."""
        ppm = self._error_ppm + self._drift_ppm_day * days + self._drift_ppm_day * day_thousandths // 1000
        self._aged_ppm = max(-_MOST_ERROR_PPM, min(_MOST_ERROR_PPM, ppm))

    def start(self, steps: int, interval_us: int) -> None:
        """Begins a motion (and forgets one under way); ValueError outside 100..1,000,000 us or a million steps."""
        if not 100 <= interval_us <= 1000000 or not -1000000 <= steps <= 1000000:
            raise ValueError("start takes up to 1000000 steps of 100..1000000 us")
        reverse = steps < 0
        if reverse:
            steps = -steps
        if steps and reverse != self.reverse:
            self.reverse = reverse
            self._slack_steps = self._backlash_steps
        error_ppm = self._aged_ppm
        if self._random_ppm:
            error_ppm += self._chance.normal(self._random_ppm)
        # Thousandths of a pL, in two parts because pL * ppm leaves 30 bits.
        nominal_pl = self._pl_per_step
        extra = nominal_pl // 1000 * error_ppm + nominal_pl % 1000 * error_ppm // 1000
        self._step_pl = nominal_pl + extra // 1000
        self._step_thousandths = extra % 1000
        self._steps = steps
        self._left_steps = steps
        self._interval_us = interval_us
        self._carry_us = 0
        self.moving = steps > 0

    def lengthen(self, steps: int, interval_us: int = 0) -> None:
        """More steps in the same stroke and direction, at another pace if one is given; goes on where it rested."""
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
        """Ends the motion where it is."""
        self._steps -= self._left_steps
        self._left_steps = 0
        self.moving = False

    def steps_done(self) -> int:
        """Steps of the present or last motion that are done, always positive."""
        return self._steps - self._left_steps

    def piece_ms(self) -> int:
        """The longest time `run` may be given now: to the end of the motion, or to the most steps it can count."""
        steps = self._left_steps
        if steps > self._most_steps:
            steps = self._most_steps
        return (steps * self._interval_us - self._carry_us + 999) // 1000

    def run(self, dt_ms: int, stalled: bool) -> int:
        """Moves on; the pL displaced, negative in reverse. A stalled rotor counts its steps and moves nothing."""
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
        if self._slack_steps:
            taken = min(moved, self._slack_steps)
            self._slack_steps -= taken
            moved -= taken
        if self._loss_ppm:
            # The mean is exact; for many steps at once the spread is smaller than that of single draws.
            moved -= (moved * self._loss_ppm + self._chance.below(1000000)) // 1000000
        if stalled or self.stuck:
            moved = 0
        if moved != steps:
            self.idle_steps = self.idle_steps + steps - moved & 0x3FFFFFFF
        thousandths = self._carry_thousandths + moved * self._step_thousandths
        self._carry_thousandths = thousandths % 1000
        moved_pl = moved * self._step_pl + thousandths // 1000
        return -moved_pl if self.reverse else moved_pl
