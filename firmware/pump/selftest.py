"""Asks every part at power-on whether it is fit; one that isn't is named in the log and holds delivery."""

from micropython import const

from pump import defs, hal, ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import conditions, journal, scheduler

# A part that needs a moment for its first value (a bridge converter 0.4 s) is asked again.
_AGAIN_MS = const(50)
_TRIES = const(20)


class SelfTest:
    """The power-on test: `run` probes the parts in their order, then the supervisor decides (S1)."""

    def __init__(
        self,
        parts: "tuple[tuple[int, hal.Checked], ...]",
        conditions: "conditions.Conditions",
        journal: "journal.Journal",
    ) -> None:
        self._parts = parts
        self._conditions = conditions
        self._journal = journal
        self._at = 0
        self._tries = 0
        self.job: scheduler.Job

    def run(self, now: int) -> None:
        """The job: every part is asked, also after one has failed, so that the log names them all."""
        while self._at < len(self._parts):
            number, part = self._parts[self._at]
            try:
                part.check()
            except hal.PartError as error:
                if error.args[0] == defs.FAULT_NOT_READY and self._tries < _TRIES:
                    self._tries += 1
                    self.job.at(ticks.add(now, _AGAIN_MS))
                    return
                self._journal.write(defs.EVENT_PART_FAILED, number, error.args[0])
                self._conditions.set(defs.BIT_PART_FAILED)
            self._at += 1
        self._conditions.set(defs.BIT_TESTED)
