"""Checks that every job has run within its longest gap; the hardware watchdog is fed only then (S3)."""

from micropython import const

from pump import defs

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions, scheduler

# The loop wakes every 4.9 s at most; a job that is due and still has not run by then was skipped.
_LATE_MS = const(6000)
_MASK = const(0x3FFFFFFF)
_HALF = const(0x20000000)


class Heartbeats:
    """Watches the scheduler's jobs: a heartbeat is a completed run.

    A job that raised an error stays off. The error keeps the pump in the fault state with its alarm, which a reset
    would silence; so jobs with times are not checked while an internal error stands.
    """

    def __init__(self, conditions: "conditions.Conditions", jobs: "tuple[scheduler.Job, ...]", now: int) -> None:
        self._conditions = conditions
        self._jobs = jobs
        self._regular = tuple([job for job in jobs if job.longest_ms])
        self._always = tuple([job for job in jobs if job.always])
        for job in jobs:
            job.ran = now

    def fresh(self, now: int) -> bool:
        """Whether no job's last run is longer ago than its gap, and none that is due was skipped."""
        if self._conditions.word & defs.BIT_INTERNAL_ERROR:
            return _have_run(self._always, now) and _none_skipped(self._always, now)
        return _have_run(self._regular, now) and _none_skipped(self._jobs, now)


def _have_run(jobs: "tuple[scheduler.Job, ...]", now: int) -> bool:
    for job in jobs:  # noqa: SIM110  # a generator is made on the heap
        if (now - job.ran) & _MASK > job.longest_ms:
            return False
    return True


def _none_skipped(jobs: "tuple[scheduler.Job, ...]", now: int) -> bool:
    for job in jobs:  # noqa: SIM110  # a generator is made on the heap
        if job.armed and _LATE_MS < (now - job.due) & _MASK < _HALF:
            return False
    return True
