"""The staircase of a block: each stroke raises the pressure by its own rise, which then neither decays nor wanders.

How much of a stroke stays until the next one is the line's own answer to it. Whatever the vessel, the posture or the
heart do is not in step with the strokes: between two of them it makes the pressure wander, up or down, and so speaks
for an open line. docs/occlusion.md has the reasons and the figures.
"""

from micropython import const

from pump.occlusion import stroke_rise

WHOLE = const(64)  # of a stroke
_DRIFT = const(22)  # a stroke of which less than a third stays lowers the sum
_MARK = const(102)  # 1.6 strokes
_NOISE = const(30)  # with it, noise passes the mark by chance once in e^20 strokes
_MOST_NOISE = const(1280)  # 20 strokes
# The largest swing of the vessel and a little more: in a line that drains slowly it looks like a block meanwhile. A
# softer line would have lost too much by then.
_SWING_PA = const(9000)
_SOFT_STROKES = const(32)
_SOFT_PA = const(4000)  # and half of what so many strokes raise the pressure by, were all of it to stay
_SETTLING = const(256)  # 4 strokes, while the line comes to the level of a new rate
_SENSOR_PA = const(120)  # neighbouring samples of the noisiest sensor (100 Pa rms) differ by so much in the mean
_LONGEST_MS = const(12000)  # a Valsalva manoeuvre is over after 10 s
_CLEAR_PA = const(600)  # five times that
_GROUP_MS = const(4000)  # near strokes that raise the pressure little are taken together for so long
_GROUP_PA = const(1500)
_AMBIENT_MS = const(4580)  # for 1 Pa: the steepest ambient drift of 3 kPa either way in a day


class Staircase:
    """`sum` counts strokes that stayed, in 64ths, beyond a third of each (CUSUM, Page 1954); `mark` is a block."""

    def __init__(self, rise: "stroke_rise.StrokeRise") -> None:
        self._rise = rise
        self.sum = 0
        self.mark = _MARK
        self.strokes = 0  # since the sum began to grow
        self.pulse_pa = 0  # the pulsation of the open line in quiet times, 0 until it is known
        self.slow = True  # the line drains so slowly that a swing of the vessel can look like strokes that stay
        self._period_ms = 1
        self._drift_pa = 0  # the steepest ambient drift from the settled window to the next stroke
        self._wander_pa = 0  # smoothed: what the pressure changes by from the settled window to the next stroke
        self._count = 0  # strokes of the present group
        self._total_pa = 0  # the sum of their pressures
        self._past_pa = stroke_rise.NO_VALUE  # the pressure before the last stroke, or of the last group
        self._raised_pa = 0  # and of their rises
        self._clear_pa = 0  # the same of the last stroke or group, if it stood out of pulse and noise
        self._risen_pa = 0  # what the last stroke or group has raised the pressure by
        self._start_pa = 0  # the pressure when the sum began to grow
        self._swings = True  # a swing of the vessel could look like the last strokes

    def set_interval(self, period_ms: int) -> None:
        """The strokes will come this far apart."""
        self._period_ms = period_ms
        self._drift_pa = period_ms // _AMBIENT_MS

    def restart(self) -> None:
        """Delivery begins: earlier strokes no longer count."""
        self.sum = 0
        self.strokes = 0
        self._count = 0
        self._total_pa = 0
        self._raised_pa = 0
        self._past_pa = stroke_rise.NO_VALUE

    def unit_pa(self) -> int:
        """The least that a stroke raises the pressure by."""
        return self._rise.pa + (self._rise.pa >> 1)

    def add(self, stroke: "stroke_rise.StrokePressure", settling: bool) -> None:
        """Adds a stroke whose windows are complete."""
        unit_pa = self.unit_pa()
        self._total_pa += stroke.pre_stroke_pa
        self._raised_pa += max(0, stroke.raised_pa())
        self._count += 1
        single = stroke.settled_pa != stroke_rise.NO_VALUE or max(unit_pa, stroke.raised_pa()) >= _GROUP_PA
        if not single and self._count * self._period_ms < _GROUP_MS:
            return
        strokes = self._count
        level_pa = self._total_pa // strokes
        past_pa = self._past_pa
        self._past_pa = level_pa
        if past_pa != stroke_rise.NO_VALUE:
            unit_pa *= strokes
            # A drive that sticks makes them unequal; so does a pulse or a walk, by 2.2 times what neighbouring samples
            # differ by.
            clear_pa = 0
            if self._raised_pa > max(_CLEAR_PA, stroke.pulsation_pa * 9 >> 2) * strokes:
                clear_pa = self._raised_pa - (self._raised_pa >> 2)
            sure_pa = max(unit_pa, min(clear_pa, self._clear_pa))  # a swing of the vessel may add to one of them
            unit_pa = max(unit_pa, clear_pa)
            self._clear_pa = clear_pa
            risen_pa = (level_pa if stroke.settled_pa == stroke_rise.NO_VALUE else stroke.settled_pa) - past_pa
            share = self._share(risen_pa, unit_pa, self._most_pa(strokes), self._change_pa(stroke, risen_pa, unit_pa))
            self._update(share, sure_pa, past_pa, settling)
        self._count = 0
        self._total_pa = 0
        self._raised_pa = 0

    def found(self) -> bool:
        """Whether it is a block: many strokes that stayed, for longer than any breath is held."""
        if self.sum < self.mark or self.strokes * self._period_ms < _LONGEST_MS:
            return False
        risen_pa = self._past_pa - self._start_pa
        soft = self.strokes >= _SOFT_STROKES and risen_pa >= max(_SOFT_PA, self.strokes * self._mean_pa() >> 1)
        return not self._swings or risen_pa >= _SWING_PA or soft

    def _mean_pa(self) -> int:
        """What a stroke raises the pressure by, less what the pulse may have added to all that were measured."""
        return max(self.unit_pa(), self._rise.mean_pa - (max(0, self.pulse_pa - _SENSOR_PA) * 9 >> 2))

    def may_be_swing(self) -> bool:
        """Whether a swing of the vessel could have made the sum, in a line that drains slowly."""
        return self._swings and self.strokes < 2 * _SOFT_STROKES

    def suspects(self) -> bool:
        """Whether the last strokes may have stayed."""
        return self.sum > WHOLE - _DRIFT

    def stands_out(self) -> bool:
        """Whether the rise of a stroke is well above the sensor's noise and the wander of the pressure."""
        unit_pa = self.unit_pa()
        return unit_pa > _CLEAR_PA and self._wander_pa < unit_pa >> 2

    def _most_pa(self, strokes: int) -> int:
        """The most that strokes can raise the pressure by; a kink close to the pump leaves less to expand."""
        if not self._rise.known():
            return 1 << 24
        most_pa = ((self._rise.mean_pa * 5 >> 1) + self.unit_pa()) * strokes
        return max(most_pa, self._raised_pa + (self._raised_pa >> 2))

    def _change_pa(self, stroke: "stroke_rise.StrokePressure", risen_pa: int, unit_pa: int) -> int:
        """What the pressure has changed by without a stroke; where strokes are near, from one rise to the next."""
        bits = 3
        if stroke.settled_pa == stroke_rise.NO_VALUE:
            change_pa = abs(risen_pa - self._risen_pa) >> 1
            self._risen_pa = risen_pa
            bits = 2  # a group of strokes is an average already
        else:
            change_pa = abs(stroke.pre_stroke_pa - stroke.settled_pa)
        self._wander_pa += (min(change_pa, max(unit_pa, self._raised_pa)) - self._wander_pa) >> bits
        noise_pa = min(min(stroke.pulsation_pa, _SENSOR_PA) >> 2, unit_pa >> 2)
        return max(0, change_pa - self._drift_pa - noise_pa)

    def _share(self, risen_pa: int, unit_pa: int, most_pa: int, change_pa: int) -> int:
        """How much of a stroke stayed until the next one, less all that has changed meanwhile."""
        lack_pa = max(0, unit_pa - risen_pa) + max(0, risen_pa - most_pa) + change_pa
        unit_pa = max(unit_pa, min(risen_pa, most_pa))
        return max(-WHOLE, WHOLE - min(2 * unit_pa, lack_pa) * WHOLE // unit_pa)

    def _update(self, share: int, unit_pa: int, past_pa: int, settling: bool) -> None:
        strokes = self._count
        if not self.sum:
            self.strokes = 0
            self._start_pa = past_pa
        self.sum = max(0, self.sum + share - _DRIFT)
        self.strokes += strokes
        noise = min(self._wander_pa * WHOLE // unit_pa, 4 * WHOLE)
        self.mark = _MARK + min(_MOST_NOISE, _NOISE * noise * noise // WHOLE) + (_SETTLING if settling else 0)
        # Where the steepest swing raises the pressure by less than a third of a stroke in a period, it adds nothing.
        self._swings = self.slow and unit_pa * 5 < 2 * self._period_ms * strokes
