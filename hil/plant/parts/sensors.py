"""A sensor: the true value with offset, drift, scale error, noise and quantisation, or with a fault."""

from plant.arithmetic import fraction, noise
from plant.parts import faults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from plant.body import rough

PartOff = faults.PartOff

# kind: (unit, what WRONG adds by default, a 10,000th of the range of GARBAGE in either direction)
KINDS: dict[str, tuple[str, int, int]] = {
    "pressure": ("pa", 20000, 100),
    "level": ("nl", 3000000, 10000),
    "flow": ("pl_s", 30000, 1000),
    "supply": ("mv", -1500, 10),
    "temperature": ("centi_c", 2500, 10),
}
# Bits of a value that can be inverted on its way: the sensor's range. A flow sensor's values have a checksum.
_FLIPPED = {"pressure": 18, "level": 25, "flow": 0, "supply": 13, "temperature": 13}
ANALOGUE = ("level", "supply")  # those whose voltage the controller converts
_LAG_MS = 60000  # SLOW follows with this time constant
_READS = 10  # delay of DELAYED, in readings
_DAY_MS = 86400000
_MOST_WRONG = 100000000


class Sensor:
    """Computes a value only when it is read."""

    def __init__(self, kind: str, config: dict[str, int], chance: noise.Noise, day_ms: "Callable[[], int]") -> None:
        unit, self._usually_wrong, self._wild = KINDS[kind]
        self._kind = kind
        self._flipped = _FLIPPED[kind]
        self._chance = chance
        self._day_ms = day_ms  # returns the time of day, for SLOW
        self._offset = config.get(kind + "_offset_" + unit, 0)
        self._drift_day = config.get(kind + "_drift_" + unit + "_day", 0)
        self._scale_ppm = config.get(kind + "_scale_ppm", 0)
        self._quantum = config.get(kind + "_quantum_" + unit, 1)
        noise_rms = config[kind + "_noise_" + unit]
        # noise.Noise takes a deviation up to 10,000; larger noise is drawn in units of 16.
        self._noise_shift = 0 if noise_rms <= 10000 else 4
        self._noise_rms = noise_rms >> self._noise_shift
        self._error = self._offset
        self._last = 0
        self._was_read = False
        self._rough: "rough.Rough | None" = None
        self._fault = faults.WORKS
        self._wrong = 0
        self._old = [0]
        self._at = 0
        self._since_ms = 0
        self._rest = 0

    def drift(self, days: int, day_thousandths: int) -> None:
        """Ages the sensor to `days` and thousandths of a day."""
        self._error = self._offset + self._drift_day * days + self._drift_day * day_thousandths // 1000

    def roughen(self, the_rough: "rough.Rough") -> None:
        """From now on it has the noise of `the_rough` and misses readings, as long as it has no other fault."""
        self._rough = the_rough
        if self._fault == faults.WORKS:
            self._fault = faults.ROUGH

    def set_fault(self, fault: int, value: int = 0) -> None:
        """Sets one of `faults`. Allocates.

        `value` is what WRONG adds, 0 for the default, and with EVERY_NTH which readings are bad: 17 for one in 17.
        """
        if not -_MOST_WRONG <= value <= _MOST_WRONG:
            raise ValueError("the error may be %d at most" % _MOST_WRONG)
        if fault in faults.EVERY_NTH and value < 2:
            raise ValueError(faults.EVERY_NTH[fault] + " take the number of readings for one that is bad, 2 or more")
        self._fault = faults.ROUGH if self._rough and fault == faults.WORKS else fault
        self._wrong = value or self._usually_wrong
        self._old = [self._last] * _READS
        self._at = 0
        self._since_ms = self._day_ms()
        self._rest = 0

    def read(self, true: int) -> int:
        """The sensor's value for this true value; PartOff when it doesn't answer."""
        fault = self._fault
        if fault:
            return self._read_roughly(true) if fault == faults.ROUGH else self._read_at_fault(true)
        value = true + self._error
        if self._scale_ppm:
            value += true // 1000 * self._scale_ppm // 1000
        if self._noise_rms:
            value += self._chance.normal(self._noise_rms) << self._noise_shift
        quantum = self._quantum
        value = (value + (quantum >> 1)) // quantum * quantum
        self._last = value
        self._was_read = True
        return value

    def _read_at_fault(self, true: int) -> int:
        fault = self._fault
        if fault == faults.OFF or (fault == faults.INTERMITTENT and self._chance.below(2)):
            raise PartOff(self._kind)
        if fault == faults.OPEN:
            raise faults.PartOpen(self._kind)
        if fault in faults.EVERY_NTH:
            self._at = (self._at + 1) % self._wrong
            if self._at == 0:
                return self._read_disturbed(true)
        if fault == faults.GARBAGE:
            return self._garbage()
        before = self._last
        if fault == faults.STUCK and self._was_read:
            return before
        was_read = self._was_read
        self._fault = faults.WORKS
        value = self.read(true)
        self._fault = fault
        if fault == faults.WRONG:
            return value + self._wrong
        if fault == faults.SLOW and was_read:
            self._last = value = before + self._followed(value - before)
        elif fault == faults.DELAYED:
            at = self._at
            self._at = (at + 1) % _READS
            if not was_read:
                for i in range(_READS):
                    self._old[i] = value
            late = self._old[at]
            self._old[at] = value
            value = late
        return value

    def _read_disturbed(self, true: int) -> int:
        """A reading that is bad with a fault of EVERY_NTH."""
        fault = self._fault
        if fault == faults.GLITCHES:
            return self._garbage()
        if fault == faults.LATE or not self._flipped:
            raise PartOff(self._kind)
        self._fault = faults.WORKS
        value = self.read(true)
        self._fault = fault
        return value ^ 1 << self._chance.below(self._flipped)

    def _garbage(self) -> int:
        return (self._chance.below(20001) - 10000) * self._wild

    def _read_roughly(self, true: int) -> int:
        the_rough = self._rough
        assert the_rough
        if the_rough.misses():
            raise PartOff(self._kind)
        self._fault = faults.WORKS
        value = self.read(true + the_rough.error_pa())
        self._fault = faults.ROUGH
        return the_rough.spoiled(value)

    def _followed(self, gap: int) -> int:
        """The part of the gap to the true value that closes in the time since the last read."""
        now_ms = self._day_ms()
        passed_ms = (now_ms - self._since_ms) % _DAY_MS
        self._since_ms = now_ms
        if passed_ms > 1000000:
            return gap
        # t / (t + lag) instead of 1 - exp(-t / lag): the interval between reads has little influence.
        part = min(fraction.WHOLE, passed_ms * 512 // ((passed_ms + _LAG_MS) >> 6))
        rest = (gap & 32767) * part + self._rest
        self._rest = rest & 32767
        return (gap >> 15) * part + (rest >> 15)
