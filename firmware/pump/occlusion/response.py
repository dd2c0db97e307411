"""After a blocked line has stopped the pump: relieves it, measures what remained, and lets it try again, counted."""

from micropython import const

from pump import defs
from pump.core import ticks
from pump.occlusion import relief

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from pump.alarms import alarms
    from pump.core import conditions, scheduler
    from pump.dose import delivery
    from pump.journal import journal
    from pump.occlusion import monitor

_LOOK_BITS = const(3)  # 8 looks 250 ms apart hold two or three whole beats
_SPACING_MS = const(250)
_SETTLE_MS = const(1000)  # from the begin of a reverse to the first look
_AGAIN_MS = const(2000)
_SPAN_STROKES = const(10)  # O5
_SOON_STROKES = const(40)  # 10 uL of 0.25 uL
_BLOCKED = defs.BIT_OCCLUDED | defs.BIT_PRESSURE_HIGH

_MEASURES = const(0)
_WAITS = const(1)
_FOLLOWS = const(2)


class Recovery:
    """Relief and retry (O4, O5, D10); `relief` tells how far they have come.

    A retry is only made while nobody has acknowledged the alarm: after that it is for a person to resume. The alarm
    goes on through it until it is acknowledged.
    """

    def __init__(
        self,
        delivery: "delivery.Delivery",
        line: "monitor.Line",
        conditions: "conditions.Conditions",
        journal: "journal.Journal",
        alarms: "alarms.Alarms",
        request: "Callable[[int, int], int]",
    ) -> None:
        self._delivery = delivery
        self._line = line
        self._conditions = conditions
        self._journal = journal
        self._alarms = alarms
        self._request = request
        self.relief = relief.Relief()
        self.job: scheduler.Job
        self._stroke_steps = 0  # of a reverse; 0 for a drive that has none
        self._most_retries = 0
        self._steps = 0
        self._level_pa = 0
        self._relieved_at = -_SOON_STROKES - 1  # strokes given by the end of the last relief
        self._phase = _MEASURES
        self._begun = False
        self._onward = False
        self._count = 0
        self._sum_pa = 0

    def configure(self, stroke_steps: int, most_retries: int) -> None:
        """Steps of a stroke in reverse, 0 for a drive that has none, and how often delivery may go on by itself."""
        self._stroke_steps = stroke_steps
        self._most_retries = most_retries

    def begin(self, onward: bool, now: int) -> None:
        """A blocked line has just stopped the pump; `onward` when it may go on by itself: a plan, not a prime."""
        self._onward = onward
        self._begun = False
        self._steps = 0
        self._measure(ticks.add(now, _SPACING_MS))

    def end(self) -> None:
        """The stop is over, or a worse one has come."""
        self.job.off()

    def run(self, now: int) -> None:
        """The job: a look at the pressure, a stroke in reverse, a retry."""
        if self._phase == _MEASURES:
            self._look(now)
        elif not self._waits_for_person():
            self.relief.acknowledge()
        elif self._phase == _WAITS:
            self._try_again(now)
        else:
            self._follow(now)

    def _waits_for_person(self) -> bool:
        return self._alarms.waits(defs.ALARM_OCCLUSION) or self._alarms.waits(defs.ALARM_PRESSURE_LIMIT)

    # ---- relief ------------------------------------------------------------------------------------------------

    def _measure(self, at: int) -> None:
        self._phase = _MEASURES
        self._count = 0
        self._sum_pa = 0
        self.job.at(at)

    def _look(self, now: int) -> None:
        self._line.look()
        pa = self._line.pressure_pa
        if pa is None:
            self._relieved(now)  # nobody can see what a reverse would do
            return
        self._sum_pa += pa
        self._count += 1
        if self._count < 1 << _LOOK_BITS:
            self.job.at(ticks.add(now, _SPACING_MS))
            return
        pa = self._sum_pa >> _LOOK_BITS
        if not self._begun:
            self._begun = True
            self._begin_relief(pa)
        if self._stroke_steps and self.relief.wants(pa) and self._delivery.relieve(self._stroke_steps, now):
            self._steps += self._stroke_steps
            self._measure(ticks.add(now, _SETTLE_MS))
        else:
            self._relieved(now)

    def _begin_relief(self, pa: int) -> None:
        """Soon after the last relief its level still holds: the line's own follows the strokes that came since."""
        strokes = self._delivery.strokes
        if self._relieved_at <= strokes <= self._relieved_at + _SOON_STROKES:
            self.relief.begin(strokes - self._relieved_at, self._level_pa, pa)
            return
        baseline_pa = self._line.detector.baseline_pa
        self._level_pa = pa if baseline_pa is None else baseline_pa
        self._line.begin_relief(self.relief, pa)

    def _relieved(self, now: int) -> None:
        self._relieved_at = self._delivery.strokes
        if self._steps:
            self._journal.write(defs.EVENT_RELIEF, self._steps, self._pressure_pa())
        self._phase = _WAITS
        if self._onward:
            self.job.at(ticks.add(now, _AGAIN_MS))

    def _pressure_pa(self) -> int:
        pa = self._line.pressure_pa
        return 0 if pa is None else pa

    # ---- retry -------------------------------------------------------------------------------------------------

    def _try_again(self, now: int) -> None:
        others = self._alarms.holds_beside(defs.ALARM_OCCLUSION, defs.ALARM_PRESSURE_LIMIT)
        if others or self._conditions.has(_BLOCKED):
            self.job.at(ticks.add(now, _AGAIN_MS))
        elif self.relief.may_retry(self._most_retries) and not self._request(defs.BIT_ASK_RETRY, now):
            self.relief.retry(now)
            self._journal.write(defs.EVENT_RETRY, self.relief.retries, self._pressure_pa())
            self._phase = _FOLLOWS
            self.job.at(ticks.add(now, self._delivery.period_ms()))

    def _follow(self, now: int) -> None:
        """Delivery goes on after a retry: does the line take the strokes?"""
        period_ms = self._delivery.period_ms()
        given = self._delivery.strokes - self._relieved_at
        if given > _SPAN_STROKES and self._line.detector.sum_pa == 0:
            self.relief.drained(now, _SPAN_STROKES * period_ms)
        if self.relief.retries:
            self.job.at(ticks.add(now, period_ms))
