"""Counts what really moves, holds it against what was commanded and programmed, and can only stop the pump."""

from micropython import const

from pump import defs, hal
from pump.core import ticks
from pump.safety import dose_limits

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions, scheduler
    from pump.journal import journal

_CIRCLE = const(0x3FFFFFFF)
_BAD = const(3)  # reads of the counter in a row
_GRACE_MS = const(200)  # more than the delivery gives a motion before it calls it a fault of the drive
_AGAIN_MS = const(100)
_MOST_TRIM_PPM = const(100000)
_GARBAGE = const(0x10000000)  # no sum of steps goes beyond
_MOST_STROKES = const(100)  # in one look; more is a counter that gives garbage
_PL_PER_UL = const(1000000)
_LONGEST_MS = const(8000)  # of time in one sum: 24,000 uL/day * 8000 ms * 5 is below 2^30


class Guards:
    """The second path (S5, D4, D5, D8): it knows the step counter and the programme, and nothing of the schedule.

    Steps are summed to whole strokes, by its own calibration. `moved_ul` counts all that has moved forward since
    power-on, the sums of the hour and the day only what is dose. `rate_ul_day` is the programme as it was last told.
    """

    def __init__(
        self, step_counter: "hal.StepCounter", conditions: "conditions.Conditions", journal: "journal.Journal"
    ) -> None:
        self._count = step_counter.count
        self._conditions = conditions
        self._journal = journal
        self._hour = dose_limits.Sliding(60, 60000, 1)
        self._day = dose_limits.Sliding(96, 900000, 3)
        self._over = dose_limits.Window()
        self._under = dose_limits.Window()
        self.job: scheduler.Job
        self.rate_ul_day = 0
        self.moved_ul = 0
        self.stroke_pl = 1
        self._nominal_pl = 1
        self._steps_per_stroke = 1
        self._keep_open_ul_day = 0
        # steps
        self._last = -1  # the count at the last look
        self._bad = 0
        self._commanded = 0  # of the last motion
        self._seen = 0
        self._open = 0  # of those, the ones that may still appear
        self._idle = 0  # of those, the ones that move nothing forward
        self._excess = 0
        self._missing = 0
        self._part = 0  # steps of a stroke that is not whole yet
        self._awaits = False  # the end of the motion
        self._middle = 0
        self._end = 0
        # volume
        self._limited_pl = 0
        self._moved_pl = 0
        self._dose = True
        self._next_dose = True
        # time
        self._known = False
        self._time = 0
        self._rest = 0

    def configure(
        self, pl_per_step: int, steps_per_stroke: int, hour_limit_nl: int, day_limit_nl: int, keep_open_ul_day: int
    ) -> None:
        """Calibration and limits; the keep-open rate's own volume is what may be given beyond a limit."""
        if self._nominal_pl != pl_per_step * steps_per_stroke or self._steps_per_stroke != steps_per_stroke:
            self._nominal_pl = pl_per_step * steps_per_stroke
            self._steps_per_stroke = steps_per_stroke
            self._part = 0
            self.trim(0)
        self._hour.limit_nl = hour_limit_nl
        self._day.limit_nl = day_limit_nl
        self._keep_open_ul_day = keep_open_ul_day

    def trim(self, ppm: int) -> None:
        """Volume of a stroke against its calibration, at most ten percent either way."""
        ppm = max(-_MOST_TRIM_PPM, min(ppm, _MOST_TRIM_PPM))
        nominal_pl = self._nominal_pl
        self.stroke_pl = nominal_pl + (nominal_pl * (ppm // 1000) + nominal_pl * (ppm % 1000) // 1000) // 1000

    def rate(self, ul_day: int, now: int) -> None:
        """What is programmed from now on, 0 at rest."""
        if ul_day == self.rate_ul_day:
            return
        self._look(now)
        self.rate_ul_day = ul_day
        self._under.restart()

    def dose(self, on: bool) -> None:
        """Whether the motions that are commanded from now on count against the limits."""
        self._next_dose = on

    # ---- what the motion asks and tells --------------------------------------------------------------------------

    def may(self, volume_pl: int) -> bool:
        """Whether a stroke may be given; False at a limit (D8), which sets BIT_DOSE_LIMITED.

        Beyond the limit the keep-open rate is allowed its own volume, so that the line doesn't clot; then nothing is.
        """
        if not self._next_dose:
            return True
        volume_nl = (volume_pl + self._limited_pl + 999) // 1000 + self._under_way_nl()
        if self._hour.holds(volume_nl) and self._day.holds(volume_nl):
            return True
        limited = self._conditions.has(defs.BIT_DOSE_LIMITED)
        self._conditions.set(defs.BIT_DOSE_LIMITED)
        rate = self._keep_open_ul_day
        if not limited or self.rate_ul_day > rate:
            return False
        return self._hour.holds_beyond(volume_nl, rate) and self._day.holds_beyond(volume_nl, rate)

    def command(self, steps: int, idle_steps: int, motion_ms: int, now: int) -> None:
        """So many steps are allowed to appear, of which the first so many move nothing forward."""
        self._look(now)
        self._settle()
        self._dose = self._next_dose
        self._commanded = self._open = steps
        self._idle = idle_steps
        self._seen = 0
        self._awaits = True
        self._end = ticks.add(now, 2 * motion_ms + _GRACE_MS)
        # A motion that doesn't end must be seen before it has made a stroke too many (D13).
        self._middle = ticks.add(now, motion_ms + (motion_ms >> 1))
        self.job.at(self._middle)

    def cut(self, now: int) -> None:
        """The motion was ended: what it lacks will not come, and is no fault; what comes all the same is one."""
        self._look(now)
        self._open = self._idle = 0

    # ---- what has moved ------------------------------------------------------------------------------------------

    def room_for(self, volume_nl: int, basal_ul_day: int, bolus_ul_day: int) -> bool:
        """Whether a bolus on top of the basal rate would stay within the limits, at worst."""
        volume_nl += (self.stroke_pl + 999) // 1000  # one that is under way
        hour = self._hour.room_for(volume_nl, basal_ul_day, bolus_ul_day)
        return hour and self._day.room_for(volume_nl, basal_ul_day, bolus_ul_day)

    def hour_nl(self) -> int:
        """Volume that counts against the limit of the hour."""
        return self._hour.used_nl

    def day_nl(self) -> int:
        """Volume that counts against the limit of the day."""
        return self._day.used_nl

    def keep(self, numbers: "list[int]", at: int) -> int:
        """Puts what counts against the limits from this place on, and returns the place behind it.

        A stroke under way counts, as whoever keeps these numbers has booked it when it began.
        """
        under_way_nl = self._under_way_nl() if self._dose else 0
        return self._day.keep(numbers, self._hour.keep(numbers, at, under_way_nl), under_way_nl)

    def restore(self, numbers: "list[int]", at: int) -> int:
        """Takes what `keep` has put."""
        return self._day.restore(numbers, self._hour.restore(numbers, at))

    def _under_way_nl(self) -> int:
        """A stroke that has begun and is not counted yet, 0 for none."""
        return (self.stroke_pl + 999) // 1000 if self._part or self._open else 0

    def given(self, volume_nl: int, least_ms: int) -> None:
        """So much dose was made, or may have been, after the numbers were kept, in so much time at least."""
        self._hour.advance(least_ms)
        self._day.advance(least_ms)
        self._hour.add(volume_nl)
        self._day.add(volume_nl)

    def run(self, now: int) -> None:
        """The job, in every step: looks at the counter and judges."""
        self._look(now)
        if self._awaits and ticks.diff(now, self._end) >= 0:
            self._settle()
        self._judge_flow()
        if self._conditions.has(defs.BIT_DOSE_LIMITED) and self._hour.has_room() and self._day.has_room():
            self._conditions.clear(defs.BIT_DOSE_LIMITED)
        if self._bad:
            self.job.at(ticks.add(now, _AGAIN_MS))
        elif self._awaits:
            self.job.at(self._end if ticks.diff(now, self._middle) >= 0 else self._middle)

    def _look(self, now: int) -> None:
        self._pass_time(now)
        try:
            count = self._count()
        except hal.PartError:
            self._bad += 1
            if self._bad >= _BAD:
                self._stop()
            return
        self._bad = 0
        last = self._last
        self._last = count
        if last >= 0 and count != last:
            self._take((count - last) & _CIRCLE)

    def _pass_time(self, now: int) -> None:
        if not self._known:
            self._known = True
            self._time = now
        span_ms = ticks.diff(now, self._time)
        self._time = now
        self._hour.advance(span_ms)
        self._day.advance(span_ms)
        while span_ms > 0 and self.rate_ul_day:
            part_ms = min(span_ms, _LONGEST_MS)
            span_ms -= part_ms
            due = self.rate_ul_day * part_ms * 5 + self._rest  # a pL is 86.4 uL*ms/day
            self._rest = due % 432
            self._over.add(0, due // 432, part_ms)
            self._under.add(0, due // 432, part_ms)

    def _take(self, steps: int) -> None:
        """New steps: those that were commanded, and those that were not."""
        steps = min(steps, _GARBAGE)
        self._seen = min(self._seen + steps, _GARBAGE)
        if steps > self._open:
            self._excess = min(self._excess + steps - self._open, _GARBAGE)
        self._open = max(0, self._open - steps)
        idle = min(self._idle, steps)
        self._idle -= idle
        part = self._part + steps - idle
        whole = part // self._steps_per_stroke
        self._part = part - whole * self._steps_per_stroke
        if whole:
            self._add(min(whole, _MOST_STROKES) * self.stroke_pl)
        # Caught at a quarter of a stroke, so that not a whole one is given too much.
        if self._excess >= max(1, self._steps_per_stroke >> 2):
            self._stop()

    def _add(self, volume_pl: int) -> None:
        pl = self._moved_pl + volume_pl
        ul = pl // _PL_PER_UL
        self.moved_ul += ul
        self._moved_pl = pl - ul * _PL_PER_UL
        if self._conditions.has(defs.BIT_COUNT_WRONG):
            return  # nothing is given any more, and what is counted may be garbage
        self._over.add(volume_pl, 0, 0)
        self._under.add(volume_pl, 0, 0)
        if self._dose:
            pl = self._limited_pl + volume_pl
            nl = pl // 1000
            self._hour.add(nl)
            self._day.add(nl)
            self._limited_pl = pl - nl * 1000

    def _settle(self) -> None:
        """The time of the motion is over: what has not appeared is missing; a clean motion forgives a step."""
        if not self._awaits:
            return
        self._awaits = False
        if self._open:
            self._missing += self._open
            self._open = self._idle = 0
            if self._missing >= self._steps_per_stroke:
                self._stop()
        elif self._seen == self._commanded:
            self._missing = max(0, self._missing - 1)
            self._excess = max(0, self._excess - 1)

    def _stop(self) -> None:
        if not self._conditions.has(defs.BIT_COUNT_WRONG):
            self._conditions.set(defs.BIT_COUNT_WRONG)
            self._journal.write(defs.EVENT_UNCOMMANDED, self._seen, self._commanded)

    def _judge_flow(self) -> None:
        conditions = self._conditions
        if not self.rate_ul_day:
            if conditions.has(defs.BIT_OVER_INFUSION):
                conditions.clear(defs.BIT_OVER_INFUSION)
                self._over.restart()
            conditions.note(defs.NOTE_UNDER_INFUSION, False)
        elif not self._open:  # between two strokes
            over = self._over
            if over.closes(self.stroke_pl):
                if over.full() and over.moved_pl > over.programmed_pl + over.programmed_pl // 10:
                    conditions.set(defs.BIT_OVER_INFUSION)
                over.turn()
            under = self._under
            if under.closes(self.stroke_pl):
                if under.full():
                    least_pl = under.programmed_pl - under.programmed_pl // 10
                    conditions.note(defs.NOTE_UNDER_INFUSION, under.moved_pl < least_pl)
                under.turn()
