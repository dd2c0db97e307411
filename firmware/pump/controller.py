"""Decides what the pump does: carries out requests, follows the supervisor's state, and saves both over a reset."""

from micropython import const

from pump import defs, persistence
from pump.alarms import alarms, reminders
from pump.core import scheduler, ticks
from pump.dose import bolus_lockout, delivery, stroke_account
from pump.flow import trim
from pump.journal import flash_area
from pump.occlusion import (
    detector,  # noqa: F401  # loaded before what needs it: nested imports take stack
    monitor,
    response,
)
from pump.reservoir import refill, reservoir
from pump.safety import dose_need, environment, guards, reset_count, supervisor
from pump.therapy import plan

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import hal
    from pump.core import conditions, params, uptime
    from pump.journal import journal

_PL_PER_UL = const(1000000)
_RESET_MS = const(500)  # by then the answer to the request has left
_RESET_AGAIN_MS = const(50)
_FASTEST_PL_MS = const(278)  # 24 mL/day (D1): no dose was given in less time
# Momentary conditions: cleared after one evaluation; their latched alarm stays.
_MOMENTARY = (
    defs.NOTE_LATE
    | defs.NOTE_DOSE_UNCERTAIN
    | defs.NOTE_SETTINGS_OLD
    | defs.NOTE_RECORDS_DAMAGED
    | defs.NOTE_BOLUS_CANCELLED
    | defs.NOTE_RESET_BY_FAULT
)
# Requests that only an operator makes, and that begin delivery.
_OPERATOR_BEGINS = defs.REQUEST_START | defs.REQUEST_RESUME | defs.REQUEST_PRIME


class Controller:
    """Holds the parts of the logic by name: commands read from them, and ask here for what they change."""

    def __init__(
        self,
        board: "hal.Board",
        conditions: "conditions.Conditions",
        uptime: "uptime.Uptime",
        journal: "journal.Journal",
        params: "params.Params",
    ) -> None:
        self.conditions = conditions
        self.uptime = uptime
        self.journal = journal
        self.params = params
        self._reverses = board.REVERSES
        self._reset_processor = board.reset
        self.supervisor = supervisor.Supervisor()
        self.monitor = monitor.Monitor(board.pressure, conditions)
        self.reservoir = reservoir.Reservoir(board.level, conditions, lambda: self.monitor.direction.forward)
        self.refill = refill.Refill(self.reservoir, conditions)
        self.guards = guards.Guards(board.step_counter, conditions, journal)
        self.plan = plan.TherapyPlan(conditions, uptime, self._next_phase)
        self.account = stroke_account.StrokeAccount(self.reservoir, self.plan)
        self.trim = trim.Trim(board.flow, conditions, journal, self.monitor.report_no_flow)
        self.delivery = delivery.Delivery(
            board.drive, conditions, journal, self.guards, self.account, self.trim, (self.monitor, self.trim)
        )
        self.lockout = bolus_lockout.BolusLockout(uptime)
        self.environment = environment.Environment(board.supply, board.temperature, conditions, params)
        self.alarms = alarms.Alarms(
            board.annunciator, conditions, journal, uptime, self.monitor.acknowledge, self.monitor.present_pa
        )
        self.reminders = reminders.Reminders(conditions, params, journal)
        self.response = response.Response(
            self.delivery, self.account, self.monitor, conditions, journal, self.alarms, self.request
        )
        self.resets = reset_count.ResetCount(uptime)
        # The order is that of the numbers in flash.
        dose_parts = (self.account, self.delivery, self.reservoir, self.lockout, self.guards)
        parts = (self.plan, self.alarms) + dose_parts + (self.response, self.resets, self.trim)
        self.persistence = persistence.Persistence(journal, params, conditions, self.supervisor, uptime, parts)
        self.before_motion = scheduler.Job(self.evaluate, always=True)
        self.after_motion = scheduler.Job(self.evaluate, always=True)
        self.saving = scheduler.Job(self.save, always=True)
        self.resetting = scheduler.Job(self._reset)
        # The conditions and the state that were evaluated last.
        self._word = -1
        self._notes = -1
        self._state = -1
        self._must_save = False  # an alarm or a fault has just stopped the pump
        self._asked = 0  # a request, for one evaluation
        self._answered = 0  # and the one that was evaluated last
        self._flow_ul_day = 0  # the flow that the guards were told last
        self.settings_made = 0  # parameters, rates and contents; a read-back holds until the next one (C1)
        self._prime = (0, 0, False)  # the prime that was asked for: strokes, uL/day, whether it reaches the patient
        self._resumes = False  # whether delivery resumes by itself after the self-test (D12)

    # ---- power-on ----------------------------------------------------------------------------------------------------

    def load(self, reset_cause: int, watchdog_tested: "bool | None") -> None:
        """Loads state and settings from flash, and books the strokes made since they were saved."""
        self.persistence.open(reset_cause)
        self._configure()
        self.persistence.load_conditions()
        self.trim.restore()
        self._book_since()
        self._replay()
        self._record_cut()
        self.persistence.record_reset()
        if self.persistence.saved_state() == defs.STATE_REFILLING:
            self.refill.interrupted()
        if watchdog_tested:
            self.journal.write(defs.EVENT_WATCHDOG_PROVED)
        self._check_fluid()
        self._resumes = self._may_resume()
        if self._was_delivering() and not self._resumes:
            self.conditions.note(defs.NOTE_DELIVERY_STOPPED, True)

    def begin(self, now: int) -> None:
        """Starts the jobs that run from power-on."""
        self.alarms.player.at(now)  # the self-test tries the light and the sound
        self.monitor.rest(now)
        self.trim.rest(now)
        self.reservoir.job.at(now)
        self.environment.job.at(now)

    def _book_since(self) -> None:
        """Strokes since the state was saved, as far as they may have been given."""
        journal = self.journal
        strokes = journal.strokes_since
        if not strokes:
            return
        volume_pl = journal.since_ul * _PL_PER_UL + journal.since_pl
        dose = self.persistence.strokes_are_dose()
        self.delivery.took_up_slack()
        self.account.book_since(strokes, volume_pl, dose)
        self.guards.given(-(-volume_pl // 1000), volume_pl // strokes * (strokes - 1) // _FASTEST_PL_MS)

    def _replay(self) -> None:
        """Takes in the records of the log that are newer than the state: the power failed before it was saved."""
        journal = self.journal
        if not journal.recovered:
            return
        self.delivery.cut_prime = self.persistence.saved_state() == defs.STATE_PRIMING
        for sequence in range(journal.saved_event, journal.next):
            _, _, _, event, a, b = journal.read(sequence)
            if event in (defs.EVENT_ALARM_RAISED, defs.EVENT_ALARM_ACKNOWLEDGED):
                raised = event == defs.EVENT_ALARM_RAISED
                self.alarms.replay(a, raised)
                if raised and a in (defs.ALARM_OCCLUSION, defs.ALARM_PRESSURE_LIMIT):
                    self.response.was_due = True
            elif event == defs.EVENT_STATE and b == defs.STATE_STOPPED_ALARM:
                self.response.was_due = True  # the alarm's record would have followed; the pressure decides
            elif event == defs.EVENT_RELIEF:
                self.response.was_due = False
            else:
                self.delivery.replay(event, a)

    def _record_cut(self) -> None:
        """Logs what was given of a bolus or a prime that the reset has ended."""
        asked_nl = self.delivery.cut_asked_nl
        if asked_nl and self.journal.recovered:
            given_nl = self.delivery.cut_given_nl + self.journal.since_ul * 1000 + (self.journal.since_pl + 999) // 1000
            event = defs.EVENT_PRIME_CUT if self.delivery.cut_prime else defs.EVENT_BOLUS_CUT
            self.journal.fault(event, min(given_nl, asked_nl), asked_nl)

    def _may_resume(self) -> bool:
        """Only what was running resumes, by the policy, from the newest state and settings (D12), and not for ever.

        A reset by the watchdog or a fatal error is in flash before anything can start, or nothing starts.
        """
        journal = self.journal
        newest = journal.snapshot_found == journal.settings_found == flash_area.FOUND_NEWEST
        may = journal.recovered and newest and self.params.get(defs.PARAM_RESUME_POLICY) == 1
        may = may and self.persistence.saved_state() in (defs.STATE_INFUSING, defs.STATE_KEEP_OPEN)
        resets = self.resets
        resets.add(self.persistence.reset, self.conditions)
        if resets.count:
            self.journal.fault(defs.EVENT_RESETS_COUNTED, resets.count, 1 if resets.count >= reset_count.MOST else 0)
            self.alarms.latch(defs.ALARM_RESET_BY_FAULT if resets.count == 1 else defs.ALARM_RESETS_REPEAT)
            may = self.persistence.save_now() and may and resets.count < reset_count.MOST
        return may

    def _was_delivering(self) -> bool:
        """Whether the reset has ended a delivery; a prime only where the line has carried flow to the patient."""
        state = self.persistence.saved_state()
        return defs.MAY_MOVE >> state & 1 == 1 and (state != defs.STATE_PRIMING or self._has_delivered())

    def _has_delivered(self) -> bool:
        return self.account.strokes > 0 or self.plan.begun()

    def _resume(self, now: int) -> None:
        """Resumes as an operator's start would, unless one has stopped it; a plan that was done keeps its line open."""
        held_by = self.request(defs.REQUEST_CONTINUE, now)
        if held_by & ~defs.BIT_STOPPED:
            self.conditions.note(defs.NOTE_DELIVERY_STOPPED, True)
        self.evaluate(now)
        self.journal.write(defs.EVENT_RESUMED, held_by)

    # ---- a reset that an operator has asked for --------------------------------------------------------------------

    def request_reset(self) -> None:
        """Resets the processor as soon as the answer has left and no stroke is under way."""
        self.resetting.at(ticks.add(self.uptime.now, _RESET_MS))

    def resumes_after_reset(self) -> bool:
        """Whether delivery would resume by itself after a reset now (D12)."""
        runs = self.supervisor.state in (defs.STATE_INFUSING, defs.STATE_KEEP_OPEN)
        return runs and self.params.get(defs.PARAM_RESUME_POLICY) == 1

    def _reset(self, now: int) -> None:
        """The job. A state that can't be saved is that of the last save, as after a power cut."""
        if self.delivery.moving:
            self.resetting.at(ticks.add(now, _RESET_AGAIN_MS))
            return
        self.persistence.save_now()
        self._reset_processor()

    # ---- what follows from the conditions ----------------------------------------------------------------------------

    def evaluate(self, now: int) -> None:
        """Updates state and alarms from the conditions until neither changes any more; then bolus and guards.

        A stop by an alarm or a fault is saved at once: the rest of the step may hang, and a reset must not undo it.
        """
        conditions = self.conditions
        while (
            conditions.word != self._word
            or conditions.notes != self._notes
            or self.supervisor.state != self._state
            or self._asked != self._answered
        ):
            self._settle(now)
        if self._must_save:
            self._must_save = False
            self.persistence.run(self.delivery.slack_steps)
        if self.alarms.priority > defs.PRIORITY_LOW and self.delivery.bolus_left:
            self.delivery.end_bolus(now)  # D7; an alarm of low priority informs, as of the reservoir's low mark
        if self.delivery.flow_ul_day != self._flow_ul_day:
            self._flow_ul_day = self.delivery.flow_ul_day
            self.guards.rate(self._flow_ul_day, now)

    def _settle(self, now: int) -> None:
        """One round: state and alarms by the present conditions."""
        conditions = self.conditions
        asked = self._asked
        word = conditions.word
        notes = conditions.notes
        state = self.supervisor.state
        self._enter(self.supervisor.next(word, asked), now)
        self.alarms.update()
        conditions.note(_MOMENTARY, False)
        conditions.clear(defs.BIT_RESETS_REPEAT)  # as momentary
        self._word = word  # last, so that a part that fails in between is evaluated again in the next step
        self._notes = notes & ~_MOMENTARY
        self._state = state
        self._answered = asked

    def _enter(self, state: int, now: int) -> None:
        """A new state: starts or stops what belongs to it."""
        before = self.supervisor.state
        if state == before:
            return
        self.supervisor.state = state
        self.journal.write(defs.EVENT_STATE, before, state)
        self.reminders.enter(state, now, self._has_delivered())
        self.response.end()
        self.reservoir.in_refill = state == defs.STATE_REFILLING
        motion = defs.MOTIONS[state]
        if motion != defs.MOTION_PLAN and motion != defs.MOTION_KEEP_OPEN:
            self.plan.hold()
        if motion == defs.MOTION_PLAN:
            self._start_plan(before, now)
        elif motion == defs.MOTION_KEEP_OPEN:
            self.delivery.keep_open(self.guards.keep_open_ul_day, now)
        elif motion == defs.MOTION_PRIME:
            strokes, ul_day, dose = self._prime
            self.delivery.prime(strokes, ul_day, now, dose)
        elif self.conditions.has(defs.CUTS):
            self.delivery.cut(now)
        elif self.delivery.running:
            self.delivery.hold(now)
        self._must_save = state == defs.STATE_STOPPED_ALARM or state == defs.STATE_FAULT
        if state == defs.STATE_STOPPED_ALARM and self.conditions.has(defs.BIT_OCCLUDED | defs.BIT_PRESSURE_HIGH):
            self.response.begin(before != defs.STATE_PRIMING, now)

    def _start_plan(self, before: int, now: int) -> None:
        if self.plan.begin():
            self.journal.write(defs.EVENT_PHASE, self.plan.phase, self.plan.fluid())
        self.plan.end_below(self.delivery.stroke_pl)  # which may have been changed
        if before == defs.STATE_STANDBY:
            self.delivery.set_rate(self.delivery.rate_ul_day, now)
            self.delivery.start(now)
        else:
            self.delivery.resume(now)

    def _next_phase(self, now: int) -> None:
        """A phase with the same fluid has begun by itself, at the rate that was confirmed with the plan."""
        self.plan.begin()
        if not self.delivery.running:
            self.plan.hold()
        self.journal.write(defs.EVENT_PHASE, self.plan.phase, self.plan.fluid())
        self.set_rate(self.plan.rate_ul_day(), now)

    def _check_fluid(self) -> None:
        planned = self.plan.fluid()
        present = self.reservoir.present_fluid()
        wrong = planned != defs.FLUID_NONE and present != defs.FLUID_NONE and planned != present
        self.conditions.put(defs.BIT_FLUID_WRONG, wrong)

    # ---- saving ------------------------------------------------------------------------------------------------------

    def save(self, now: int) -> None:
        """The job of every step: resumes or relieves after a reset, then saves what has changed."""
        if self._resumes and self.supervisor.state != defs.STATE_SELF_TEST:
            self._resumes = False
            if self.supervisor.state == defs.STATE_STANDBY:
                self._resume(now)
        if self.response.was_due:
            state = self.supervisor.state
            if state == defs.STATE_STANDBY or state == defs.STATE_STOPPED_ALARM:
                self.response.begin_late(now)
        self.persistence.run(self.delivery.slack_steps)

    def save_fault(self) -> bool:
        """An internal error: saves fault and alarm at once, before the state is entered; whether they are in flash."""
        self.alarms.latch(defs.ALARM_INTERNAL_ERROR)
        return self.persistence.save_fault()

    def wants_erase(self) -> bool:
        """Whether the journal lacks erased flash and nothing moves; a write may erase only while the supply is good."""
        journal = self.journal
        journal.supply_good = not (self.environment.supply_falls or self.conditions.word & defs.BIT_SUPPLY_OUT)
        return journal.lacks_erased and not self.delivery.moving

    def tend_journal(self, quiet_ms: int) -> bool:
        """Erases flash ahead of need if it fits into the quiet time and the supply is good (S6); whether it did."""
        good = self.journal.supply_good
        if good and quiet_ms >= flash_area.QUIET_MS:
            good = self.environment.is_supply_good()
        return self.persistence.tend(quiet_ms, good)

    # ---- requests ----------------------------------------------------------------------------------------------------

    def request(self, request: int, now: int) -> int:
        """Puts a request (defs.REQUEST_*) to the supervisor; returns the bits that prevent it, 0 when it is granted."""
        held_by = self.held_by(request)
        if not held_by:
            if request & _OPERATOR_BEGINS:
                self.conditions.clear(defs.BIT_STOPPED)
            self._asked = request
            self.evaluate(now)
            self._asked = 0
        return held_by

    def held_by(self, request: int) -> int:
        """The bits that prevent this request now; what an operator has stopped an operator may begin."""
        word = self.conditions.word
        return self.supervisor.held_by(request, word & ~defs.BIT_STOPPED if request & _OPERATOR_BEGINS else word)

    def stop(self, now: int) -> None:
        """An operator's stop, in every state: nothing begins by itself until an operator begins it (D9)."""
        if not self.conditions.has(defs.BIT_STOPPED):
            self.conditions.set(defs.BIT_STOPPED)
            self.journal.write(defs.EVENT_STOPPED, self.supervisor.state)
        self.evaluate(now)

    def set_rate(self, ul_day: int, now: int) -> None:
        """A new rate in uL/day, at once."""
        self.settings_made += 1
        self.journal.write(defs.EVENT_RATE, self.delivery.rate_ul_day, ul_day)
        self.delivery.set_rate(ul_day, now)
        self.reservoir.configure(self.params, ul_day)
        self._limit()

    def fastest_ul_day(self) -> int:
        """The fastest basal rate that may come by itself: the set one, or that of a phase."""
        return max(self.delivery.rate_ul_day, self.plan.fastest_ul_day())

    def _limit(self) -> None:
        """The dose limits follow from the programme (D8)."""
        ul_day = self.fastest_ul_day()
        hour_nl = dose_need.hour_nl(self.params, ul_day)
        self.guards.programme(ul_day, hour_nl, dose_need.day_nl(self.params, ul_day))

    def set_plan(self, fields: "dict[str, int]", now: int) -> None:
        """A new plan from the checked fields of therapy_set."""
        self.plan.set(fields)
        self.journal.write(defs.EVENT_PLAN, self.plan.profile, self.plan.rate_ul_day())
        self.set_rate(self.plan.rate_ul_day(), now)
        self._check_fluid()

    def set_param(self, number: int, value: int) -> None:
        """A parameter's new value, checked by the command."""
        self.settings_made += 1
        self.params.put(number, value)
        self.journal.write(defs.EVENT_PARAM, number, value)
        self._configure()

    def bolus(self, strokes: int, ul_day: int, now: int) -> None:
        """So many strokes at this rate on top of the basal rate, checked by the command."""
        self.lockout.begun()
        self.delivery.bolus(strokes, ul_day, now)

    def most_prime_nl(self) -> int:
        """The largest volume of a prime or a bridge, which one confirmation can't exceed."""
        return dose_need.prime_nl(self.params)

    def prime(self, strokes: int, ul_day: int, purpose: int, now: int) -> None:
        """So many strokes at this rate, checked by the command; a bridge reaches the patient, a prime does not."""
        self._prime = (strokes, ul_day, purpose == defs.PURPOSE_BRIDGE)
        self.request(defs.REQUEST_PRIME, now)

    def withdrawn(self, volume_nl: int) -> "tuple[int, int, int, int]":
        """A withdrawal was entered: from now on the contents are unknown; see Refill.withdrawn."""
        found = self.refill.withdrawn(volume_nl)
        self.journal.write(defs.EVENT_WITHDRAWN, volume_nl, found[1])
        self._check_fluid()
        return found

    def finish_refill(self, volume_nl: int, fluid: int, next_phase: bool, now: int) -> None:
        """The refill is done; `next_phase` when it begins the plan's next phase, at that phase's rate."""
        self.settings_made += 1
        self.reservoir.fill(volume_nl, fluid)
        self.reservoir.read_soon(now)
        self.journal.write(defs.EVENT_REFILLED, volume_nl, fluid)
        if next_phase:
            self.plan.advance()
            self.set_rate(self.plan.rate_ul_day(), now)
        self._check_fluid()
        self.request(defs.REQUEST_REFILL_END, now)

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
        self._limit()
        self.response.configure(steps if self._reverses else 0, get(defs.PARAM_OCCLUSION_RETRIES))
        self.trim.allow(get(defs.PARAM_FLOW_TRIM) == 1)
        self.trim.set_gain(get(defs.PARAM_FLOW_GAIN_PPM))
        self.monitor.configure(get(defs.PARAM_PRESSURE_LIMIT_PA), get(defs.PARAM_OCCLUSION_RISE_PA))
        self.reservoir.configure(self.params, self.delivery.rate_ul_day)
