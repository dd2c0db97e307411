"""Simulates a program that hangs: one of the firmware's jobs never returns, or the scheduler no longer runs it."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sim_clock
    from pump.core import scheduler

_STEP_MS = 10


class Hangs:
    """Actions: hang N makes the N-th job of the firmware's scheduler, counted from 0, never return; forget N drops it.

    The job becomes due at once. The fault persists through other resets and ends with the watchdog's reset.
    """

    def __init__(self, clock: "sim_clock.HostClock | sim_clock.WallClock") -> None:
        self._clock = clock
        self._hung = -1
        self._forgotten = -1
        self._scheduler: scheduler.Scheduler
        self.actions = {"hang": self._hang, "forget": self._forget}

    @property
    def jobs(self) -> int:
        """How many jobs there are."""
        return len(self._scheduler.jobs)

    def enter(self, the_scheduler: "scheduler.Scheduler") -> None:
        """Called when the firmware has started; applies a fault that is still set to the new jobs."""
        self._scheduler = the_scheduler
        if self._hung >= 0:
            self._hang(self._hung)
        if self._forgotten >= 0:
            self._forget(self._forgotten)

    def end(self) -> None:
        """Called after the watchdog's reset: all jobs work again."""
        self._hung = self._forgotten = -1

    def _job(self, number: int) -> "scheduler.Job":
        if not 0 <= number < self.jobs:
            raise ValueError("there are jobs 0..%d" % (self.jobs - 1))
        job = self._scheduler.jobs[number]
        job.at(self._clock.ticks_ms())
        return job

    def _hang(self, number: int) -> None:
        self._job(number).run = self._never_end
        self._hung = number

    def _forget(self, number: int) -> None:
        forgotten = self._job(number)
        # A new tuple, because the heartbeats must continue to watch the old one.
        self._scheduler.take(tuple([job for job in self._scheduler.jobs if job is not forgotten]))
        self._forgotten = number

    def _never_end(self, _: int) -> None:
        while True:
            self._clock.stand_still(_STEP_MS)
