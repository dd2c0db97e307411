"""The pump as a whole: takes a board's parts, wires the rooms together, and runs for ever."""

from micropython import const

from pump import defs, persistence
from pump.alarms import alarms, reminders
from pump.commands import answers, dispatcher, pending_change
from pump.core import conditions, params, scheduler, uptime
from pump.dose import bolus_lockout, delivery
from pump.flow import trim
from pump.journal import journal
from pump.link import port
from pump.occlusion import monitor, response
from pump.reservoir import reservoir
from pump.safety import built_in_tests, environment, guards, heartbeats, power_on_test, supervisor
from pump.therapy import plan

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import hal

# Time that a job may take before the note `late` is set: a quarter of the shortest stroke period for control, the time
# of a long answer on a Pico for the link.
_CONTROL_MS = const(200)
_LINK_MS = const(400)
_ERROR_RETRY_MS = const(100)
_SELF_TEST_MS = const(1000)
_LOOK_GAP_MS = const(90000)  # the reservoir is looked at every minute, the supply more often
_PL_PER_UL = const(1000000)
# Things of a moment: the latched alarm keeps them in sight.
_MOMENTS = defs.NOTE_LATE | defs.NOTE_DOSE_UNCERTAIN | defs.NOTE_SETTINGS_OLD | defs.NOTE_RECORDS_DAMAGED


class App:
    """Board in, pump out; `step` does all that is due, `run` never returns."""

    def __init__(self, board: "hal.Board") -> None:
        now = board.clock.ticks_ms()
        self.board = board
        self.conditions = conditions.Conditions(defs.BIT_PLAN_MISSING | defs.BIT_CONTENTS_UNKNOWN)
        self.uptime = uptime.Uptime(now)
        self.journal = journal.Journal(board.store, self.uptime, self.conditions, defs.BIT_JOURNAL_UNFIT)
        self.params = params.Params(board.DEFAULTS)
        self.supervisor = supervisor.Supervisor()
        self._add_rooms(board)
        self.port = port.Port(board.link, dispatcher.Commands(self), self)
        self._word = -1
        self._notes = -1
        self._state = -1
        self._flow_ul_day = 0
        self._prime = (0, 0, False)
        self._add_jobs(board.clock)
        self.keeping.open(board.supply.reset_cause())
        self._configure()
        self.keeping.count()
        if board.watchdog.proved:
            self.journal.write(defs.EVENT_WATCHDOG_PROVED)
        self._check_fluid()
        self._book_ul = self.delivery.book_ul
        self._book_pl = self.delivery.book_pl
        self.heartbeats = heartbeats.Heartbeats(self.conditions, self.scheduler.jobs, now)
        self.selftest.job.at(now)
        self.alarms.player.at(now)  # the self-test tries the light and the sound
        self.line.rest(now)
        self.trim.rest(now)
        self.reservoir.job.at(now)
        self.environment.job.at(now)

    def _add_rooms(self, board: "hal.Board") -> None:
        facts = self.conditions
        self.line = monitor.Line(board.pressure, facts)
        self.reservoir = reservoir.Reservoir(board.level, facts)
        self.guards = guards.Guards(board.step_counter, facts, self.journal)
        self.delivery = delivery.Delivery(board.drive, facts, self.reservoir, self.line, self.journal, self.guards)
        self.trim = trim.Trim(board.flow, facts, self.journal, self.line.starve)
        self.delivery.trim = self.trim
        self.therapy = plan.Therapy(facts, self.uptime)
        self.boluses = bolus_lockout.Boluses(self.uptime)
        self.environment = environment.Environment(board.supply, board.temperature, facts, self.params)
        self.alarms = alarms.Alarms(board.annunciator, facts, self.journal, self.line, self.uptime)
        self.reminders = reminders.Reminders(facts, self.params, self.journal)
        self.recovery = response.Recovery(
            self.delivery, self.line, facts, self.journal, self.alarms, self.request
        )
        self.drafts = pending_change.Drafts(facts, self.journal)
        tests = built_in_tests.of(board)
        self.selftest = power_on_test.SelfTest(board.PARTS, tests, facts, self.journal)
        self.rounds = power_on_test.Rounds(tests, facts, self.journal, self.uptime.now)
        self.keeping = persistence.Keeping(self)

    def _add_jobs(self, clock: "hal.Clock") -> None:
        """The order of the jobs is the order within a step: time, senses, motion, and the link last.

        Judgement stands before the motion, so that no stroke begins on what was just found, and again behind it.
        """
        self.scheduler = scheduler.Scheduler(clock, self.conditions)
        add = self.scheduler.add
        add(self.uptime.update, _CONTROL_MS, always=True)
        add(self.rounds.run, _CONTROL_MS, always=True)
        self.selftest.job = add(self.selftest.run, _SELF_TEST_MS)
        self.line.job = self.scheduler.add_look(self.line.run, _CONTROL_MS)
        self.reservoir.job = add(self._look, _CONTROL_MS, longest_ms=_LOOK_GAP_MS)
        self.environment.job = add(self.environment.run, _CONTROL_MS, longest_ms=_LOOK_GAP_MS)
        self.trim.job = add(self.trim.run, _CONTROL_MS)
        self.guards.job = add(self._guard, _CONTROL_MS, always=True)
        add(self.judge, _CONTROL_MS, always=True)
        self.delivery.job = self.rounds.stroke = add(self.delivery.run, _CONTROL_MS)
        self.recovery.job = add(self.recovery.run, _CONTROL_MS)
        add(self._follow_book, _CONTROL_MS, always=True)
        self.therapy.job = add(self._follow_plan, _CONTROL_MS)  # a stroke that is due at the end still belongs to it
        self.alarms.job = add(self.alarms.run, _CONTROL_MS)
        self.reminders.job = add(self.reminders.run, _CONTROL_MS)
        self.drafts.job = add(self.drafts.run, _CONTROL_MS)
        add(self.judge, _CONTROL_MS, always=True)
        self.alarms.player = self.scheduler.add_look(self.alarms.play, _CONTROL_MS)
        # At 24 mL/day a stroke follows 0.7 s after the last one's end: what only looks has to stand back in that time.
        self.guards.job.patient = True
        add(self.keeping.run, _CONTROL_MS, always=True)
        self.port.job = add(self.port.run, _LINK_MS, always=True)

    def step(self) -> int:
        """Does all that is due, then what can wait; returns the milliseconds until there is more to do.

        While the line is sampled, most of it are looks alone, which cost a third of a step.
        """
        wait_ms = self.scheduler.look()
        if wait_ms >= 0:
            return wait_ms
        wait_ms = self.scheduler.step()
        if wait_ms and self.keeping.tend(self.scheduler):
            wait_ms = self.scheduler.follow()
        if self.heartbeats.fresh(self.board.clock.ticks_ms()):
            self.board.watchdog.feed()
        return wait_ms

    def run(self) -> None:
        """The main loop. An error that nobody expected stops the drive and is recorded; the link goes on."""
        clock = self.board.clock
        self.board.watchdog.feed()  # its first meal starts it, and the first step, with the self-test, may hang already
        try:
            while True:
                try:
                    if self.conditions.has(defs.BIT_INTERNAL_ERROR):
                        self.judge(clock.ticks_ms())  # ahead of a job that fails in every step
                    wait_ms = self.step()
                except Exception as error:
                    self._fail(error)
                    wait_ms = _ERROR_RETRY_MS
                clock.wait_ms(wait_ms)
        finally:
            self.board.drive.stop()

    def judge(self, now: int) -> None:
        """The state and the alarms follow the facts, until neither changes any more; so do bolus and guards."""
        facts = self.conditions
        while facts.word != self._word or facts.notes != self._notes or self.supervisor.state != self._state:
            word = facts.word
            notes = facts.notes
            state = self.supervisor.state
            self._enter(self.supervisor.next(word), now)
            self.alarms.update()
            facts.note(_MOMENTS, False)
            self._word = word  # last, so that a part that fails in between is met again in the next step
            self._notes = notes & ~_MOMENTS
            self._state = state
        if self.delivery.bolus_left and self.alarms.top:
            self.delivery.end_bolus(now)  # D7
        if self.delivery.flow_ul_day != self._flow_ul_day:
            self._flow_ul_day = self.delivery.flow_ul_day
            self.guards.rate(self._flow_ul_day, now)

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
        self.therapy.set(fields)
        self.journal.write(defs.EVENT_PLAN, self.therapy.profile, self.therapy.rate_ul_day())
        self.set_rate(self.therapy.rate_ul_day(), now)
        self._check_fluid()

    def set_param(self, number: int, value: int) -> None:
        """A parameter's new value, checked by the command."""
        self.params.put(number, value)
        self.journal.write(defs.EVENT_PARAM, number, value)
        self._configure()

    def bolus(self, strokes: int, ul_day: int, now: int) -> None:
        """So many strokes at this rate on top of the basal rate, checked by the command."""
        self.boluses.begun()
        self.delivery.bolus(strokes, ul_day, now)

    def prime(self, strokes: int, ul_day: int, purpose: int, now: int) -> None:
        """So many strokes at this rate, checked by the command; a bridge reaches the patient, a prime doesn't."""
        self._prime = (strokes, ul_day, purpose == defs.PURPOSE_BRIDGE)
        self.request(defs.BIT_ASK_PRIME, now)

    def refill(self, volume_nl: int, fluid: int, onward: bool, now: int) -> None:
        """The refill is done; onward when it begins the next phase of the plan, at that phase's rate."""
        self.reservoir.fill(volume_nl, fluid)
        self.journal.write(defs.EVENT_REFILLED, volume_nl, fluid)
        if onward:
            self.therapy.advance()
            self.set_rate(self.therapy.rate_ul_day(), now)
        self._check_fluid()
        self.request(defs.BIT_ASK_REFILL_END, now)

    def status(self, now: int) -> "list[tuple[str, object]]":
        """How the pump is, for telemetry."""
        return answers.status(self, now)

    # ---- the inside --------------------------------------------------------------------------------------------

    def _enter(self, state: int, now: int) -> None:
        before = self.supervisor.state
        if state == before:
            return
        self.supervisor.state = state
        self.journal.write(defs.EVENT_STATE, before, state)
        self.reminders.enter(state, now)
        self.recovery.end()
        motion = defs.MOTIONS[state]
        if motion == defs.MOTION_PLAN:
            self._begin(before, now)
        elif motion == defs.MOTION_KEEP_OPEN:
            self.delivery.keep_open(self.params.get(defs.PARAM_KEEP_OPEN_UL_DAY), now)
        elif motion == defs.MOTION_PRIME:
            strokes, ul_day, dose = self._prime
            self.delivery.prime(strokes, ul_day, now, dose)
        elif self.conditions.has(defs.CUTS):
            self.delivery.cut(now)
        elif self.delivery.running:
            self.delivery.hold(now)
        if state == defs.STATE_STOPPED_ALARM and self.conditions.has(defs.BIT_OCCLUDED | defs.BIT_PRESSURE_HIGH):
            self.recovery.begin(before != defs.STATE_PRIMING, now)

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

    def _guard(self, now: int) -> None:
        if not self.conditions.has(defs.BIT_INTERNAL_ERROR):  # lest it keep the link from its turn
            self.guards.run(now)

    def _follow_plan(self, now: int) -> None:
        """A phase with the same fluid begins by itself, at the rate that was confirmed with the plan."""
        if self.therapy.run(now):
            self.therapy.begin()
            self.journal.write(defs.EVENT_PHASE, self.therapy.phase, self.therapy.fluid())
            self.set_rate(self.therapy.rate_ul_day(), now)

    def _follow_book(self, now: int) -> None:
        """What was booked since the last step counts for a plan that ends by volume."""
        ul = self.delivery.book_ul
        pl = self.delivery.book_pl
        if ul != self._book_ul or pl != self._book_pl:
            self.therapy.took((ul - self._book_ul) * _PL_PER_UL + pl - self._book_pl)
            self._book_ul = ul
            self._book_pl = pl

    def _check_fluid(self) -> None:
        planned = self.therapy.fluid()
        present = self.reservoir.fluid
        wrong = planned != defs.FLUID_NONE and present != defs.FLUID_NONE and planned != present
        self.conditions.put(defs.BIT_FLUID_WRONG, wrong)

    def _configure(self) -> None:
        get = self.params.get
        steps = get(defs.PARAM_STEPS_PER_STROKE)
        pl_per_step = get(defs.PARAM_PL_PER_STEP)
        interval_us = get(defs.PARAM_STEP_INTERVAL_US)
        self.delivery.set_stroke(steps, pl_per_step, interval_us, get(defs.PARAM_BACKLASH_STEPS))
        self.guards.configure(
            pl_per_step,
            steps,
            get(defs.PARAM_HOUR_LIMIT_NL),
            get(defs.PARAM_DAY_LIMIT_NL),
            get(defs.PARAM_KEEP_OPEN_UL_DAY),
        )
        self.recovery.configure(steps if self.board.REVERSES else 0, get(defs.PARAM_OCCLUSION_RETRIES))
        self.trim.allow(get(defs.PARAM_FLOW_TRIM) == 1)
        self.trim.gain_ppm = get(defs.PARAM_FLOW_GAIN_PPM)
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
