"""Classifies the line by how it responds to strokes: open, partial or upstream occlusion, air, or a sensor fault."""

from micropython import const

from pump.occlusion import stroke_rise

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.occlusion import retention

_BLOCK = const(16)  # strokes before they are compared
_GROUP = const(4)  # of which so many are averaged; the second least of the means counts, as a walk shakes the sensor
_PULSATION_PA = const(125)  # a pulsation is present above this; the noisiest sensor makes 120 Pa
_FADES_PA = const(200)  # a pulse that can fade: half of it is not yet the noise of a sensor
_STUCK_PA = const(12)  # neighbouring samples that differ by less come from a sensor that does not convert
_ALIVE_PA = const(30)  # it is known to have differed by more
_FADED_PA = const(70)  # the smoothed pulsation of a sensor that is stuck is below this
_BEAT_MS = const(1000)  # of the slowest heart: a window that is shorter may meet the same part of each beat
_CONFIRMED = const(2)  # blocks of strokes in a row at least
_FADED_MS = const(300000)  # that they must last: a strain or a weak minute of the heart is over by then
_FIRST_BLOCKS = const(4)  # of which the least pulsation is learned
_QUIET_BITS = const(6)  # the pulsation of quiet times is kept in 64ths of a pascal
_DOWN_BITS = const(4)
_UP_BITS = const(6)  # four times as slow: what a fifth of all blocks are below
_LEAST_PA = const(50)  # of a stroke that can be missed: the softest line gives 125, of which a fast one keeps half
_NO_PULSATION = const(1 << 29)
LEARNED = const(64)  # strokes before one that does not arrive, or goes back, can be told

OPEN = const(0)
PARTIAL = const(1)
UPSTREAM = const(2)  # the stroke does not reach the sensor: occluded upstream, or the drive turns without effect
AIR = const(3)
SENSOR_STUCK = const(4)
SENSOR_LAGGING = const(5)  # from SENSOR_STUCK on it is the sensor that is wrong


class Mean:
    """The mean of `count` values."""

    def __init__(self) -> None:
        self.count = 0
        self._sum_pa = 0

    def restart(self) -> None:
        self.count = 0
        self._sum_pa = 0

    def add(self, pa: int) -> None:
        self._sum_pa += pa
        self.count += 1

    def next_pa(self) -> int:
        """The mean; the next one begins."""
        pa = self._sum_pa // self.count
        self.restart()
        return pa


class LineState:
    """`finding` is the state of the line, compared with what its first strokes were: those after power-on, and for
    what depends on the rate those after each change of rate.
    """

    def __init__(self, rise: "stroke_rise.StrokeRise", retained: "retention.Retention") -> None:
        self._rise = rise
        self._retained = retained
        self._pulsation = Mean()  # of the present group of strokes
        self._least_pa = _NO_PULSATION  # of the groups of the present block
        self._second_pa = _NO_PULSATION  # and the one above it
        self._strokes = 0  # of the present block
        self.pulsation_pa = 0  # of the open line, 0 until it is known
        self._quiet = 0  # the same, while it is learned, in 64ths
        self._pulsation_blocks = 0  # blocks that it was learned from
        self._other_rate = False  # it is that of another rate, and is learned again
        self._far_pulsation_pa = 0  # of the open line where strokes are far apart, 0 until it is known
        self._alive = False  # neighbouring samples have differed as those of a sensor that converts
        self._past_pa = stroke_rise.NO_VALUE  # the pressure before the last stroke
        self._partial = 0  # blocks in a row that look partially occluded
        self._confirmed = _CONFIRMED  # of them, those that are enough at the present rate
        self._missing_pa = 0  # cumulative sum of what the strokes lack of half of their usual rise
        self._usual_of = 0  # strokes that this usual rise is taken from
        self._late = 0  # strokes, up to 8, whose rise shows in the settled window only
        self._smoothed_pulsation_pa = 0  # of the last few strokes
        self._whole_beats = True  # the window before a stroke holds whole beats
        self._single = False  # it is one sample, in which no pulsation shows
        self._far = True  # it has its full length, long after the stroke before
        self.finding = OPEN

    def relearn(self) -> None:
        """Another line, or another stroke: nothing is known of it."""
        self._set_quiet(0)
        self._far_pulsation_pa = 0
        self._alive = False
        self.finding = OPEN
        self.restart()

    def restart(self) -> None:
        """A new rate: the pulsation is learned again.

        A window soon after a stroke has that stroke's decay in its pulsation, and nearer samples less of a beat.
        Where strokes are far apart, the pulsation is the same at every rate.
        """
        self._other_rate = not (self._far and self._far_pulsation_pa)
        if not self._other_rate:
            self._set_quiet(self._far_pulsation_pa)
        self.resume()

    def set_window(self, samples: int, spacing_ms: int, far: bool, period_ms: int) -> None:
        """The measurement window before a stroke; `far`: it has its full length and another one lies before it."""
        self._confirmed = max(_CONFIRMED, _FADED_MS // (_BLOCK * period_ms) + 1)
        self._whole_beats = samples * spacing_ms >= _BEAT_MS
        self._single = samples == 1
        self._far = far

    def resume(self) -> None:
        """Delivery begins, or resumes after a pause."""
        self._past_pa = stroke_rise.NO_VALUE
        self._partial = 0
        self._missing_pa = 0
        self._late = 0
        self._restart_block()

    def _restart_block(self) -> None:
        self._pulsation.restart()
        self._least_pa = self._second_pa = _NO_PULSATION
        self._strokes = 0

    def is_quiet(self) -> bool:
        """Whether nothing is found, and the last stroke has arrived."""
        return self.finding == OPEN and not self._missing_pa

    def classify(self, stroke: "stroke_rise.StrokePressure") -> int:
        """Adds a stroke; returns the finding, OPEN to SENSOR_LAGGING."""
        past_pa = self._past_pa
        self._past_pa = stroke.pre_stroke_pa
        if stroke.pre_stroke_pa == stroke_rise.NO_VALUE or past_pa == stroke_rise.NO_VALUE:
            return self.finding
        pulsation_pa = stroke.pulsation_pa
        if self._single:  # its neighbour is the sample right after the stroke, or where there is none, the last one
            pulsation_pa = abs(stroke.pre_stroke_pa - past_pa - stroke.raised_pa())
        if stroke.rise_pa != stroke_rise.NO_VALUE:
            self._count_missing(stroke, pulsation_pa)
        self._pulsation.add(pulsation_pa)
        self._smoothed_pulsation_pa += (stroke.pulsation_pa - self._smoothed_pulsation_pa) >> 2
        if self._pulsation.count == _GROUP:
            pulsation_pa = self._pulsation.next_pa()
            self._second_pa = min(self._second_pa, max(self._least_pa, pulsation_pa))
            self._least_pa = min(self._least_pa, pulsation_pa)
            self._strokes += _GROUP
            if self._strokes == _BLOCK:
                self._compare()
        return self.finding

    def _count_missing(self, stroke: "stroke_rise.StrokePressure", pulsation_pa: int) -> None:
        """A cumulative sum over the strokes that did not raise the pressure by half of what they used to."""
        mean_pa = self._rise.least_pa()
        spread_pa = self._rise.spread_pa
        if self._usual_of != self._rise.strokes:  # what was missing was missing of another mean
            self._usual_of = self._rise.strokes
            self._missing_pa = 0
        if self._rise.strokes < LEARNED or mean_pa < _LEAST_PA or spread_pa > 8 * mean_pa:
            return
        # The beat between pulse and strokes would look like it: while the heart rate is constant each stroke may meet
        # the same part of the pulse, from top to bottom, 2.2 times the mean of neighbouring samples.
        if self._pulse_pa() * 9 > mean_pa * 2:
            return
        # A drive that sticks gives what several strokes lack with one, so that this one counts by as much.
        lacking_pa = max(-max(mean_pa, 2 * spread_pa), min(mean_pa >> 1, (mean_pa >> 1) - stroke.rise_pa))
        if lacking_pa > 0 and self.pulsation_pa:
            # The steps of a walk may have lowered the rise as a pulse does, as long as they shake the sensor.
            shaken_pa = max(0, pulsation_pa - self.pulsation_pa)
            lacking_pa = max(0, min(lacking_pa, (mean_pa >> 1) - stroke.rise_pa - (shaken_pa * 9 >> 2)))
        self._missing_pa = max(0, self._missing_pa + lacking_pa)
        # A stroke that shows in the settled window has arrived; the sensor lags.
        late = stroke.settled_pulsation_pa - stroke.pulsation_pa > mean_pa >> 4
        self._late = min(8, self._late + 1) if late else max(0, self._late - 1)
        # A random walk with this spread passes the mark once in e^20 strokes.
        if self._missing_pa < 2 * mean_pa + 20 * spread_pa // mean_pa * spread_pa:
            if self._missing_pa == 0 and self.finding in (UPSTREAM, AIR, SENSOR_LAGGING):
                self.finding = OPEN
            return
        self._missing_pa = 2 * mean_pa
        if pulsation_pa < _STUCK_PA and self._alive:
            # One pair of the few samples may be equal by chance; where there are no more, the block decides.
            if self._smoothed_pulsation_pa < _FADED_PA and not self._single:
                self.finding = SENSOR_STUCK
        elif self._late > 2:
            self.finding = SENSOR_LAGGING
        elif self.finding not in (UPSTREAM, AIR, SENSOR_LAGGING):
            self.finding = AIR if self._damped() else UPSTREAM

    def _pulse_pa(self) -> int:
        """The pulsation of the open line without the decay of a stroke, if strokes were ever far apart."""
        return self._far_pulsation_pa or self.pulsation_pa

    def _damped(self) -> bool:
        """Whether the pulse is damped, beyond what samples that lie nearer to each other show less of it."""
        pulse_pa = self._pulse_pa()
        share_4ths = 3 if self._far else 2
        return pulse_pa > _PULSATION_PA and self._smoothed_pulsation_pa * 4 < pulse_pa * share_4ths

    def _set_quiet(self, pulsation_pa: int) -> None:
        self.pulsation_pa = pulsation_pa
        self._quiet = pulsation_pa << _QUIET_BITS

    def _follow(self, pulsation_pa: int) -> None:
        """The pulsation of quiet times, learned again and again: what a fifth of all blocks are below.

        A walk shakes the sensor, and a heart beats stronger now and then. However far a block is away, it counts as one
        that is half as much away as the pulsation itself: else an hour's walk would be taken for the pulse.
        """
        if self._pulsation_blocks < _FIRST_BLOCKS:
            self._pulsation_blocks += 1
            self._set_quiet(min(self.pulsation_pa, pulsation_pa))
            return
        most = self._quiet >> 1
        change = max(-most, min((pulsation_pa << _QUIET_BITS) - self._quiet, most))
        self._quiet += change >> (_DOWN_BITS if change < 0 else _UP_BITS)
        self.pulsation_pa = self._quiet >> _QUIET_BITS

    def _compare(self) -> None:
        pulsation_pa = self._second_pa
        self._restart_block()
        narrow = self.finding == PARTIAL
        if pulsation_pa < (_ALIVE_PA if self.finding == SENSOR_STUCK else _STUCK_PA) and self._alive:
            self.finding = SENSOR_STUCK
            return
        if self.finding == SENSOR_STUCK:
            self.finding = OPEN
        self._alive = self._alive or pulsation_pa > _ALIVE_PA
        known = self._whole_beats and self._pulsation_blocks >= _FIRST_BLOCKS and self.pulsation_pa > _FADES_PA
        faded = known and pulsation_pa * 8 < self.pulsation_pa * (5 if narrow else 4)
        # The value of a sensor that did not convert is replaced too.
        if not self._single and (self._other_rate or self.pulsation_pa < _STUCK_PA):
            self._other_rate = False
            self._pulsation_blocks = 1
            self._set_quiet(pulsation_pa)
        elif not self._single and not faded:
            self._follow(pulsation_pa)
        if self._far and not self._single:
            self._far_pulsation_pa = self.pulsation_pa
        partial = faded or self._retained.is_narrow(narrow)
        if partial:
            self._partial = min(self._confirmed, self._partial + 1)
        else:
            self._partial = max(0, min(self._partial, _CONFIRMED) - 1)
        if self._partial == self._confirmed and self.finding == OPEN:
            self.finding = PARTIAL
        elif not self._partial and self.finding == PARTIAL:
            self.finding = OPEN
