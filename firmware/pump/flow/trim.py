"""Compares the flow sensor's mean with the programme in measurement windows, and asks for a bounded trim.

A window begins with a stroke, and a sixteenth of the time is measured, at most 54,000 readings a day. Windows in which
the patient moved are left out; 32 others make a round, of 6 hours at 1 mL/day. The sensor's offset is measured while
delivery rests.
"""

from micropython import const

from pump import defs, hal
from pump.core import debounce, scheduler, tally, ticks
from pump.flow import flow_average, no_flow

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from pump.core import conditions
    from pump.journal import journal

_ROUND = const(32)  # measurement windows
_MOST_OUT = const(8)  # of a round may be left out; half of them while the trim is off
_PAUSE = const(15)  # lengths of a window between two of them
_OUT_PPM = const(400000)  # sitting up presses as much as a stroke through a soft line's end
_MOST_WINDOW_PPM = const(20000)  # in the trim: a window that is just not left out counts no more than this
_ONE_PPM = const(1000000)
_MOST_PPM = const(100000)
_ON_PPM = const(10000)  # below that before the trim is on again
_MOST_STEP_PPM = const(10000)  # of the trim in a round
_FAULT = (4, 2, 1, 3)  # two bad windows in a row, or for long more than a third; well again after three good ones
# Where in the spacing of the readings a window begins: 5/8 further each time, so that eight cover it evenly.
_PLACES = const(8)
_STEP = const(5)
_REST_MS = const(64000)  # before delivery counts as rested, and the length of a window then
_MOST_ZERO_PL_S = const(3000)  # more at rest is no offset
_ZERO_SPREAD_PL_S = const(100)  # between two windows in a row: the line has drained
_PL_S_PER_UL_DAY = const(625)  # 54ths: 1 uL/day is 1,000,000 pL / 86,400 s
_PARTS = const(54)


class Trim:
    """`trim_ppm` is the trim that is asked for, `changed` whether it is new; without a sensor nothing is done.

    `gain_ppm` is the ratio of the sensor's flow to the true flow. `report_no_flow` is called when nothing arrives.
    """

    def __init__(
        self,
        flow: "hal.Flow | None",
        conditions: "conditions.Conditions",
        journal: "journal.Journal",
        report_no_flow: "Callable[[], None]",
    ) -> None:
        self._read_pl_s = None if flow is None else flow.read_pl_s
        self._conditions = conditions
        self._journal = journal
        self._average = flow_average.FlowAverage()
        self._no_flow = no_flow.NoFlow(conditions, report_no_flow)
        self._fault = debounce.Debounce(_FAULT)
        self.tally = tally.Tally()
        self.job = scheduler.Job(self.run)
        self._allowed = True
        self.gain_ppm = _ONE_PPM
        self.trim_ppm = 0
        self.changed = False
        self._saved_ppm = 0  # the trim before the reset
        self._ul_day = -1  # the flow that is expected, 0 at rest, -1 for none known
        self._period_ms = 0  # between strokes
        self._busy = False  # a window is being measured
        self._begin = 0  # tick of its beginning
        self._ready = 0  # from this tick on the next window may begin
        self._place = 0  # eighths of the spacing that it begins after its stroke
        self._zero_pl_s = 0  # the sensor's offset
        self._last_zero_pl_s = _MOST_ZERO_PL_S * 2  # of the window before
        self._sum_ppm = 0  # of the round: deviations from the programme
        self._bounded_ppm = 0  # of the round: bounded deviations
        self._used = 0  # windows of the round
        self._left_out = 0  # windows of the round in which the patient moved

    def allow(self, on: bool) -> None:
        """Whether it may trim; it measures in any case. When it may not, the trim is 0."""
        if self._allowed and not on:
            self._drop()
            self._conditions.note(defs.NOTE_TRIM_REFUTED, False)
        self._allowed = on

    def set_gain(self, ppm: int) -> None:
        """The sensor's calibration; a new one is tried again where the level had refuted the old one."""
        if ppm != self.gain_ppm:
            self.gain_ppm = ppm
            self._conditions.note(defs.NOTE_TRIM_REFUTED, False)

    def save_to(self, numbers: "list[int]", at: int) -> int:
        """Puts the trim and the sensor's offset from this place on, and returns the place after them."""
        numbers[at] = self.trim_ppm
        numbers[at + 1] = self._zero_pl_s
        return at + 2

    def load_from(self, numbers: "list[int]", at: int) -> int:
        """Takes what `save_to` has put; the trim is in force from `restore` on."""
        self._saved_ppm = numbers[at]
        self._zero_pl_s = numbers[at + 1]
        return at + 2

    def restore(self) -> None:
        """Puts the saved trim in force, where sensor, settings and conditions are still those that it was made with."""
        ended = self._conditions.noted(defs.NOTE_TRIM_REFUTED | defs.NOTE_SETTINGS_OLD)
        if self._saved_ppm and self._read_pl_s is not None and self._allowed and not ended:
            self.trim_ppm = self._saved_ppm
            self.changed = True

    def expect(self, due: int, period_ms: int, ul_day: int) -> None:
        """A stroke comes at this tick; at another flow or period the window is abandoned."""
        if self._read_pl_s is None:
            return
        if self.trim_ppm and self._conditions.noted(defs.NOTE_TRIM_REFUTED):
            self._drop()
            self._new_round()
            self._journal.write(defs.EVENT_TRIM)
        if ul_day != self._ul_day or period_ms != self._period_ms:
            self._ul_day = ul_day
            self._period_ms = period_ms
            self._average.fit(period_ms)
            self._pause(due)
        if not self._busy and ticks.diff(due, self._ready) >= 0:
            self._place = (self._place + _STEP) % _PLACES
            self._start(ticks.add(due, self._place * flow_average.SPACING_MS // _PLACES))

    def rest(self, now: int) -> None:
        """Delivery is held: from now on there is no flow except what still drains from the line."""
        if self._read_pl_s is None or self._ul_day == 0:
            return
        self._ul_day = 0
        self._no_flow.windows = 0
        self._last_zero_pl_s = _MOST_ZERO_PL_S * 2
        self._average.fit(_REST_MS // 2)
        self._start(ticks.add(now, _REST_MS))

    def set_interval(self, quiet_ms: int) -> None:
        """Nothing: `expect` gives the period."""

    def adjust_interval(self, quiet_ms: int) -> None:
        """Nothing: `expect` gives the period."""

    def relearn(self, new_stroke: bool) -> None:
        """The stroke has another size: what was measured of the last one no longer counts."""
        if not new_stroke:
            return
        self.trim_ppm = 0
        self._conditions.note(defs.NOTE_TRIM_REFUTED, False)
        self._new_round()
        if self._ul_day > 0:
            self._ul_day = -1

    def run(self, now: int) -> None:
        """The job: one reading, and what follows from the last one."""
        read_pl_s = self._read_pl_s
        if read_pl_s is None or not self._busy:
            return
        average = self._average
        try:
            average.add(read_pl_s())
            self.tally.add(True)
        except hal.PartError:
            average.skip()
            self.tally.add(False)
        if average.taken < average.samples:
            self.job.at(ticks.add(self._begin, average.at_ms()))
            return
        self._busy = False
        self._finish(now)

    # ---- windows -------------------------------------------------------------------------------------------------

    def _start(self, begin: int) -> None:
        self._average.restart()
        self._begin = begin
        self._busy = True
        self.job.at(begin)

    def _pause(self, now: int) -> None:
        self._busy = False
        self.job.off()
        self._ready = now if self._no_flow.windows else ticks.add(now, _PAUSE * self._average.span_ms)

    def _finish(self, now: int) -> None:
        average = self._average
        mean_pl_s = average.mean_pl_s()
        resting = self._ul_day == 0
        good = average.usable and (resting or average.spread_pl_s() > 0)  # the strokes show, or the sensor is stuck
        self._conditions.note(defs.NOTE_FLOW_BLIND, self._fault.update(not good))
        if not resting:
            if good:
                self._compare(mean_pl_s - self._zero_pl_s)
            self._pause(now)
        elif not good:
            self._start(ticks.add(now, _PAUSE * average.span_ms))
        elif not self._find_zero(mean_pl_s):
            self._start(now)

    def _find_zero(self, mean_pl_s: int) -> bool:
        """The offset from two windows in a row that agree; False before."""
        last_pl_s = self._last_zero_pl_s
        self._last_zero_pl_s = mean_pl_s
        if not -_ZERO_SPREAD_PL_S <= mean_pl_s - last_pl_s <= _ZERO_SPREAD_PL_S:
            return False
        if -_MOST_ZERO_PL_S <= mean_pl_s <= _MOST_ZERO_PL_S:
            self._zero_pl_s = mean_pl_s + last_pl_s >> 1
        return True

    def _drop(self) -> None:
        self.trim_ppm = 0
        self.changed = True

    # ---- rounds --------------------------------------------------------------------------------------------------

    def _new_round(self) -> None:
        self._used = 0
        self._left_out = 0
        self._sum_ppm = 0
        self._bounded_ppm = 0

    def _compare(self, pl_s: int) -> None:
        """Compares the mean of one window with the programme."""
        ppm = _excess_ppm(pl_s, self._ul_day) - (self.gain_ppm - _ONE_PPM)  # exact where the trim settles
        self._no_flow.add(ppm, self._average.spread_pl_s(), self._ul_day)
        if -_OUT_PPM < ppm < _OUT_PPM:
            self._sum_ppm += ppm
            self._bounded_ppm += max(-_MOST_WINDOW_PPM, min(ppm, _MOST_WINDOW_PPM))
            self._used += 1
        else:
            self._left_out += 1
        if self._left_out > (_MOST_OUT >> 1 if self._conditions.noted(defs.NOTE_FLOW_OFF) else _MOST_OUT):
            self._conditions.note(defs.NOTE_FLOW_OFF, True)
            self._new_round()
        elif self._used == _ROUND:
            self._adjust(self._sum_ppm // _ROUND, self._bounded_ppm // _ROUND)
            self._new_round()

    def _adjust(self, ppm: int, bounded_ppm: int) -> None:
        most_ppm = _MOST_PPM - (_ON_PPM if self._conditions.noted(defs.NOTE_FLOW_OFF) else 0)
        off = not -most_ppm <= self.trim_ppm + ppm <= most_ppm
        self._conditions.note(defs.NOTE_FLOW_OFF, off)
        if off or not self._allowed or self._conditions.noted(defs.NOTE_TRIM_REFUTED):
            return
        step = max(-_MOST_STEP_PPM, min(bounded_ppm, _MOST_STEP_PPM))
        if step:
            self.trim_ppm += step
            self.changed = True
            self._journal.write(defs.EVENT_TRIM, self.trim_ppm, ppm)


def _excess_ppm(pl_s: int, ul_day: int) -> int:
    """By how much this mean exceeds the rate, in millionths of it; the mean is limited to twice the rate either way."""
    rate = ul_day * _PL_S_PER_UL_DAY
    pl_s = max(-2000000, min(pl_s, 2000000))  # well above the fastest rate
    rest = max(-rate, min(pl_s * _PARTS - rate, rate))
    ppm = 0
    for _ in range(6):
        digit = rest * 10 // rate
        rest = rest * 10 - digit * rate
        ppm = ppm * 10 + digit
    return ppm
