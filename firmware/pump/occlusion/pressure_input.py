"""Reads the pressure sensor: plausible or not, the absolute limit, and whether the sensor has failed."""

from micropython import const

from pump import defs, hal
from pump.core import debounce, tally

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from pump.core import conditions
    from pump.occlusion import pressure_trace

# Eight bad readings in a row, at least 150 ms apart: more than a second; or for long more than one in 21. Well again
# after 32 good ones in a row, so that a sensor that fails every other time is one alarm.
_FAULT = (160, 20, 1, 32)
# An implausible reading adds this to the doubt, up to so much, and a plausible one takes away 1. While there is doubt
# the absolute limit waits: at one bad reading in three it still acts, and more of them raise the sensor's alarm.
_DOUBT = const(2)
_MOST_DOUBT = const(16)
_LOWEST_PA = const(-20000)
_HIGHEST_PA = const(250000)
_LEAP_PA = const(60000)  # four strokes into the stiffest line; no two samples of a line differ by so much
# Readings in a row at the limit or above all that the sensor can measure, the first of them right after a stroke: the
# stroke has done that, whatever its size. They are 250 ms apart at most, so these are 800 ms.
_HIGH_READINGS = const(4)
_BEYOND_PA = const(1 << 28)  # stands for a reading above the sensor's range
_MOST_SCORE = const(20)  # one bad reading: more of them before the stroke are a sensor that gives garbage


class PressureInput:
    """`pressure_pa` is the last plausible sample, None from a failure of the sensor until the next one.

    Sets BIT_PRESSURE_HIGH at `limit_pa` and clears it an eighth below. Sets NOTE_PRESSURE_BLIND. `high_readings` in a
    row are high since a stroke: they are believed without regard to doubt and range.
    `doubt` is 0 while the present reading can be believed alone; the first one after power-on can't.
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
        self.tally = tally.Tally()
        self._wrong = False  # the readings are plausible, but do not follow the strokes (LineState, Detector)
        self._previous_pa = 0  # the last reading, plausible or not
        self._plausible_pa = 0  # the last plausible one
        self.doubt = _DOUBT
        self._was_high = False  # the sample before was at the absolute limit
        self.limit_pa = 0
        self.pressure_pa: "int | None" = None
        self.recovered = False  # the sensor has just become well again; the monitor clears this
        self.high_readings = 0
        self._high_pa = 0  # the last reading, _BEYOND_PA above the range
        self._after_stroke = False  # the next reading is the first one after a stroke

    def begin(self) -> None:
        """Starts a conversion; an error shows in the samples."""
        try:
            self._begin()
        except hal.PartError:
            pass

    def expect_rise(self) -> None:
        """A stroke was made: the next reading is the first one after it."""
        self._after_stroke = self._fault.score <= _MOST_SCORE

    def sample(self) -> bool:
        """Takes a sample; whether it is plausible, and then in `pressure_pa`."""
        try:
            return self._take(self._read_pa())
        except hal.PartError as error:
            return self._miss(error)

    def _miss(self, error: "hal.PartError") -> bool:
        if error.args[0] == defs.FAULT_OUT_OF_RANGE:
            return self._take(_BEYOND_PA)  # a reading like any other that no line can have
        self.tally.add(False)
        self._count(False)
        return False

    def _take(self, pa: int) -> bool:
        if pa >= self.limit_pa or self._after_stroke or self.high_readings:
            self._count_high(pa)
        previous_pa = self._previous_pa
        self._previous_pa = pa
        plausible = self._is_plausible(pa, previous_pa)
        self.tally.add(plausible)
        if not plausible:
            self._count(False)
            self._was_high = False
            self.doubt = min(self.doubt + _DOUBT, _MOST_DOUBT)
            return False
        if self._fault.score:
            self._count(True)
        if self.doubt:
            self.doubt -= 1
        self.pressure_pa = self._plausible_pa = pa
        return True

    def _count_high(self, pa: int) -> None:
        """Counts readings in a row that are high since a stroke; enough of them stop the pump."""
        if pa > _HIGHEST_PA:
            pa = _BEYOND_PA
        alike = -_LEAP_PA < pa - self._high_pa < _LEAP_PA
        self._high_pa = pa
        if pa < self.limit_pa:
            self.high_readings = 0
        elif self._after_stroke or (self.high_readings and alike):
            self.high_readings += 1
        else:
            self.high_readings = 0
        self._after_stroke = False
        if self.high_readings >= _HIGH_READINGS and not self._fault.active:
            self._set_high()

    def _set_high(self) -> None:
        self._conditions.set(defs.BIT_PRESSURE_HIGH)
        self._trace.freeze(defs.ALARM_PRESSURE_LIMIT)

    def _is_plausible(self, pa: int, previous_pa: int) -> bool:
        """Whether a line can have this pressure, no leap away from the last plausible reading or from the one before.

        So a leap that stays is accepted with its second sample, and one wild value is one bad reading.
        """
        if not _LOWEST_PA <= pa <= _HIGHEST_PA:
            return False
        return -_LEAP_PA < pa - self._plausible_pa < _LEAP_PA or -_LEAP_PA < pa - previous_pa < _LEAP_PA

    def check_limit(self, pa: int) -> None:
        """Compares a plausible sample with the absolute limit, unless it may be one of a sensor that gives garbage.

        After a bad reading not long ago it takes two samples in a row: one may be a wild value that a line could have.
        """
        was_high = self._was_high
        self._was_high = pa >= self.limit_pa
        if self.doubt:
            return
        high = self._conditions.word & defs.BIT_PRESSURE_HIGH
        if self._was_high:
            if not high and (was_high or not self._fault.score):
                self._set_high()
        elif high and pa < self.limit_pa - self.limit_pa // 8:
            self._conditions.clear(defs.BIT_PRESSURE_HIGH)

    def is_uncertain(self) -> bool:
        """Whether the next readings decide about the sensor or about what it says."""
        if self.doubt or 0 < self.high_readings < _HIGH_READINGS:
            return True
        return self._fault.score > 0 and not self._fault.active

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
