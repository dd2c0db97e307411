"""The pump as a whole: takes a board's parts, wires the rooms together, and runs for ever."""

from micropython import const

from pump import (
    alarms,
    commands,
    conditions,
    defs,
    delivery,
    journal,
    line,
    link,
    params,
    reservoir,
    scheduler,
    selftest,
    supervisor,
    therapy,
    uptime,
)

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import hal

# Time that a job may take before the bit `late` is set: a quarter of the shortest stroke period for control, the time
# of a long answer on a Pico for the link.
_CONTROL_MS = const(200)
_LINK_MS = const(400)
_ERROR_RETRY_MS = const(100)
_SELF_TEST_MS = const(1000)
# What stops a stroke in its middle; any other reason lets it be finished (D9).
_AT_ONCE = (
    defs.BIT_INTERNAL_ERROR | defs.BIT_DRIVE_FAULT | defs.BIT_PART_FAILED | defs.BIT_PRESSURE_HIGH | defs.BIT_OCCLUDED
)


class App:
    """Board in, pump out; `step` does all that is due, `run` never returns."""

    def __init__(self, board: "hal.Board") -> None:
        now = board.clock.ticks_ms()
        self.board = board
        self.conditions = conditions.Conditions(defs.BIT_PLAN_MISSING | defs.BIT_CONTENTS_UNKNOWN)
        self.uptime = uptime.Uptime(now)
        self.journal = journal.Journal(self.uptime)
        self.params = params.Params()
        self.supervisor = supervisor.Supervisor()
        self.line = line.Line(board.pressure, self.conditions)
        self.reservoir = reservoir.Reservoir(board.level, self.conditions)
        self.delivery = delivery.Delivery(board.drive, self.conditions, self.reservoir, self.line, self.journal)
        self.therapy = therapy.Therapy(self.conditions, self.uptime)
        self.alarms = alarms.Alarms(board.annunciator, self.conditions, self.journal, self.line, self.uptime)
        self.selftest = selftest.SelfTest(board.PARTS, self.conditions, self.journal)
        self.port = link.Port(board.link, commands.Commands(self), self.journal, self.status)
        self._word = -1
        self._add_jobs(board.clock)
        self._configure()
        self.journal.write(defs.EVENT_POWER_ON)
        self.selftest.job.at(now)
        self.alarms.player.at(now)  # the self-test tries the light and the sound
        self.line.rest(now)
        self.reservoir.job.at(now)

    def _add_jobs(self, clock: "hal.Clock") -> None:
        """The order of the jobs is the order within a step: time, senses, motion, and the link last.

        Judgement stands before the motion, so that no stroke begins on what was just found, and again behind it.
        """
        self.scheduler = scheduler.Scheduler(clock, self.conditions)
        self.scheduler.add(self.uptime.update, _CONTROL_MS, always=True)
        self.selftest.job = self.scheduler.add(self.selftest.run, _SELF_TEST_MS)
        self.line.job = self.scheduler.add(self.line.run, _CONTROL_MS)
        self.reservoir.job = self.scheduler.add(self._look, _CONTROL_MS)
        self.scheduler.add(self.judge, _CONTROL_MS, always=True)
        self.delivery.job = self.scheduler.add(self.delivery.run, _CONTROL_MS)
        self.alarms.job = self.scheduler.add(self.alarms.run, _CONTROL_MS)
        self.scheduler.add(self.judge, _CONTROL_MS, always=True)
        self.alarms.player = self.scheduler.add(self.alarms.play, _CONTROL_MS)
        self.port.job = self.scheduler.add(self.port.run, _LINK_MS, always=True)

    def step(self) -> int:
        """Does all that is due; returns the milliseconds until there is more to do."""
        return self.scheduler.step()

    def run(self) -> None:
        """The main loop. An error that nobody expected stops the drive and is recorded; the link goes on."""
        clock = self.board.clock
        watchdog = self.board.watchdog
        try:
            while True:
                try:
                    wait_ms = self.step()
                    watchdog.feed()
                except Exception as error:
                    self._fail(error)
                    wait_ms = _ERROR_RETRY_MS
                clock.wait_ms(wait_ms)
        finally:
            self.board.drive.stop()

    def judge(self, now: int) -> None:
        """The state and the alarms follow the conditions, when these have changed."""
        while self.conditions.word != self._word:
            word = self.conditions.word
            self._enter(self.supervisor.next(word), now)
            self.alarms.update()
            self.conditions.clear(defs.BIT_LATE)  # a thing of a moment: the latched alarm keeps it in sight
            self._word = word  # last, so that a part that fails in between is met again in the next step

    # ---- what the commands ask for -----------------------------------------------------------------------------

    def request(self, request: int, now: int) -> int:
        """Puts a request to the supervisor; returns the bits that hold it back, 0 when it was granted."""
        held_by = self.supervisor.held_by(request, self.conditions.word)
        if not held_by:
            self.conditions.set(request)
            self.judge(now)
            self.conditions.clear(request)
        return held_by

    def set_rate(self, ul_day: int, now: int) -> None:
        """A new rate in uL/day, at once."""
        self.journal.write(defs.EVENT_RATE, self.delivery.rate_ul_day, ul_day)
        self.delivery.set_rate(ul_day, now)
        self.reservoir.configure(self.params, ul_day)

    def set_plan(self, fields: "dict[str, int]", now: int) -> None:
        """A new plan from the checked fields of therapy_set."""
        self.therapy.set(fields["profile"], fields["phase_h"], fields["cycles"], fields["fluid"])
        self.journal.write(defs.EVENT_PLAN, fields["profile"], fields["rate_ul_day"])
        self.set_rate(fields["rate_ul_day"], now)
        self._check_fluid()

    def set_param(self, number: int, value: int) -> None:
        """A parameter's new value, checked by the command."""
        self.params.put(number, value)
        self.journal.write(defs.EVENT_PARAM, number, value)
        self._configure()

    def refill(self, volume_nl: int, fluid: int, onward: bool, now: int) -> None:
        """The refill is done; onward when it begins the next phase of the plan."""
        self.reservoir.fill(volume_nl, fluid)
        self.journal.write(defs.EVENT_REFILLED, volume_nl, fluid)
        if onward:
            self.therapy.advance()
        self._check_fluid()
        self.request(defs.BIT_ASK_REFILL_END, now)

    def status(self, now: int) -> "list[tuple[str, object]]":
        """How the pump is, as the pairs of `status` and of telemetry; units are in the names."""
        rate = self.delivery.rate_ul_day
        return [
            ("state", self.supervisor.state),
            ("bits", self.conditions.word),
            ("rate_ul_day", rate),
            ("strokes", self.delivery.strokes),
            ("book_ul", self.delivery.book_ul),
            ("book_pl", self.delivery.book_pl),
            ("fluid", defs.FLUID_NAMES[self.reservoir.fluid]),
            ("ledger_nl", self.reservoir.ledger_nl()),
            ("level_nl", self.reservoir.level_nl),
            ("left_s", self.reservoir.left_s(rate) if rate else None),
            ("pressure_pa", self.line.pressure_pa),
            ("baseline_pa", self.line.detector.baseline_pa),
            ("stroke_in_ms", self.delivery.stroke_in_ms(now) if self.delivery.running else None),
            ("alarm", self.alarms.top),
            ("priority", self.alarms.priority),
            ("silenced", self.alarms.silenced),
            ("uptime_s", self.uptime.s),
            ("uptime_ms", self.uptime.ms),
        ]

    # ---- the inside --------------------------------------------------------------------------------------------

    def _enter(self, state: int, now: int) -> None:
        before = self.supervisor.state
        if state == before:
            return
        self.supervisor.state = state
        self.journal.write(defs.EVENT_STATE, before, state)
        if self.supervisor.may_move():
            self._begin(before, now)
        elif self.conditions.has(_AT_ONCE):
            self.delivery.cut(now)
        elif self.delivery.running:
            self.delivery.hold(now)

    def _begin(self, before: int, now: int) -> None:
        if self.therapy.begin():
            self.journal.write(defs.EVENT_PHASE, self.therapy.phase, self.therapy.fluid())
        if before == defs.STATE_STANDBY:
            self.delivery.set_rate(self.delivery.rate_ul_day, now)
            self.delivery.start(now)
        else:
            self.delivery.resume(now)

    def _look(self, now: int) -> None:
        self.reservoir.run(now, self.supervisor.state == defs.STATE_REFILLING)
        self.therapy.look()

    def _check_fluid(self) -> None:
        planned = self.therapy.fluid()
        present = self.reservoir.fluid
        wrong = planned != defs.FLUID_NONE and present != defs.FLUID_NONE and planned != present
        self.conditions.put(defs.BIT_FLUID_WRONG, wrong)

    def _configure(self) -> None:
        get = self.params.get
        self.delivery.set_stroke(
            get(defs.PARAM_STEPS_PER_STROKE), get(defs.PARAM_PL_PER_STEP), get(defs.PARAM_STEP_INTERVAL_US)
        )
        self.line.limit_pa = get(defs.PARAM_PRESSURE_LIMIT_PA)
        self.line.detector.rise_pa = get(defs.PARAM_OCCLUSION_RISE_PA)
        self.reservoir.configure(self.params, self.delivery.rate_ul_day)

    def _fail(self, error: Exception) -> None:
        first = not self.conditions.has(defs.BIT_INTERNAL_ERROR)
        self.conditions.set(defs.BIT_INTERNAL_ERROR)
        self.board.drive.stop()
        if first:  # one that comes back in every step would push all else out of the log
            self.journal.write(defs.EVENT_ERROR, 0, self.uptime.s)
            self.board.report(error)
