"""After an occlusion has stopped the pump: relieves the line, measures what remained, and restarts, counted."""

from micropython import const

from pump import defs
from pump.core import scheduler, ticks
from pump.occlusion import relief

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from pump.alarms import alarms
    from pump.core import conditions
    from pump.dose import delivery, stroke_account
    from pump.journal import journal
    from pump.occlusion import monitor

_SAMPLE_BITS = const(3)  # 8 samples 250 ms apart hold two or three whole beats
_SPACING_MS = const(250)
_SETTLE_MS = const(1000)  # from the start of a reverse to the first sample
_ASK_MS = const(6000)  # between two means of a line that may be blocked: an open one drains or wanders
_ASKS = const(5)
_STILL_SHARE = const(3)  # a blocked line keeps its pressure to an eighth of a stroke, as a shift
_STILL_LEAST_PA = const(120)  # and to what the mean of eight samples of a noisy sensor may differ
_LONGEST_MS = const(50000)  # the relief of an acknowledged alarm: then a user may resume
_AGAIN_MS = const(2000)  # to the next attempt to restart
_SPAN_STROKES = const(10)  # O5
_SOON_STROKES = const(40)  # 10 uL of 0.25 uL: within these the level before the last relief still holds
_BLOCKED = defs.BIT_OCCLUDED | defs.BIT_PRESSURE_HIGH

# After a reset: above the saved level by more than posture and ambient pressure change it, the line is still occluded.
_STILL_PA = const(5000)
_OFFSET_PA = const(200000)  # makes the level of any sensor positive, to be saved

_MEASURES = const(0)
_WAITS = const(1)
_FOLLOWS = const(2)


class Response:
    """Relief and automatic restart (O4, O5, D10); `relief` holds how far they have come.

    A restart is made only while the alarm is not acknowledged: after that it is for an operator to resume. The alarm
    continues through it until it is acknowledged.
    """

    def __init__(
        self,
        delivery: "delivery.Delivery",
        account: "stroke_account.StrokeAccount",
        monitor: "monitor.Monitor",
        conditions: "conditions.Conditions",
        journal: "journal.Journal",
        alarms: "alarms.Alarms",
        request: "Callable[[int, int], int]",
    ) -> None:
        self._delivery = delivery
        self._account = account
        self._monitor = monitor
        self._conditions = conditions
        self._journal = journal
        self._alarms = alarms
        self._request = request
        self.relief = relief.Relief()
        self.job = scheduler.Job(self.run)
        self._stroke_steps = 0  # of a reverse; 0 for a drive that has none
        self._most_restarts = 0
        self._steps = 0  # that this relief has reversed
        self._asked = 0  # means before the relief
        self._asked_pa = 0  # the last of them
        self._began = 0  # tick of the stop
        self._level_pa = 0  # the line's level before the last relief
        self._relieved_at = -_SOON_STROKES - 1  # strokes delivered by the end of the last relief
        self._phase = _MEASURES
        self._begun = False  # the relief of this stop
        self._due = False  # an occlusion has stopped the pump, and its relief is not over
        # Before the last reset: the line's level, and whether a relief was due; and that it is made up for now.
        self._saved_level_pa: "int | None" = None
        self.was_due = False
        self._late = False
        self._restarts = False  # whether a restart may follow: a plan was stopped, not a prime
        self._count = 0  # samples of the present mean
        self._sum_pa = 0

    def configure(self, stroke_steps: int, most_restarts: int) -> None:
        """Steps of a stroke in reverse, 0 for a drive without one, and how often delivery may restart by itself."""
        self._stroke_steps = stroke_steps
        self._most_restarts = most_restarts

    def begin(self, restarts: bool, now: int) -> None:
        """An occlusion has just stopped the pump; `restarts` when it may restart by itself: a plan, not a prime."""
        self._restarts = restarts
        self._due = True
        self._late = False
        self._begun = False
        self._steps = 0
        self._asked = 0
        self._began = now
        self._monitor.begin_response()
        self._measure(ticks.add(now, _SPACING_MS))

    def begin_late(self, now: int) -> None:
        """After a reset and the self-test: makes up for a relief that the reset prevented, if it is still needed."""
        if self.was_due:
            self.was_due = False
            self.begin(False, now)
            self._late = True

    def end(self) -> None:
        """The stop is over, or a more dangerous state has followed."""
        self.job.off()
        self._due = False
        self._monitor.end_response()

    def save_to(self, numbers: "list[int]", at: int) -> int:
        """Puts its number from this place on, and returns the place after it."""
        level_pa = self._level_pa if self._due and self._begun else self._monitor.detector.baseline_pa
        if level_pa is None:
            level_pa = self._saved_level_pa
        number = 0
        if level_pa is not None:
            number = 2 * (max(1 - _OFFSET_PA, min(level_pa, _OFFSET_PA)) + _OFFSET_PA)
        numbers[at] = number + (1 if self._due or self.was_due else 0)
        return at + 1

    def load_from(self, numbers: "list[int]", at: int) -> int:
        """Takes what `save_to` has put."""
        number = numbers[at]
        self.was_due = number & 1 == 1
        self._saved_level_pa = (number >> 1) - _OFFSET_PA if number > 1 else None
        return at + 1

    def run(self, now: int) -> None:
        """The job: a sample, a stroke in reverse, a restart."""
        if self._phase == _MEASURES:
            self._sample(now)
        elif not self._unacknowledged():
            self.relief.acknowledge()
        elif self._phase == _WAITS:
            self._restart(now)
        else:
            self._follow(now)

    def _unacknowledged(self) -> bool:
        alarms = self._alarms
        return alarms.unacknowledged(defs.ALARM_OCCLUSION) or alarms.unacknowledged(defs.ALARM_PRESSURE_LIMIT)

    # ---- relief ------------------------------------------------------------------------------------------------

    def _measure(self, at: int) -> None:
        self._phase = _MEASURES
        self._count = 0
        self._sum_pa = 0
        self.job.at(at)

    def _sample(self, now: int) -> None:
        self._monitor.sample_at_rest()
        pa = self._monitor.input.pressure_pa
        if pa is None:
            self._relieved(now)  # without a pressure the effect of a reverse is unknown
            return
        self._sum_pa += pa
        self._count += 1
        if self._count < 1 << _SAMPLE_BITS:
            self.job.at(ticks.add(now, _SPACING_MS))
            return
        pa = self._sum_pa >> _SAMPLE_BITS
        if not self._begun:
            if not self._is_still(pa):
                self._ask_again(now)
                return
            self._begun = True
            self._begin_relief(pa)
        late = not self._unacknowledged() and ticks.diff(now, self._began) >= _LONGEST_MS
        if not late and self._stroke_steps and self.relief.wants(pa) and self._reverse(now):
            self._measure(ticks.add(now, _SETTLE_MS))
        else:
            self._relieved(now)

    def _is_still(self, pa: int) -> bool:
        """Whether the pressure stays where it was some seconds ago: nothing is drawn from a line that drains."""
        self._asked += 1
        change_pa = pa - self._asked_pa
        self._asked_pa = pa
        still_pa = _STILL_LEAST_PA + (self._monitor.detector.staircase.unit_pa() >> _STILL_SHARE)
        return self._asked > 1 and -still_pa <= change_pa <= still_pa

    def _ask_again(self, now: int) -> None:
        if self._asked > _ASKS:
            self._relieved(now)
        else:
            self._measure(ticks.add(now, _ASK_MS))

    def _reverse(self, now: int) -> bool:
        if not self._delivery.relieve(self._stroke_steps, now):
            return False
        self._steps += self._stroke_steps
        self._monitor.lowered = True
        return True

    def _begin_relief(self, pa: int) -> None:
        """Soon after the last relief its level still holds: the monitor's own has followed the strokes since then."""
        if self._late:
            self._begin_late_relief(pa)
            return
        strokes = self._account.strokes
        if self._relieved_at <= strokes <= self._relieved_at + _SOON_STROKES:
            unit_pa = self._monitor.detector.staircase.unit_pa()
            self.relief.begin(strokes - self._relieved_at, self._level_pa, pa, unit_pa)
            return
        baseline_pa = self._monitor.detector.baseline_pa
        self._level_pa = pa if baseline_pa is None else baseline_pa
        self._monitor.begin_relief(self.relief, pa)

    def _begin_late_relief(self, pa: int) -> None:
        """How much the line retains is not known any more: the pressure alone ends the relief, at the saved level."""
        self._level_pa = level_pa = pa if self._saved_level_pa is None else self._saved_level_pa
        if pa > level_pa + _STILL_PA:
            self.relief.begin(relief.MOST_STROKES, level_pa, pa, self._monitor.detector.staircase.unit_pa())
        else:
            self.relief.begin(0, pa, pa, 0)

    def _relieved(self, now: int) -> None:
        self._relieved_at = self._account.strokes
        self._due = False
        self._monitor.end_response()
        if self._steps:
            self._journal.write(defs.EVENT_RELIEF, self._steps, self._monitor.present_pa())
        self._phase = _WAITS
        if self._restarts:
            self.job.at(ticks.add(now, _AGAIN_MS))

    # ---- restart -----------------------------------------------------------------------------------------------

    def _restart(self, now: int) -> None:
        if self._monitor.lowered:  # only strokes can show whether the line is still blocked
            self._monitor.forget_block()
        others = self._alarms.prevents_beside(defs.ALARM_OCCLUSION, defs.ALARM_PRESSURE_LIMIT)
        if others or self._conditions.has(_BLOCKED):
            self.job.at(ticks.add(now, _AGAIN_MS))
        elif self.relief.may_restart(self._most_restarts) and not self._request(defs.REQUEST_RETRY, now):
            self.relief.restart(now)
            self._journal.write(defs.EVENT_RETRY, self.relief.restarts, self._monitor.present_pa())
            self._phase = _FOLLOWS
            self.job.at(ticks.add(now, self._delivery.period_ms()))

    def _follow(self, now: int) -> None:
        """Delivery runs after a restart: does the line drain?"""
        period_ms = self._delivery.period_ms()
        given = self._account.strokes - self._relieved_at
        if given > _SPAN_STROKES and self._monitor.detector.staircase.sum == 0:
            self.relief.drained(now, _SPAN_STROKES * period_ms)
        if self.relief.restarts:
            self.job.at(ticks.add(now, period_ms))
