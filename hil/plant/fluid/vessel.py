"""The artery the catheter ends in: mean, pulse, breathing, posture, and the weather around it all."""

from plant.arithmetic import noise, sine

# Beats vary by several percent from one to the next, so after this long nobody knows where in the beat we are.
# Without it a steady pulse would alias with steady strokes for hours.
_FORGOTTEN_MS = 10000
_DAY_MS = 86400000
_TURN_1000 = 6283  # 2 pi, in ms/s


class Vessel:
    """Pressure in Pa above mean ambient. Phases are carried along: ms since the start leave 30 bits in 12.4 days."""

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
        self._pulse_heights_pa = [0] * 8
        self._pulse_lags = [0] * 8
        self._pulse_height_pa = 0
        self._pulse_lag = 0
        self._breath_height_pa = 0
        self._breath_lag = 0
        self.posture_pa = 0
        self.ambient_pa = 0
        self.slow_pa = self._mean_pa
        self.until_ms = 0
        self.see_through(0)
        self.change_posture()
        self.drift(0)

    def see_through(self, tau_ms: int) -> None:
        """Works out how much of pulse and breathing reaches the pump's end of a line with this tau, and how late."""
        for i, period_ms in enumerate(self.pulse_periods_ms):
            self._pulse_heights_pa[i] = self._pulse_limit_pa * sine.gain_through(tau_ms, period_ms) >> 14
            self._pulse_lags[i] = sine.lag_through(tau_ms, period_ms)
        self._breath_height_pa = self._breath_limit_pa * sine.gain_through(tau_ms, self._breath_period_ms) >> 14
        self._breath_lag = sine.lag_through(tau_ms, self._breath_period_ms)
        self._beat(self.pulse_periods_ms.index(self.pulse_period_ms))

    def _beat(self, index: int) -> None:
        self.pulse_period_ms = self.pulse_periods_ms[index]
        self._pulse_height_pa = self._pulse_heights_pa[index]
        self._pulse_lag = self._pulse_lags[index]
        self._pulse_ms %= self.pulse_period_ms

    def change_posture(self) -> int:
        """Lie, sit or stand, with another heart rate, for 1 to 128 times the shortest stay; the step in Pa."""
        chance = self._chance
        before_pa = self.posture_pa
        self.posture_pa = (chance.below(3) - 1) * self._posture_limit_pa
        self.slow_pa = self._mean_pa + self.posture_pa
        self.until_ms = (self._shortest_stay_ms + chance.below(self._shortest_stay_ms)) << chance.below(7)
        self._beat(chance.below(8))
        return self.posture_pa - before_pa

    def advance(self, dt_ms: int) -> None:
        """Goes on by up to `until_ms`; when that is used up, the posture is due to change."""
        self.until_ms -= dt_ms
        if dt_ms < _FORGOTTEN_MS:
            self._pulse_ms = (self._pulse_ms + dt_ms) % self.pulse_period_ms
            self._breath_ms = (self._breath_ms + dt_ms) % self._breath_period_ms
        else:
            self._pulse_ms = self._chance.below(self.pulse_period_ms)
            self._breath_ms = self._chance.below(self._breath_period_ms)

    def drift(self, day_ms: int) -> None:
        """Sets the ambient for this time of day, 0..86,399,999."""
        position = day_ms // (_DAY_MS // sine.TURN + 1) + self._day_start & sine.TURN - 1
        self.ambient_pa = sine.sine(position) * self._ambient_limit_pa >> 14

    def swing_pa(self) -> int:
        """Pulse and breathing now, as the pump's end of the open line sees them."""
        pulse = sine.sine(self._pulse_ms * 4096 // self.pulse_period_ms - self._pulse_lag & 4095)
        breath = sine.sine(self._breath_ms * 4096 // self._breath_period_ms - self._breath_lag & 4095)
        return pulse * self._pulse_height_pa + breath * self._breath_height_pa >> 14

    def swing_slope_pa_s(self) -> int:
        """How fast `swing_pa` rises; rounding is balanced, or the flow of a soft line would have a mean by it."""
        quarter = sine.TURN // 4
        pulse = sine.sine(self._pulse_ms * 4096 // self.pulse_period_ms - self._pulse_lag + quarter & 4095)
        breath = sine.sine(self._breath_ms * 4096 // self._breath_period_ms - self._breath_lag + quarter & 4095)
        # Eighths of 1 Pa. The second quotient is rounded, the first is not: half an eighth too little, as much as
        # halves that are rounded up come out too large in the end.
        pulse_8 = pulse * self._pulse_height_pa + 1024 >> 11
        breath_8 = breath * self._breath_height_pa + 1024 >> 11
        breath_ms = self._breath_period_ms
        slope_8 = pulse_8 * _TURN_1000 // self.pulse_period_ms + (breath_8 * _TURN_1000 + breath_ms // 2) // breath_ms
        return slope_8 + 4 >> 3
