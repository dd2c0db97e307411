"""Runs what is due, in a fixed order, and says how long the pump may sleep."""

from micropython import const

from pump import defs
from pump.core import ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from pump import hal
    from pump.core import conditions

CONTROL_MS = const(200)  # budget of a job: a quarter of the shortest stroke period (720 ms at 24 mL/day)

# The Pico's hardware watchdog resets the chip after 8.3 s at most (RP2040 data sheet, 4.7). It is fed every 5 s; the
# time that a step takes adds to the wait.
_LONGEST_WAIT_MS = const(4900)
_LONGEST_GAP_MS = const(6000)  # of a job that runs in every step
_HALF = const(0x20000000)
_MASK = const(0x3FFFFFFF)


class Job:
    """A piece of work with a time: it runs once when due, and re-arms itself with `at`.

    `always` runs it in every step, also when it is not armed. `budget_ms` is the time that it may take before the note
    `late` is set. `ran` is the tick when it last ended, `longest_ms` how long ago that may be (0: no limit). A
    `sensor_only` job moves nothing and writes nothing: its result is in the conditions alone. One with
    `wakes` False ends no wait: it runs in the first whole step from its time on. `may_be_late`: by the time of a
    flash erase, between two motions.
    """

    def __init__(
        self,
        run: "Callable[[int], None]",
        budget_ms: int = CONTROL_MS,
        always: bool = False,
        longest_ms: int = 0,
        sensor_only: bool = False,
        may_be_late: bool = False,
        wakes: bool = True,
    ) -> None:
        self.run = run
        self.budget_ms = budget_ms
        self.always = always
        self.armed = False
        self.due = 0
        self.longest_ms = _LONGEST_GAP_MS if always else longest_ms
        self.ran = 0
        self.sensor_only = sensor_only
        self.wakes = wakes and not sensor_only  # the pump, to a whole step
        self.may_be_late = may_be_late or not self.wakes

    def at(self, due: int) -> None:
        """Run at this tick."""
        self.due = due
        self.armed = True

    def off(self) -> None:
        """Don't run until asked again."""
        self.armed = False


class Scheduler:
    """Runs `jobs` in the order of their tuple; that order is the order within a step.

    Its functions are short: MicroPython puts a frame on the heap when locals and stack are more than 11 words.
    """

    def __init__(self, clock: "hal.Clock", conditions: "conditions.Conditions", jobs: "tuple[Job, ...]") -> None:
        self._ticks_ms = clock.ticks_ms
        self._conditions = conditions
        self._whole_due = clock.ticks_ms()  # the tick when a whole step is due, not only a sensor job
        self._ended = 0  # tick when the last job ended
        self._word = -1  # the conditions at the end of the last step
        self._notes = -1
        self.take(jobs)

    def take(self, jobs: "tuple[Job, ...]") -> None:
        """Runs these jobs from now on."""
        self.jobs = jobs
        self.sensor_jobs = tuple([job for job in jobs if job.sensor_only])
        self._waking_jobs = tuple([job for job in jobs if job.wakes])
        self._prompt_jobs = tuple([job for job in jobs if not job.may_be_late])

    def step(self) -> int:
        """Runs all that is due and returns the milliseconds until the next job, 4900 at most.

        A job that runs past its budget sets the bit `late`.
        """
        now = self._whole_due = self._ticks_ms()  # as it stays if a job fails
        for job in self.jobs:
            if job.always or (job.armed and (now - job.due) & _MASK < _HALF):
                now = self._run(job, now)
        self._word = self._conditions.word
        self._notes = self._conditions.notes
        return self._wait_ms(now)

    def follow(self) -> int:
        """Makes the next step a whole one; returns the wait until then, 0 ms."""
        self._whole_due = self._ticks_ms()
        return 0

    def sample(self) -> int:
        """Runs the sensor jobs that are due; returns the wait in milliseconds, -1 if a whole step must follow.

        A whole step follows when another job is due, when a sensor job has changed the conditions, and when no sensor
        job was due: then something else, such as bytes on the link, has ended the wait.
        """
        now = self._ticks_ms()
        wait = (self._whole_due - now) & _MASK
        if wait == 0 or wait >= _HALF or not self._run_sensors(now):
            return -1
        if self._conditions.word != self._word or self._conditions.notes != self._notes:
            return -1
        return _soonest(self.sensor_jobs, self._ended, wait)

    def _run_sensors(self, now: int) -> bool:
        """Runs the sensor jobs that are due; whether one was."""
        self._ended = -1
        for job in self.sensor_jobs:
            if job.armed and (now - job.due) & _MASK < _HALF:
                now = self._run(job, now)
        return self._ended >= 0

    def _run(self, job: Job, now: int) -> int:
        job.armed = False
        job.run(now)
        after = self._ticks_ms()
        if after != now:
            if ticks.diff(after, now) > job.budget_ms:
                self._conditions.note(defs.NOTE_LATE, True)
            now = after
        job.ran = self._ended = now
        return now

    def quiet_ms(self) -> int:
        """Milliseconds until the next job that may not be delayed by a flash erase."""
        return _soonest(self._prompt_jobs, self._ticks_ms(), _LONGEST_WAIT_MS)

    def _wait_ms(self, now: int) -> int:
        whole = _soonest(self._waking_jobs, now, _LONGEST_WAIT_MS)
        self._whole_due = ticks.add(now, whole)
        return _soonest(self.sensor_jobs, now, whole)


def _soonest(jobs: "tuple[Job, ...]", now: int, wait: int) -> int:
    """Milliseconds until the first of these jobs is due, `wait` at most."""
    for job in jobs:
        if job.armed:
            left = (job.due - now) & _MASK
            if left >= _HALF:
                return 0
            if left < wait:
                wait = left
    return wait
