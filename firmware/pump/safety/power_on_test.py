"""The power-on test: asks every part, and tests memory and program before anything is delivered (S1)."""

from micropython import const

from pump import defs, hal
from pump.core import scheduler, ticks
from pump.safety import built_in_tests

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions
    from pump.journal import journal

# A part that needs time for its first value (a bridge converter 0.4 s) is asked again.
_AGAIN_MS = const(50)
_TRIES = const(20)

_SLICES = const(16)  # of a test in one run of the job: 64 KiB of program
_BUDGET_MS = const(1000)


class PowerOnTest:
    """`run` asks the parts in their order, then tests memory and program; the supervisor decides by the conditions."""

    def __init__(
        self,
        parts: "tuple[tuple[int, hal.Checked], ...]",
        tests: "list[built_in_tests.Ram | built_in_tests.Program | built_in_tests.Clock]",
        conditions: "conditions.Conditions",
        journal: "journal.Journal",
    ) -> None:
        self._parts = parts
        self._tests = [test for test in tests if test.number != defs.TEST_CLOCK]  # it takes too long
        self._tested = 0  # tests that are over
        self._conditions = conditions
        self._journal = journal
        self._at = 0  # the part that is asked
        self._tries = 0  # of a part that is not ready
        self.job = scheduler.Job(self.run, _BUDGET_MS)

    def run(self, now: int) -> None:
        """The job: asks every part, also after one has failed, so that the log names them all."""
        while self._at < len(self._parts):
            number, part = self._parts[self._at]
            try:
                part.check()
            except hal.PartError as error:
                if error.args[0] == defs.FAULT_NOT_READY and self._tries < _TRIES:
                    self._tries += 1
                    self.job.at(ticks.add(now, _AGAIN_MS))
                    return
                self._journal.fault(defs.EVENT_PART_FAILED, number, error.args[0])
                self._conditions.set(defs.BIT_PART_FAILED)
            self._at += 1
        if self._test():
            self.job.at(now)
        else:
            self._conditions.set(defs.BIT_TESTED)

    def _test(self) -> bool:
        """Some slices of memory and program; whether there is more to do."""
        for _ in range(_SLICES):
            if self._tested == len(self._tests):
                return False
            if built_in_tests.step(self._tests[self._tested], self._journal, self._conditions):
                self._tested += 1
        return True
