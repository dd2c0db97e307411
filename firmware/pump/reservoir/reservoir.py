"""The volume left by two estimates, the ledger of strokes and the level sensor, and its marks."""

from micropython import const

from pump import defs
from pump.core import debounce, scheduler, ticks, volume
from pump.reservoir import dead_volume, level, level_check, level_trend, trim_check

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from pump import hal
    from pump.core import conditions, params

_READ_MS = const(4900)  # the loop's longest wait: more often would wake it for nothing else
_READINGS = const(12)  # of a value, which comes once in 58.8 s: their mean has 0.29 of the noise of one
_GAP_MS = const(90000)  # the watchdog is not fed when the last reading is older
_AGAIN_MS = const(1000)  # while the level is not known yet
_AGREE_NL = const(100000)  # below the limit before level and ledger agree again: five times the noise of the level
_DISAGREE = (6, 2, 1, 3)  # three readings in a row, or for long more than a third of them
_DIFFER_NL = const(
    100000
)  # below the ledger before the level counts for the time left: beyond noise and 0.5 % of scale
_EMPTY_CALM_NL = const(100000)  # above the empty mark before it is left: five times the noise of the level sensor
_FLUIDS = const(3)  # kinds of fluid, with none
_SECONDS_PER_DAY = const(86400)
_UNVERIFIED_NL = const(200000)  # five of the level check's marks: by then a level that falls has shown it


class Reservoir:
    """Sets the conditions low, empty, disagreeing, free flow, and refuted trim.

    `fluid` is one of defs.FLUID_*, as entered last. It is in the reservoir unless the contents are unknown
    (`present_fluid`): then the marks are not evaluated.

    `trim_ppm` is by how much the volume of the strokes is above the calibrated one.

    While `in_refill` the level is not read: the reservoir is in the operator's hands. `goes_forward()` says whether the
    line's pressure has shown that strokes go forward since power-on; a level that falls shows it too.
    """

    def __init__(
        self, sensor: "hal.Level", conditions: "conditions.Conditions", goes_forward: "Callable[[], bool]"
    ) -> None:
        self._conditions = conditions
        self._goes_forward = goes_forward
        self._left = volume.Volume()  # the ledger
        self._taken = volume.Volume()  # by strokes since the last fill
        self.level = level.Level(sensor, conditions)
        self.in_refill = False
        self.job = scheduler.Job(self.run, longest_ms=_GAP_MS, sensor_only=True)
        self.dead = dead_volume.DeadVolume()
        self.fluid = defs.FLUID_NONE
        self._low_volume_nl = 0
        self._low_time_h = 0
        self._low_nl = 0
        self._empty_nl = 0
        self._disagreement_nl = 0
        self._apart = debounce.Debounce(_DISAGREE)  # level and ledger differ by more than the limit (V2)
        self._readings = 0  # of the next value
        self._level_check = level_check.LevelCheck()
        self._level_trend = level_trend.LevelTrend()
        self._fell = False  # the level has fallen by strokes since power-on
        self._unverified_nl = 0  # taken while the level could have shown that strokes go forward, and nothing has
        self._trim_check = trim_check.TrimCheck()
        self.trim_ppm = 0

    def configure(self, parameters: "params.Params", rate_ul_day: int) -> None:
        """Gets the marks from the parameters; the low mark is the larger of a volume and a time at the rate (V3)."""
        self._low_volume_nl = parameters.get(defs.PARAM_LOW_VOLUME_NL)
        self._low_time_h = parameters.get(defs.PARAM_LOW_TIME_H)
        self._low_nl = self._low_mark_nl(rate_ul_day)
        empty_nl = parameters.get(defs.PARAM_EMPTY_VOLUME_NL)
        if empty_nl != self._empty_nl:
            self._empty_nl = empty_nl
            self._conditions.clear(defs.BIT_RESERVOIR_EMPTY)  # `evaluate` decides anew
        self._disagreement_nl = parameters.get(defs.PARAM_DISAGREEMENT_NL)
        self.dead.configure(parameters.get(defs.PARAM_DEAD_VOLUME_NL))
        self.evaluate()

    def commanded_nl(self) -> int:
        """Volume that strokes took since the last fill."""
        return self._taken.nl()

    def fill(self, volume_nl: int, fluid: int) -> None:
        """The volume and fluid that an operator has entered: the ledger and the level's average begin again."""
        self._left.set_nl(volume_nl)
        self._taken.clear()
        self.fluid = fluid
        self.dead.change(fluid)
        self._conditions.note(defs.NOTE_REFILL_DIFFERS | defs.NOTE_REFILL_OPEN, False)
        self.level.restart()
        self._apart.clear()
        self._restart_checks()
        self._conditions.note(defs.NOTE_RESERVOIR_DISAGREES, False)
        self._conditions.put(defs.BIT_CONTENTS_UNKNOWN, fluid == defs.FLUID_NONE)
        self._conditions.clear(defs.BIT_RESERVOIR_EMPTY)
        self.read_level()

    def take(self, volume_pl: int) -> None:
        """A stroke leaves the reservoir and passes through the line; the ledger doesn't go below 0."""
        self.dead.pass_on(volume_pl)
        self._taken.add(volume_pl)
        self.level.took(volume_pl // 1000)
        if self._unverified_nl <= _UNVERIFIED_NL and (self._level_check.known() or self.level.failed()):
            self._unverified_nl += volume_pl // 1000
        self._left.add(-volume_pl)
        if self._left.ul < 0:
            self._left.clear()
        self.evaluate()

    def save_to(self, numbers: "list[int]", at: int) -> int:
        """Puts its numbers from this place on, and returns the place after them."""
        numbers[at] = self.fluid + _FLUIDS * self.dead.fluids()
        numbers[at + 1] = self._left.ul
        numbers[at + 2] = self._left.pl
        numbers[at + 3] = self._taken.ul
        numbers[at + 4] = self._taken.pl
        return self.dead.save_to(numbers, at + 5)

    def load_from(self, numbers: "list[int]", at: int) -> int:
        """Takes what `save_to` has put."""
        self.fluid = numbers[at] % _FLUIDS
        self.dead.load_fluids(numbers[at] // _FLUIDS)
        self._left.ul, self._left.pl, self._taken.ul, self._taken.pl = numbers[at + 1 : at + 5]
        self._conditions.put(defs.BIT_CONTENTS_UNKNOWN, self.fluid == defs.FLUID_NONE)
        return self.dead.load_from(numbers, at + 5)

    def present_fluid(self) -> int:
        """Fluid in the reservoir, FLUID_NONE while it is unknown."""
        return defs.FLUID_NONE if self._conditions.has(defs.BIT_CONTENTS_UNKNOWN) else self.fluid

    def ledger_nl(self) -> int:
        """Volume left by the ledger, rounded down."""
        return self._left.nl()

    def usable_nl(self) -> int:
        """Volume left above the empty mark."""
        return max(0, self.ledger_nl() - self._empty_nl)

    def left_by_level(self) -> bool:
        """Whether the time left is that of the level sensor: it is lower than the ledger by more than its errors."""
        level_nl = self.level.nl
        known = level_nl is not None and self.present_fluid() != defs.FLUID_NONE
        return known and self.ledger_nl() - (level_nl or 0) > _DIFFER_NL

    def _lower_nl(self) -> int:
        """The lower of ledger and level, if they differ."""
        return (self.level.nl or 0) if self.left_by_level() else self.ledger_nl()

    def left_s(self, rate_ul_day: int, less_nl: int = 0) -> int:
        """Seconds at this rate until the empty mark, by the lower of both estimates.

        With so much less in the reservoir, more where it is negative.
        """
        return max(0, self._lower_nl() - less_nl - self._empty_nl) * _SECONDS_PER_DAY // (rate_ul_day * 1000)

    def refill_in_s(self, rate_ul_day: int, bolus_nl_day: int, less_nl: int = 0) -> int:
        """Seconds until the low mark with all allotted boluses used, the time of the next refill (V5); likewise."""
        above_nl = max(0, self._lower_nl() - less_nl - self._low_mark_nl(rate_ul_day))
        return above_nl * _SECONDS_PER_DAY // (rate_ul_day * 1000 + bolus_nl_day)

    def run(self, now: int) -> None:
        """The job: reads the level sensor, more often while the level is not known, and not during a refill.

        Each reading is a value while it is not known, and then the mean of so many.
        """
        if self.in_refill:
            self._readings = 0
            self.job.at(ticks.add(now, _READ_MS))
            return
        self._readings += 1
        if self._readings < _READINGS and self.level.is_decided():
            self.level.sample()
        else:
            self.read_level()
        self.read_soon(now)

    def read_soon(self, now: int) -> None:
        """The next reading: in a second while the level is not known yet."""
        self.job.at(ticks.add(now, _READ_MS if self.level.is_decided() else _AGAIN_MS))

    def read_level(self) -> None:
        """Reads the level sensor, takes the mean of this and the last readings, and evaluates the marks."""
        self._readings = 0
        good = self.level.read()
        self._conditions.clear(defs.BIT_FREE_FLOW)  # its alarm is latched; if it goes on it is found again
        if self.level.failed():
            self._restart_checks()
        elif good and self.level.nl is not None:
            self._compare()
        self._fell = self._fell or self._level_check.falls
        if self._fell or self._goes_forward():
            self._unverified_nl = 0
        self._conditions.note(defs.NOTE_MOTION_UNVERIFIED, self._unverified_nl > _UNVERIFIED_NL)
        self.evaluate()

    def restart_level_check(self) -> None:
        """The content was changed by hand: the level is unknown until readings agree."""
        self.level.restart()
        self._restart_checks()

    def _restart_checks(self) -> None:
        self._level_check.restart()
        self._level_trend.restart()
        self._trim_check.restart()

    def evaluate(self) -> None:
        """Compares the ledger, and for the empty mark the level as well, with the marks."""
        if self.present_fluid() == defs.FLUID_NONE:
            return
        left_nl = self.ledger_nl()
        self._conditions.note(defs.NOTE_RESERVOIR_LOW, left_nl <= self._low_nl)
        level_nl = self.level.nl
        if level_nl is not None and level_nl < left_nl:
            left_nl = level_nl
        calm_nl = _EMPTY_CALM_NL if self._conditions.word & defs.BIT_RESERVOIR_EMPTY else 0
        self._conditions.put(defs.BIT_RESERVOIR_EMPTY, left_nl <= self._empty_nl + calm_nl)

    def _low_mark_nl(self, rate_ul_day: int) -> int:
        return max(self._low_volume_nl, rate_ul_day * self._low_time_h * 1000 // 24)

    def _compare(self) -> None:
        """Level and ledger: their difference (V2), and how it changes (D4, D5)."""
        ledger_nl = self.ledger_nl()
        level_nl = self.level.nl or 0
        limit_nl = self._disagreement_nl - (_AGREE_NL if self._apart.active else 0)
        apart = self._apart.update(abs(level_nl - ledger_nl) > limit_nl)
        if self.present_fluid() == defs.FLUID_NONE:
            return
        self._check(ledger_nl)
        self._conditions.note(
            defs.NOTE_RESERVOIR_DISAGREES, apart or self._level_check.under or self._level_trend.differs
        )
        self._trim_check.add(level_nl, ledger_nl, self.trim_ppm)
        if self._trim_check.refuted:
            self._conditions.note(defs.NOTE_TRIM_REFUTED, True)
            self._trim_check.restart()

    def _check(self, ledger_nl: int) -> None:
        check = self._level_check
        check.add(self.level.last_nl, ledger_nl)
        self._level_trend.add(self.level.last_nl - ledger_nl, ledger_nl)
        if check.over:
            self._conditions.set(defs.BIT_FREE_FLOW if check.free else defs.BIT_OVER_INFUSION)
            check.restart()
        elif check.rises:
            self._conditions.set(defs.BIT_REVERSED)
            check.restart()
