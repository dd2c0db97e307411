"""Compares the flow sensor's mean with the programme over many strokes, and asks for a bounded trim of their volume.

The flow swings with every stroke, so it is read at a phase of the stroke's period that moves on by 633/1024 from stroke
to stroke: nearly the golden section, and after 1024 strokes (6 h at 1 mL/day) each phase was met exactly once.
"""

from micropython import const

from pump import defs, hal, ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import conditions, journal, scheduler

_PHASES = const(1024)
_STEP = const(633)
# Two phases are 100 ms apart at most, half the time constant of the stiffest line; slower rates are left untrimmed.
_LONGEST_PERIOD_MS = const(102400)
_WINDOW_MS = const(50)  # a sensor that gives the mean since its last read is read twice, this far apart
_MOST_PPM = const(100000)
_MOST_STEP_PPM = const(10000)  # of the trim in a round
_BAD = const(3)  # readings in a row
_MOST_PL_S = const(0x10000000)  # of a reading, and half of the most for their sum


class Trim:
    """`trim_ppm` is the trim that is asked for, `changed` whether it is new; without a sensor nothing is done."""

    def __init__(
        self, flow: "hal.Flow | None", conditions: "conditions.Conditions", journal: "journal.Journal"
    ) -> None:
        self._read_pl_s = None if flow is None else flow.read_pl_s
        self._conditions = conditions
        self._journal = journal
        self.job: scheduler.Job
        self._allowed = True
        self.trim_ppm = 0
        self.changed = False
        self._first = True  # of the two reads
        self._ul_day = 0
        self._phase = 0
        self._taken = 0
        self._sum_pl_s = 0
        self._streak = 0

    def allow(self, on: bool) -> None:
        """Whether it may trim; it measures all the same. Without leave there is no trim."""
        if self._allowed and not on:
            self.trim_ppm = 0
            self.changed = True
        self._allowed = on

    def expect(self, due: int, period_ms: int, ul_day: int) -> None:
        """A stroke has begun and the next one is due; at another flow the round begins anew."""
        if self._read_pl_s is None or period_ms > _LONGEST_PERIOD_MS:
            return
        if ul_day != self._ul_day:
            self._restart(ul_day)
        if self._first:  # else the second read is still to come, and this stroke is left out
            self.job.at(ticks.add(due, period_ms * (2 * self._phase + 1) // (2 * _PHASES) - period_ms))

    def rest(self) -> None:
        """Delivery is held."""
        if self._read_pl_s is not None:
            self._restart(0)
            self.job.off()

    def drop(self) -> None:
        """The stroke is another one: what was measured of the last one is worth nothing."""
        self.trim_ppm = 0
        self._restart(self._ul_day)

    def run(self, now: int) -> None:
        """The job: two reads, of which the second counts."""
        read_pl_s = self._read_pl_s
        if read_pl_s is None:
            return
        try:
            pl_s = read_pl_s()
        except hal.PartError:
            self._first = True
            self._tell(False)
            return
        if self._first:
            self._first = False
            self.job.at(ticks.add(now, _WINDOW_MS))
            return
        self._first = True
        good = -_MOST_PL_S < pl_s < _MOST_PL_S
        self._tell(good)
        if good:
            self._add(pl_s)

    def _restart(self, ul_day: int) -> None:
        self._ul_day = ul_day
        self._first = True
        self._taken = 0
        self._sum_pl_s = 0

    def _add(self, pl_s: int) -> None:
        self._sum_pl_s += pl_s
        if not -_MOST_PL_S < self._sum_pl_s < _MOST_PL_S << 1:  # a mean of more than the fastest rate can make
            self._conditions.note(defs.NOTE_FLOW_OFF, True)
            self._restart(self._ul_day)
            return
        self._phase = (self._phase + _STEP) % _PHASES
        self._taken += 1
        if self._taken == _PHASES:
            self._judge(self._sum_pl_s // _PHASES)
            self._restart(self._ul_day)

    def _judge(self, pl_s: int) -> None:
        programmed_pl_s = self._ul_day * 625 // 54
        excess = max(-programmed_pl_s, min(pl_s - programmed_pl_s, programmed_pl_s))
        whole = excess * 1000 // programmed_pl_s
        ppm = whole * 1000 + (excess * 1000 - whole * programmed_pl_s) * 1000 // programmed_pl_s
        off = not -_MOST_PPM <= self.trim_ppm + ppm <= _MOST_PPM
        self._conditions.note(defs.NOTE_FLOW_OFF, off)
        if off or not self._allowed:
            return
        step = max(-_MOST_STEP_PPM, min(ppm // 2, _MOST_STEP_PPM))
        if step:
            self.trim_ppm += step
            self.changed = True
            self._journal.write(defs.EVENT_TRIM, self.trim_ppm, pl_s)

    def _tell(self, good: bool) -> None:
        if good != self._conditions.noted(defs.NOTE_FLOW_BLIND):
            self._streak = 0
            return
        self._streak += 1
        if self._streak >= _BAD:
            self._streak = 0
            self._conditions.note(defs.NOTE_FLOW_BLIND, not good)
