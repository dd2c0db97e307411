"""Samples the line's pressure around each stroke, and sets the conditions that the detectors find.

A measurement window lies before each stroke, another, where there is time, after the pressure has settled, and one
sample right after the stroke. A window is up to 16 samples 250 ms apart: 4 s hold whole beats of a pulse of 1, 1.25 or
1.5 Hz and a whole breath, so their mean has little of either. The processor sleeps between samples and windows.
"""

from micropython import const

from pump import defs
from pump.core import scheduler, ticks
from pump.occlusion import findings, stroke_rise

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import hal
    from pump.core import conditions

_SAMPLES = const(16)
_FEW_SAMPLES = const(4)  # in quiet times
_SPACING_MS = const(250)
_SHORTEST_MS = const(150)  # between two samples where strokes are near
_RISE_MS = const(50)  # from the end of a stroke to its sample; more than a conversion takes
_SETTLED_MS = const(50000)  # 2.5 tau of the slowest line
_UNCERTAIN_MS = const(1500)  # after a stroke: so long a reading in doubt is followed by others 250 ms apart
_REST_MS = const(2000)  # between two samples while delivery rests; nearer while the sensor is in doubt

# The measurement windows, in their order from stroke to stroke.
_RISE = const(0)
_SETTLED = const(1)
_PRE_STROKE = const(2)
_DONE = const(3)


class Monitor(findings.Findings):
    """Measurement windows around each stroke, a sample every two seconds at rest."""

    def __init__(self, pressure: "hal.Pressure", conditions: "conditions.Conditions") -> None:
        super().__init__(pressure, conditions)
        self.stroke = stroke_rise.StrokePressure()
        self.job = scheduler.Job(self.run, sensor_only=True)
        self._infusing = False
        self._quiet_ms = 1  # between two strokes, without the stroke itself
        self._samples = 1  # of a window at the present rate
        self._wanted = 1  # of the present window
        self._spacing_ms = _SPACING_MS
        self._settled_ms = 0  # from the stroke's end to the settled window, 0 for none
        self._due = 0  # tick of the next stroke
        self._stroke_end = 0  # tick of the last stroke's end
        self._now = 0
        # The measurement window under way.
        self._window = _DONE
        self._converting = False  # whether its first conversion was begun
        self._left = 0  # samples to come
        self._good = 0  # plausible samples
        self._sum_pa = 0
        self._pulsation_sum_pa = 0
        self._last_pa = 0

    # ---- what delivery tells -----------------------------------------------------------------------------------------

    def set_interval(self, quiet_ms: int) -> None:
        """The rate has changed: quiet_ms lie between strokes, and the line settles at another level."""
        self.adjust_interval(quiet_ms)
        self.state.restart()
        if not self._conditions.has(defs.BIT_OCCLUDED):  # the level before it shows when the occlusion is gone
            self.detector.restart()

    def adjust_interval(self, quiet_ms: int) -> None:
        """So long between strokes from now on, at the same flow: their volume was trimmed."""
        self._quiet_ms = quiet_ms
        self._samples = min(_SAMPLES, max(1, quiet_ms // _SHORTEST_MS - 1))
        self._spacing_ms = min(_SPACING_MS, quiet_ms // (self._samples + 1))
        window_ms = (_SAMPLES + 1) * _SPACING_MS
        self._settled_ms = min(_SETTLED_MS, quiet_ms >> 1) - (window_ms >> 1) if quiet_ms > 3 * window_ms else 0
        self.detector.set_interval(quiet_ms)
        self.detector.retention.set_window(min(_SETTLED_MS, (quiet_ms + 1) >> 1), quiet_ms)
        self.direction.near = self.detector.rise.near
        self.state.set_window(self._samples, self._spacing_ms, self._settled_ms > 0, quiet_ms)

    def expect(self, due: int, period_ms: int, ul_day: int) -> None:
        """The next stroke comes at this tick; called after a stroke has begun, or in between when the rate changes."""
        since_ms = ticks.diff(due, self._due)
        stroke = self._infusing and self._window == _DONE and since_ms > self._quiet_ms
        if not self._infusing:
            self.detector.resume()
            self.direction.resume()
            self.state.resume()
        self._infusing = True
        apart_ms = self._quiet_ms - _RISE_MS - self._spacing_ms
        self.detector.rise.share = max(0, apart_ms) * stroke_rise.WHOLE_SHARE // period_ms
        self._due = due
        self.stroke.rise_pa = stroke_rise.NO_VALUE
        self.stroke.settled_pa = stroke_rise.NO_VALUE
        if stroke:
            self._stroke_end = ticks.add(due, -self._quiet_ms)
            self.trace.begin()
            self.input.expect_rise()
            self._open(_RISE)
        else:
            self._open(_PRE_STROKE)

    def rest(self, now: int) -> None:
        """Delivery is held: sample from time to time until it resumes."""
        self._infusing = False
        self._window = _DONE
        self.job.at(ticks.add(now, _REST_MS))

    # ---- the job -----------------------------------------------------------------------------------------------------

    def run(self, now: int) -> None:
        """The job: one sample, or the conversion that comes before the first of a window."""
        self._now = now
        if not self._infusing:
            self.sample_at_rest()
            self.job.at(ticks.add(now, _SPACING_MS if self.input.is_uncertain() else _REST_MS))
        elif not self._converting:
            self._converting = True
            self.input.begin()
            self.job.at(ticks.add(now, _RISE_MS if self._window == _RISE else self._spacing_ms))
        else:
            self._left -= 1
            self._sample()
            if not self._left and self._wanted < self._samples and self._doubts():
                self._left = self._samples - self._wanted
                self._wanted = self._samples
            if not self._left:
                self._close()
            else:
                following = ticks.add(now, self._spacing_ms)
                if self._window != _PRE_STROKE or ticks.diff(self._due, following) > 0:
                    self.job.at(following)
                else:
                    self._close()

    def sample_at_rest(self) -> None:
        """One sample at rest; a pressure that has fallen shows that the line drains again."""
        self._sample()
        pa = self.input.pressure_pa
        untouched = not self._no_flow and not self.lowered
        if pa is not None and not self.input.doubt and untouched and self.detector.relieved(pa):
            self._conditions.clear(defs.BIT_OCCLUDED)

    def _sample(self) -> None:
        source = self.input
        if not source.sample():
            return
        if source.recovered:
            source.recovered = False
            if not self._conditions.has(defs.BIT_OCCLUDED):
                self.detector.restart()  # drift and posture may have changed unseen; the line has not come off
        pa = source.pressure_pa or 0
        if self._infusing:
            self._gather(pa)
        source.check_limit(pa)

    # ---- measurement windows -----------------------------------------------------------------------------------------

    def _open(self, window: int) -> None:
        self._window = window
        self._converting = False
        self._good = 0
        if window == _RISE:
            self._left = 1
            self.job.at(self._stroke_end)
            return
        self._left = self._wanted = self._wanted_samples()
        self._sum_pa = 0
        self._pulsation_sum_pa = 0
        if window == _SETTLED:
            self.job.at(ticks.add(self._stroke_end, self._settled_ms))
        else:
            self.job.at(ticks.add(self._due, -(self._wanted + 1) * self._spacing_ms))

    def _wanted_samples(self) -> int:
        """All that there is time for, or few in quiet times, in a line whose strokes stand out of all else."""
        if self._settled_ms and self.detector.is_clear() and self.state.is_quiet():
            return _FEW_SAMPLES
        return self._samples

    def _doubts(self) -> bool:
        """Whether a window of few samples must be longer: the sensor has just given bad readings."""
        return self._window != _RISE and self.input.is_uncertain()

    def _gather(self, pa: int) -> None:
        change_pa = pa - self._last_pa
        self._last_pa = pa
        self.trace.add(ticks.diff(self._now, self._stroke_end), pa)
        if self._window == _RISE:
            if self.stroke.rise_pa == stroke_rise.NO_VALUE:
                self.stroke.rise_pa = change_pa
            return
        if self._good:
            self._pulsation_sum_pa += change_pa if change_pa >= 0 else -change_pa
        self._good += 1
        self._sum_pa += pa

    def _close(self) -> None:
        window = self._window
        stroke = self.stroke
        if window == _RISE:
            if self.input.is_uncertain() and self._has_time():
                self._left = 1
                self.job.at(ticks.add(self._now, self._spacing_ms))
            else:
                self._open(_SETTLED if self._settled_ms else _PRE_STROKE)
            return
        mean_pa = self._sum_pa // self._good if self._good * 2 > self._wanted else stroke_rise.NO_VALUE
        pulsation_pa = self._pulsation_sum_pa // (self._good - 1) if self._good > 1 else 0
        if window == _SETTLED:
            stroke.settled_pa = mean_pa
            stroke.settled_pulsation_pa = pulsation_pa
            self._open(_PRE_STROKE)
            return
        self._window = _DONE
        stroke.pre_stroke_pa = mean_pa
        stroke.pulsation_pa = pulsation_pa
        if stroke.settled_pa == stroke_rise.NO_VALUE:
            stroke.settled_pulsation_pa = pulsation_pa
        self.evaluate(stroke)

    def _has_time(self) -> bool:
        """Whether another sample right after the stroke is over before the next window begins."""
        until_ms = self._settled_ms or self._quiet_ms - (self._samples + 1) * self._spacing_ms
        return ticks.diff(self._now, self._stroke_end) + 2 * self._spacing_ms < min(until_ms, _UNCERTAIN_MS)
