"""The power-on test: asks every part, and tests memory and program before anything is delivered (S1)."""

from micropython import const

from pump import defs, hal
from pump.core import scheduler, ticks
from pump.safety import built_in_tests

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions
    from pump.journal import journal

# A part that needs time for its first value (a bridge converter 0.4 s), or whose answer was disturbed, is asked again
# for a second. The other faults are none that pass.
_AGAIN_MS = const(50)
_TRIES = const(20)
_PASSING = (
    defs.FAULT_NO_ANSWER,
    defs.FAULT_BAD_CHECKSUM,
    defs.FAULT_BUS_STUCK,
    defs.FAULT_STALE,
    defs.FAULT_NOT_READY,
    defs.FAULT_OUT_OF_RANGE,
    defs.FAULT_BUSY,
    defs.FAULT_NOT_CONFIRMED,
)

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
        self._parts = parts  # those that are still to be asked
        self._tests = [test for test in tests if test.number != defs.TEST_CLOCK]  # it takes too long
        self._tested = 0  # tests that are over
        self._conditions = conditions
        self._journal = journal
        self._tries = 0  # of the parts that have not passed yet
        self.job = scheduler.Job(self.run, _BUDGET_MS)

    def run(self, now: int) -> None:
        """The job: asks every part, also after one has failed, so that the log names them all."""
        self._ask()
        if self._parts:
            self._tries += 1
            self.job.at(ticks.add(now, _AGAIN_MS))
            return
        if self._test():
            self.job.at(now)
        else:
            self._conditions.set(defs.BIT_TESTED)

    def _ask(self) -> None:
        """Asks the parts that have not passed, and keeps those whose fault may pass until the tries are over."""
        again = []
        for number, part in self._parts:
            try:
                part.check()
            except hal.PartError as error:
                fault = error.args[0]
                if fault in _PASSING and self._tries < _TRIES:
                    again.append((number, part))
                    continue
                self._journal.fault(defs.EVENT_PART_FAILED, number, fault)
                self._conditions.set(defs.BIT_PART_FAILED)
        self._parts = tuple(again)

    def _test(self) -> bool:
        """Some slices of memory and program; whether there is more to do."""
        for _ in range(_SLICES):
            if self._tested == len(self._tests):
                return False
            if built_in_tests.step(self._tests[self._tested], self._journal, self._conditions):
                self._tested += 1
        return True
