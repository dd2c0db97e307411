"""Watches the supply and the temperature (S6, S7)."""

from micropython import const

from pump import defs, hal
from pump.core import debounce, scheduler, tally, ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions, params

_READ_MS = const(9800)  # two of the loop's longest waits, so that a reading needs no wake-up of its own
_GAP_MS = const(90000)  # the watchdog is not fed when the last readings are older
_AGAIN_MS = const(100)  # while readings in a row decide about a change
# Three readings in a row beyond a mark, or for long more than a third of them; three back on its good side.
_MARK = (6, 2, 1, 3)
_CALM_MV = const(100)  # above a mark before it counts as good again
# The supply falls while it is so much below what it was; that is followed downwards at 5 mV/s. A battery that works
# falls much more slowly, and what falls by less than that loses 2 mV in the longest erase. The noise is some mV.
_FALL_MV = const(100)
_FOLLOW_MS = const(200)  # for 1 mV
_LONGEST_MS = const(1000000)  # after which what it was no longer counts
_STILL = const(360)  # equal readings in a row, an hour: the noise of a converter that works changes some of them
_CALM_CENTI_C = const(50)
_HIGHEST_MV = const(24000)
_COLDEST_CENTI_C = const(-4000)
_WARMEST_CENTI_C = const(12500)


class Environment:
    """`supply_mv` and `temperature_centi_c` are None while they can't be measured; marks wait until they can again.

    `supply_falls`: by the last reading; a supply that is low and steady does not fall.
    """

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
        self.supply_tally = tally.Tally()
        self.temperature_tally = tally.Tally()
        self._low = debounce.Debounce(_MARK)  # the supply is below the warning
        self._out = debounce.Debounce(_MARK)  # the supply is below the limit for motion
        self._off_range = debounce.Debounce(_MARK)  # the temperature is outside its limits
        self._same = 0  # readings of the supply in a row that are equal to the one before
        self._last_mv = -1  # the last reading
        self._was_mv = 0  # what the supply was before it fell
        self._was_at = 0  # tick up to which that was followed
        self._due = 0  # tick of the next regular readings
        self._begun = False  # whether it is set
        self.job = scheduler.Job(self.run, longest_ms=_GAP_MS)
        self.supply_mv: "int | None" = None
        self.temperature_centi_c: "int | None" = None
        self.supply_falls = False

    def run(self, now: int) -> None:
        """The job: both are read every ten seconds, and each sooner while its own readings decide about a change."""
        regular = not self._begun or ticks.diff(now, self._due) >= 0
        if not self._begun:
            self._begun = True
            self._was_at = now
        if regular:
            self._due = ticks.add(now, _READ_MS)
        if regular or self._low.changing() or self._out.changing():
            self._read_supply(now)
        if regular or self._off_range.changing():
            self._read_temperature()
        soon = self._low.changing() or self._out.changing() or self._off_range.changing()
        self.job.at(ticks.add(now, _AGAIN_MS) if soon else self._due)

    def is_supply_good(self) -> bool:
        """A reading of its own, right before flash is erased: above the limit for motion, and not falling (S6).

        A missing or impossible one lets the erase wait, unless the sensor is known to have failed.
        """
        mv = self._measure()
        if self._supply_fault.active:
            return True
        return mv >= self._params.get(defs.PARAM_SUPPLY_STOP_MV) and self._was_mv - mv <= _FALL_MV

    def _measure(self) -> int:
        """Millivolts, -1 where there is no possible value."""
        try:
            mv = self._read_mv()
        except hal.PartError:
            return -1
        return mv if 0 <= mv <= _HIGHEST_MV else -1

    def _read_supply(self, now: int) -> None:
        before_mv = self._last_mv
        mv = self._measure()
        self._same = min(self._same + 1, _STILL) if mv == self._last_mv else 0
        self._last_mv = mv
        good = mv >= 0 and self._same < _STILL
        self.supply_tally.add(mv >= 0)
        failed = self._supply_fault.update(not good)
        self._conditions.note(defs.NOTE_SUPPLY_BLIND, failed)
        if failed:
            self.supply_mv = None
            self.supply_falls = False
        if not good or failed:
            self._low.restart()
            self._out.restart()
            return
        self.supply_mv = mv
        self._follow(mv, before_mv, now)
        warn_mv = self._params.get(defs.PARAM_SUPPLY_WARN_MV)
        stop_mv = self._params.get(defs.PARAM_SUPPLY_STOP_MV)
        low = self._low.update(mv < warn_mv + (_CALM_MV if self._low.active else 0))
        out = self._out.update(mv < stop_mv + (_CALM_MV if self._out.active else 0))
        self._conditions.note(defs.NOTE_SUPPLY_LOW, low)
        self._conditions.put(defs.BIT_SUPPLY_OUT, out)

    def _follow(self, mv: int, before_mv: int, now: int) -> None:
        """What the supply was: up when two readings in a row are that high, down slowly.

        After a single one that is far too high the supply would seem to fall for long, and no flash would be erased.
        """
        span_ms = ticks.diff(now, self._was_at)
        followed_mv = span_ms // _FOLLOW_MS if span_ms < _LONGEST_MS else _HIGHEST_MV
        self._was_at = now
        self._was_mv = max(min(mv, before_mv), self._was_mv - followed_mv)
        self.supply_falls = self._was_mv - mv > _FALL_MV

    def _read_temperature(self) -> None:
        try:
            centi_c = self._read_centi_c()
        except hal.PartError:
            centi_c = _COLDEST_CENTI_C - 1
        good = _COLDEST_CENTI_C <= centi_c <= _WARMEST_CENTI_C
        self.temperature_tally.add(good)
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
