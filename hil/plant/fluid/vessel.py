"""The artery in which the catheter ends: mean pressure, pulse, breathing, posture; and the ambient pressure's drift."""

from plant.arithmetic import noise, sine

# The period of the heart varies by several percent from beat to beat, so after this time the phase is random.
# With a constant heart rate, pulse and strokes would alias for hours.
_FORGOTTEN_MS = 10000
_DAY_MS = 86400000
_TURN_1000 = 6283  # 2 pi, in ms/s


class Vessel:
    """Pressure in Pa above mean ambient. Stores phases instead of the time, as ms exceed 30 bits after 12.4 days."""

    def __init__(self, config: dict[str, int], chance: noise.Noise) -> None:
        self._chance = chance
        self._mean_pa = config["vessel_mean_pa"]
        self._posture_limit_pa = config["posture_pa"]
        self._shortest_stay_ms = config["posture_shortest_s"] * 1000
        self._ambient_limit_pa = config["ambient_pa"]
        self._pulse_limit_pa = config["pulse_pa"]
        self._breath_limit_pa = config["breath_pa"]
        first = config["pulse_shortest_ms"]
        span = config["pulse_longest_ms"] - first
        self.pulse_periods_ms = [first + span * i // 7 for i in range(8)]
        self.pulse_period_ms = first
        self._breath_period_ms = config["breath_ms"]
        self._pulse_ms = 0
        self._breath_ms = chance.below(self._breath_period_ms)
        self._day_start = chance.below(sine.TURN)
        self._pulse_amplitudes_pa = [0] * 8
        self._pulse_lags = [0] * 8
        self._pulse_amplitude_pa = 0
        self._pulse_lag = 0
        self._breath_amplitude_pa = 0
        self._breath_lag = 0
        self.posture_pa = 0
        self.ambient_pa = 0
        self.slow_pa = self._mean_pa
        self.until_ms = 0
        self.set_line(0)
        self.change_posture()
        self.drift(0)

    def set_line(self, tau_ms: int) -> None:
        """Computes amplitude and lag of pulse and breathing at the pump's end of a line with this tau."""
        for i, period_ms in enumerate(self.pulse_periods_ms):
            self._pulse_amplitudes_pa[i] = self._pulse_limit_pa * sine.gain_through(tau_ms, period_ms) >> 14
            self._pulse_lags[i] = sine.lag_through(tau_ms, period_ms)
        self._breath_amplitude_pa = self._breath_limit_pa * sine.gain_through(tau_ms, self._breath_period_ms) >> 14
        self._breath_lag = sine.lag_through(tau_ms, self._breath_period_ms)
        self._beat(self.pulse_periods_ms.index(self.pulse_period_ms))

    def _beat(self, index: int) -> None:
        self.pulse_period_ms = self.pulse_periods_ms[index]
        self._pulse_amplitude_pa = self._pulse_amplitudes_pa[index]
        self._pulse_lag = self._pulse_lags[index]
        self._pulse_ms %= self.pulse_period_ms

    def change_posture(self) -> int:
        """Sets posture and heart rate for 1 to 128 times the shortest stay; returns the change of pressure in Pa."""
        chance = self._chance
        previous_pa = self.posture_pa
        self.posture_pa = (chance.below(3) - 1) * self._posture_limit_pa
        self.slow_pa = self._mean_pa + self.posture_pa
        self.until_ms = (self._shortest_stay_ms + chance.below(self._shortest_stay_ms)) << chance.below(7)
        self._beat(chance.below(8))
        return self.posture_pa - previous_pa

    def advance(self, dt_ms: int) -> None:
        """Lets up to `until_ms` pass; when that is 0, call `change_posture`."""
        self.until_ms -= dt_ms
        if dt_ms < _FORGOTTEN_MS:
            self._pulse_ms = (self._pulse_ms + dt_ms) % self.pulse_period_ms
            self._breath_ms = (self._breath_ms + dt_ms) % self._breath_period_ms
        else:
            self._pulse_ms = self._chance.below(self.pulse_period_ms)
            self._breath_ms = self._chance.below(self._breath_period_ms)

    def drift(self, day_ms: int) -> None:
        """Sets the ambient pressure for this time of day, 0..86,399,999."""
        position = day_ms // (_DAY_MS // sine.TURN + 1) + self._day_start & sine.TURN - 1
        self.ambient_pa = sine.sine(position) * self._ambient_limit_pa >> 14

    def pulsation_pa(self) -> int:
        """Pulse and breathing now, at the pump's end of the open line."""
        pulse = sine.sine(self._pulse_ms * 4096 // self.pulse_period_ms - self._pulse_lag & 4095)
        breath = sine.sine(self._breath_ms * 4096 // self._breath_period_ms - self._breath_lag & 4095)
        return pulse * self._pulse_amplitude_pa + breath * self._breath_amplitude_pa >> 14

    def pulsation_slope_pa_s(self) -> int:
        """Slope of `pulsation_pa`. The rounding has no bias, because a bias would add a mean flow in a soft line."""
        quarter = sine.TURN // 4
        pulse = sine.sine(self._pulse_ms * 4096 // self.pulse_period_ms - self._pulse_lag + quarter & 4095)
        breath = sine.sine(self._breath_ms * 4096 // self._breath_period_ms - self._breath_lag + quarter & 4095)
        # Eighths of 1 Pa. The first quotient is rounded down, which takes half an eighth off on average;
        # rounding halves up at the end adds as much.
        pulse_8 = pulse * self._pulse_amplitude_pa + 1024 >> 11
        breath_8 = breath * self._breath_amplitude_pa + 1024 >> 11
        breath_ms = self._breath_period_ms
        slope_8 = pulse_8 * _TURN_1000 // self.pulse_period_ms + (breath_8 * _TURN_1000 + breath_ms // 2) // breath_ms
        return slope_8 + 4 >> 3
