"""Compares the flow sensor's mean with the programme in bursts of readings, and asks for a bounded trim of the strokes.

A burst begins with a stroke and a sixteenth of the time is measured, at most 54,000 readings a day. Bursts in which the
patient moved are left out; 32 others make a round, of 6 hours at 1 mL/day. What the sensor shows of no flow is measured
while delivery rests.
"""

from micropython import const

from pump import defs, hal
from pump.core import ticks
from pump.flow import flow_average, no_flow

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from pump.core import conditions, scheduler
    from pump.journal import journal

_ROUND = const(32)  # bursts
_MOST_OUT = const(8)  # of a round may be left out
_PAUSE = const(15)  # lengths of a burst between two of them
_OUT_PPM = const(400000)  # sitting up presses as much as a stroke through a soft line's end
_MOST_BURST_PPM = const(20000)  # in the trim: one that is just not left out counts no more
_ONE_PPM = const(1000000)
_MOST_PPM = const(100000)
_MOST_STEP_PPM = const(10000)  # of the trim in a round
_BAD = const(2)  # bursts in a row that make the sensor blind
# Where in the spacing of the readings a burst begins: 5/8 further each time, so that eight meet it evenly.
_PLACES = const(8)
_STEP = const(5)
_REST_MS = const(64000)  # before delivery counts as rested, and the length of a burst then
_MOST_ZERO_PL_S = const(3000)  # more at rest is no offset
_ZERO_SPREAD_PL_S = const(100)  # between two bursts in a row, where the line has run dry
_PL_S_PER_UL_DAY = const(625)  # 54ths: 1 uL/day is 1,000,000 pL / 86,400 s
_PARTS = const(54)


class Trim:
    """`trim_ppm` is the trim that is asked for, `changed` whether it is new; without a sensor nothing is done.

    `gain_ppm` is what the sensor shows of the true flow. `starve` is called when nothing arrives there.
    """

    def __init__(
        self,
        flow: "hal.Flow | None",
        conditions: "conditions.Conditions",
        journal: "journal.Journal",
        starve: "Callable[[], None]",
    ) -> None:
        self._read_pl_s = None if flow is None else flow.read_pl_s
        self._conditions = conditions
        self._journal = journal
        self._burst = flow_average.Burst()
        self._missing = no_flow.Missing(conditions, starve)
        self.job: scheduler.Job
        self._allowed = True
        self.gain_ppm = _ONE_PPM
        self.trim_ppm = 0
        self.changed = False
        self._ul_day = -1
        self._period_ms = 0
        self._busy = False  # a burst is being taken
        self._begin = 0
        self._ready = 0  # from this tick on the next one may begin
        self._place = 0
        self._zero_pl_s = 0
        self._last_zero_pl_s = _MOST_ZERO_PL_S * 2
        self._sum_ppm = 0
        self._bounded_ppm = 0
        self._used = 0
        self._left_out = 0
        self._bad = 0

    def allow(self, on: bool) -> None:
        """Whether it may trim; it measures all the same. Without leave there is no trim."""
        if self._allowed and not on:
            self.trim_ppm = 0
            self.changed = True
        self._allowed = on

    def expect(self, due: int, period_ms: int, ul_day: int) -> None:
        """A stroke comes at this tick; at another flow or period the burst is given up."""
        if self._read_pl_s is None:
            return
        if ul_day != self._ul_day or period_ms != self._period_ms:
            self._ul_day = ul_day
            self._period_ms = period_ms
            self._burst.fit(period_ms)
            self._pause(due)
        if not self._busy and ticks.diff(due, self._ready) >= 0:
            self._place = (self._place + _STEP) % _PLACES
            self._start(ticks.add(due, self._place * flow_average.SPACING_MS // _PLACES))

    def rest(self, now: int) -> None:
        """Delivery is held: from now on there is no flow, but for what the line still gives."""
        if self._read_pl_s is None or self._ul_day == 0:
            return
        self._ul_day = 0
        self._missing.bursts = 0
        self._last_zero_pl_s = _MOST_ZERO_PL_S * 2
        self._burst.fit(_REST_MS // 2)
        self._start(ticks.add(now, _REST_MS))

    def drop(self) -> None:
        """The stroke is another one: what was measured of the last one is worth nothing."""
        self.trim_ppm = 0
        self._new_round()
        if self._ul_day > 0:
            self._ul_day = -1

    def run(self, now: int) -> None:
        """The job: one reading, and what follows from the last one."""
        read_pl_s = self._read_pl_s
        if read_pl_s is None or not self._busy:
            return
        the_burst = self._burst
        try:
            the_burst.add(read_pl_s())
        except hal.PartError:
            the_burst.skip()
        if the_burst.taken < the_burst.samples:
            self.job.at(ticks.add(self._begin, the_burst.at_ms()))
            return
        self._busy = False
        self._take(now)

    # ---- bursts --------------------------------------------------------------------------------------------------

    def _start(self, begin: int) -> None:
        self._burst.restart()
        self._begin = begin
        self._busy = True
        self.job.at(begin)

    def _pause(self, now: int) -> None:
        self._busy = False
        self.job.off()
        self._ready = now if self._missing.bursts else ticks.add(now, _PAUSE * self._burst.span_ms)

    def _take(self, now: int) -> None:
        the_burst = self._burst
        mean_pl_s = the_burst.mean_pl_s()
        resting = self._ul_day == 0
        good = the_burst.usable and (resting or the_burst.spread_pl_s() > 0)  # strokes show, or the sensor is stuck
        self._tell(good)
        if not resting:
            if good:
                self._compare(mean_pl_s - self._zero_pl_s)
            self._pause(now)
        elif not good:
            self._start(ticks.add(now, _PAUSE * the_burst.span_ms))
        elif not self._find_zero(mean_pl_s):
            self._start(now)

    def _find_zero(self, mean_pl_s: int) -> bool:
        """Two bursts in a row that agree; False before."""
        last_pl_s = self._last_zero_pl_s
        self._last_zero_pl_s = mean_pl_s
        if not -_ZERO_SPREAD_PL_S <= mean_pl_s - last_pl_s <= _ZERO_SPREAD_PL_S:
            return False
        if -_MOST_ZERO_PL_S <= mean_pl_s <= _MOST_ZERO_PL_S:
            self._zero_pl_s = mean_pl_s + last_pl_s >> 1
        return True

    # ---- rounds --------------------------------------------------------------------------------------------------

    def _new_round(self) -> None:
        self._used = 0
        self._left_out = 0
        self._sum_ppm = 0
        self._bounded_ppm = 0

    def _compare(self, pl_s: int) -> None:
        """One burst's mean with what was programmed."""
        ppm = _excess_ppm(pl_s, self._ul_day) - (self.gain_ppm - _ONE_PPM)  # exact where the trim settles
        self._missing.take(ppm, self._burst.spread_pl_s(), self._ul_day)
        if -_OUT_PPM < ppm < _OUT_PPM:
            self._sum_ppm += ppm
            self._bounded_ppm += max(-_MOST_BURST_PPM, min(ppm, _MOST_BURST_PPM))
            self._used += 1
        else:
            self._left_out += 1
        if self._left_out > _MOST_OUT:
            self._conditions.note(defs.NOTE_FLOW_OFF, True)
            self._new_round()
        elif self._used == _ROUND:
            self._judge(self._sum_ppm // _ROUND, self._bounded_ppm // _ROUND)
            self._new_round()

    def _judge(self, ppm: int, bounded_ppm: int) -> None:
        off = not -_MOST_PPM <= self.trim_ppm + ppm <= _MOST_PPM
        self._conditions.note(defs.NOTE_FLOW_OFF, off)
        if off or not self._allowed:
            return
        step = max(-_MOST_STEP_PPM, min(bounded_ppm, _MOST_STEP_PPM))
        if step:
            self.trim_ppm += step
            self.changed = True
            self._journal.write(defs.EVENT_TRIM, self.trim_ppm, ppm)

    def _tell(self, good: bool) -> None:
        self._bad = 0 if good else min(self._bad + 1, _BAD)
        if good or self._bad == _BAD:
            self._conditions.note(defs.NOTE_FLOW_BLIND, not good)


def _excess_ppm(pl_s: int, ul_day: int) -> int:
    """What this mean has more than the rate, in millionths of it, at most twice the rate either way."""
    rate = ul_day * _PL_S_PER_UL_DAY
    pl_s = max(-2000000, min(pl_s, 2000000))  # well above the fastest rate
    rest = max(-rate, min(pl_s * _PARTS - rate, rate))
    ppm = 0
    for _ in range(6):
        digit = rest * 10 // rate
        rest = rest * 10 - digit * rate
        ppm = ppm * 10 + digit
    return ppm
