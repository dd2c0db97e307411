"""The volume left by two estimates, the ledger of strokes and the level sensor, and the refill as a transaction."""

from micropython import const

from pump import defs, hal
from pump.core import debounce, ticks
from pump.reservoir import dead_volume, level_check

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions, params, scheduler

_PL_PER_UL = const(1000000)
_LOOK_MS = const(60000)
_FILTER = const(4)
_TIMES = const(3)  # looks in a row before a finding counts
_SECONDS_PER_DAY = const(86400)
# V4; what a syringe of 20 mL can be read to never counts as a difference.
_WARN_PERCENT = const(5)
_ALARM_PERCENT = const(10)
_READING_NL = const(100000)
# Two readings of a sensor that works are no further apart, with ten times its noise and some strokes in between.
_CLOSE_NL = const(300000)
# No reservoir holds more than 40 mL (params), and a sensor is allowed an offset; beyond these it gives garbage.
_LOWEST_NL = const(-5000000)
_HIGHEST_NL = const(60000000)


class Reservoir:
    """Ledger as a pair (uL, pL), level sensor as a short average; low, empty and disagreeing as facts.

    A refill is a transaction: nothing of the ledger changes between `begin_refill` and `fill` (V4).
    """

    def __init__(self, level: "hal.Level", conditions: "conditions.Conditions") -> None:
        self._read_nl = level.read_nl
        self._conditions = conditions
        self._trust = debounce.Trust(conditions, defs.NOTE_LEVEL_BLIND)
        self._last_nl = _LOWEST_NL  # the last reading within the range, believed or not
        self._taken_ul = 0
        self._taken_pl = 0
        self.job: scheduler.Job
        self.dead = dead_volume.DeadSpace()
        self.withdrawn_known = False
        self.fluid = defs.FLUID_NONE
        self.level_nl: "int | None" = None
        self._ul = 0
        self._pl = 0
        self._low_volume_nl = 0
        self._low_time_h = 0
        self._low_nl = 0
        self._empty_nl = 0
        self._disagreement_nl = 0
        self._apart = 0
        self._drawdown = level_check.Drawdown()

    def configure(self, parameters: "params.Params", rate_ul_day: int) -> None:
        """Takes the marks from the parameters; the low mark is the larger of a volume and a time at the rate (V3)."""
        self._low_volume_nl = parameters.get(defs.PARAM_LOW_VOLUME_NL)
        self._low_time_h = parameters.get(defs.PARAM_LOW_TIME_H)
        self._low_nl = self._low_mark_nl(rate_ul_day)
        self._empty_nl = parameters.get(defs.PARAM_EMPTY_VOLUME_NL)
        self._disagreement_nl = parameters.get(defs.PARAM_DISAGREEMENT_NL)
        self.dead.configure(parameters.get(defs.PARAM_DEAD_VOLUME_NL))
        self.judge()

    def begin_refill(self) -> None:
        """A refill begins; what comes out has to be entered, unless nobody knows what was in it."""
        self.withdrawn_known = self.fluid == defs.FLUID_NONE

    def cancel_refill(self) -> None:
        """The refill is broken off: all is as it was before, but what a syringe has moved is no fault of the drive."""
        self._drawdown.restart()
        self._conditions.clear(defs.BIT_REFILL_UNSETTLED)
        self._conditions.note(defs.NOTE_REFILL_DIFFERS, False)

    def settle(self) -> None:
        """A person has acknowledged that what was withdrawn is not what was expected."""
        self._conditions.clear(defs.BIT_REFILL_UNSETTLED)

    def withdrawn(self, volume_nl: int) -> "tuple[int, int, int, int]":
        """What came out is compared with the ledger; (ledger nL, difference nL, commanded nL, percent of that)."""
        ledger_nl = self.ledger_nl()
        commanded_nl = self.commanded_nl()
        difference_nl = volume_nl - ledger_nl
        percent = -(-abs(difference_nl) * 100 // max(1, commanded_nl))
        counts = abs(difference_nl) > _READING_NL
        self._conditions.note(defs.NOTE_REFILL_DIFFERS, counts and percent > _WARN_PERCENT)
        self._conditions.put(defs.BIT_REFILL_UNSETTLED, counts and percent > _ALARM_PERCENT)
        self.withdrawn_known = True
        return ledger_nl, difference_nl, commanded_nl, percent

    def commanded_nl(self) -> int:
        """Volume that strokes took since the last fill."""
        return self._taken_ul * 1000 + self._taken_pl // 1000

    def fill(self, volume_nl: int, fluid: int) -> None:
        """What a person has entered: the ledger and the fluid begin anew, and so does the level's average."""
        self._ul = volume_nl // 1000
        self._pl = volume_nl % 1000 * 1000
        self._taken_ul = 0
        self._taken_pl = 0
        self.fluid = fluid
        self.dead.change(fluid)
        self._conditions.note(defs.NOTE_REFILL_DIFFERS, False)
        self.level_nl = None
        self._apart = 0
        self._drawdown.restart()
        self._conditions.note(defs.NOTE_RESERVOIR_DISAGREES, False)
        self._conditions.put(defs.BIT_CONTENTS_UNKNOWN, fluid == defs.FLUID_NONE)
        self.look()

    def take(self, volume_pl: int) -> None:
        """A stroke leaves the reservoir and goes through the line; the ledger doesn't go below nothing."""
        self.dead.pass_on(volume_pl)
        taken = self._taken_pl + volume_pl
        if taken >= _PL_PER_UL:
            taken -= _PL_PER_UL
            self._taken_ul += 1
        self._taken_pl = taken
        pl = self._pl - volume_pl
        if pl < 0:
            if self._ul == 0:
                pl = 0
            else:
                pl += _PL_PER_UL
                self._ul -= 1
        self._pl = pl
        self.judge()

    def keep(self, numbers: "list[int]", at: int) -> int:
        """Puts what outlasts a reset from this place on, and returns the place behind it."""
        numbers[at] = self.fluid
        numbers[at + 1] = self._ul
        numbers[at + 2] = self._pl
        numbers[at + 3] = self._taken_ul
        numbers[at + 4] = self._taken_pl
        return self.dead.keep(numbers, at + 5)

    def restore(self, numbers: "list[int]", at: int) -> int:
        """Takes what `keep` has put."""
        self.fluid, self._ul, self._pl, self._taken_ul, self._taken_pl = numbers[at : at + 5]
        self._conditions.put(defs.BIT_CONTENTS_UNKNOWN, self.fluid == defs.FLUID_NONE)
        return self.dead.restore(numbers, at + 5)

    def ledger_nl(self) -> int:
        """Volume left by the ledger, rounded down."""
        return self._ul * 1000 + self._pl // 1000

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

    def run(self, now: int, refilling: bool) -> None:
        """The job: a look at the level sensor once a minute, but none while the reservoir is in a person's hands."""
        if not refilling:
            self.look()
        self.job.at(ticks.add(now, _LOOK_MS))

    def look(self) -> None:
        """Reads the level sensor and judges anew."""
        good = self._read()
        self._trust.take(good)
        if self._trust.lost:
            self.level_nl = None
            self._drawdown.restart()
        elif good:
            self._compare()
        self.judge()

    def judge(self) -> None:
        """Compares the ledger, and for the empty mark the level as well, with the marks."""
        if self.fluid == defs.FLUID_NONE:
            return
        left_nl = self.ledger_nl()
        self._conditions.note(defs.NOTE_RESERVOIR_LOW, left_nl <= self._low_nl)
        level_nl = self.level_nl
        if level_nl is not None and level_nl < left_nl:
            left_nl = level_nl
        self._conditions.put(defs.BIT_RESERVOIR_EMPTY, left_nl <= self._empty_nl)

    def _low_mark_nl(self, rate_ul_day: int) -> int:
        return max(self._low_volume_nl, rate_ul_day * self._low_time_h * 1000 // 24)

    def _read(self) -> bool:
        """Takes a reading in, unless it is far from the average and from the reading before it: garbage.

        A sensor that is not believed has to show readings in a row that are close, or garbage would be believed.
        """
        try:
            nl = self._read_nl()
        except hal.PartError:
            return False
        if not _LOWEST_NL <= nl <= _HIGHEST_NL:
            return False
        before_nl = self._last_nl
        self._last_nl = nl
        level_nl = self.level_nl
        if level_nl is None and not self._trust.lost:
            self.level_nl = nl
        elif level_nl is None:
            return abs(nl - before_nl) <= _CLOSE_NL
        elif abs(nl - level_nl) <= _CLOSE_NL:
            self.level_nl = level_nl + (nl - level_nl) // _FILTER
        elif abs(nl - before_nl) <= _CLOSE_NL:
            self.level_nl = nl
        else:
            return False
        return True

    def _compare(self) -> None:
        """Level and ledger: their difference as it is (V2), and how it moves (D4, D5)."""
        ledger_nl = self.ledger_nl()
        far = self.level_nl is not None and abs(self.level_nl - ledger_nl) > self._disagreement_nl
        self._apart = self._apart + 1 if far else 0
        if self.fluid == defs.FLUID_NONE:
            return
        drawdown = self._drawdown
        drawdown.add(self._last_nl, ledger_nl)
        if drawdown.over:
            self._conditions.set(defs.BIT_OVER_INFUSION)
            drawdown.restart()
        self._conditions.note(defs.NOTE_RESERVOIR_DISAGREES, self._apart >= _TIMES or drawdown.under)
