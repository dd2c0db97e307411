"""A trim with its flow sensor and a line through which strokes flow out, without the rest of the pump."""

import dose_rig
import part_fakes
import sensor_fakes
from pump.core import conditions, ticks
from pump.flow import trim


class Job:
    """A job; stores the tick that the trim asked for."""

    def __init__(self):
        self.due = None

    def at(self, due):
        self.due = due

    def off(self):
        self.due = None


class Line(sensor_fakes.Flow):
    """Strokes on schedule, `ppm` larger than nominal, and a sensor at the end of the line.

    Each stroke flows out within 0.8 s, at first fast and then slowly. `mean`: the sensor reads the mean since the last
    reading, as the SLF3x does, instead of the present flow.
    """

    def __init__(self, ppm=0, mean=False):
        sensor_fakes.Flow.__init__(self)
        self.conditions = conditions.Conditions(0)
        self.journal = dose_rig.Journal()
        self.no_flow = False
        self.offset_pl_s = 0
        self.now = part_fakes.START
        self._ppm = ppm
        self._mean = mean
        self._began = self.now
        self._read = self.now
        self._unread_pl = 0
        self.fit(self)

    def fit(self, flow):
        """Replaces the sensor; None removes it."""
        self.trim = trim.Trim(flow, self.conditions, self.journal, self.report_no_flow)
        self.trim.job = Job()

    def infuse(self, ul_day, span_ms):
        """Makes strokes for this time; a new trim is applied."""
        end = ticks.add(self.now, span_ms)
        due = self.now
        while ticks.diff(end, due) > 0:
            self._run_to(due)
            self._begin_stroke()
            stroke_pl = 250000 + 250000 * self.trim.trim_ppm // 1000000
            period_ms = stroke_pl * 864 // (ul_day * 10)
            due = ticks.add(due, period_ms)
            self.trim.changed = False
            self.trim.expect(due, period_ms, ul_day)
        self._run_to(due)

    def rest(self, span_ms):
        self.trim.rest(self.now)
        self._run_to(ticks.add(self.now, span_ms))

    def report_no_flow(self):
        self.no_flow = True

    def noted(self, note):
        return self.conditions.noted(note)

    def read_pl_s(self):
        sensor_fakes.Flow.read_pl_s(self)
        since_ms = min(ticks.diff(self.now, self._began), 800)
        left_ms = 800 - since_ms
        rising = since_ms < 400
        if not self._mean:
            return self.offset_pl_s + self._stroke_pl() // 160 * (since_ms if rising else left_ms)
        part_ms = since_ms if rising else left_ms
        part_pl = self._stroke_pl() // 320 * (part_ms * part_ms // 10) // 100
        out_pl = part_pl if rising else self._stroke_pl() - part_pl
        span_ms = max(1, ticks.diff(self.now, self._read))
        new_pl = self._unread_pl + out_pl
        self._read, self._unread_pl = self.now, -out_pl
        return self.offset_pl_s + new_pl * 1000 // span_ms

    def _stroke_pl(self):
        return 250000 + 250000 * self._ppm // 1000000

    def _begin_stroke(self):
        if self._mean:
            self._unread_pl = min(self._unread_pl + self._stroke_pl(), 1000000)
        self._began = self.now

    def _run_to(self, due):
        job = self.trim.job
        while job.due is not None and ticks.diff(due, job.due) >= 0:
            self.now, job.due = job.due, None
            self.trim.run(self.now)
        self.now = due
