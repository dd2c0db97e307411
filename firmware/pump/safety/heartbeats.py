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
        for job in jobs:
            job.ran = now

    def fresh(self, now: int) -> bool:
        """Whether no job's last run is longer ago than its gap, and none that is due was skipped."""
        error = self._conditions.has(defs.BIT_INTERNAL_ERROR)
        for job in self._jobs:
            if error and not job.always:
                continue
            if job.longest_ms and (now - job.ran) & _MASK > job.longest_ms:
                return False
            if job.armed and job.due >= 0:
                overdue_ms = (now - job.due) & _MASK
                if _LATE_MS < overdue_ms < _HALF:
                    return False
        return True
