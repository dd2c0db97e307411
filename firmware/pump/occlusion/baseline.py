"""The average pressure of the open line, followed slowly; a leap of it is provisional for two minutes."""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.occlusion import stroke_rise

_AVERAGE_MS = const(1800000)  # time constant, within 4 to 32 strokes
_AMBIENT_DAY_PA = const(6000)  # from the lowest to the highest ambient pressure of a day
_AGING_MS = const(43000)  # for 1 Pa of sensor drift: 2 kPa a day
_LEAP_PA = const(12000)  # swings of the vessel reach 8 kPa within a minute, and posture adds 4 kPa
_LEAP_MS = const(120000)  # a cough, a Valsalva manoeuvre or a load that is lifted are over by then
_LEAP_STROKES = const(3)


class Baseline:
    """`pa` is the average, None until the first stroke; `jumped` when it has leapt and stayed there: a wrong sensor."""

    def __init__(self) -> None:
        self.pa: "int | None" = None
        self.jumped = False
        self.leap_pa = 0  # a leap that may be forgotten
        self._leap_strokes = 0  # strokes since then
        self._period_ms = 1
        self._level_pa = 0  # the baseline times `_average`
        self._average = 1  # strokes that it averages
        self._origin_pa = 0  # the baseline when it was learned, followed slowly for the sensor's drift
        self._age_strokes = 0  # strokes since the origin moved
        self._aging_strokes = 1  # strokes after which it moves by 1 Pa

    def set_interval(self, period_ms: int) -> None:
        """The strokes will come this far apart."""
        self._period_ms = period_ms
        self._average = min(32, max(4, _AVERAGE_MS // period_ms))
        self._aging_strokes = _AGING_MS // period_ms + 1
        if self.pa is not None:
            self._level_pa = self.pa * self._average

    def restart(self) -> None:
        """The line settles at a new level: the next value is the baseline."""
        self.pa = None
        self.clear()

    def clear(self) -> None:
        """The present pressure is accepted: an earlier leap no longer counts."""
        self.jumped = False
        self.leap_pa = 0

    def begin(self, pa: int) -> None:
        """The first pressure of this line at this rate."""
        self.pa = self._origin_pa = pa
        self._level_pa = pa * self._average

    def leapt(self, pa: int, past_pa: int, rise: "stroke_rise.StrokeRise") -> bool:
        """Whether the pressure has leapt further than a stroke and posture can; it is kept apart until it stays."""
        baseline_pa = self.pa
        if baseline_pa is None:
            return False
        if self.leap_pa:
            if pa - baseline_pa < self.leap_pa >> 1:
                self.leap_pa = 0
                return False
            self._leap_strokes += 1
            if self._leap_strokes >= _LEAP_STROKES and self._leap_strokes * self._period_ms >= _LEAP_MS:
                self._accept(baseline_pa)
            return True
        leap_pa = pa - past_pa
        if not rise.known() or leap_pa < 2 * rise.pa + _LEAP_PA:
            return False
        self.leap_pa = leap_pa
        self._leap_strokes = 0
        return True

    def _accept(self, baseline_pa: int) -> None:
        self.pa = baseline_pa + self.leap_pa
        self._level_pa += self.leap_pa * self._average
        self._origin_pa += self.leap_pa
        self.leap_pa = 0
        self.jumped = True

    def follow(self, pa: int, settling: bool) -> None:
        """The pressure before a stroke of the open line."""
        if settling:
            self.begin(pa)
            return
        average = self._average
        self._level_pa += pa - self._level_pa // average
        self._level_pa = min(self._level_pa, (self._origin_pa + _AMBIENT_DAY_PA) * average)
        self._age_strokes += 1
        if self._age_strokes >= self._aging_strokes:
            self._age_strokes = 0
            self._origin_pa += 1 if self._level_pa > self._origin_pa * average else -1
        self.pa = self._level_pa // average
