"""Has each stroke begun at its time, and keeps the book of what was commanded."""

from micropython import const

from pump import defs
from pump.core import ticks
from pump.dose import schedule, stroke_motion

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import hal
    from pump.core import conditions, scheduler
    from pump.flow import trim
    from pump.journal import journal
    from pump.occlusion import monitor
    from pump.reservoir import reservoir
    from pump.safety import guards

_PL_PER_UL = const(1000000)
_LATE_MS = const(1000)  # D3: the longest gap is the stroke period and one second.


class Delivery:
    """Strokes of the plan and of a bolus on top, of the keep-open rate, or of a prime.

    A stroke is booked when it is commanded, so that the book is never below the truth; one that is cut short stays
    booked whole and is never repeated. `strokes`, `book_ul`, `book_pl` count over all resets what is dose;
    `primed_ul`, `primed_pl` what went into an empty line. `trim`, where there is one, is told when strokes come.
    """

    def __init__(
        self,
        drive: "hal.Drive",
        conditions: "conditions.Conditions",
        reservoir: "reservoir.Reservoir",
        line: "monitor.Line",
        journal: "journal.Journal",
        guards: "guards.Guards",
    ) -> None:
        self._conditions = conditions
        self._reservoir = reservoir
        self._line = line
        self._journal = journal
        self._guards = guards
        self._motion = stroke_motion.Motion(drive, conditions, journal, guards)
        self._blend = schedule.Blend()
        self._mark = 0  # up to this tick the schedule is worked out
        self._due = 0
        self._planned = False
        self._paced_ul_day = 0
        self._kind = defs.MOTION_PLAN
        self._kind_ul_day = 0  # the rate asked for a prime, or to keep the line open
        self._nominal_pl = 1
        self._steps = 0
        self._bolus_asked = 0
        self._prime_asked = 0
        self._dose = True
        self._filled = False  # the line, by the last prime
        self.job: scheduler.Job
        self.trim: "trim.Trim | None" = None
        self.running = False
        self.rate_ul_day = 0
        self.flow_ul_day = 0
        self.prime_left = 0
        self.stroke_pl = 1
        self.strokes = 0
        self.book_ul = 0
        self.book_pl = 0
        self.primed_ul = 0
        self.primed_pl = 0

    # ---- what a stroke is ----------------------------------------------------------------------------------------

    def set_stroke(self, steps: int, pl_per_step: int, interval_us: int, backlash_steps: int) -> None:
        """Size and pace of a stroke; another size drops the trim. Valves: one step, at their own pace."""
        self._motion.configure(steps, pl_per_step, interval_us, backlash_steps)
        if (self._steps, self._nominal_pl) == (steps, steps * pl_per_step):
            return
        self._steps = steps
        self._nominal_pl = steps * pl_per_step
        self.set_trim(0)
        self._paced_ul_day = 0
        self._line.commission()
        if self.trim is not None:
            self.trim.drop()

    def set_trim(self, ppm: int) -> None:
        """From the next stroke on its volume is so many millionths (100,000 at most) above what was calibrated."""
        nominal_pl = self._nominal_pl
        more_pl = (nominal_pl * (ppm // 1000) + nominal_pl * (ppm % 1000) // 1000) // 1000  # each product below 2^30
        self.stroke_pl = nominal_pl + more_pl
        self._blend.set_stroke(self.stroke_pl)
        self._guards.trim(ppm)

    def fits(self, ul_day: int) -> bool:
        """Whether a stroke can be made in half of its period at this rate."""
        return self._motion.stroke_ms * 2 * 10 * ul_day <= self.stroke_pl * 864

    # ---- what is given -------------------------------------------------------------------------------------------

    def set_rate(self, ul_day: int, now: int) -> None:
        """A new basal rate in uL/day from now on; what has fallen due so far is kept."""
        self._pass_to(now)
        self.rate_ul_day = ul_day
        self._paced_ul_day = 0
        self._pace()

    def start(self, now: int) -> None:
        """Begins with nothing due: the first stroke comes one period later."""
        self._blend.clear()
        self.resume(now)

    def resume(self, now: int) -> None:
        """Goes on at the set rate, with what was due when delivery was held."""
        self._go(defs.MOTION_PLAN, 0, now)

    def keep_open(self, ul_day: int, now: int) -> None:
        """Goes on at this rate, never above the set one, with nothing due; what is missed is not made up (D6)."""
        self._pass_to(now)
        self._end_bolus()
        self._blend.clear()
        self._go(defs.MOTION_KEEP_OPEN, ul_day, now)

    def bolus(self, strokes: int, ul_day: int, now: int) -> None:
        """So many strokes at this rate on top of the basal rate, from now on (D7); only while the plan runs."""
        self._pass_to(now)
        self._bolus_asked = strokes
        self._blend.begin_bolus(strokes, ul_day)
        self._journal.write(defs.EVENT_BOLUS, self._volume_nl(strokes), ul_day)
        self._pace()

    @property
    def moving(self) -> bool:
        """Whether a motion is under way."""
        return self._motion.moving

    @property
    def slack_steps(self) -> int:
        """Steps that a reverse has left slack and the next stroke takes up."""
        return self._motion.slack_steps

    @property
    def bolus_left(self) -> int:
        """Strokes of the bolus that have not fallen due."""
        return self._blend.bolus_left

    def end_bolus(self, now: int) -> int:
        """Breaks the bolus off, if one runs; returns the strokes that the last bolus had."""
        self._pass_to(now)
        self._end_bolus()
        self._pace()
        return self._blend.bolus_given

    def prime(self, strokes: int, ul_day: int, now: int, dose: bool) -> None:
        """Exactly so many strokes at this rate, then BIT_PRIME_DONE; `dose` when the volume reaches the patient."""
        purpose = defs.PURPOSE_BRIDGE if dose else defs.PURPOSE_PRIME
        self._journal.write(defs.EVENT_PRIME, self._volume_nl(strokes), purpose)
        self._conditions.clear(defs.BIT_PRIME_DONE)
        self._prime_asked = self.prime_left = strokes
        self._dose = dose
        self._guards.dose(dose)
        self._blend.clear()
        self._go(defs.MOTION_PRIME, ul_day, now)

    def relieve(self, steps: int, now: int) -> bool:
        """A reverse of so many steps, only at rest, up to 10 uL between strokes (D10); False when it is not begun."""
        wait_ms = -1 if self.running else self._motion.relieve(steps, now)
        if wait_ms >= 0:
            self.job.at(ticks.add(now, wait_ms))
        return wait_ms >= 0

    def hold(self, now: int) -> None:
        """Ends delivery, and what is left of a bolus or a prime; a stroke that is under way is finished (D9)."""
        self._pass_to(now)
        self._end_bolus()
        if self._kind == defs.MOTION_PRIME:
            self._end_prime()
        self.running = False
        self.flow_ul_day = 0
        self._planned = False
        self._line.rest(now)
        if self.trim is not None:
            self.trim.rest(now)
        if not self._motion.moving:
            self.job.off()

    def cut(self, now: int) -> None:
        """Ends motion at once, and delivery."""
        self._motion.cut(now)
        self.hold(now)

    def period_ms(self) -> int:
        """Time between strokes at the flow that was set last."""
        return self._blend.period_ms()

    def stroke_in_ms(self, now: int) -> int:
        """Time to the next stroke; meaningful while running."""
        return ticks.diff(self._due, now)

    # ---- what outlasts a reset -----------------------------------------------------------------------------------

    def keep(self, numbers: "list[int]", at: int) -> int:
        """Puts its numbers from this place on, and returns the place behind them."""
        numbers[at] = self.strokes
        numbers[at + 1] = self.book_ul
        numbers[at + 2] = self.book_pl
        numbers[at + 3] = self.primed_ul
        numbers[at + 4] = self.primed_pl
        numbers[at + 5] = self.rate_ul_day
        numbers[at + 6] = 2 * self._motion.slack_steps + (1 if self._dose else 0)
        return at + 7

    def restore(self, numbers: "list[int]", at: int) -> int:
        """Takes what `keep` has put."""
        self.strokes, self.book_ul, self.book_pl, self.primed_ul, self.primed_pl = numbers[at : at + 5]
        self.rate_ul_day = numbers[at + 5]
        self._motion.slack_steps = numbers[at + 6] >> 1
        return at + 7

    def took_up_slack(self) -> None:
        """A stroke was begun after the numbers were kept."""
        self._motion.slack_steps = 0

    def book(self, strokes: int, volume_ul: int, volume_pl: int, dose: bool) -> None:
        """Books strokes that were made, or may have been, after the numbers were kept."""
        pl = volume_pl + (self.book_pl if dose else self.primed_pl)
        ul = volume_ul + pl // _PL_PER_UL
        if dose:
            self.strokes += strokes
            self.book_ul += ul
            self.book_pl = pl % _PL_PER_UL
        else:
            self.primed_ul += ul
            self.primed_pl = pl % _PL_PER_UL

    # ---- the job -------------------------------------------------------------------------------------------------

    def run(self, now: int) -> None:
        """Finishes a stroke, begins the one that is due, ends a bolus at its time."""
        if self._motion.moving:
            wait_ms = self._motion.look(now)
            if wait_ms:
                self.job.at(ticks.add(now, wait_ms))
                return
        elif self.running:
            self._pass_to(self._due if ticks.diff(now, self._due) >= 0 else now)
            if self._blend.owed():
                self._begin_stroke(now)
        if self.running:
            self._plan_next()

    def _begin_stroke(self, now: int) -> None:
        """One stroke: the journal first, then the book, then the motor. One that may not be given is not made up."""
        if ticks.diff(now, self._due) > _LATE_MS:
            self._conditions.note(defs.NOTE_LATE, True)
        self._blend.take()
        if not self._guards.may(self.stroke_pl):
            return
        if not self._journal.intent(self.stroke_pl) or self._conditions.has(defs.BIT_JOURNAL_UNFIT):
            return
        self._book()
        wait_ms = self._motion.stroke(now)
        if wait_ms >= 0:
            self.job.at(ticks.add(now, wait_ms))

    def _book(self) -> None:
        volume_pl = self.stroke_pl
        self._reservoir.take(volume_pl)
        if self._kind == defs.MOTION_PRIME:
            self.prime_left -= 1
        self.book(1, 0, volume_pl, self._dose)

    # ---- the plan of what comes ----------------------------------------------------------------------------------

    def _go(self, kind: int, ul_day: int, now: int) -> None:
        self._pass_to(now)
        if self._filled:
            self._filled = False
            self._line.commission()
        self._kind = kind
        self._kind_ul_day = ul_day
        self._mark = now
        self.running = True
        self._pace()

    def _pass_to(self, now: int) -> None:
        """Works the schedule out up to this tick; a bolus may end on the way."""
        if not self.running:
            return
        span_ms = ticks.diff(now, self._mark)
        self._mark = now
        left = self._blend.bolus_left
        self._blend.advance(span_ms)
        if left and not self._blend.bolus_left:
            self._tell_bolus()
            self._pace()

    def _pace(self) -> None:
        """The flow may have changed."""
        ul_day = self.rate_ul_day
        if self._kind == defs.MOTION_PRIME:
            ul_day = self._kind_ul_day
        elif self._kind == defs.MOTION_KEEP_OPEN:
            ul_day = min(ul_day, self._kind_ul_day)
        self._blend.set_basal(ul_day)
        ul_day = self._blend.flow_ul_day()
        if ul_day != self._paced_ul_day:
            self._paced_ul_day = ul_day
            self._line.pace(self._quiet_ms())
        if self.running:
            self.flow_ul_day = ul_day
            self._plan_next()

    def _plan_next(self) -> None:
        """The next stroke, or the end of a bolus before it, or the end of a prime."""
        moving = self._motion.moving
        if self._kind == defs.MOTION_PRIME and not self.prime_left:
            if not moving:
                self._conditions.set(defs.BIT_PRIME_DONE)
            return
        trim = self.trim
        if trim is not None and trim.changed:
            trim.changed = False
            self.set_trim(trim.trim_ppm)
            self._line.retime(self._quiet_ms())
        wait_ms = self._blend.wait_ms()
        due = ticks.add(self._mark, wait_ms)
        if due != self._due or not self._planned:
            self._due = due
            self._planned = True
            self._line.expect(due)
            if trim is not None:
                trim.expect(due, self._blend.period_ms(), self.flow_ul_day)
        if not moving:
            end_ms = self._blend.end_ms()
            self.job.at(ticks.add(self._mark, end_ms) if 0 <= end_ms < wait_ms else due)

    def _end_bolus(self) -> None:
        if self._blend.bolus_left:
            self._blend.end_bolus()
            self._tell_bolus()

    def _tell_bolus(self) -> None:
        given_nl = self._volume_nl(self._blend.bolus_given)
        self._journal.write(defs.EVENT_BOLUS_ENDED, given_nl, self._volume_nl(self._bolus_asked))

    def _end_prime(self) -> None:
        given_nl = self._volume_nl(self._prime_asked - self.prime_left)
        self._journal.write(defs.EVENT_PRIME_ENDED, given_nl, self._volume_nl(self._prime_asked))
        self._conditions.clear(defs.BIT_PRIME_DONE)
        self._blend.clear()
        self._kind = defs.MOTION_PLAN
        self._filled = self._filled or not self._dose
        self._dose = True
        self._guards.dose(True)
        self.prime_left = 0

    def _quiet_ms(self) -> int:
        return self._blend.period_ms() - self._motion.stroke_ms

    def _volume_nl(self, strokes: int) -> int:
        return self.stroke_pl // 1000 * strokes + self.stroke_pl % 1000 * strokes // 1000
