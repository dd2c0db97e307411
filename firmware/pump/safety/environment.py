"""Watches what the pump lives in: its supply and its temperature (S6, S7)."""

from micropython import const

from pump import defs, hal
from pump.core import debounce, ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions, params, scheduler

_LOOK_MS = const(9800)  # two of the loop's longest waits, so that a look costs no turn of its own
_AGAIN_MS = const(100)  # after a reading that is not as it should be
_TIMES = const(3)  # such readings in a row that count
_CALM_MV = const(100)  # above a mark before it counts as passed again
_FALL_MV = const(150)  # between two looks
_CALM_CENTI_C = const(50)
_HIGHEST_MV = const(24000)
_COLDEST_CENTI_C = const(-4000)
_WARMEST_CENTI_C = const(12500)


class Mark:
    """Counts readings in a row beyond a mark, or back on its good side, so that one alone changes nothing."""

    def __init__(self) -> None:
        self.beyond = False
        self._streak = 0

    def take(self, beyond: bool, calm: bool) -> bool:
        """Whether it counts as beyond after this reading; calm is the good side with some room."""
        if calm if self.beyond else beyond:
            self._streak += 1
            if self._streak >= _TIMES:
                self.beyond = not self.beyond
                self._streak = 0
        else:
            self._streak = 0
        return self.beyond

    def skip(self) -> None:
        """A reading was no reading: what comes next is not in a row with what came before."""
        self._streak = 0

    def pending(self) -> bool:
        """Whether a change is on its way and the next reading should come soon."""
        return self._streak > 0


class Environment:
    """`supply_mv` and `temperature_centi_c` are None while they can't be measured; marks wait until they can again."""

    def __init__(
        self,
        supply: "hal.Supply",
        temperature: "hal.Temperature",
        conditions: "conditions.Conditions",
        params: "params.Params",
    ) -> None:
        self._read_mv = supply.read_mv
        self._read_centi_c = temperature.read_centi_c
        self._conditions = conditions
        self._params = params
        self._supply_trust = debounce.Trust(conditions, defs.NOTE_SUPPLY_BLIND)
        self._temperature_trust = debounce.Trust(conditions, defs.NOTE_TEMPERATURE_BLIND)
        self._low = Mark()
        self._out = Mark()
        self._off_range = Mark()
        self.job: scheduler.Job
        self.supply_mv: "int | None" = None
        self.temperature_centi_c: "int | None" = None
        self.supply_falls = False

    def run(self, now: int) -> None:
        """The job: both are read every ten seconds, and sooner while something changes."""
        self._look_at_supply()
        self._look_at_temperature()
        soon = self._low.pending() or self._out.pending() or self._off_range.pending()
        self.job.at(ticks.add(now, _AGAIN_MS if soon else _LOOK_MS))

    def _look_at_supply(self) -> None:
        try:
            mv = self._read_mv()
        except hal.PartError:
            mv = -1
        good = 0 <= mv <= _HIGHEST_MV
        self._supply_trust.take(good)
        if self._supply_trust.lost:
            self.supply_mv = None
        if not good or self._supply_trust.lost:
            self._low.skip()
            self._out.skip()
            return
        before = self.supply_mv
        self.supply_mv = mv
        warn_mv = self._params.get(defs.PARAM_SUPPLY_WARN_MV)
        stop_mv = self._params.get(defs.PARAM_SUPPLY_STOP_MV)
        low = self._low.take(mv < warn_mv, mv >= warn_mv + _CALM_MV)
        out = self._out.take(mv < stop_mv, mv >= stop_mv + _CALM_MV)
        self.supply_falls = low or mv < warn_mv or (before is not None and before - mv > _FALL_MV)
        self._conditions.note(defs.NOTE_SUPPLY_LOW, low)
        self._conditions.put(defs.BIT_SUPPLY_OUT, out)

    def _look_at_temperature(self) -> None:
        try:
            centi_c = self._read_centi_c()
        except hal.PartError:
            centi_c = _COLDEST_CENTI_C - 1
        good = _COLDEST_CENTI_C <= centi_c <= _WARMEST_CENTI_C
        self._temperature_trust.take(good)
        if self._temperature_trust.lost:
            self.temperature_centi_c = None
        if not good or self._temperature_trust.lost:
            self._off_range.skip()
            return
        self.temperature_centi_c = centi_c
        low = self._params.get(defs.PARAM_TEMPERATURE_LOW_CENTI_C)
        high = self._params.get(defs.PARAM_TEMPERATURE_HIGH_CENTI_C)
        calm = low + _CALM_CENTI_C <= centi_c <= high - _CALM_CENTI_C
        self._conditions.note(defs.NOTE_TEMPERATURE_OUT, self._off_range.take(not low <= centi_c <= high, calm))
