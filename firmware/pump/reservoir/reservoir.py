"""The volume left by two estimates, the ledger of strokes and the level sensor, and its marks."""

from micropython import const

from pump import defs
from pump.core import debounce, scheduler, ticks, volume
from pump.reservoir import dead_volume, level, level_check

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import hal
    from pump.core import conditions, params

_READ_MS = const(60000)
_GAP_MS = const(90000)  # the watchdog is not fed when the last reading is older
_DISAGREE = (3, 1, 3, 1)  # three readings in a row
_FLUIDS = const(3)  # kinds of fluid, with none
_SECONDS_PER_DAY = const(86400)


class Reservoir:
    """Sets the conditions low, empty and disagreeing. `fluid` is one of defs.FLUID_*, as it was entered last.

    It is in the reservoir unless the contents are unknown (`present_fluid`): then the marks are not evaluated.

    While `in_refill` the level is not read: the reservoir is in the operator's hands.
    """

    def __init__(self, sensor: "hal.Level", conditions: "conditions.Conditions") -> None:
        self._conditions = conditions
        self._left = volume.Volume()  # the ledger
        self._taken = volume.Volume()  # by strokes since the last fill
        self.level = level.Level(sensor, conditions)
        self.in_refill = False
        self.job = scheduler.Job(self.run, longest_ms=_GAP_MS)
        self.dead = dead_volume.DeadVolume()
        self.fluid = defs.FLUID_NONE
        self._low_volume_nl = 0
        self._low_time_h = 0
        self._low_nl = 0
        self._empty_nl = 0
        self._disagreement_nl = 0
        self._apart = debounce.Debounce(_DISAGREE)  # level and ledger differ by more than the limit (V2)
        self._level_check = level_check.LevelCheck()

    def configure(self, parameters: "params.Params", rate_ul_day: int) -> None:
        """Gets the marks from the parameters; the low mark is the larger of a volume and a time at the rate (V3)."""
        self._low_volume_nl = parameters.get(defs.PARAM_LOW_VOLUME_NL)
        self._low_time_h = parameters.get(defs.PARAM_LOW_TIME_H)
        self._low_nl = self._low_mark_nl(rate_ul_day)
        self._empty_nl = parameters.get(defs.PARAM_EMPTY_VOLUME_NL)
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
        self._level_check.restart()
        self._conditions.note(defs.NOTE_RESERVOIR_DISAGREES, False)
        self._conditions.put(defs.BIT_CONTENTS_UNKNOWN, fluid == defs.FLUID_NONE)
        self.read_level()

    def take(self, volume_pl: int) -> None:
        """A stroke leaves the reservoir and passes through the line; the ledger doesn't go below 0."""
        self.dead.pass_on(volume_pl)
        self._taken.add(volume_pl)
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

    def left_s(self, rate_ul_day: int, less_nl: int = 0) -> int:
        """Seconds at this rate until the empty mark; with so much less in the ledger, more where it is negative."""
        return max(0, self.ledger_nl() - less_nl - self._empty_nl) * _SECONDS_PER_DAY // (rate_ul_day * 1000)

    def refill_in_s(self, rate_ul_day: int, bolus_nl_day: int, less_nl: int = 0) -> int:
        """Seconds until the low mark with all allotted boluses used, the time of the next refill (V5)."""
        above_nl = max(0, self.ledger_nl() - less_nl - self._low_mark_nl(rate_ul_day))
        return above_nl * _SECONDS_PER_DAY // (rate_ul_day * 1000 + bolus_nl_day)

    def run(self, now: int) -> None:
        """The job: reads the level sensor once a minute, but not during a refill."""
        if not self.in_refill:
            self.read_level()
        self.job.at(ticks.add(now, _READ_MS))

    def read_level(self) -> None:
        """Reads the level sensor and evaluates the marks."""
        good = self.level.read()
        if self.level.failed():
            self._level_check.restart()
        elif good:
            self._compare()
        self.evaluate()

    def restart_level_check(self) -> None:
        """The content was changed by hand."""
        self._level_check.restart()

    def evaluate(self) -> None:
        """Compares the ledger, and for the empty mark the level as well, with the marks."""
        if self.present_fluid() == defs.FLUID_NONE:
            return
        left_nl = self.ledger_nl()
        self._conditions.note(defs.NOTE_RESERVOIR_LOW, left_nl <= self._low_nl)
        level_nl = self.level.nl
        if level_nl is not None and level_nl < left_nl:
            left_nl = level_nl
        self._conditions.put(defs.BIT_RESERVOIR_EMPTY, left_nl <= self._empty_nl)

    def _low_mark_nl(self, rate_ul_day: int) -> int:
        return max(self._low_volume_nl, rate_ul_day * self._low_time_h * 1000 // 24)

    def _compare(self) -> None:
        """Level and ledger: their difference (V2), and how it changes (D4, D5)."""
        ledger_nl = self.ledger_nl()
        level_nl = self.level.nl
        apart = self._apart.update(level_nl is not None and abs(level_nl - ledger_nl) > self._disagreement_nl)
        if self.present_fluid() == defs.FLUID_NONE:
            return
        check = self._level_check
        check.add(self.level.last_nl, ledger_nl)
        if check.over:
            self._conditions.set(defs.BIT_OVER_INFUSION)
            check.restart()
        self._conditions.note(defs.NOTE_RESERVOIR_DISAGREES, apart or check.under)
