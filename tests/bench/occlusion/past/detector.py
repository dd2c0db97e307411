"""Decides once a stroke whether the line is occluded, from what the pressure does from stroke to stroke.

Behind an occlusion every stroke raises the pressure by its volume over the line's compliance, and nothing drains. A
one-sided cumulative sum (CUSUM, Page 1954) adds up these rises. A rise is limited to what a stroke can make, so a
change of posture, which is one large rise, counts as one stroke; an occlusion, which is many equal ones, in full.
docs/occlusion.md has the reasons and the figures.
"""

from micropython import const
from pump.occlusion import stroke_rise

from occlusion.past import gradual

_QUIET_PA = const(100)  # neighbouring samples differ by less: no pulse arrives, only the sensor's own noise (56 Pa)
_PULSATION_BELOW_PA = const(500)  # a line with smaller rises per stroke counts as occluded only without pulsation
_SLOW_MS = const(60000)  # strokes further apart are compared with the pressure settled after them
_NEAR_MS = const(10000)  # strokes nearer than this may fall into one change of posture
_SETTLE_MS = const(60000)  # three times the slowest line's tau: until then a new rate raises the pressure by itself
_SETTLE_STROKES = const(12)  # added to the mark while the line settles
# Three of `StrokeRise.pa`, which is two thirds of a stroke: the "two strokes' worth" of docs/occlusion.md.
_MARK_STROKES = const(3)
# What a change of posture can add to the sum of a soft line: all at once, or over many strokes that are near.
_FAR_PA = const(900)
_NEAR_PA = const(1500)
_AVERAGE_MS = const(1800000)  # time constant of the baseline, within 4 to 32 strokes
_SOFT_STROKES = const(20)  # so many rises above the baseline are an occlusion of a soft, narrowed line
_AMBIENT_DAY_PA = const(6000)  # from the lowest to the highest ambient pressure of a day
_AMBIENT_MS = const(4580)  # for 1 Pa: the steepest ambient drift of 3 kPa either way in a day
_AGING_MS = const(43000)  # for 1 Pa of sensor drift: 2 kPa a day
AMBIENT_PA = const(300)  # a rise per stroke above this stands out of the ambient drift of 7 minutes (94 Pa)
_JUMP_PA = const(8000)  # twice what posture can do at once


class Detector:
    """`baseline_pa` is the open line's average pressure, None until the first stroke."""

    def __init__(self) -> None:
        self.alarm_rise_pa = 0  # above the baseline; the parameter occlusion_rise_pa
        self.baseline_pa: int | None = None
        self.rise = stroke_rise.StrokeRise()
        self.gradual = gradual.Gradual()
        self.sum_pa = 0  # the cumulative sum
        self.mark_pa = 1  # the sum that is an occlusion
        self.strokes_retained = 0  # strokes since the sum began to grow
        self.jumped = False  # the pressure has leapt further than stroke and posture can: the sensor is wrong
        self._lasting_pa = 0  # the sum of the rises from stroke to stroke alone, without the settled windows
        self._shut_pa = 0  # the sum of what strokes leave in the settled window beyond 5/4 of `rise.pa`
        self._past_pa = stroke_rise.NO_VALUE  # the pressure before the last stroke
        self._level_pa = 0  # the baseline times `_average`
        self._average = 1  # strokes that the baseline averages
        self._above = 0  # strokes in a row with the pressure above the baseline by the alarm's rise
        self._below = 0  # and below it
        self._settling = 0  # strokes left until the line has settled at its rate
        self._settle = 0  # strokes that it takes at the present rate
        self._slow = False  # strokes are further apart than _SLOW_MS
        self._posture_pa = _FAR_PA  # what a change of posture may add to the sum
        self._relief_pa = 0  # above the baseline: below this pressure the line drains again
        self._smoothed_pulsation_pa = 0
        self._origin_pa = 0  # the baseline when it was learned, followed slowly for the sensor's drift
        self._age_strokes = 0  # strokes since the origin moved
        self._aging_strokes = 1  # strokes after which it moves by 1 Pa
        self._ambient_pa = 0  # the ambient drift in the time that the baseline averages

    def set_interval(self, period_ms: int) -> None:
        """The strokes will come this far apart."""
        self._slow = period_ms >= _SLOW_MS
        self._average = min(32, max(4, _AVERAGE_MS // period_ms))
        # The first stroke may come right after the change, when the line is still at its old level: two at least.
        self._settle = max(2, _SETTLE_MS // period_ms)
        self._aging_strokes = _AGING_MS // period_ms + 1
        self._ambient_pa = period_ms * self._average // _AMBIENT_MS
        self.rise.near = period_ms < _NEAR_MS
        self.gradual.set_interval(period_ms)
        self._posture_pa = _NEAR_PA if period_ms < _NEAR_MS else _FAR_PA

    def restart(self) -> None:
        """The line settles at a new level: the next value is the baseline."""
        self.baseline_pa = None
        self.jumped = False
        self.resume()

    def resume(self) -> None:
        """Delivery begins: earlier sums no longer count."""
        self._past_pa = stroke_rise.NO_VALUE
        self._settling = self._settle
        self.gradual.restart()
        self.sum_pa = 0
        self._lasting_pa = 0
        self._shut_pa = 0
        self._above = 0
        self._below = 0

    def clear_findings(self) -> None:
        """The present pressure is accepted: an earlier leap or fall no longer counts."""
        self.jumped = False
        self.resume()

    def update(self, stroke: "stroke_rise.StrokePressure", partial: bool) -> bool:
        """Adds a stroke; True when the line is occluded. `partial`: it is known to be partially occluded."""
        pre_stroke_pa = stroke.pre_stroke_pa
        past_pa = self._past_pa
        self._past_pa = pre_stroke_pa
        if pre_stroke_pa == stroke_rise.NO_VALUE:
            return False
        if stroke.rise_pa != stroke_rise.NO_VALUE:
            self.rise.learn(stroke.rise_pa, stroke.pulsation_pa)
        if past_pa == stroke_rise.NO_VALUE:
            if self.baseline_pa is None:
                self._follow(pre_stroke_pa, False)
            return False
        if self._leapt(pre_stroke_pa - past_pa):
            return False
        if self.rise.pa < AMBIENT_PA and not self._settling:
            self.gradual.add(pre_stroke_pa, stroke.pulsation_pa)
        self._add(pre_stroke_pa - past_pa, stroke.settled_pa, past_pa, stroke.pulsation_pa)
        return self._decide(pre_stroke_pa, partial)

    def opened(self) -> bool:
        """Whether the pressure has fallen as in a line that was disconnected."""
        return self._below > 1

    def relieved(self, pressure_pa: int) -> bool:
        """Whether this pressure, measured at rest, shows that the line drains again."""
        relief_pa = self._relief_pa or self.alarm_rise_pa >> 1
        return self.baseline_pa is not None and pressure_pa - self.baseline_pa < relief_pa

    def strokes_in(self, excess_pa: int) -> int:
        """How many strokes raise the pressure of a shut line by so much."""
        return max(0, excess_pa) // (self.rise.pa + (self.rise.pa >> 1))

    def _leapt(self, rise_pa: int) -> bool:
        baseline_pa = self.baseline_pa
        if baseline_pa is None or self._below or not self.rise.known() or rise_pa < 3 * self.rise.pa + _JUMP_PA:
            return False
        self.baseline_pa = baseline_pa + rise_pa
        self._level_pa += rise_pa * self._average
        self._origin_pa += rise_pa
        self.jumped = True
        return True

    def _add(self, rise_pa: int, settled_pa: int, past_pa: int, pulsation_pa: int) -> None:
        unit_pa = self.rise.pa
        # The few samples between near strokes are averaged over strokes to tell a pulse from noise.
        change_pa = pulsation_pa - self._smoothed_pulsation_pa
        self._smoothed_pulsation_pa += change_pa >> 1 if self.rise.near else change_pa
        pulsating = self._smoothed_pulsation_pa > _QUIET_PA and unit_pa < _PULSATION_BELOW_PA
        most_pa = unit_pa + (unit_pa >> 1)
        lasting_pa = min(rise_pa, most_pa) - (unit_pa >> 1)
        self._lasting_pa = max(0, self._lasting_pa + lasting_pa)
        retained_pa = most_pa if settled_pa == stroke_rise.NO_VALUE else min(settled_pa - past_pa, most_pa)
        if pulsating:
            lasting_pa = retained_pa = -unit_pa
        elif self._slow and settled_pa != stroke_rise.NO_VALUE:
            lasting_pa = retained_pa - (unit_pa >> 1)
        self.sum_pa = max(0, self.sum_pa + lasting_pa)
        self.strokes_retained = self.strokes_retained + 1 if self.sum_pa else 0
        # An almost shut line retains 5/6 of a stroke until the settled window.
        if settled_pa != stroke_rise.NO_VALUE:
            self._shut_pa = max(0, min(self._shut_pa + retained_pa - unit_pa - (unit_pa >> 2), 3 * unit_pa))
            self.gradual.add_retained(max(-most_pa, min(settled_pa - past_pa, most_pa)))

    def _decide(self, pre_stroke_pa: int, partial: bool) -> bool:
        unit_pa = self.rise.pa
        mark_pa = _MARK_STROKES * unit_pa + self._posture_pa
        if self._settling:
            self._settling -= 1
            mark_pa += _SETTLE_STROKES * self.rise.highest_pa()
        self.mark_pa = mark_pa
        partial = partial or self._shut_pa >= 2 * unit_pa
        found = self.sum_pa >= mark_pa and (unit_pa < AMBIENT_PA or self._lasting_pa >= mark_pa >> 1)
        if self.gradual.found(self.rise.most_pa()):
            self.baseline_pa = min(self.gradual.origin_pa, pre_stroke_pa)
        elif not found and not self._lifted(pre_stroke_pa, partial):
            if (not self._above and not self._below and self.sum_pa < mark_pa >> 1) or self._settling:
                self._follow(pre_stroke_pa, partial)
            return False
        if self.baseline_pa is not None:
            excess_pa = max(0, pre_stroke_pa - self.baseline_pa)
            self._relief_pa = max(unit_pa >> 1, min(self.alarm_rise_pa, excess_pa) >> 1)
            if not found:
                self.strokes_retained = self.strokes_in(excess_pa)
        self.sum_pa = 0
        self._lasting_pa = 0
        self._above = 0
        self.gradual.sum_pa = 0
        return True

    def _lifted(self, pre_stroke_pa: int, partial: bool) -> bool:
        """Whether the pressure is far above the baseline twice in a row; half as far in a soft, partial line."""
        baseline_pa = self.baseline_pa
        if self._settling or baseline_pa is None:
            return False
        excess_pa = pre_stroke_pa - baseline_pa
        rise_pa = self.alarm_rise_pa
        self._below = self._below + 1 if excess_pa <= -rise_pa else 0
        if partial:
            rise_pa = min(rise_pa, max(rise_pa >> 1, _SOFT_STROKES * self.rise.pa))
        self._above = self._above + 1 if excess_pa >= rise_pa else 0
        return self._above > 1

    def _follow(self, pre_stroke_pa: int, partial: bool) -> None:
        if self.baseline_pa is None or self._settling:
            self._level_pa = pre_stroke_pa * self._average
            self._origin_pa = pre_stroke_pa
        else:
            change_pa = pre_stroke_pa - self._level_pa // self._average
            if partial:  # up no faster than the ambient drift, not at all where a stroke raises no more than that
                change_pa = min(change_pa, self._ambient_pa if self.rise.pa > AMBIENT_PA else 0)
            self._level_pa += change_pa
            self._level_pa = min(self._level_pa, (self._origin_pa + _AMBIENT_DAY_PA) * self._average)
            self._age()
        self.baseline_pa = self._level_pa // self._average

    def _age(self) -> None:
        """The origin, which the baseline may not leave, follows it by 2 kPa a day: sensors drift."""
        self._age_strokes += 1
        if self._age_strokes >= self._aging_strokes:
            self._age_strokes = 0
            self._origin_pa += 1 if self._level_pa > self._origin_pa * self._average else -1
