"""Keeps the two estimates of the volume left: the ledger of strokes and the level sensor."""

from micropython import const

from pump import defs, hal, ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump import conditions, params, scheduler

_PL_PER_UL = const(1000000)
_LOOK_MS = const(60000)
_FILTER = const(4)
_TIMES = const(3)  # looks in a row before a finding counts
_SECONDS_PER_DAY = const(86400)
# No reservoir holds more than 40 mL (params), and a sensor is allowed an offset; beyond these it gives garbage.
_LOWEST_NL = const(-5000000)
_HIGHEST_NL = const(60000000)


class Reservoir:
    """Ledger as a pair (uL, pL), level sensor as a short average; low, empty and disagreeing as bits."""

    def __init__(self, level: "hal.Level", conditions: "conditions.Conditions") -> None:
        self._read_nl = level.read_nl
        self._conditions = conditions
        self.job: scheduler.Job
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
        self._streak = 0

    def configure(self, parameters: "params.Params", rate_ul_day: int) -> None:
        """Takes the marks from the parameters; the low mark is the larger of a volume and a time at the rate (V3)."""
        low_nl = rate_ul_day * parameters.get(defs.PARAM_LOW_TIME_H) * 1000 // 24
        self._low_nl = max(parameters.get(defs.PARAM_LOW_VOLUME_NL), low_nl)
        self._empty_nl = parameters.get(defs.PARAM_EMPTY_VOLUME_NL)
        self._disagreement_nl = parameters.get(defs.PARAM_DISAGREEMENT_NL)
        self.judge()

    def fill(self, volume_nl: int, fluid: int) -> None:
        """What a person has entered: the ledger and the fluid begin anew, and so does the level's average."""
        self._ul = volume_nl // 1000
        self._pl = volume_nl % 1000 * 1000
        self.fluid = fluid
        self.level_nl = None
        self._apart = 0
        self._conditions.note(defs.NOTE_RESERVOIR_DISAGREES, False)
        self._conditions.put(defs.BIT_CONTENTS_UNKNOWN, fluid == defs.FLUID_NONE)
        self.look()

    def take(self, volume_pl: int) -> None:
        """A stroke leaves the reservoir; the ledger doesn't go below nothing."""
        pl = self._pl - volume_pl
        if pl < 0:
            if self._ul == 0:
                pl = 0
            else:
                pl += _PL_PER_UL
                self._ul -= 1
        self._pl = pl
        self.judge()

    def ledger_nl(self) -> int:
        """Volume left by the ledger, rounded down."""
        return self._ul * 1000 + self._pl // 1000

    def left_s(self, rate_ul_day: int) -> int:
        """Seconds at this rate until the empty mark."""
        return max(0, self.ledger_nl() - self._empty_nl) * _SECONDS_PER_DAY // (rate_ul_day * 1000)

    def run(self, now: int, refilling: bool) -> None:
        """The job: a look at the level sensor once a minute, but none while the reservoir is in a person's hands."""
        if not refilling:
            self.look()
        self.job.at(ticks.add(now, _LOOK_MS))

    def look(self) -> None:
        """Reads the level sensor and judges anew."""
        good = self._read()
        self._note(good)
        if good:
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

    def _read(self) -> bool:
        try:
            nl = self._read_nl()
        except hal.PartError:
            return False
        if not _LOWEST_NL <= nl <= _HIGHEST_NL:
            return False
        self.level_nl = nl if self.level_nl is None else self.level_nl + (nl - self.level_nl) // _FILTER
        return True

    def _compare(self) -> None:
        far = self.level_nl is not None and abs(self.level_nl - self.ledger_nl()) > self._disagreement_nl
        self._apart = self._apart + 1 if far else 0
        known = self.fluid != defs.FLUID_NONE
        self._conditions.note(defs.NOTE_RESERVOIR_DISAGREES, known and self._apart >= _TIMES)

    def _note(self, good: bool) -> None:
        if good != self._conditions.noted(defs.NOTE_LEVEL_BLIND):
            self._streak = 0
            return
        self._streak += 1
        if self._streak >= _TIMES:
            self._streak = 0
            self._conditions.note(defs.NOTE_LEVEL_BLIND, not good)
            if not good:
                self.level_nl = None
