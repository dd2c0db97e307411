"""Decides once a stroke whether the line is occluded.

Two things are a block: strokes that stay (staircase.py), and a level far above the baseline for a minute while the
line does not drain its strokes as it used to (retention.py). docs/occlusion.md has the reasons and the figures.
"""

from micropython import const

from pump.occlusion import baseline, retention, staircase, stroke_rise

_SLOWEST_MS = const(60000)  # three times the slowest line's tau: until then a new rate raises the pressure by itself
_CLEAR_STROKES = const(16)  # from which the rise of a stroke must be known
_LASTS_MS = const(20000)  # the level counts when it has been high for so long; no breath is held longer
_UNTOLD_MS = const(900000)  # or eight strokes, where strokes don't tell whether they drain: the swings of an artery
_UNTOLD_STROKES = const(8)
_LEAK_MS = const(720000)  # a faint lasts 10 minutes
_LEAK_STROKES = const(4)
_SEEN_PA = const(150)  # a pulse that is seen; the noisiest sensor makes 120
_FULL_PA = const(200)  # a pulse that no sensor's noise can stand for: the noisiest makes 120
_SWING_PA = const(15000)  # swings of the vessel, posture and the night together stay within this
_STILL_PA = const(400)  # from stroke to stroke
_EMPTY_PA = const(4000)  # below this a line ends in the air
_EMPTY_MS = const(12000)  # longer than the fall after a Valsalva manoeuvre lasts
_SOFT_STROKES = const(30)  # so many rises above the baseline are a block of a soft line


class Detector:
    """`baseline_pa` is the open line's average pressure, None until the first stroke."""

    def __init__(self) -> None:
        self.alarm_rise_pa = 0  # above the baseline; the parameter occlusion_rise_pa
        self.pulse_pa = 0  # the pulsation of the open line in quiet times, 0 until it is known
        self.rise = stroke_rise.StrokeRise()
        self.staircase = staircase.Staircase(self.rise)
        self.retention = retention.Retention(self.rise)
        self.level = baseline.Baseline()
        self.strokes_retained = 0  # strokes since the block began
        self._past_pa = stroke_rise.NO_VALUE  # the pressure before the last stroke
        self._period_ms = 1
        self._settling = 0  # strokes left until the line has settled at its rate
        self._settle = 0  # strokes that it takes at the present rate
        self._above = 0  # strokes in a row with the pressure above the baseline by the alarm's rise
        self._below = 0  # and below it
        self._is_open = False  # the pressure has fallen as that of a line that was disconnected
        self._relief_pa = 0  # above the baseline: below this pressure the line drains again

    @property
    def baseline_pa(self) -> "int | None":
        """The open line's average pressure, None until the first stroke."""
        return self.level.pa

    @property
    def jumped(self) -> bool:
        """Whether the pressure has leapt further than stroke and posture can, and stayed: the sensor is wrong."""
        return self.level.jumped

    def set_interval(self, period_ms: int) -> None:
        """The strokes will come this far apart."""
        self._period_ms = period_ms
        # The first stroke may come right after the change, when the line is still at its old level: two at least.
        self._settle = max(2, _SLOWEST_MS // period_ms)
        self.rise.near = period_ms < stroke_rise.NEAR_MS
        self.staircase.set_interval(period_ms)
        self.level.set_interval(period_ms)

    def restart(self) -> None:
        """The line settles at a new level: the next value is the baseline."""
        self.level.restart()
        self.retention.relearn()
        self.resume()

    def resume(self) -> None:
        """Delivery begins: earlier sums no longer count."""
        self._past_pa = stroke_rise.NO_VALUE
        self._settling = self._settle
        self.staircase.restart()
        self._above = 0
        self._below = 0
        self._is_open = False

    def clear_findings(self) -> None:
        """The present pressure is accepted: an earlier leap or fall no longer counts."""
        self.level.clear()
        self.resume()

    def update(self, stroke: "stroke_rise.StrokePressure") -> bool:
        """Adds a stroke; True when the line is occluded."""
        pre_stroke_pa = stroke.pre_stroke_pa
        past_pa = self._past_pa
        self._past_pa = pre_stroke_pa
        if pre_stroke_pa == stroke_rise.NO_VALUE:
            return False
        stairs = self.staircase
        if stroke.rise_pa != stroke_rise.NO_VALUE and not stairs.suspects():
            self.rise.learn(stroke.rise_pa, stroke.pulsation_pa)
        stairs.pulse_pa = self.pulse_pa
        stairs.slow = self.retention.is_slow(self.pulse_pa)
        stairs.add(stroke, self._settling > 0)
        if past_pa == stroke_rise.NO_VALUE:
            if self.level.pa is None:
                self.level.begin(pre_stroke_pa)
            return False
        if self.level.leapt(pre_stroke_pa, past_pa, self.rise) and not stairs.found():
            return False
        self.retention.add(stroke, past_pa, not stairs.suspects() and not self._above)
        return self._decide(stroke, -_STILL_PA < pre_stroke_pa - past_pa < _STILL_PA)

    def suspects(self) -> bool:
        """Whether the last strokes are not those of a line that is open beyond doubt."""
        return self.staircase.suspects() or self._above > 0 or self._below > 0 or self.level.leap_pa > 0

    def is_clear(self) -> bool:
        """Whether nothing is suspected, and strokes are so large that a few samples tell what becomes of them."""
        return self.rise.strokes >= _CLEAR_STROKES and self.staircase.stands_out() and not self.suspects()

    def opened(self) -> bool:
        """Whether the pressure has fallen as in a line that was disconnected."""
        return self._is_open

    def relieved(self, pressure_pa: int) -> bool:
        """Whether this pressure, measured at rest, shows that the line drains again."""
        relief_pa = self._relief_pa or self.alarm_rise_pa >> 1
        baseline_pa = self.level.pa
        return baseline_pa is not None and pressure_pa - baseline_pa < relief_pa

    def strokes_in(self, excess_pa: int) -> int:
        """How many strokes raise the pressure of a shut line by so much."""
        return max(0, excess_pa) // self.staircase.unit_pa()

    def _decide(self, stroke: "stroke_rise.StrokePressure", still: bool) -> bool:
        pre_stroke_pa = stroke.pre_stroke_pa
        stairs = self.staircase
        settling = self._settling > 0
        if settling:
            self._settling -= 1
        tells = self.retention.tells()
        normal = tells and self.retention.is_normal()
        found = stairs.found() and not (stairs.may_be_swing() and self.retention.drains())
        if not found and not self._lifted(stroke, tells, still):
            quiet = not stairs.suspects() and not self._above and not self._below
            if settling or (quiet and (normal or not tells)):
                self.level.follow(pre_stroke_pa, settling)
            return False
        self.strokes_retained = stairs.strokes
        baseline_pa = self.level.pa
        if baseline_pa is not None:
            excess_pa = max(0, pre_stroke_pa - baseline_pa)
            self._relief_pa = max(self.rise.pa >> 1, min(self.alarm_rise_pa, excess_pa) >> 1)
            if not found:
                self.strokes_retained = self.strokes_in(excess_pa)
        stairs.restart()
        self._above = 0
        return True

    def _lifted(self, stroke: "stroke_rise.StrokePressure", tells: bool, still: bool) -> bool:
        """Whether the pressure is far above the baseline for a minute, and its strokes do not drain as they used to."""
        baseline_pa = self.level.pa
        if self._settling or baseline_pa is None:
            return False
        excess_pa = stroke.pre_stroke_pa - baseline_pa
        rise_pa = self.alarm_rise_pa
        full = self._pulse_is_full(stroke.pulsation_pa)
        self._fell(stroke, excess_pa, still, full)
        if not tells:  # swings of the vessel alone reach 8 kPa
            rise_pa *= 2
        else:
            rise_pa = min(rise_pa, max(rise_pa >> 1, _SOFT_STROKES * self.rise.pa))
        passes = full or (tells and self.retention.is_normal())
        self._above = self._above + 1 if excess_pa >= rise_pa and not passes else 0
        if not tells and self._above <= min(_UNTOLD_STROKES, _UNTOLD_MS // self._period_ms):
            return False
        return self._above > 1 and (self._above - 1) * self._period_ms >= _LASTS_MS

    def _pulse_is_full(self, pulsation_pa: int) -> bool:
        """Whether the vessel's pulse comes through as in quiet times: the line is neither shut nor open to the air.

        A walk shakes the sensor by more, and says nothing. What is known of quiet times is of the weaker strokes there,
        and about an eighth below their mean.
        """
        pulse_pa = self.pulse_pa
        return pulse_pa > _FULL_PA and 7 * pulse_pa <= pulsation_pa * 8 <= 18 * pulse_pa

    def _fell(self, stroke: "stroke_rise.StrokePressure", excess_pa: int, still: bool, full: bool) -> None:
        """A line that ends in the air has its low pressure at once, and keeps it; a vessel's falls for a while.

        Behind a leak the pulse is lower too; where it doesn't reach the pump, only a fall beyond all swings tells it.
        """
        self._below = self._below + 1 if excess_pa <= -self.alarm_rise_pa and not full else 0
        low_ms = (self._below - 1) * self._period_ms if self._below > 1 else 0
        empty = still and stroke.pre_stroke_pa < _EMPTY_PA and low_ms >= _EMPTY_MS
        damped = self.pulse_pa > _SEEN_PA and stroke.pulsation_pa * 4 < 3 * self.pulse_pa
        lasts = self._below >= _LEAK_STROKES and low_ms >= _LEAK_MS
        leaks = lasts and (damped or excess_pa < -_SWING_PA)
        self._is_open = empty or leaks
