"""The second path (S5, D4, D5, D8): counts what really moves, compares it with command and programme; can only stop."""

from micropython import const

from pump import defs
from pump.core import scheduler, tally, ticks, volume
from pump.safety import dose_limits, flow_guard, step_guard

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import hal
    from pump.core import conditions
    from pump.journal import journal

_AGAIN_MS = const(100)  # between reads of the counter after one that failed
_MOST_TRIM_PPM = const(100000)


class Guards:
    """Step guard, flow guard and dose limits together. They know the counter and the programme, not the schedule.

    Steps are summed to whole strokes, by its own calibration. All that has moved forward counts, in `moved_ul` since
    power-on and in the sums of the hour and the day: a prime too, as the line may be connected.
    """

    def __init__(
        self, step_counter: "hal.StepCounter", conditions: "conditions.Conditions", journal: "journal.Journal"
    ) -> None:
        self._conditions = conditions
        self._steps = step_guard.StepGuard(step_counter, conditions, journal)
        self._flow = flow_guard.FlowGuard(conditions)
        self._limits = dose_limits.DoseLimits(conditions)
        self._moved = volume.Volume()
        self.counter_tally = tally.Tally()
        self.job = scheduler.Job(self.run, always=True, may_be_late=True)
        self.stroke_pl = 1
        self._nominal_pl = 1  # volume of a stroke by calibration, without the trim
        self._steps_per_stroke = 1
        self._known = False  # whether `_time` is set
        self._again = False  # a stroke that is booked could not be started yet
        self._time = 0  # tick up to which time was counted

    def configure(
        self, pl_per_step: int, steps_per_stroke: int, hour_limit_nl: int, day_limit_nl: int, keep_open_ul_day: int
    ) -> None:
        """Calibration, limits as parameters, and the keep-open rate."""
        nominal_pl = pl_per_step * steps_per_stroke
        self._steps_per_stroke = steps_per_stroke
        if self._steps.configure(steps_per_stroke) or self._nominal_pl != nominal_pl:
            self._nominal_pl = nominal_pl
            self._steps.restart_stroke()
            self.trim(0)
        self._limits.configure(hour_limit_nl, day_limit_nl, keep_open_ul_day)

    def trim(self, ppm: int) -> None:
        """Volume of a stroke relative to its calibration, at most ten percent either way."""
        ppm = max(-_MOST_TRIM_PPM, min(ppm, _MOST_TRIM_PPM))
        nominal_pl = self._nominal_pl
        self.stroke_pl = nominal_pl + (nominal_pl * (ppm // 1000) + nominal_pl * (ppm % 1000) // 1000) // 1000

    def rate(self, ul_day: int, now: int) -> None:
        """The programme from now on, 0 at rest."""
        if ul_day == self._flow.rate_ul_day:
            return
        self._read(now)
        self._flow.rate(ul_day)

    def programme(self, basal_ul_day: int, hour_nl: int, day_nl: int) -> None:
        """The fastest basal rate of the programme, and what the programme can need in an hour and in a day."""
        self._limits.programme(basal_ul_day, hour_nl, day_nl)

    # ---- what the motion asks and tells --------------------------------------------------------------------------

    def may(self, volume_pl: int) -> bool:
        """Whether a stroke may be given; False at a limit (D8), which sets BIT_DOSE_LIMITED."""
        return self._limits.allows(volume_pl, self._under_way_nl(), self._flow.rate_ul_day)

    def command(self, steps: int, idle_steps: int, motion_ms: int, now: int, first: bool = True) -> None:
        """So many steps may appear, of which the first idle_steps move nothing forward: all of a reverse, or slack.

        `first` is False for a motion that was announced before and could not be started.
        """
        self._read(now)
        self._again = False
        check_at = self._steps.command(steps, idle_steps, motion_ms, now)
        if first and 0 < idle_steps < steps:  # a stroke takes up slack: if the drive has less of it, the rest is given
            self._count(self._nominal_pl // self._steps_per_stroke * idle_steps)
        self.job.at(check_at)

    def cut(self, now: int, again: bool = False) -> None:
        """The motion was ended: what it lacks is no fault; what still comes is one.

        `again`: a stroke that is booked could not be started, and is tried again.
        """
        self._read(now)
        self._steps.cut()
        self._again = again

    # ---- what has moved ------------------------------------------------------------------------------------------

    @property
    def rate_ul_day(self) -> int:
        """The programme as it was last told, 0 at rest."""
        return self._flow.rate_ul_day

    @property
    def moved_ul(self) -> int:
        """Volume that has moved forward since power-on, in uL."""
        return self._moved.ul

    def room_for(self, volume_nl: int, basal_ul_day: int, bolus_ul_day: int) -> bool:
        """Whether a bolus on top of the basal rate would stay within the limits, in the worst case."""
        return self._limits.room_for(volume_nl + self._stroke_nl(), basal_ul_day, bolus_ul_day)  # one may be under way

    @property
    def keep_open_ul_day(self) -> int:
        """The keep-open rate that the limits can bear."""
        return self._limits.keep_open_ul_day

    def hour_nl(self) -> int:
        """Volume that counts against the limit of the hour."""
        return self._limits.hour_nl()

    def day_nl(self) -> int:
        """Volume that counts against the limit of the day."""
        return self._limits.day_nl()

    def hour_limit_nl(self) -> int:
        """The limit of the hour."""
        return self._limits.hour_limit_nl()

    def day_limit_nl(self) -> int:
        """The limit of the day."""
        return self._limits.day_limit_nl()

    def save_to(self, numbers: "list[int]", at: int) -> int:
        """Puts what counts against the limits from this place on, and returns the place after it.

        A stroke under way counts: the account has booked it when it began.
        """
        return self._limits.save_to(numbers, at, self._under_way_nl())

    def load_from(self, numbers: "list[int]", at: int) -> int:
        """Takes what `save_to` has put."""
        return self._limits.load_from(numbers, at)

    def given(self, volume_nl: int, least_ms: int) -> None:
        """So much was made, or may have been, after the numbers were saved, in so much time at least."""
        self._limits.advance(least_ms)
        self._limits.given(volume_nl)

    def run(self, now: int) -> None:
        """The job, in every step: reads the counter and evaluates."""
        if self._conditions.word & defs.BIT_INTERNAL_ERROR:
            return  # a guard that fails in every step must not keep the link from running
        steps = self._steps
        self._read(now)
        if steps.awaits_end:
            steps.check_end(now)
        self._flow.evaluate(not steps.open, self.stroke_pl)
        if self._conditions.word & defs.BIT_DOSE_LIMITED:
            self._limits.evaluate()
        if steps.read_failed():
            self.job.at(ticks.add(now, _AGAIN_MS))
        elif steps.awaits_end:
            steps.plan_check(self.job, now)

    def _read(self, now: int) -> None:
        self._pass_time(now)
        steps = self._steps
        strokes = steps.read(now)
        self.counter_tally.add(steps.answered)
        if strokes >= 0:
            if strokes:
                self._add(strokes * self.stroke_pl)
            steps.check_excess()

    def _pass_time(self, now: int) -> None:
        if not self._known:
            self._known = True
            self._time = now
        span_ms = ticks.diff(now, self._time)
        if span_ms:
            self._time = now
            self._limits.advance(span_ms)
            self._flow.advance(span_ms)

    def _add(self, volume_pl: int) -> None:
        self._moved.add(volume_pl)
        if not self._conditions.has(defs.BIT_COUNT_WRONG):  # else nothing is delivered, and the count may be garbage
            self._count(volume_pl)

    def _count(self, volume_pl: int) -> None:
        """So much counts as given."""
        self._flow.add(volume_pl)
        self._limits.add(volume_pl)

    def _stroke_nl(self) -> int:
        """Volume of a stroke, rounded up."""
        return (self.stroke_pl + 999) // 1000

    def _under_way_nl(self) -> int:
        """A stroke that has begun and is not counted yet, 0 for none."""
        return self._stroke_nl() if self._again or self._steps.under_way() else 0
