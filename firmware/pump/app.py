"""The pump as a whole: takes a board's parts, builds the logic on them, and runs the main loop."""

from micropython import const

# From the bottom up, so that an import finds what it needs loaded: nested imports take stack, and a Pico has 8 kB.
# isort: off
from pump.core import conditions, containment, params, scheduler, uptime
from pump.journal import journal
from pump.safety import background_test, built_in_tests, heartbeats, power_on_test
from pump.link import access, port
from pump import controller, defs
from pump.commands import answers, dispatcher, validation
# isort: on

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from pump import hal

_ERROR_RETRY_MS = const(100)


class App:
    """Board in, pump out. `step` does all that is due; `run` is the main loop, which a board can take turn by turn."""

    def __init__(self, board: "hal.Board") -> None:
        now = board.clock.ticks_ms()
        self.board = board
        self.conditions = conditions.Conditions(defs.BIT_PLAN_MISSING | defs.BIT_CONTENTS_UNKNOWN)
        self.uptime = uptime.Uptime(now)
        self.journal = journal.Journal(board.store, self.uptime, self.conditions, defs.BIT_JOURNAL_UNFIT)
        self.controller = controller.Controller(
            board,
            self.conditions,
            self.uptime,
            self.journal,
            params.Params(board.DEFAULTS, params.fixed_by(board.drive.cycle_ms)),
        )
        tests = built_in_tests.of(board)
        self.power_on_test = power_on_test.PowerOnTest(board.PARTS, tests, self.conditions, self.journal)
        self.background_test = background_test.BackgroundTest(
            tests, self.conditions, self.journal, self.controller.delivery.job, now
        )
        contained = containment.Containment(self._report_query, validation.Refused)
        self.access = access.Access(board, self.conditions, self.uptime, self.journal)
        self.dispatcher = dispatcher.Dispatcher(
            self.controller, board, self._set_telemetry, contained, self.access
        )
        self.port = port.Port(
            board.link,
            self.journal,
            self.controller.alarms,
            self.controller.params,
            self.dispatcher.answer,
            self.dispatcher.heed,
            self._status,
            self.access.seal,
            contained,
        )
        self._fault_saved = False  # an internal error is in flash
        self.scheduler = scheduler.Scheduler(board.clock, self.conditions, self._jobs())
        self.controller.load(board.supply.reset_cause(), board.watchdog.tested)
        self.heartbeats = heartbeats.Heartbeats(self.conditions, self.scheduler.jobs, now)
        self.power_on_test.job.at(now)
        self.controller.begin(now)

    def _jobs(self) -> "tuple[scheduler.Job, ...]":
        """All jobs in the order within a step: time, sensors, motion, and the link last.

        The conditions are evaluated before the motion, so that no stroke starts on what was just found, and after it.
        """
        pump = self.controller
        return (
            self.uptime.job,
            self.background_test.job,
            self.power_on_test.job,
            pump.monitor.job,
            pump.reservoir.job,
            pump.environment.job,
            pump.trim.job,
            pump.guards.job,
            pump.before_motion,
            pump.delivery.job,
            pump.response.job,
            pump.plan.job,  # after the delivery: a stroke that is due at a phase's end still belongs to the phase
            pump.alarms.job,
            pump.alarms.unsteady,
            pump.reminders.job,
            self.dispatcher.pending.job,
            self.access.pairing.job,
            pump.after_motion,
            pump.alarms.player,
            pump.saving,
            pump.resetting,
            self.port.job,
        )

    def step(self) -> int:
        """Does all that is due, then what can wait; returns the milliseconds until there is more to do.

        While the line is sampled, most steps run a sensor job only, which costs a third of a whole step.
        """
        if self.conditions.word & defs.BIT_INTERNAL_ERROR:
            self.controller.evaluate(self.board.clock.ticks_ms())  # before a job that fails in every step
        wait_ms = self.scheduler.sample()
        if wait_ms >= 0:
            return wait_ms
        wait_ms = self.scheduler.step()
        if wait_ms and self.controller.wants_erase() and self.controller.tend_journal(self.scheduler.quiet_ms()):
            wait_ms = self.scheduler.follow()
        if self.heartbeats.fresh(self.board.clock.ticks_ms()):
            self.board.watchdog.feed()
        return wait_ms

    def run(self) -> None:
        """The main loop; never returns."""
        clock = self.board.clock
        self.begin()
        try:
            while True:
                clock.wait_ms(self.turn())
        finally:
            self.board.drive.stop()

    def begin(self) -> None:
        """Before the first turn: the first feed starts the watchdog, as the self-test could hang."""
        self.board.watchdog.feed()

    def turn(self) -> int:
        """One turn of the main loop; returns the milliseconds until the next.

        An unexpected error stops the drive, is saved and logged at once; the link goes on.
        """
        try:
            return self.step()
        except Exception as error:
            self._fail(error)
            return _ERROR_RETRY_MS

    def _fail(self, error: Exception) -> None:
        """Fault and alarm are in flash before anything else is tried: the job that failed may end every step."""
        first = not self.conditions.has(defs.BIT_INTERNAL_ERROR)
        self.conditions.set(defs.BIT_INTERNAL_ERROR)
        self._attempt(self.board.drive.stop)
        if not self._fault_saved:
            self._attempt(self._save_fault)
        if first:  # an error that recurs in every step would push everything else out of the log
            self._attempt(lambda: self.journal.fault(defs.EVENT_ERROR, 0, self.uptime.s))
            self._attempt(lambda: self.board.report(error))

    def _save_fault(self) -> None:
        self._fault_saved = self.controller.save_fault()

    def _attempt(self, action: "Callable[[], object]") -> None:
        """What a fault needs done; one part that fails in it must not keep the others from their turn."""
        try:
            action()
        except Exception:  # noqa: BLE001, S110  # it was logged, or its own log entry has failed
            pass

    def _report_query(self, error: Exception, origin: int) -> None:
        self.journal.fault(defs.EVENT_QUERY_FAILED, origin)
        self.board.report(error)

    def _status(self, now: int) -> "list[tuple[str, object]]":
        return answers.status(self.controller, now)

    def _set_telemetry(self, now: int, period_s: int) -> None:
        self.port.telemetry(now, period_s)
