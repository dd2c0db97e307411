"""Watches the supply and the temperature (S6, S7)."""

from micropython import const

from pump import defs, hal
from pump.core import debounce, scheduler, ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions, params

_READ_MS = const(9800)  # two of the loop's longest waits, so that a reading needs no wake-up of its own
_GAP_MS = const(90000)  # the watchdog is not fed when the last readings are older
_AGAIN_MS = const(100)  # while readings in a row decide about a change
_MARK = (3, 1, 3, 3)  # three readings in a row beyond a mark, and three back on its good side
_CALM_MV = const(100)  # above a mark before it counts as good again
_FALL_MV = const(150)  # between two readings
_CALM_CENTI_C = const(50)
_HIGHEST_MV = const(24000)
_COLDEST_CENTI_C = const(-4000)
_WARMEST_CENTI_C = const(12500)


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
        self._supply_fault = debounce.Debounce(debounce.SENSOR)
        self._temperature_fault = debounce.Debounce(debounce.SENSOR)
        self._low = debounce.Debounce(_MARK)  # the supply is below the warning
        self._out = debounce.Debounce(_MARK)  # the supply is below the limit for motion
        self._off_range = debounce.Debounce(_MARK)  # the temperature is outside its limits
        self.job = scheduler.Job(self.run, longest_ms=_GAP_MS)
        self.supply_mv: "int | None" = None
        self.temperature_centi_c: "int | None" = None
        self.supply_falls = False

    def run(self, now: int) -> None:
        """The job: both are read every ten seconds, and sooner while something changes."""
        self._read_supply()
        self._read_temperature()
        soon = self._low.changing() or self._out.changing() or self._off_range.changing()
        self.job.at(ticks.add(now, _AGAIN_MS if soon else _READ_MS))

    def _read_supply(self) -> None:
        try:
            mv = self._read_mv()
        except hal.PartError:
            mv = -1
        good = 0 <= mv <= _HIGHEST_MV
        failed = self._supply_fault.update(not good)
        self._conditions.note(defs.NOTE_SUPPLY_BLIND, failed)
        if failed:
            self.supply_mv = None
        if not good or failed:
            self._low.restart()
            self._out.restart()
            return
        before = self.supply_mv
        self.supply_mv = mv
        warn_mv = self._params.get(defs.PARAM_SUPPLY_WARN_MV)
        stop_mv = self._params.get(defs.PARAM_SUPPLY_STOP_MV)
        low = self._low.update(mv < warn_mv + (_CALM_MV if self._low.active else 0))
        out = self._out.update(mv < stop_mv + (_CALM_MV if self._out.active else 0))
        self.supply_falls = low or mv < warn_mv or (before is not None and before - mv > _FALL_MV)
        self._conditions.note(defs.NOTE_SUPPLY_LOW, low)
        self._conditions.put(defs.BIT_SUPPLY_OUT, out)

    def _read_temperature(self) -> None:
        try:
            centi_c = self._read_centi_c()
        except hal.PartError:
            centi_c = _COLDEST_CENTI_C - 1
        good = _COLDEST_CENTI_C <= centi_c <= _WARMEST_CENTI_C
        failed = self._temperature_fault.update(not good)
        self._conditions.note(defs.NOTE_TEMPERATURE_BLIND, failed)
        if failed:
            self.temperature_centi_c = None
        if not good or failed:
            self._off_range.restart()
            return
        self.temperature_centi_c = centi_c
        low = self._params.get(defs.PARAM_TEMPERATURE_LOW_CENTI_C)
        high = self._params.get(defs.PARAM_TEMPERATURE_HIGH_CENTI_C)
        room = _CALM_CENTI_C if self._off_range.active else 0
        out = self._off_range.update(not low + room <= centi_c <= high - room)
        self._conditions.note(defs.NOTE_TEMPERATURE_OUT, out)
