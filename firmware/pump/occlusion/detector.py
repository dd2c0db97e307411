"""Finds a blocked line in what the pressure does from stroke to stroke; pure logic, one judgement a stroke.

Behind a block every stroke lifts the pressure by its volume over the line's compliance, and nothing runs off. A
one-sided cumulative sum (CUSUM, Page 1954) adds up these rises. A rise is cut off at what a stroke can make, so a
change of posture, which is one large rise, counts as one stroke, and a block, which is many equal ones, in full.
docs/occlusion.md has the reasons and the figures.
"""

from micropython import const

from pump.occlusion import gradual

NO_VALUE = const(-(1 << 29))  # stands for a window that gave no pressure

_SOFTEST_PA = const(80)  # two thirds of a stroke of 0.25 uL into 2 uL/kPa
_QUIET_PA = const(100)  # neighbouring samples differ by less: no pulse comes through, only the sensor's own noise
_HEARD_BELOW_PA = const(500)  # a line whose strokes are smaller has to be quiet to count as blocked
_SLOW_MS = const(60000)  # strokes further apart than this are paired with the pressure settled after them
_NEAR_MS = const(10000)
_SETTLE_MS = const(60000)  # three times the slowest line's tau: until then a new rate lifts the pressure by itself
_SETTLE_STROKES = const(12)
_MARK_STROKES = const(3)
# What a change of posture can add to the sum of a soft line: all at once, or over many strokes that are near.
_FAR_PA = const(900)
_NEAR_PA = const(1500)
_AVERAGE_MS = const(1800000)
_SOFT_STROKES = const(20)
_WEATHER_PA = const(6000)  # from the lowest to the highest ambient pressure of a day
_WEATHER_MS = const(4580)  # for 1 Pa: the steepest of 3 kPa either way in a day
_AGING_MS = const(43000)
AMBIENT_PA = const(300)  # strokes higher than this stand out of what the weather does in 7 minutes (94 Pa)
_JUMP_PA = const(8000)  # twice what posture can do at once
_LEARN_ROUNDS = const(12)  # the height of a stroke is taken from 4, 16, ... 4096 of them


class Stroke:
    """What the samples around a stroke say, in Pa; NO_VALUE for what could not be measured."""

    def __init__(self) -> None:
        self.step_pa = NO_VALUE  # from just before the last stroke to just after it
        self.settled_pa = NO_VALUE  # mean of the window after it
        self.settled_swing_pa = 0
        self.before_pa = NO_VALUE  # mean of the window before the stroke that is due
        self.swing_pa = 0  # mean difference of neighbouring samples in it


class Height:
    """What a stroke lifts the pressure by: learned from the samples around each stroke, and never overstated.

    `pa` is two thirds of it: of the mean of the first 4, 16, ... 4096 strokes less three of its standard errors.
    Strokes as near as heartbeats may meet the same part of the pulse many times over, so there the swing of the
    samples is taken off as well.
    """

    def __init__(self) -> None:
        self.near = False
        self.restart()

    def restart(self) -> None:
        """Another line, or another stroke: nothing is known of it."""
        self.pa = _SOFTEST_PA
        self.mean_pa = 0
        self.spread_pa = 0  # mean difference of successive strokes, 1.13 deviations
        self.strokes = 0  # that the mean is of
        self._count = 0
        self._bits = 2
        self._sum_pa = 0
        self._spread_sum_pa = 0
        self._swing_sum_pa = 0
        self._last_pa = 0

    def known(self) -> bool:
        """Whether at least four strokes were seen."""
        return self.strokes > 0

    def learn(self, step_pa: int, swing_pa: int) -> None:
        """Takes the pressure just after a stroke less that before it, and how far neighbouring samples differed."""
        if self._bits > _LEARN_ROUNDS:
            return
        spread_pa = step_pa - self._last_pa
        self._last_pa = step_pa
        if self._count:
            self._spread_sum_pa += spread_pa if spread_pa >= 0 else -spread_pa
        self._sum_pa += step_pa
        self._swing_sum_pa += swing_pa
        self._count += 1
        if self._count == 1 << self._bits:
            self._conclude()

    def _conclude(self) -> None:
        bits = self._bits
        self.spread_pa = self._spread_sum_pa // (self._count - 1)
        self.mean_pa = self._sum_pa >> bits
        error_pa = 3 * self.spread_pa >> (bits >> 1)
        if self.near:
            error_pa += self._swing_sum_pa >> bits
        self.pa = max(_SOFTEST_PA, (self.mean_pa - error_pa) * 2 // 3)
        self.strokes = self._count
        self._bits = bits + 2


class Detector:
    """Takes what is known of each stroke; `baseline_pa` is the open line's pressure, None until the first stroke."""

    def __init__(self) -> None:
        self.rise_pa = 0
        self.baseline_pa: "int | None" = None
        self.height = Height()
        self.creep = gradual.Creep()
        self.sum_pa = 0
        self.mark_pa = 1  # the sum that is a block
        self.put_in = 0  # strokes since the line began to look blocked
        self.jumped = False  # the pressure has leapt as no stroke and no posture makes it: the sensor is wrong
        self._lasting_pa = 0
        self._shut_pa = 0
        self._past_pa = NO_VALUE
        self._level_pa = 0
        self._average = 1
        self._above = 0
        self._below = 0
        self._settling = 0
        self._settle = 0
        self._slow = False
        self._far_pa = _FAR_PA
        self._relief_pa = 0
        self._heard_pa = 0
        self._origin_pa = 0
        self._age_strokes = 0
        self._aging_strokes = 1
        self._weather_pa = 0

    def pace(self, period_ms: int) -> None:
        """The strokes will come this far apart."""
        self._slow = period_ms >= _SLOW_MS
        self._average = min(32, max(4, _AVERAGE_MS // period_ms))
        self._settle = _SETTLE_MS // period_ms
        self._aging_strokes = _AGING_MS // period_ms + 1
        self._weather_pa = period_ms * self._average // _WEATHER_MS
        self.height.near = period_ms < _NEAR_MS
        self.creep.pace(period_ms)
        self._far_pa = _NEAR_PA if period_ms < _NEAR_MS else _FAR_PA

    def restart(self) -> None:
        """The line finds a new level: the next value is the average."""
        self.baseline_pa = None
        self.jumped = False
        self.resume()

    def resume(self) -> None:
        """Delivery begins: what was summed up before counts no more."""
        self._past_pa = NO_VALUE
        self._settling = self._settle
        self.creep.restart()
        self.sum_pa = 0
        self._lasting_pa = 0
        self._shut_pa = 0
        self._above = 0
        self._below = 0

    def forgive(self) -> None:
        """The pressure is taken for good as it is: a leap or a fall of before counts no more."""
        self.jumped = False
        self.resume()

    def judge(self, stroke: Stroke, narrow: bool) -> bool:
        """True when the line is blocked; `narrow` says that it is known to have become narrower."""
        before_pa = stroke.before_pa
        past_pa = self._past_pa
        self._past_pa = before_pa
        if before_pa == NO_VALUE:
            return False
        if stroke.step_pa != NO_VALUE:
            self.height.learn(stroke.step_pa, stroke.swing_pa)
        if past_pa == NO_VALUE:
            if self.baseline_pa is None:
                self._follow(before_pa, False)
            return False
        if self._leapt(before_pa - past_pa):
            return False
        if self.height.pa < AMBIENT_PA and not self._settling:
            self.creep.add(before_pa, stroke.swing_pa)
        self._add(before_pa - past_pa, stroke.settled_pa, past_pa, stroke.swing_pa)
        return self._decide(before_pa, narrow)

    def opened(self) -> bool:
        """Whether the pressure has fallen as it does in a line that has come off."""
        return self._below > 1

    def relieved(self, pressure_pa: int) -> bool:
        """Whether this pressure, taken at rest, says that the line drains again."""
        return self.baseline_pa is not None and pressure_pa - self.baseline_pa < (self._relief_pa or self.rise_pa >> 1)

    def strokes_in(self, excess_pa: int) -> int:
        """How many strokes lift a shut line by so much."""
        return max(0, excess_pa) // (self.height.pa + (self.height.pa >> 1))

    def _leapt(self, rise_pa: int) -> bool:
        baseline_pa = self.baseline_pa
        if baseline_pa is None or self._below or not self.height.known() or rise_pa < 3 * self.height.pa + _JUMP_PA:
            return False
        self.baseline_pa = baseline_pa + rise_pa
        self._level_pa += rise_pa * self._average
        self._origin_pa += rise_pa
        self.jumped = True
        return True

    def _add(self, rise_pa: int, settled_pa: int, past_pa: int, swing_pa: int) -> None:
        unit_pa = self.height.pa
        # The few samples between near strokes have to be taken together to tell a pulse from noise.
        self._heard_pa += (swing_pa - self._heard_pa) >> 1 if self.height.near else swing_pa - self._heard_pa
        loud = self._heard_pa > _QUIET_PA and unit_pa < _HEARD_BELOW_PA
        most_pa = unit_pa + (unit_pa >> 1)
        lasting_pa = min(rise_pa, most_pa) - (unit_pa >> 1)
        self._lasting_pa = max(0, self._lasting_pa + lasting_pa)
        kept_pa = most_pa if settled_pa == NO_VALUE else min(settled_pa - past_pa, most_pa)
        if loud:
            lasting_pa = kept_pa = -unit_pa
        elif self._slow and settled_pa != NO_VALUE:
            lasting_pa = kept_pa - (unit_pa >> 1)
        self.sum_pa = max(0, self.sum_pa + lasting_pa)
        self.put_in = self.put_in + 1 if self.sum_pa else 0
        # A line that is all but shut keeps 5/6 of a stroke to the settled window.
        if settled_pa != NO_VALUE:
            self._shut_pa = max(0, min(self._shut_pa + kept_pa - unit_pa - (unit_pa >> 2), 3 * unit_pa))
            self.creep.keep(max(-most_pa, min(settled_pa - past_pa, most_pa)))

    def _decide(self, before_pa: int, narrow: bool) -> bool:
        unit_pa = self.height.pa
        mark_pa = _MARK_STROKES * unit_pa + self._far_pa
        if self._settling:
            self._settling -= 1
            mark_pa += _SETTLE_STROKES * unit_pa
        self.mark_pa = mark_pa
        narrow = narrow or self._shut_pa >= 2 * unit_pa
        found = self.sum_pa >= mark_pa and (unit_pa < AMBIENT_PA or self._lasting_pa >= mark_pa >> 1)
        if self.creep.found(self.height.mean_pa):
            self.baseline_pa = min(self.creep.origin_pa, before_pa)
        elif not found and not self._lifted(before_pa, narrow):
            if not self._above and not self._below and self.sum_pa < mark_pa >> 1 or self._settling:
                self._follow(before_pa, narrow)
            return False
        if self.baseline_pa is not None:
            excess_pa = max(0, before_pa - self.baseline_pa)
            self._relief_pa = max(unit_pa >> 1, min(self.rise_pa, excess_pa) >> 1)
            if not found:
                self.put_in = self.strokes_in(excess_pa)
        self.sum_pa = 0
        self._lasting_pa = 0
        self._above = 0
        self.creep.sum_pa = 0
        return True

    def _lifted(self, before_pa: int, narrow: bool) -> bool:
        """Whether the pressure is far above its average twice running; half as far if a narrowed line is soft."""
        baseline_pa = self.baseline_pa
        if self._settling or baseline_pa is None:
            return False
        excess_pa = before_pa - baseline_pa
        rise_pa = self.rise_pa
        self._below = self._below + 1 if excess_pa <= -rise_pa else 0
        if narrow:
            rise_pa = min(rise_pa, max(rise_pa >> 1, _SOFT_STROKES * self.height.pa))
        self._above = self._above + 1 if excess_pa >= rise_pa else 0
        return self._above > 1

    def _follow(self, before_pa: int, narrow: bool) -> None:
        if self.baseline_pa is None or self._settling:
            self._level_pa = before_pa * self._average
            self._origin_pa = before_pa
        else:
            change_pa = before_pa - self._level_pa // self._average
            if narrow:  # down, and up no faster than the weather; not at all where a stroke is as little as that
                change_pa = min(change_pa, self._weather_pa if self.height.pa > AMBIENT_PA else 0)
            self._level_pa += change_pa
            self._level_pa = min(self._level_pa, (self._origin_pa + _WEATHER_PA) * self._average)
            self._age()
        self.baseline_pa = self._level_pa // self._average

    def _age(self) -> None:
        """The level that the average may not leave follows it too, by 2 kPa a day: sensors drift."""
        self._age_strokes += 1
        if self._age_strokes >= self._aging_strokes:
            self._age_strokes = 0
            self._origin_pa += 1 if self._level_pa > self._origin_pa * self._average else -1
