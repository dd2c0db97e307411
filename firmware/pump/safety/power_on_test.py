"""Whether the pump is fit: parts, memory and program are tested at power-on, and memory, program, clock as it works."""

from micropython import const

from pump import defs, hal
from pump.core import ticks
from pump.safety import built_in_tests

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions, scheduler
    from pump.journal import journal

# A part that needs a moment for its first value (a bridge converter 0.4 s) is asked again.
_AGAIN_MS = const(50)
_TRIES = const(20)

_SLICES = const(16)  # at a time at power-on: 64 KiB of program

_SLICE_MS = const(4000)  # with a step every 4.9 s at most, half a MiB of program takes ten minutes
_ROUND_MS = const(3000000)  # from one round to the next; 60 min are allowed (S2)
_CLEAR_MS = const(500)  # to the next thing that the delivery has to do


class SelfTest:
    """The power-on test: `run` asks the parts in their order, tests memory and program; the supervisor decides (S1)."""

    def __init__(
        self,
        parts: "tuple[tuple[int, hal.Checked], ...]",
        tests: "list[built_in_tests.Ram | built_in_tests.Program | built_in_tests.Clock]",
        conditions: "conditions.Conditions",
        journal: "journal.Journal",
    ) -> None:
        self._parts = parts
        self._tests = [test for test in tests if test.number != defs.TEST_CLOCK]  # which takes its time
        self._tested = 0
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
        if self._test():
            self.job.at(now)
        else:
            self._conditions.set(defs.BIT_TESTED)

    def _test(self) -> bool:
        """Some slices of memory and program; whether there may be more."""
        for _ in range(_SLICES):
            if self._tested == len(self._tests):
                return False
            if _step(self._tests[self._tested], self._journal, self._conditions):
                self._tested += 1
        return True


class Rounds:
    """The test while the pump works (S2): slices in steps that come anyway, a round through all probes within an hour.

    What fails is named in the log and ends delivery until the next power-on.
    """

    def __init__(
        self,
        tests: "list[built_in_tests.Ram | built_in_tests.Program | built_in_tests.Clock]",
        conditions: "conditions.Conditions",
        journal: "journal.Journal",
        now: int,
    ) -> None:
        self._tests = tests
        self._conditions = conditions
        self._journal = journal
        self._at = 0
        self._began = now
        self._next = now
        self.stroke: scheduler.Job  # the delivery's job
        self.rounds = 0

    def run(self, now: int) -> None:
        """The job of every step: a slice, when one is due and no stroke is near."""
        if ticks.diff(now, self._next) < 0:
            return
        stroke = self.stroke
        if stroke.armed and ticks.diff(stroke.due, now) < _CLEAR_MS:
            return
        self._next = ticks.add(now, _SLICE_MS)
        if not _step(self._tests[self._at], self._journal, self._conditions):
            return
        self._at += 1
        if self._at == len(self._tests):
            self._end_round(now)

    def _end_round(self, now: int) -> None:
        self._at = 0
        self.rounds += 1
        began = ticks.add(self._began, _ROUND_MS)
        if ticks.diff(began, self._next) < 0:
            began = self._next  # a round that took longer is followed at once
        self._began = began
        self._next = began


def _step(
    test: "built_in_tests.Ram | built_in_tests.Program | built_in_tests.Clock",
    journal: "journal.Journal",
    conditions: "conditions.Conditions",
) -> bool:
    """A slice of a test; whether it is over. One that has failed is named in the log."""
    result = test.step()
    if result == built_in_tests.FAILED:
        journal.write(defs.EVENT_TEST_FAILED, test.number, test.detail)
        conditions.set(defs.BIT_PART_FAILED)
    return result != built_in_tests.MORE
