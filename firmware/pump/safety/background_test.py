"""The test while the pump works: memory, program and clock, in slices between the strokes (S2)."""

from micropython import const

from pump.core import scheduler, ticks
from pump.safety import built_in_tests

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions
    from pump.journal import journal

_SLICE_MS = const(4000)  # with a step every 4.9 s at most, half a MiB of program takes ten minutes
_ROUND_MS = const(3000000)  # from one round to the next; 60 min are allowed (S2)
_CLEAR_MS = const(500)  # to the next motion


class BackgroundTest:
    """Slices in steps that come anyway, a round through all tests within an hour; `rounds` counts them.

    A test that fails is named in the log and ends delivery until the next power-on.
    """

    def __init__(
        self,
        tests: "list[built_in_tests.Ram | built_in_tests.Program | built_in_tests.Clock]",
        conditions: "conditions.Conditions",
        journal: "journal.Journal",
        stroke: "scheduler.Job",
        now: int,
    ) -> None:
        self._tests = tests
        self._conditions = conditions
        self._journal = journal
        self._stroke = stroke  # the delivery's job
        self._at = 0  # the test under way
        self._began = now  # tick of the round's begin
        self.job = scheduler.Job(self.run, wakes=False)
        self.job.at(now)
        self.rounds = 0

    def run(self, now: int) -> None:
        """The job: a slice, unless a stroke is near."""
        stroke = self._stroke
        if stroke.armed and ticks.diff(stroke.due, now) < _CLEAR_MS:
            self.job.at(now)
            return
        self.job.at(ticks.add(now, _SLICE_MS))
        if not built_in_tests.step(self._tests[self._at], self._journal, self._conditions):
            return
        self._at += 1
        if self._at == len(self._tests):
            self._end_round(now)

    def _end_round(self, now: int) -> None:
        self._at = 0
        self.rounds += 1
        began = ticks.add(self._began, _ROUND_MS)
        if ticks.diff(began, self.job.due) < 0:
            began = self.job.due  # a round that took longer is followed at once
        self._began = began
        self.job.at(began)
