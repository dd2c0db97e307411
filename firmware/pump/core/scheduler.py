"""Runs what is due, in a fixed order, and says how long the pump may sleep."""

from micropython import const

from pump import defs
from pump.core import ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from pump import hal
    from pump.core import conditions

# The hardware watchdog of the Pico bites after 8.3 s at most (toolchain facts). It is to be fed every 5 s, and the time
# that a step takes comes on top of the wait.
_LONGEST_WAIT_MS = const(4900)
_LONGEST_GAP_MS = const(6000)  # of a job that runs in every step
_HALF = const(0x20000000)
_MASK = const(0x3FFFFFFF)


class Job:
    """A piece of work with a time: it runs once when due, and re-arms itself with `at`.

    `ran` is the tick when it last came to its end, `longest_ms` how long ago that may be, 0 for no matter. A job that
    `looks` moves nothing and writes nothing: it tells the others what it has found by the conditions alone.
    """

    def __init__(self, run: "Callable[[int], None]", budget_ms: int, always: bool, longest_ms: int) -> None:
        self.run = run
        self.budget_ms = budget_ms
        self.always = always
        self.armed = always
        self.due = 0
        self.longest_ms = _LONGEST_GAP_MS if always else longest_ms
        self.ran = 0
        self.looks = False
        self.patient = False  # whether it may be late by the time of an erase of flash, between two motions

    def at(self, due: int) -> None:
        """Run at this tick."""
        self.due = due
        self.armed = True

    def off(self) -> None:
        """Don't run until asked again."""
        self.armed = False


class Scheduler:
    """Jobs in the order in which they were added; that order is the order within a step."""

    def __init__(self, clock: "hal.Clock", conditions: "conditions.Conditions") -> None:
        self._ticks_ms = clock.ticks_ms
        self._conditions = conditions
        self._whole_due = clock.ticks_ms()  # when more than a look is due
        self.jobs: list[Job] = []
        self.lookers: list[Job] = []

    def add(self, run: "Callable[[int], None]", budget_ms: int, always: bool = False, longest_ms: int = 0) -> Job:
        """A new job; `always` runs it in every step and leaves it out of the wait unless it has asked for a time."""
        job = Job(run, budget_ms, always, longest_ms)
        self.jobs.append(job)
        return job

    def add_look(self, run: "Callable[[int], None]", budget_ms: int) -> Job:
        """A new job that looks; those that run in every step need not follow it."""
        job = self.add(run, budget_ms)
        job.looks = job.patient = True
        self.lookers.append(job)
        return job

    def step(self) -> int:
        """Runs all that is due and returns the milliseconds until the next job, 4900 at most.

        A job that runs past its budget sets the bit `late`.
        """
        now = self._whole_due = self._ticks_ms()  # as it stays if a job fails
        for job in self.jobs:
            if job.armed and (job.always or (now - job.due) & _MASK < _HALF):
                now = self._run(job, now)
        return self._wait_ms(now)

    def follow(self) -> int:
        """There is more to do than looks in the next step; the wait until then, 0 ms."""
        self._whole_due = self._ticks_ms()
        return 0

    def look(self) -> int:
        """Runs the looks that are due and returns the milliseconds until the next job, -1 where a step has to follow.

        That is when another job is due, when a look has found something, and when none was due: then something else
        has ended the wait.
        """
        now = self._ticks_ms()
        wait = (self._whole_due - now) & _MASK
        if wait == 0 or wait >= _HALF:
            return -1
        conditions = self._conditions
        word = conditions.word
        notes = conditions.notes
        looked = False
        for job in self.lookers:
            if job.armed and (now - job.due) & _MASK < _HALF:
                now = self._run(job, now)
                looked = True
            if job.armed:
                left = (job.due - now) & _MASK
                if left < wait:
                    wait = left
                elif left >= _HALF:
                    wait = 0
        if not looked or conditions.word != word or conditions.notes != notes:
            return -1
        return wait

    def _run(self, job: Job, now: int) -> int:
        job.armed = job.always
        job.due = -1
        job.run(now)
        after = self._ticks_ms()
        if after != now:
            if ticks.diff(after, now) > job.budget_ms:
                self._conditions.note(defs.NOTE_LATE, True)
            now = after
        job.ran = now
        return now

    def quiet_ms(self) -> int:
        """Milliseconds until the next job that must not be late, by the time that passes in an erase of flash."""
        now = self._ticks_ms()
        quiet = _LONGEST_WAIT_MS
        for job in self.jobs:
            if job.armed and job.due >= 0 and not job.patient:
                left = (job.due - now) & _MASK
                if left >= _HALF:
                    return 0
                if left < quiet:
                    quiet = left
        return quiet

    def _wait_ms(self, now: int) -> int:
        wait = whole = _LONGEST_WAIT_MS
        for job in self.jobs:
            if job.armed and job.due >= 0:
                left = (job.due - now) & _MASK
                if left >= _HALF:
                    left = 0
                if left < wait:
                    wait = left
                if left < whole and not job.looks:
                    whole = left
        self._whole_due = ticks.add(now, whole)
        return wait
