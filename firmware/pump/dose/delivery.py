"""Starts each stroke on schedule and books the commanded volume."""

from micropython import const

from pump import defs
from pump.core import scheduler, ticks
from pump.dose import basal_bolus, stroke_motion

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import hal
    from pump.core import conditions
    from pump.dose import listener, stroke_account
    from pump.journal import journal
    from pump.safety import guards

_LATE_MS = const(1000)  # D3: the longest gap is the stroke period and one second.
_FASTEST_UL_DAY = const(24000)  # D1, D7: basal rate and bolus together


class Delivery:
    """Strokes of the plan and of a bolus on top, of the keep-open rate, or of a prime.

    A stroke that is cut short stays booked whole and is never repeated. The listeners are told when strokes come.
    Whatever asks for a flow, a command, a phase, a resume or a restart, `_update_flow` checks it before it begins.
    """

    def __init__(
        self,
        drive: "hal.Drive",
        conditions: "conditions.Conditions",
        journal: "journal.Journal",
        guards: "guards.Guards",
        account: "stroke_account.StrokeAccount",
        trim: "listener.Trim",
        listeners: "tuple[listener.Listener, ...]",
    ) -> None:
        self._conditions = conditions
        self._journal = journal
        self._guards = guards
        self._account = account
        self._trim = trim
        self._listeners = listeners
        self._motion = stroke_motion.StrokeMotion(drive, conditions, journal, guards)
        self.tally = self._motion.tally
        self._flow = basal_bolus.BasalBolus()
        self._now = 0  # tick of the last call
        self._mark = 0  # the schedule is worked out up to this tick
        self._due = 0  # tick of the next stroke
        self._planned = False  # whether the listeners know that tick
        self._told_ul_day = 0  # the flow that the listeners were told last
        self._kind = defs.MOTION_PLAN
        self._kind_ul_day = 0  # the rate asked for a prime, or to keep the line open
        self._nominal_pl = 1  # volume of a stroke by calibration, without the trim
        self._fastest_ul_day = 1  # that the drive can deliver with the present stroke
        self._steps = 0  # of a stroke
        self._bolus_asked = 0  # strokes
        self._prime_asked = 0  # strokes
        self._dose = True  # whether strokes reach the patient
        self._filled = False  # the last prime has filled the line
        self.job = scheduler.Job(self.run)
        self.running = False
        self.rate_ul_day = 0
        self.flow_ul_day = 0
        self.prime_left = 0
        self.stroke_pl = 1
        # A bolus or a prime that ran before the reset, 0 for none, and what was given of it when the state was saved.
        self.cut_asked_nl = self.cut_given_nl = 0
        self.cut_prime = False  # which of the two

    # ---- what a stroke is ----------------------------------------------------------------------------------------

    def set_stroke(self, steps: int, pl_per_step: int, interval_us: int, backlash_steps: int) -> None:
        """Size and speed of a stroke; another size resets the trim. Valves: one step, at their own speed."""
        self._motion.configure(steps, pl_per_step, interval_us, backlash_steps)
        if (self._steps, self._nominal_pl) == (steps, steps * pl_per_step):
            self._fastest_ul_day = _fastest(self.stroke_pl, self._motion.stroke_ms)
            return
        self._steps = steps
        self._nominal_pl = steps * pl_per_step
        self.set_trim(0)
        self._told_ul_day = 0
        self._relearn(True)

    def set_trim(self, ppm: int) -> None:
        """From the next stroke on its volume is so many millionths (at most 100,000) above the calibrated one."""
        nominal_pl = self._nominal_pl
        more_pl = (nominal_pl * (ppm // 1000) + nominal_pl * (ppm % 1000) // 1000) // 1000  # each product below 2^30
        self.stroke_pl = nominal_pl + more_pl
        self._flow.set_stroke(self.stroke_pl)
        self._fastest_ul_day = _fastest(self.stroke_pl, self._motion.stroke_ms)
        self._guards.trim(ppm)
        self._account.trim(ppm)

    def fits(self, ul_day: int) -> bool:
        """Whether a stroke can be made in half of its period at this rate, whatever the trim will be."""
        return ul_day <= _fastest(_smallest(self._nominal_pl), self._motion.stroke_ms)

    def would_fit(self, ul_day: int, steps: int, pl_per_step: int, interval_us: int) -> bool:
        """What `fits` would say if a stroke were this one."""
        return ul_day <= _fastest(_smallest(steps * pl_per_step), self._motion.time_of(steps, interval_us))

    # ---- what is given -------------------------------------------------------------------------------------------

    def set_rate(self, ul_day: int, now: int) -> None:
        """A new basal rate in uL/day from now on; what is due so far stays due."""
        self._pass_to(now)
        self.rate_ul_day = ul_day
        self._told_ul_day = 0
        self._update_flow()

    def start(self, now: int) -> None:
        """Begins with nothing due: the first stroke comes one period later."""
        self._flow.clear()
        self.resume(now)

    def resume(self, now: int) -> None:
        """Resumes at the set rate, with what was due when delivery was held."""
        self._go(defs.MOTION_PLAN, 0, now)

    def keep_open(self, ul_day: int, now: int) -> None:
        """Continues at this rate, never above the set one, with nothing due; what is missed is not made up (D6)."""
        self._pass_to(now)
        self._end_bolus()
        self._flow.clear()
        self._go(defs.MOTION_KEEP_OPEN, ul_day, now)

    def bolus(self, strokes: int, ul_day: int, now: int) -> None:
        """So many strokes at this rate on top of the basal rate, from now on (D7); only while the plan runs."""
        self._pass_to(now)
        self._bolus_asked = strokes
        self._flow.begin_bolus(strokes, ul_day)
        self._journal.write(defs.EVENT_BOLUS, self._volume_nl(strokes), ul_day)
        self._update_flow()

    @property
    def moving(self) -> bool:
        """Whether a motion is under way."""
        return self._motion.moving

    @property
    def slack_steps(self) -> int:
        """Backlash that a reverse has left and the next stroke takes up, in steps."""
        return self._motion.slack_steps

    @property
    def bolus_left(self) -> int:
        """Strokes of the bolus that have not fallen due."""
        return self._flow.bolus_left

    def end_bolus(self, now: int) -> int:
        """Cancels the bolus, if one runs; returns the strokes that the last bolus had."""
        self._pass_to(now)
        self._end_bolus()
        self._update_flow()
        return self._flow.bolus_given

    def prime(self, strokes: int, ul_day: int, now: int, dose: bool) -> None:
        """Exactly so many strokes at this rate, then BIT_PRIME_DONE; `dose` when the volume reaches the patient."""
        purpose = defs.PURPOSE_BRIDGE if dose else defs.PURPOSE_PRIME
        self._journal.write(defs.EVENT_PRIME, self._volume_nl(strokes), purpose)
        self._conditions.clear(defs.BIT_PRIME_DONE)
        self._prime_asked = self.prime_left = strokes
        self._dose = dose
        self._flow.clear()
        self._go(defs.MOTION_PRIME, ul_day, now)

    def relieve(self, steps: int, now: int) -> bool:
        """A reverse of so many steps, only at rest, up to 10 uL between strokes (D10); False when it is not started."""
        wait_ms = -1 if self.running else self._motion.relieve(steps, now)
        if wait_ms >= 0:
            self.job.at(ticks.add(now, wait_ms))
        return wait_ms >= 0

    def hold(self, now: int) -> None:
        """Ends delivery, and what is left of a bolus or a prime; a stroke that is under way is finished (D9)."""
        self._pass_to(now)
        self._motion.hold(now)
        self._end_bolus()
        if self._kind == defs.MOTION_PRIME:
            self._end_prime()
        self.running = False
        self.flow_ul_day = 0
        self._conditions.clear(defs.BIT_RATE_REDUCED)
        self._planned = False
        for listener in self._listeners:
            listener.rest(now)
        if not self._motion.moving:
            self.job.off()

    def cut(self, now: int) -> None:
        """Ends motion at once, and delivery."""
        self._motion.cut(now)
        self.hold(now)

    def period_ms(self) -> int:
        """Time between strokes at the flow that was set last."""
        return self._flow.period_ms()

    def stroke_in_ms(self, now: int) -> int:
        """Time to the next stroke; meaningful while running."""
        return ticks.diff(self._due, now)

    # ---- what outlasts a reset -----------------------------------------------------------------------------------

    def save_to(self, numbers: "list[int]", at: int) -> int:
        """Puts its numbers from this place on, and returns the place after them."""
        numbers[at] = self.rate_ul_day
        numbers[at + 1] = 2 * self._motion.slack_steps + (1 if self._dose else 0)
        asked = given = 0  # strokes of the bolus or the prime that runs
        if self._kind == defs.MOTION_PRIME:
            asked = self._prime_asked
            given = asked - self.prime_left
        elif self._flow.bolus_left:
            asked = self._bolus_asked
            given = self._flow.bolus_given
        numbers[at + 2] = self._volume_nl(asked)
        numbers[at + 3] = self._volume_nl(given)
        return at + 4

    def load_from(self, numbers: "list[int]", at: int) -> int:
        """Takes what `save_to` has put."""
        self.rate_ul_day = numbers[at]
        self._motion.slack_steps = numbers[at + 1] >> 1
        self.cut_asked_nl, self.cut_given_nl = numbers[at + 2 : at + 4]
        return at + 4

    def replay(self, event: int, volume_nl: int) -> None:
        """A record of the log that is newer than what was loaded."""
        if event in (defs.EVENT_BOLUS, defs.EVENT_PRIME):
            self.cut_asked_nl = volume_nl
            self.cut_given_nl = 0
            self.cut_prime = event == defs.EVENT_PRIME
        elif event in (defs.EVENT_BOLUS_ENDED, defs.EVENT_PRIME_ENDED):
            self.cut_asked_nl = 0

    def took_up_slack(self) -> None:
        """A stroke was started after the numbers were saved."""
        self._motion.slack_steps = 0

    # ---- the job -------------------------------------------------------------------------------------------------

    def run(self, now: int) -> None:
        """The job: finishes a stroke, starts the one that is due, ends a bolus at its time."""
        self._now = now
        if self._motion.moving:
            wait_ms = self._motion.poll(now)
            if wait_ms:
                self.job.at(ticks.add(now, wait_ms))
                return
        elif self.running:
            self._work_out(self._due if ticks.diff(now, self._due) >= 0 else now)
            if self._flow.owed():
                self._start_stroke(now)
        if self.running:
            self._plan_next()

    def _start_stroke(self, now: int) -> None:
        """One stroke: first the journal, then the account, then the motor. One that is not allowed is not made up."""
        if ticks.diff(now, self._due) > _LATE_MS:
            self._conditions.note(defs.NOTE_LATE, True)
        self._flow.take()
        if not self._guards.may(self.stroke_pl):
            return
        if not self._journal.intent(self.stroke_pl) or self._conditions.has(defs.BIT_JOURNAL_UNFIT):
            return
        if self._kind == defs.MOTION_PRIME:
            self.prime_left -= 1
        self._account.book(self.stroke_pl, self._dose)
        wait_ms = self._motion.stroke(now)
        if wait_ms >= 0:
            self.job.at(ticks.add(now, wait_ms))

    # ---- what comes next -----------------------------------------------------------------------------------------

    def _go(self, kind: int, ul_day: int, now: int) -> None:
        self._pass_to(now)
        if self._filled:
            self._filled = False
            self._relearn(False)
        self._kind = kind
        self._kind_ul_day = ul_day
        self._mark = now
        self.running = True
        self._update_flow()

    def _pass_to(self, now: int) -> None:
        """Works the schedule out up to now."""
        self._now = now
        self._work_out(now)

    def _work_out(self, tick: int) -> None:
        """Works the schedule out up to this tick; a bolus may end on the way."""
        if not self.running:
            return
        span_ms = ticks.diff(tick, self._mark)
        self._mark = tick
        left = self._flow.bolus_left
        self._flow.advance(span_ms)
        if left and not self._flow.bolus_left:
            self._log_bolus()
            self._update_flow()

    def _update_flow(self) -> None:
        """The flow may have changed: keeps it deliverable, tells the listeners and plans the next stroke."""
        ul_day = self.rate_ul_day
        if self._kind == defs.MOTION_PRIME:
            ul_day = self._kind_ul_day
        elif self._kind == defs.MOTION_KEEP_OPEN:
            ul_day = min(ul_day, self._kind_ul_day)
        ul_day = self._deliverable(ul_day)
        if ul_day != self._told_ul_day:
            self._told_ul_day = ul_day
            quiet_ms = self._quiet_ms()
            for listener in self._listeners:
                listener.set_interval(quiet_ms)
        if self.running:
            self.flow_ul_day = ul_day
            self._plan_next()

    def _deliverable(self, ul_day: int) -> int:
        """Sets the basal rate and returns the flow: never above what the drive and the pump can deliver (D1, D7).

        A bolus is cancelled before the basal rate is reduced; both raise an alarm.
        """
        flow = self._flow
        fastest_ul_day = self._fastest_ul_day
        flow.set_basal(min(ul_day, fastest_ul_day))
        if flow.bolus_left and flow.flow_ul_day() > fastest_ul_day:
            self._end_bolus()
            self._conditions.note(defs.NOTE_BOLUS_CANCELLED, True)
        # Once reduced, it is so until the drive has 1.6 % to spare: the trim moves the fastest rate by 1 % to and fro.
        spare = fastest_ul_day >> 6 if self._conditions.has(defs.BIT_RATE_REDUCED) else 0
        self._conditions.put(defs.BIT_RATE_REDUCED, self.running and ul_day > fastest_ul_day - spare)
        return flow.flow_ul_day()

    def _plan_next(self) -> None:
        """The next stroke, or the end of a bolus before it, or the end of a prime."""
        moving = self._motion.moving
        if self._kind == defs.MOTION_PRIME and not self.prime_left:
            if not moving:
                self._conditions.set(defs.BIT_PRIME_DONE)
            return
        if self._trim.changed:
            self._apply_trim()
        wait_ms = self._flow.wait_ms()
        due = ticks.add(self._mark, wait_ms)
        if due != self._due or not self._planned:
            self._due = due
            self._planned = True
            period_ms = self._flow.period_ms()
            told = self._not_past(due)
            for listener in self._listeners:
                listener.expect(told, period_ms, self.flow_ul_day)
        if not moving:
            end_ms = self._flow.end_ms()
            self.job.at(self._not_past(ticks.add(self._mark, end_ms) if 0 <= end_ms < wait_ms else due))

    def _not_past(self, tick: int) -> int:
        """This tick, or the present one: what is late is due now, or the watchdog would take it for passed over."""
        return tick if ticks.diff(tick, self._now) > 0 else self._now

    def _apply_trim(self) -> None:
        self._trim.changed = False
        self.set_trim(self._trim.trim_ppm)
        quiet_ms = self._quiet_ms()
        for listener in self._listeners:
            listener.adjust_interval(quiet_ms)

    def _relearn(self, new_stroke: bool) -> None:
        for listener in self._listeners:
            listener.relearn(new_stroke)

    def _end_bolus(self) -> None:
        if self._flow.bolus_left:
            self._flow.end_bolus()
            self._log_bolus()

    def _log_bolus(self) -> None:
        given_nl = self._volume_nl(self._flow.bolus_given)
        self._journal.write(defs.EVENT_BOLUS_ENDED, given_nl, self._volume_nl(self._bolus_asked))

    def _end_prime(self) -> None:
        given_nl = self._volume_nl(self._prime_asked - self.prime_left)
        self._journal.write(defs.EVENT_PRIME_ENDED, given_nl, self._volume_nl(self._prime_asked))
        self._conditions.clear(defs.BIT_PRIME_DONE)
        self._flow.clear()
        self._kind = defs.MOTION_PLAN
        self._filled = self._filled or not self._dose
        self._dose = True
        self.prime_left = 0

    def _quiet_ms(self) -> int:
        return max(1, self._flow.period_ms() - self._motion.stroke_ms)

    def _volume_nl(self, strokes: int) -> int:
        return self.stroke_pl // 1000 * strokes + self.stroke_pl % 1000 * strokes // 1000


def _fastest(stroke_pl: int, stroke_ms: int) -> int:
    """The fastest flow in uL/day at which a stroke takes half of its period at most: it leaves time to measure."""
    return max(1, min(_FASTEST_UL_DAY, stroke_pl * 864 // (20 * stroke_ms)))  # 86.4 uL*ms/day are 1 pL


def _smallest(nominal_pl: int) -> int:
    """The volume of this stroke with the lowest trim, ten percent below."""
    return nominal_pl - nominal_pl // 10
