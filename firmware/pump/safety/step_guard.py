"""Counts the steps that really appear and compares them with what was commanded (S5); it can only stop the pump."""

from micropython import const

from pump import defs, hal
from pump.core import debounce, ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions, scheduler
    from pump.journal import journal

_CIRCLE = const(0x3FFFFFFF)  # the counter wraps at 2^30
# Failed reads of the counter in three spans in a row, or for long in more than a third of them. The loop reads it in
# every step; what fails for a second at most is no fault of it.
_READ_FAULT = (6, 2, 1, 1)
_SPAN_MS = const(510)
_GRACE_MS = const(200)  # more than the delivery allows a motion before it is a fault of the drive
_GARBAGE = const(0x10000000)  # no sum of steps goes beyond
_MOST_STROKES = const(100)  # in one read; more is a counter that gives garbage


class StepGuard:
    """`read`, then `check_excess` when steps were new. Sets BIT_COUNT_WRONG, which nothing here clears."""

    def __init__(
        self, step_counter: "hal.StepCounter", conditions: "conditions.Conditions", journal: "journal.Journal"
    ) -> None:
        self._count = step_counter.count
        self._conditions = conditions
        self._journal = journal
        self._read_fault = debounce.Debounce(_READ_FAULT)
        self.answered = True  # the last read
        self._failed = False  # a read has failed in the present span
        self._span_end = 0  # tick
        self._steps_per_stroke = 1
        self._last = -1  # the count at the last read, -1 before the first
        self._commanded = 0  # steps of the last motion
        self._seen = 0  # steps that have appeared since it began
        self._idle = 0  # steps of the open ones that move nothing forward: reverse, backlash
        self._excess = 0  # steps that were not commanded
        self._missing = 0  # commanded steps that did not appear
        self._part = 0  # steps of a stroke that is not complete yet
        self._middle = 0  # tick at which a motion that doesn't end must be seen
        self._end = 0  # tick at which the motion must have ended
        self.open = 0  # commanded steps that may still appear
        self.awaits_end = False  # a motion is under way

    def configure(self, steps_per_stroke: int) -> bool:
        """Steps of a stroke; whether they have changed."""
        changed = steps_per_stroke != self._steps_per_stroke
        self._steps_per_stroke = steps_per_stroke
        return changed

    def restart_stroke(self) -> None:
        """Another volume per step: the steps of an incomplete stroke no longer count."""
        self._part = 0

    def command(self, steps: int, idle_steps: int, motion_ms: int, now: int) -> int:
        """Allows so many steps, of which the first idle_steps move nothing forward; the tick of the next check."""
        self.settle()
        self._commanded = self.open = steps
        self._idle = idle_steps
        self._seen = 0
        self.awaits_end = True
        self._end = ticks.add(now, 2 * motion_ms + _GRACE_MS)
        # A motion that doesn't end must be seen before it has made a stroke too many (D13).
        self._middle = ticks.add(now, motion_ms + (motion_ms >> 1))
        return self._middle

    def cut(self) -> None:
        """The motion was ended: steps that it lacks are no fault; steps that still come are one."""
        self.open = self._idle = 0

    def under_way(self) -> bool:
        """Whether a stroke has begun that is not counted yet."""
        return self._part > 0 or self.open > 0

    def read_failed(self) -> bool:
        """Whether reads of the counter have failed lately."""
        return self._failed or self._read_fault.score > 0

    def read(self, now: int) -> int:
        """Reads the counter; whole strokes that have moved forward since the last read, -1 when no step was new."""
        count = self._read()
        self.answered = count >= 0
        if not self.answered or self._failed or self._read_fault.score:
            self._evaluate_read(not self.answered, now)
        last = self._last
        if count == last or count < 0:
            return -1
        self._last = count
        return self._add((count - last) & _CIRCLE) if last >= 0 else -1

    def _read(self) -> int:
        """The count, -1 when the counter can't tell."""
        try:
            return self._count()
        except hal.PartError:
            return -1

    def _evaluate_read(self, failed: bool, now: int) -> None:
        """All reads within a span, which begins with a failed one, count as one: failed if one of them has."""
        begins = not self.read_failed()
        self._failed = self._failed or failed
        if begins:
            self._span_end = ticks.add(now, _SPAN_MS)
        elif ticks.diff(now, self._span_end) >= 0:
            self._span_end = ticks.add(now, _SPAN_MS)
            if self._read_fault.update(self._failed):
                self._stop()
            self._failed = False

    def _add(self, steps: int) -> int:
        """New steps: those that were commanded, and those that were not."""
        steps = min(steps, _GARBAGE)
        self._seen = min(self._seen + steps, _GARBAGE)
        if steps > self.open:
            self._excess = min(self._excess + steps - self.open, _GARBAGE)
        self.open = max(0, self.open - steps)
        idle = min(self._idle, steps)
        self._idle -= idle
        part = self._part + steps - idle
        whole = part // self._steps_per_stroke
        self._part = part - whole * self._steps_per_stroke
        return min(whole, _MOST_STROKES)

    def check_excess(self) -> None:
        """Stops the pump at a quarter of a stroke that was not commanded, before a whole one is given too much."""
        if self._excess >= max(1, self._steps_per_stroke >> 2):
            self._stop()

    def plan_check(self, job: "scheduler.Job", now: int) -> None:
        """Arms the job for the next check of a motion; once it is complete after its middle, any later step will do."""
        if ticks.diff(now, self._middle) < 0:
            job.at(self._middle)
        elif self.open:
            job.at(self._end)

    def check_end(self, now: int) -> None:
        """Ends the motion when its time is over."""
        if ticks.diff(now, self._end) >= 0:
            self.settle()

    def settle(self) -> None:
        """The motion's time is over: steps that have not appeared are missing; a clean motion cancels one."""
        if not self.awaits_end:
            return
        self.awaits_end = False
        if self.open:
            self._missing += self.open
            self.open = self._idle = 0
            if self._missing >= self._steps_per_stroke:
                self._stop()
        elif self._seen == self._commanded:
            self._missing = max(0, self._missing - 1)
            self._excess = max(0, self._excess - 1)

    def _stop(self) -> None:
        if not self._conditions.has(defs.BIT_COUNT_WRONG):
            self._conditions.set(defs.BIT_COUNT_WRONG)
            self._journal.fault(defs.EVENT_UNCOMMANDED, self._seen, self._commanded)
