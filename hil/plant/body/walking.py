"""Walking: each step shakes the fluid at the sensor, in an open and in a blocked line."""

from plant.arithmetic import sine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plant.arithmetic import noise

_JITTER_PERCENT = 6  # of the length of a step
_HEIGHT_SPREAD_PERCENT = 20


class Walking:
    """`pa` is what the present step adds; `left_ms` is the time until the patient stands still."""

    def __init__(self, limit_pa: int, step_ms: int, chance: "noise.Noise") -> None:
        self._limit_pa = limit_pa
        self._mean_ms = step_ms
        self._chance = chance
        self._step_ms = step_ms
        self._crest_pa = limit_pa
        self._ms = 0
        self.left_ms = 0
        self.pa = 0

    def advance(self, dt_ms: int) -> None:
        """Lets time pass, at most `left_ms`."""
        self.left_ms -= dt_ms
        if self.left_ms <= 0:
            self.left_ms = 0
            self.pa = 0
            return
        ms = self._ms + dt_ms
        if ms >= self._step_ms:
            ms %= self._step_ms
            chance = self._chance
            self._step_ms = max(100, self._mean_ms + chance.normal(self._mean_ms * _JITTER_PERCENT // 100))
            spread = _HEIGHT_SPREAD_PERCENT
            self._crest_pa = self._limit_pa * (100 - spread + chance.below(2 * spread + 1)) // 100
        self._ms = ms
        position = ms * 4096 // self._step_ms
        # The heel's impact gives a second harmonic of half the height.
        shape = sine.sine(position & 4095) * 2 + sine.sine(2 * position & 4095)
        self.pa = shape * self._crest_pa // 49152 * 5 // 4
