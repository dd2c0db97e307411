"""The pump head of either drive: the volume of a step or cycle, its ageing and scatter, and its faults."""

from plant.arithmetic import noise
from plant.parts import faults

_MOST_ERROR_PPM = 450000
_WRONG_PERCENT = 150  # by default
_MOST_WRONG_PERCENT = 300
SLOWER = 4  # times
LATE_MS = 1000


class PumpHead:
    """Base of stepper and valves."""

    def __init__(self, config: dict[str, int], chance: noise.Noise) -> None:
        self._chance = chance
        self._pl_per_step = config["pl_per_step"]
        self._error_ppm = config["drive_error_ppm"]
        self._drift_ppm_day = config["drive_drift_ppm_day"]
        self._random_ppm = config["drive_random_ppm"]
        self._loss_ppm = config["drive_loss_ppm"]
        self._aged_ppm = self._error_ppm
        self._step_pl = 0
        self._step_thousandths = 0
        self._carry_thousandths = 0
        self._wait_ms = 0
        self._starts = False  # with INTERMITTENT, every second motion starts
        self._inverted = config["drive_inverted"] == 1
        self.moving = False
        self.reverse = False
        self.stuck = False
        self.lifted = False  # off the tube: free flow
        self.runs_free = False  # the reservoir is open to the line
        self.open = 0  # bits of the valves that are open
        self.wrong = 0  # bits of the valves that were in the wrong position in the present or last cycle
        self.cycles = 0  # completed cycles modulo 2^30
        self.fault = faults.WORKS
        self._percent = 100
        self._every = 0
        self._at = 0
        self.counted_steps = 0  # pulses on the STEP pin in both directions, or openings of the outlet, modulo 2^30
        self.before_steps = 0  # the same when the present or last motion began
        self.idle_steps = 0  # those of them that moved nothing: backlash, lost, stalled; modulo 2^30

    def drift(self, days: int, day_thousandths: int) -> None:
        """Ages the pump head to `days` and thousandths of a day."""
        ppm = self._error_ppm + self._drift_ppm_day * days + self._drift_ppm_day * day_thousandths // 1000
        if ppm > _MOST_ERROR_PPM:
            ppm = _MOST_ERROR_PPM
        elif ppm < -_MOST_ERROR_PPM:
            ppm = -_MOST_ERROR_PPM
        self._aged_ppm = ppm

    def set_fault(self, fault: int, value: int = 0) -> None:
        """Sets one of `faults`. `value` is the volume of a step with WRONG, in percent, 0 for 150.

        With FLIPS and LATE it is which start is disturbed: 3 for one in three.
        """
        if not 0 <= value <= _MOST_WRONG_PERCENT:
            raise ValueError("a step moves 1..%d percent" % _MOST_WRONG_PERCENT)
        if fault in (faults.FLIPS, faults.LATE) and value < 2:
            raise ValueError("one start in 2 or more can be disturbed")
        self.fault = fault
        self._every = value
        self._at = 0
        self._percent = (value or _WRONG_PERCENT) if fault == faults.WRONG else 100
        self.stuck = fault == faults.STUCK
        if fault == faults.OFF:
            self.stop()

    def invert(self, inverted: bool) -> None:
        """From the next motion on forward is backwards, or is forward again."""
        self._inverted = inverted

    def lift(self, lifted: bool) -> None:
        """Opens or closes the free flow from the reservoir, whatever the drive does."""
        self.lifted = self.runs_free = lifted

    def start(self, steps: int, interval_us: int) -> None:
        """Begins a motion of the stepper."""
        raise ValueError("valves make cycles, not steps")

    def lengthen(self, steps: int, interval_us: int = 0) -> None:
        """More steps of the stepper in the same stroke."""
        raise ValueError("valves make cycles, not steps")

    def start_cycle(self, reverse: bool) -> None:
        """Begins a cycle of the valves."""
        raise ValueError("a stepper makes steps, not cycles")

    def steps_done(self) -> int:
        """Steps or cycles done of the present or last motion, by the drive's own count."""
        raise NotImplementedError

    def piece_ms(self) -> int:
        """The longest time that `run` takes now."""
        raise NotImplementedError

    def run(self, dt_ms: int, stalled: bool) -> int:
        """Lets time pass; returns the pL displaced."""
        raise NotImplementedError

    def stop(self) -> None:
        """Ends the motion at once."""
        raise NotImplementedError

    def _fail(self) -> None:
        """At the start of a motion with a fault: raises PartOff, or sets the delay before the motion."""
        fault = self.fault
        if fault == faults.FLIPS or fault == faults.LATE:  # a tuple would take memory
            self._at = (self._at + 1) % self._every
            if self._at == 0:
                raise faults.PartOff("drive")
        if fault == faults.INTERMITTENT:
            self._starts = not self._starts
        if fault == faults.OFF or (fault == faults.INTERMITTENT and not self._starts):
            raise faults.PartOff("drive")
        self._wait_ms = LATE_MS if fault == faults.DELAYED else 0

    def _size(self) -> None:
        """Computes the volume of a step in the motion that begins."""
        error_ppm = self._aged_ppm
        if self._random_ppm:
            error_ppm += self._chance.normal(self._random_ppm)
        # Thousandths of a pL, in two parts because pL * ppm exceeds 30 bits.
        nominal_pl = self._pl_per_step
        if self._percent != 100:
            nominal_pl = nominal_pl * self._percent // 100
        extra = nominal_pl // 1000 * error_ppm + nominal_pl % 1000 * error_ppm // 1000
        self._step_pl = nominal_pl + extra // 1000
        self._step_thousandths = extra % 1000
