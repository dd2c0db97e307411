"""Reads the pressure sensor: plausible or not, the absolute limit, and whether the sensor has failed."""

from micropython import const

from pump import defs, hal
from pump.core import debounce

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions
    from pump.occlusion import pressure_trace

# Three bad readings in a row; well again after 32 good ones, so that a sensor that fails every other time is one alarm.
_FAULT = (3, 1, 3, 32)
_DOUBTS = const(16)  # samples at the limit that are ignored after an implausible one
_LOWEST_PA = const(-20000)
_HIGHEST_PA = const(250000)
_LEAP_PA = const(60000)  # four strokes into the stiffest line; no two samples of a line differ by so much


class PressureInput:
    """`pressure_pa` is the last plausible sample, None while the sensor has failed.

    Sets BIT_PRESSURE_HIGH at `limit_pa` and clears it an eighth below. Sets NOTE_PRESSURE_BLIND.
    """

    def __init__(
        self,
        pressure: "hal.Pressure",
        conditions: "conditions.Conditions",
        trace: "pressure_trace.PressureTrace",
    ) -> None:
        self._begin = pressure.begin
        self._read_pa = pressure.read_pa
        self._conditions = conditions
        self._trace = trace
        self._fault = debounce.Debounce(_FAULT)
        self._wrong = False  # the readings are plausible, but do not follow the strokes (LineState, Detector)
        self._previous_pa = 0  # the last reading, plausible or not
        self._doubts = 0  # samples still ignored for the absolute limit
        self.limit_pa = 0
        self.pressure_pa: "int | None" = None
        self.recovered = False  # the sensor has just become well again; the monitor clears this

    def begin(self) -> None:
        """Starts a conversion; an error shows in the samples."""
        try:
            self._begin()
        except hal.PartError:
            pass

    def sample(self) -> bool:
        """Takes a sample; whether it is plausible, and then in `pressure_pa`."""
        try:
            pa = self._read_pa()
        except hal.PartError:
            self._count(False)
            return False
        leap_pa = pa - self._previous_pa
        self._previous_pa = pa
        if not _LOWEST_PA <= pa <= _HIGHEST_PA or not -_LEAP_PA < leap_pa < _LEAP_PA:
            self._count(False)  # a leap that stays is accepted with the next sample
            self._doubts = _DOUBTS
            return False
        if self._fault.score:
            self._count(True)
        self.pressure_pa = pa
        return True

    def check_limit(self, pa: int) -> None:
        """Compares a plausible sample with the absolute limit."""
        if pa >= self.limit_pa:
            if self._doubts:
                self._doubts -= 1  # it may be one of many values of a sensor that gives garbage
            elif not self._conditions.has(defs.BIT_PRESSURE_HIGH):
                self._conditions.set(defs.BIT_PRESSURE_HIGH)
                self._trace.freeze(defs.ALARM_PRESSURE_LIMIT)
        elif self._conditions.word & defs.BIT_PRESSURE_HIGH and pa < self.limit_pa - self.limit_pa // 8:
            self._conditions.clear(defs.BIT_PRESSURE_HIGH)

    def set_wrong(self, wrong: bool) -> None:
        """Whether the readings can't be right although each of them is plausible."""
        self._wrong = wrong
        if wrong:
            self._fault.activate()
            self._conditions.note(defs.NOTE_PRESSURE_BLIND, True)

    def _count(self, good: bool) -> None:
        fault = self._fault
        if good and self._wrong:
            fault.restart()
            return
        was_active = fault.active
        if fault.update(not good) == was_active:
            return
        self._conditions.note(defs.NOTE_PRESSURE_BLIND, fault.active)
        if fault.active:
            self.pressure_pa = None
        else:
            self.recovered = True
