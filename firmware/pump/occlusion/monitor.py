"""Samples the line's pressure around each stroke, and puts what the detector finds into the conditions.

A window of samples lies before each stroke, another, where there is time, after the pressure has settled, and one
sample right after the stroke. A window is up to 16 samples 250 ms apart: 4 s hold whole beats of a pulse of 1, 1.25 or
1.5 Hz and a whole breath, so their mean has little of either. The processor sleeps between samples and between windows.
"""

from micropython import const

from pump import defs, hal
from pump.core import ticks
from pump.occlusion import detector, line_state, pressure_trace

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions, scheduler
    from pump.occlusion import relief

_SAMPLES = const(16)
_SPACING_MS = const(250)
_SHORTEST_MS = const(150)
_STEP_MS = const(50)  # from the end of a stroke to its sample; more than a conversion takes
_SETTLED_MS = const(50000)  # 2.5 tau of the slowest line
_REST_MS = const(2000)
_BAD = const(3)  # readings in a row that make the sensor blind
_WELL = const(32)  # good ones in a row that make it well again: one that fails every other time never is
_DOUBTS = const(16)  # samples at the limit that are not believed after one that can't be so
_LOWEST_PA = const(-20000)
_HIGHEST_PA = const(250000)
_LEAP_PA = const(60000)  # four strokes into the stiffest line; no two samples of a line differ by so much

# Once these are acknowledged, only new strokes can show whether their cause still stands.
_SEEN_TO = (
    defs.ALARM_UPSTREAM_OCCLUSION,
    defs.ALARM_LINE_OPEN,
    defs.ALARM_AIR_IN_LINE,
    defs.ALARM_PRESSURE_SENSOR,
)

_STEP = const(0)
_SETTLED = const(1)
_BEFORE = const(2)
_DONE = const(3)


class Line:
    """The pressure sensor's watch: windows around each stroke, looks every two seconds at rest."""

    def __init__(self, pressure: "hal.Pressure", conditions: "conditions.Conditions") -> None:
        self._begin = pressure.begin
        self._read_pa = pressure.read_pa
        self._conditions = conditions
        self.detector = detector.Detector()
        self.patency = line_state.Patency(self.detector.height)
        self.traces = pressure_trace.Traces()
        self.job: scheduler.Job
        self.limit_pa = 0
        self.pressure_pa: "int | None" = None
        self._infusing = False
        self._quiet_ms = 1
        self._samples = 1
        self._spacing_ms = _SPACING_MS
        self._settled_ms = 0  # from the stroke's end to the window, 0 for none
        self._due = 0
        self._stroke_end = 0
        self._streak = 0
        self._starved = False  # a block that the flow sensor has found
        self._wrong = False  # the sensor answers, but what it says can't be so
        self._read_before_pa = 0
        self._doubted = 0  # samples that are not taken for the absolute limit
        self._now = 0
        # The window under way.
        self._window = _DONE
        self._begun = False
        self._left = 0
        self._good = 0
        self._sum_pa = 0
        self._swing_pa = 0
        self._last_pa = 0
        self.stroke = detector.Stroke()

    def before_pa(self) -> int:
        """The mean of the window before the stroke that is due, or began last; occlusion.NO_VALUE for none."""
        return self.stroke.before_pa

    def pace(self, quiet_ms: int) -> None:
        """The rate has changed: quiet_ms lie between strokes, and the line finds another level."""
        self.retime(quiet_ms)
        self.patency.restart()
        if not self._conditions.has(defs.BIT_OCCLUDED):  # the level of before tells when the block is gone
            self.detector.restart()

    def retime(self, quiet_ms: int) -> None:
        """So long between strokes from now on, at the same flow: their volume was trimmed."""
        self._quiet_ms = quiet_ms
        self._samples = min(_SAMPLES, max(1, quiet_ms // _SHORTEST_MS - 1))
        self._spacing_ms = min(_SPACING_MS, quiet_ms // (self._samples + 1))
        window_ms = (_SAMPLES + 1) * _SPACING_MS
        self._settled_ms = min(_SETTLED_MS, quiet_ms >> 1) - (window_ms >> 1) if quiet_ms > 3 * window_ms else 0
        self.detector.pace(quiet_ms)
        self.patency.look_for(self._samples * self._spacing_ms)

    def commission(self) -> None:
        """Another stroke, or a line that was filled: all that was learned of the line is learned anew."""
        self.detector.height.restart()
        self.patency.commission()
        if not self._conditions.has(defs.BIT_OCCLUDED):
            self.detector.restart()

    def expect(self, due: int) -> None:
        """The next stroke comes at this tick; asked after a stroke has begun, or in between when the rate changes."""
        period_ms = ticks.diff(due, self._due)
        stroke = self._infusing and self._window == _DONE and period_ms > self._quiet_ms
        if not self._infusing:
            self.detector.resume()
            self.patency.resume()
        self._infusing = True
        self._due = due
        self.stroke.step_pa = detector.NO_VALUE
        self.stroke.settled_pa = detector.NO_VALUE
        if stroke:
            self._stroke_end = ticks.add(due, -self._quiet_ms)
            self.traces.begin()
            self._open(_STEP)
        else:
            self._open(_BEFORE)

    def rest(self, now: int) -> None:
        """Delivery is held: look now and then until it goes on."""
        self._infusing = False
        self._window = _DONE
        self.job.at(ticks.add(now, _REST_MS))

    def begin_relief(self, counted: "relief.Relief", pressure_pa: int) -> None:
        """Tells the relief what the block has put into the line; nothing where no level is known."""
        detector = self.detector
        baseline_pa = detector.baseline_pa
        if baseline_pa is None:
            counted.begin(0, pressure_pa, pressure_pa)
        elif self._conditions.has(defs.BIT_OCCLUDED):
            counted.begin(detector.put_in, baseline_pa, pressure_pa)
        else:
            counted.begin(detector.strokes_in(pressure_pa - baseline_pa), baseline_pa, pressure_pa)

    def acknowledge(self, alarm: int) -> None:
        """A person has seen this alarm."""
        if alarm == self.traces.alarm:
            self.traces.acknowledge()
        if alarm in _SEEN_TO:
            self.forgive()
        elif alarm == defs.ALARM_OCCLUSION and self._starved:
            self._starved = False
            self._conditions.clear(defs.BIT_OCCLUDED)

    def starve(self) -> None:
        """The flow sensor at the line's end sees nothing arrive; the pressure, which didn't find it, frees nothing."""
        self._starved = True
        self._conditions.set(defs.BIT_OCCLUDED)
        self.traces.freeze(defs.ALARM_OCCLUSION)

    def forgive(self) -> None:
        """A person has seen to the line: what only strokes could show to be over is taken as over."""
        if self._conditions.has(defs.BIT_OCCLUDED):  # the level of before tells when the block is gone
            self.detector.forgive()
        else:
            self.detector.restart()  # it may be that of a sensor that was wrong
        self.patency.resume()
        self.patency.finding = line_state.OPEN
        self._wrong = False
        self._conditions.clear(defs.BIT_UPSTREAM_BLOCKED | defs.BIT_LINE_OPEN)
        self._conditions.note(defs.NOTE_AIR_IN_LINE, False)

    def run(self, now: int) -> None:
        """The job: one sample, or the conversion that comes before the first of a window."""
        self._now = now
        if not self._infusing:
            self.look()
            self.job.at(ticks.add(now, _REST_MS))
        elif not self._begun:
            self._begun = True
            self._start_sensor()
            self.job.at(ticks.add(now, _STEP_MS if self._window == _STEP else self._spacing_ms))
        else:
            self._left -= 1
            self._sample()
            if not self._left:
                self._close()
            else:
                following = ticks.add(now, self._spacing_ms)
                if self._window != _BEFORE or ticks.diff(self._due, following) > 0:
                    self.job.at(following)
                else:
                    self._close()

    def _open(self, window: int) -> None:
        self._window = window
        self._begun = False
        self._good = 0
        self._left = self._samples
        if window == _STEP:
            self._left = 1
            self.job.at(self._stroke_end)
            return
        self._sum_pa = 0
        self._swing_pa = 0
        if window == _SETTLED:
            self.job.at(ticks.add(self._stroke_end, self._settled_ms))
        else:
            self.job.at(ticks.add(self._due, -(self._samples + 1) * self._spacing_ms))

    def _close(self) -> None:
        window = self._window
        stroke = self.stroke
        if window == _STEP:
            self._open(_SETTLED if self._settled_ms else _BEFORE)
            return
        mean_pa = self._sum_pa // self._good if self._good * 2 > self._samples else detector.NO_VALUE
        swing_pa = self._swing_pa // (self._good - 1) if self._good > 1 else 0
        if window == _SETTLED:
            stroke.settled_pa = mean_pa
            stroke.settled_swing_pa = swing_pa
            self._open(_BEFORE)
            return
        self._window = _DONE
        stroke.before_pa = mean_pa
        stroke.swing_pa = swing_pa
        if stroke.settled_pa == detector.NO_VALUE:
            stroke.settled_swing_pa = swing_pa
        self._judge(stroke)

    def _judge(self, stroke: "detector.Stroke") -> None:
        conditions = self._conditions
        if self.detector.judge(stroke, self.patency.finding == line_state.NARROW):
            conditions.set(defs.BIT_OCCLUDED)
            self.traces.freeze(defs.ALARM_OCCLUSION)
            return
        opened = self.detector.opened()
        finding = line_state.OPEN if opened else self.patency.judge(stroke)
        if opened:
            conditions.set(defs.BIT_LINE_OPEN)
            self.traces.freeze(defs.ALARM_LINE_OPEN)
        elif finding == line_state.LOST:
            conditions.set(defs.BIT_UPSTREAM_BLOCKED)
            self.traces.freeze(defs.ALARM_UPSTREAM_OCCLUSION)
        conditions.note(defs.NOTE_LINE_NARROW, finding == line_state.NARROW)
        conditions.note(defs.NOTE_AIR_IN_LINE, finding == line_state.AIR)
        self._wrong = finding >= line_state.DEAD or self.detector.jumped
        if self._wrong:
            conditions.note(defs.NOTE_PRESSURE_BLIND, True)

    def _start_sensor(self) -> None:
        try:
            self._begin()
        except hal.PartError:
            pass  # the samples will tell

    def _sample(self) -> None:
        try:
            pa = self._read_pa()
        except hal.PartError:
            self._note(False)
            return
        leap_pa = pa - self._read_before_pa
        self._read_before_pa = pa
        if not _LOWEST_PA <= pa <= _HIGHEST_PA or not -_LEAP_PA < leap_pa < _LEAP_PA:
            self._note(False)  # a leap that stays is taken with the next sample
            self._doubted = _DOUBTS
            return
        self._note(True)
        self.pressure_pa = pa
        if self._infusing:
            self._gather(pa)
        if pa >= self.limit_pa:
            if self._doubted:
                self._doubted -= 1  # it may be one of many values of a sensor that says anything
                return
            if not self._conditions.has(defs.BIT_PRESSURE_HIGH):
                self._conditions.set(defs.BIT_PRESSURE_HIGH)
                self.traces.freeze(defs.ALARM_PRESSURE_LIMIT)
        elif self._conditions.word & defs.BIT_PRESSURE_HIGH and pa < self.limit_pa - self.limit_pa // 8:
            self._conditions.clear(defs.BIT_PRESSURE_HIGH)

    def _gather(self, pa: int) -> None:
        change_pa = pa - self._last_pa
        self._last_pa = pa
        self.traces.add(ticks.diff(self._now, self._stroke_end), pa)
        if self._window == _STEP:
            self.stroke.step_pa = change_pa
            return
        if self._good:
            self._swing_pa += change_pa if change_pa >= 0 else -change_pa
        self._good += 1
        self._sum_pa += pa

    def _note(self, good: bool) -> None:
        blind = self._conditions.notes & defs.NOTE_PRESSURE_BLIND != 0
        if good and self._wrong or good != blind:
            self._streak = 0
            return
        self._streak += 1
        if self._streak >= (_WELL if good else _BAD):
            self._streak = 0
            self._conditions.note(defs.NOTE_PRESSURE_BLIND, not good)
            if not good:
                self.pressure_pa = None
            elif not self._conditions.has(defs.BIT_OCCLUDED):
                self.detector.restart()  # weather and posture may have changed unseen; the line has not come off

    def look(self) -> None:
        """One sample at rest; a pressure that has fallen says that the line drains again."""
        self._sample()
        pa = self.pressure_pa
        if pa is not None and not self._starved and self.detector.relieved(pa):
            self._conditions.clear(defs.BIT_OCCLUDED)
