"""Delivers strokes on an exact schedule and keeps the book of what was commanded."""

from micropython import const

from pump import defs, hal, ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import conditions, journal, line, reservoir, scheduler

_PL_PER_UL = const(1000000)
_LATE_MS = const(1000)  # D3: the longest gap is the stroke period and one second.
_GRACE_MS = const(100)


class Schedule:
    """When strokes are due, without rounding, for ever.

    Volume falls due at `rate` and a stroke takes `stroke` of it, both in tenths of uL*ms/day: rate = 10 * uL/day, and
    a stroke of 1 pL is 864 (one day is 86,400,000 ms and 1 uL is 1,000,000 pL). `credit` is what has fallen due and
    is not delivered yet. As the due times are the ceiling of k * stroke / rate, the number of strokes by a time t is
    the floor of rate * t / stroke, to the last one. All numbers stay below 2^30 for strokes up to 0.5 uL.
    """

    def __init__(self) -> None:
        self.credit = 0
        self._stroke = 0
        self._rate = 0

    def set_stroke(self, stroke_pl: int) -> None:
        """Volume of a stroke in pL, 500,000 at most; the credit is a volume and stays."""
        self._stroke = stroke_pl * 864

    def set_rate(self, ul_day: int) -> None:
        """Rate in uL/day, 50 to 24,000; `advance` to the moment of the change comes first."""
        self._rate = ul_day * 10

    def period_ms(self) -> int:
        """Time between strokes, rounded down."""
        return self._stroke // self._rate

    def wait_ms(self) -> int:
        """Time from the last `advance` to the next stroke."""
        lacking = self._stroke - self.credit
        return 0 if lacking <= 0 else (lacking + self._rate - 1) // self._rate

    def advance(self, span_ms: int) -> None:
        """Time has passed: what fell due in it is added to the credit."""
        self.credit += self._rate * span_ms

    def take(self) -> None:
        """A stroke is delivered: it is taken from the credit."""
        self.credit -= self._stroke


class Delivery:
    """Starts each stroke at its time, sees that the drive finishes it, and books it.

    A stroke is booked when it is commanded, so that the book is never below the truth; a stroke that is cut short
    stays booked whole. `strokes`, `book_ul`, `book_pl` count from power-on.
    """

    def __init__(
        self,
        drive: "hal.Drive",
        conditions: "conditions.Conditions",
        reservoir: "reservoir.Reservoir",
        line: "line.Line",
        journal: "journal.Journal",
    ) -> None:
        self._drive = drive
        self._conditions = conditions
        self._reservoir = reservoir
        self._line = line
        self._journal = journal
        self._schedule = Schedule()
        self._mark = 0
        self._due = 0
        self._moving = False
        self._deadline = 0
        self._steps = 1
        self._target = 1  # steps of the stroke under way
        self._interval_us = 1
        self._stroke_pl = 1
        self._motion_ms = 1
        self.job: scheduler.Job
        self.running = False
        self.rate_ul_day = 0
        self.strokes = 0
        self.book_ul = 0
        self.book_pl = 0

    def set_stroke(self, steps: int, pl_per_step: int, interval_us: int) -> None:
        """Size and pace of a stroke; only at rest."""
        self._steps = steps
        self._interval_us = interval_us
        self._stroke_pl = steps * pl_per_step
        self._motion_ms = steps * interval_us // 1000 + 1
        self._schedule.set_stroke(self._stroke_pl)

    def fits(self, ul_day: int) -> bool:
        """Whether a stroke can be made in half of its period at this rate."""
        return self._motion_ms * 2 * 10 * ul_day <= self._stroke_pl * 864

    def set_rate(self, ul_day: int, now: int) -> None:
        """A new rate in uL/day from now on; what has fallen due so far is kept."""
        if self.running:
            self._schedule.advance(ticks.diff(now, self._mark))
            self._mark = now
        self.rate_ul_day = ul_day
        self._schedule.set_rate(ul_day)
        self._line.pace(self._schedule.period_ms() - self._motion_ms)
        if self.running:
            self._plan_next()

    def start(self, now: int) -> None:
        """Begins with nothing due: the first stroke comes one period later."""
        self._schedule.credit = 0
        self.resume(now)

    def resume(self, now: int) -> None:
        """Goes on with what was due when delivery was held."""
        self.running = True
        self._mark = now
        self._plan_next()

    def hold(self, now: int) -> None:
        """Ends delivery; a stroke that is under way is finished (D9)."""
        if self.running:
            self._schedule.advance(ticks.diff(now, self._mark))
        self.running = False
        self._line.rest(now)
        if not self._moving:
            self.job.off()

    def cut(self, now: int) -> None:
        """Ends delivery and motion at once."""
        self.hold(now)
        self._drive.stop()
        self.job.off()
        if self._moving:
            self._moving = False
            self._journal.write(defs.EVENT_STROKE_CUT, self._drive.steps_done(), self._target)

    def stroke_in_ms(self, now: int) -> int:
        """Time to the next stroke; meaningful while running."""
        return ticks.diff(self._due, now)

    def run(self, now: int) -> None:
        """The job: finishes a stroke, begins the one that is due."""
        if self._moving:
            self._look_at_motion(now)
        elif self.running and ticks.diff(now, self._due) >= 0:
            self._begin_stroke(now)

    def _plan_next(self) -> None:
        self._due = ticks.add(self._mark, self._schedule.wait_ms())
        self._line.expect(self._due)
        if not self._moving:
            self.job.at(self._due)

    def _begin_stroke(self, now: int) -> None:
        if ticks.diff(now, self._due) > _LATE_MS:
            self._conditions.set(defs.BIT_LATE)
        self._schedule.advance(ticks.diff(self._due, self._mark))
        self._schedule.take()
        self._mark = self._due
        self._book()
        self._target = self._steps
        try:
            self._drive.start(self._target, self._interval_us)
        except hal.PartError as error:
            self._journal.write(defs.EVENT_PART_FAILED, defs.PART_DRIVE, error.args[0])
            self._conditions.set(defs.BIT_DRIVE_FAULT)
            return
        self._moving = True
        self._deadline = ticks.add(now, 2 * self._motion_ms + _GRACE_MS)
        self._plan_next()
        self.job.at(ticks.add(now, self._motion_ms))

    def _book(self) -> None:
        self.strokes += 1
        pl = self.book_pl + self._stroke_pl
        if pl >= _PL_PER_UL:
            pl -= _PL_PER_UL
            self.book_ul += 1
        self.book_pl = pl
        self._reservoir.take(self._stroke_pl)

    def _look_at_motion(self, now: int) -> None:
        if self._drive.steps_done() >= self._target:
            self._moving = False
            if self.running:
                self.job.at(self._due)
        elif ticks.diff(now, self._deadline) >= 0:
            self._conditions.set(defs.BIT_DRIVE_FAULT)
        else:
            self.job.at(ticks.add(now, _GRACE_MS))
