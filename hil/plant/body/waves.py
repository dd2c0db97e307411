"""Breathing and Mayer waves, whose periods vary; and strain: a pressure from breath that is held against the throat."""

from plant.arithmetic import sine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plant.arithmetic import noise

_SPREAD_PERCENT = 12  # of the length of a wave
_COUGH_MS = 300
_COUGH_GAP_MS = 400


class Wave:
    """A sine whose every turn has another length and height."""

    def __init__(self, limit_pa: int, period_ms: int, chance: "noise.Noise") -> None:
        self._limit_pa = limit_pa
        self._mean_ms = period_ms
        self._chance = chance
        self._period_ms = period_ms
        self._crest_pa = limit_pa
        self._ms = chance.below(period_ms)
        self._gain = 0  # of the line, 1/16384
        self._lag = 0

    def set_line(self, tau_ms: int) -> None:
        """Computes gain and lag of a line with this tau, at the mean period."""
        self._gain = sine.gain_through(tau_ms, self._mean_ms)
        self._lag = sine.lag_through(tau_ms, self._mean_ms)

    def advance(self, dt_ms: int) -> None:
        """Lets time pass."""
        ms = self._ms + dt_ms
        if ms >= self._period_ms:
            ms %= self._period_ms
            mean_ms = self._mean_ms
            self._period_ms = max(mean_ms // 2, mean_ms + self._chance.normal(mean_ms * _SPREAD_PERCENT // 100))
            self._crest_pa = self._limit_pa * (75 + self._chance.below(51)) // 100
        self._ms = ms

    def sine(self) -> int:
        """Where the wave is now in the vessel, -16384 to 16384."""
        return sine.sine(self._ms * 4096 // self._period_ms & 4095)

    def value_pa(self) -> int:
        """What it adds at the pump's end."""
        crest_pa = self._crest_pa * self._gain >> 14
        return sine.sine((self._ms * 4096 // self._period_ms) - self._lag & 4095) * crest_pa >> 14


class Strain:
    """Coughs and strains, one after the other; `left_ms` until the next change, 0 when there is none."""

    def __init__(self) -> None:
        self.pa = 0
        self.left_ms = 0
        self._coughs = 0
        self._cough_pa = 0

    def hold(self, pa: int, span_ms: int) -> None:
        """Strains for so long."""
        self._coughs = 0
        self.pa = pa
        self.left_ms = span_ms

    def cough(self, pa: int, times: int) -> None:
        """Coughs so many times."""
        self.hold(pa, _COUGH_MS)
        self._cough_pa = pa
        self._coughs = times - 1

    def advance(self, dt_ms: int) -> None:
        """Lets up to `left_ms` pass."""
        self.left_ms -= dt_ms
        if self.left_ms > 0:
            return
        self.left_ms = 0
        if self.pa and self._coughs:
            self.pa = 0
            self.left_ms = _COUGH_GAP_MS
        elif self._coughs:
            self._coughs -= 1
            self.pa = self._cough_pa
            self.left_ms = _COUGH_MS
        else:
            self.pa = 0
