"""Samples the line's pressure before each stroke and finds a blocked line by what is left of the stroke before.

In a healthy line the pressure of a stroke has drained into the vessel when the next one comes; behind a block each
stroke adds to it. The mean of a few samples (spread so that the heartbeat falls out) is compared with the line's own
slow average. It finds a block within a few strokes while a stroke raises the pressure by some 0.5 kPa or more; softer
lines are left to the absolute limit.
"""

from micropython import const

from pump import defs, hal, ticks, trust

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import conditions, scheduler

_SAMPLES = const(4)
# Four samples 200 ms apart leave a quarter of a pulse of 1 to 1.5 Hz, the vessel of the world's model.
_SPACING_MS = const(200)
_REST_MS = const(2000)
_AVERAGE = const(32)  # strokes over which the line's own average is taken
_ABOVE = const(2)  # strokes in a row that must lie above the rise
_LOWEST_PA = const(-20000)
_HIGHEST_PA = const(250000)


class Detector:
    """Pressure left before a stroke against its own slow average; `baseline_pa` is None until the first stroke."""

    def __init__(self) -> None:
        self.rise_pa = 0
        self._sum_pa = 0
        self._above = 0
        self.baseline_pa: "int | None" = None

    def restart(self) -> None:
        """Forgets the line: the next value is the new average."""
        self.baseline_pa = None
        self._above = 0

    def judge(self, left_pa: int) -> bool:
        """Takes the pressure left before a stroke; True when the line is blocked."""
        if self.baseline_pa is None:
            self._sum_pa = left_pa * _AVERAGE
        excess_pa = left_pa - self._sum_pa // _AVERAGE
        self._above = self._above + 1 if excess_pa >= self.rise_pa else 0
        self._sum_pa += excess_pa
        self.baseline_pa = self._sum_pa // _AVERAGE
        if self._above < _ABOVE:
            return False
        self._above = 0  # after the resume it takes as many again
        return True

    def relieved(self, pressure_pa: int) -> bool:
        """Whether this pressure, taken at rest, says that the line drains again."""
        return self.baseline_pa is not None and pressure_pa - self.baseline_pa < self.rise_pa // 2


class Line:
    """The pressure sensor's watch: samples before each stroke, looks every two seconds at rest."""

    def __init__(self, pressure: "hal.Pressure", conditions: "conditions.Conditions") -> None:
        self._begin = pressure.begin
        self._read_pa = pressure.read_pa
        self._conditions = conditions
        self.detector = Detector()
        self.job: scheduler.Job
        self.limit_pa = 0
        self.pressure_pa: "int | None" = None
        self._infusing = False
        self._samples = _SAMPLES
        self._due = 0
        self._taken = -1  # before the first sample: the sensor is told to begin
        self._sum_pa = 0
        self._trust = trust.Trust(conditions, defs.NOTE_PRESSURE_BLIND)

    def pace(self, quiet_ms: int) -> None:
        """The rate has changed: quiet_ms lie between strokes, and the average begins anew."""
        self._samples = min(_SAMPLES, max(1, quiet_ms // _SPACING_MS - 1))
        if not self._conditions.has(defs.BIT_OCCLUDED):  # the average tells when the block is gone
            self.detector.restart()

    def expect(self, due: int) -> None:
        """The next stroke comes at this tick; samples are taken before it."""
        self._infusing = True
        self._due = due
        self._taken = -1
        self._sum_pa = 0
        self.job.at(ticks.add(due, -(self._samples + 1) * _SPACING_MS))

    def rest(self, now: int) -> None:
        """Delivery is held: look now and then until it goes on."""
        self._infusing = False
        self.job.at(ticks.add(now, _REST_MS))

    def run(self, now: int) -> None:
        """The job: one sample, or the conversion that comes before the first."""
        if not self._infusing:
            self._sample()
            self.job.at(ticks.add(now, _REST_MS))
            self._judge_at_rest()
            return
        if self._taken < 0:
            self._start_sensor()
        else:
            self._sample()
        if self._taken >= self._samples:
            if self.detector.judge(self._sum_pa // self._taken):
                self._conditions.set(defs.BIT_OCCLUDED)
        else:
            self._ask_again(now)

    def _ask_again(self, now: int) -> None:
        following = ticks.add(now, _SPACING_MS)
        if ticks.diff(self._due, following) > 0:
            self.job.at(following)

    def _start_sensor(self) -> None:
        self._taken = 0
        try:
            self._begin()
        except hal.PartError:
            pass  # the samples will tell

    def _sample(self) -> None:
        try:
            pa = self._read_pa()
        except hal.PartError:
            pa = _LOWEST_PA - 1
        good = _LOWEST_PA <= pa <= _HIGHEST_PA
        self._trust.take(good)
        if self._trust.lost:
            self.pressure_pa = None
        if not good or self._trust.lost:
            return
        self.pressure_pa = pa
        if self._infusing:
            self._sum_pa += pa
            self._taken += 1
        if pa >= self.limit_pa:
            self._conditions.set(defs.BIT_PRESSURE_HIGH)
        elif pa < self.limit_pa - self.limit_pa // 8:
            self._conditions.clear(defs.BIT_PRESSURE_HIGH)

    def _judge_at_rest(self) -> None:
        pa = self.pressure_pa
        if pa is not None and self.detector.relieved(pa):
            self._conditions.clear(defs.BIT_OCCLUDED)
