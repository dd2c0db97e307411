"""A sensor: the truth with offset, drift, scale, noise and steps, or with a fault."""

from plant import noise

WORKS = 0
OFF = 1
STUCK = 2


class PartOff(Exception):
    """The part does not answer."""


class Sensor:
    """Works out a value only when it is read. `kind` is "pressure" (`unit` "pa") or "level" ("nl")."""

    def __init__(self, kind: str, unit: str, config: dict[str, int], chance: noise.Noise) -> None:
        self._kind = kind
        self._chance = chance
        self._offset = config[kind + "_offset_" + unit]
        self._drift_day = config[kind + "_drift_" + unit + "_day"]
        self._scale_ppm = config[kind + "_scale_ppm"]
        self._quantum = config[kind + "_quantum_" + unit]
        noise_rms = config[kind + "_noise_" + unit]
        # Chance takes a deviation up to 10,000; louder noise is drawn in sixteens.
        self._noise_shift = 0 if noise_rms <= 10000 else 4
        self._noise_rms = noise_rms >> self._noise_shift
        self._error = self._offset
        self._fault = WORKS
        self._last = 0
        self._was_read = False

    def drift(self, days: int, day_thousandths: int) -> None:
        """Ages the sensor to `days` and thousandths of a day."""
        self._error = self._offset + self._drift_day * days + self._drift_day * day_thousandths // 1000

    def set_fault(self, fault: int) -> None:
        """WORKS, OFF (reading raises PartOff) or STUCK (the last value for ever)."""
        self._fault = fault

    def read(self, true: int) -> int:
        """What the sensor says when the truth is this; PartOff when it is off."""
        if self._fault:
            if self._fault == OFF:
                raise PartOff(self._kind)
            if self._was_read:
                return self._last
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
