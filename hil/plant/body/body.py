"""The body around the vessel: wraps `vessel.Vessel`, so that the world without a body stays as fast as it was."""

from plant.arithmetic import decay, noise, sine
from plant.body import course, heart, walking, waves

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plant.body import hard_line
    from plant.fluid import vessel

STREAM = 8  # of random numbers; the streams below are those of vessel, drive and sensors
_TICK_MS = heart.TICK_MS
_JUMP_MS = 4000  # after a longer time without a reading, the beats before its last seconds are left out
_LATEST_MS = 3000
_WANDER_MS = 2000
_HOUR_MS = 3600000
# Time 0 of the world is 8 in the morning: the night is from 22 to 6 o'clock, with an hour to fall and to rise.
_NIGHT_FROM_MS = 14 * _HOUR_MS
_NIGHT_TO_MS = 22 * _HOUR_MS


class Body:
    """Has the interface of `vessel.Vessel`. The slow pressure of the vessel and the outside add to the plain ones."""

    def __init__(
        self, config: "dict[str, int]", the_vessel: "vessel.Vessel", the_line: "hard_line.HardLine", seed: int
    ) -> None:
        self._plain = the_vessel
        self._line = the_line
        chance = noise.Noise(seed, STREAM)
        self._chance = chance
        self._beats = config["heart"] == 1
        self.heart = heart.Heart(config, chance)
        self._breath = waves.Wave(config["breath_pa"], config["breath_ms"], chance)
        self._mayer = waves.Wave(config["mayer_pa"], config["mayer_ms"], chance)
        self.strain = waves.Strain()
        self._strain_wall_percent = config["strain_wall_percent"]
        self.walking = walking.Walking(config["walk_pa"], config["walk_ms"], chance)
        self._wander_pa = config["wander_pa"]
        self._wander_s = config["wander_s"]
        # With this deviation of the steps, in 1/8 Pa, the wandering itself has wander_pa: the square is 4 s / memory.
        self._wander_step_8 = config["wander_pa"] * 8 * 2048 // sine.root(config["wander_s"] << 20)
        self._wandered_8 = 0  # 1/8 Pa, of a random walk with a memory
        self._smoothed_8 = 0
        self._wander_ms = 0
        self._dusk = [(_HOUR_MS, -config["night_pa"])]
        self._dawn = [(_HOUR_MS, 0)]
        self._vented = config["pressure_vented"] == 1
        # Courses of the vessel's pressure, and of the pressure around body and sensor.
        self.swing = course.Course()
        self.effort = course.Course()
        self.posture = course.Course()
        self.bath = course.Course()
        self.shake = course.Course()
        self.cabin = course.Course()
        self._night = course.Course()
        self._inside = (self.swing, self.effort, self.posture, self._night)
        self._courses = (self.swing, self.effort, self.posture, self._night, self.bath, self.shake, self.cabin)
        self._inside_pa = the_vessel.slow_pa
        self._toggle_ms = 0  # until a block comes or goes
        self._strained_pa = 0  # of strain and cough, at the pump's end of the line
        self._tau_ms = 0
        self._others_ms = 0  # until the next event other than a step of the wandering
        self._moving = False  # whether a course is under way
        self._disturbed = False  # whether that, walking, strain or a cough is
        self.slow_pa = the_vessel.slow_pa
        self.posture_pa = the_vessel.posture_pa
        self.pulse_period_ms = the_vessel.pulse_period_ms
        self.ambient_pa = the_vessel.ambient_pa
        self.until_ms = the_vessel.until_ms
        self._decay = decay.Decay()
        self.set_line(the_line.tau_ms)
        self.plan()

    def set_line(self, tau_ms: int) -> None:
        """Computes how a line with this tau damps the fast part."""
        if tau_ms != self._tau_ms:
            self._tau_ms = tau_ms
            self._plain.set_line(tau_ms)
            self._decay.tabulate(tau_ms)
            self._mayer.set_line(tau_ms)
            if self._beats:
                self._breath.set_line(tau_ms)
                self.heart.set_line(tau_ms)

    def come_and_go(self, mean_ms: int) -> None:
        """From now on the line is blocked and open in turn, for this time on average; 0: no more."""
        self._line.toggle_mean_ms = self._toggle_ms = mean_ms
        if not mean_ms:
            self._line.open_again()
        self.plan()

    # ---- time; allocates nothing -------------------------------------------------------------------------------------

    def plan(self) -> None:
        """Computes the time until the next event, after a change of anything that ends or moves."""
        others_ms = self._plain.until_ms
        span_ms = self.strain.left_ms
        if 0 < span_ms < others_ms:
            others_ms = span_ms
        span_ms = self.walking.left_ms
        if 0 < span_ms < others_ms:
            others_ms = span_ms
        span_ms = self._toggle_ms
        if 0 < span_ms < others_ms:
            others_ms = span_ms
        self._moving = False
        for one in self._courses:
            span_ms = one.interval_ms()
            if span_ms:
                self._moving = True
                if span_ms < others_ms:
                    others_ms = span_ms
        self._disturbed = self._moving or self.walking.left_ms > 0 or self.strain.left_ms > 0
        self._others_ms = others_ms
        self._plan_wander()
        self._see_outside()

    def _plan_wander(self) -> None:
        until_ms = self._others_ms
        if self._wander_pa and _WANDER_MS - self._wander_ms < until_ms:
            until_ms = _WANDER_MS - self._wander_ms
        self.until_ms = until_ms

    def change_posture(self) -> int:
        """Does what is due; returns the change of the vessel's slow pressure in Pa."""
        if self._wander_ms >= _WANDER_MS:
            self._wander()
        if self._others_ms:
            self._plan_wander()
        else:
            self._meet_others()
        earlier_pa = self.slow_pa
        self.slow_pa = self._inside_pa + (self._smoothed_8 >> 3)
        return self.slow_pa - earlier_pa

    def _meet_others(self) -> None:
        plain = self._plain
        if not plain.until_ms:
            plain.change_posture()
            self.posture_pa = plain.posture_pa
        if self._line.toggle_mean_ms and not self._toggle_ms:
            self._toggle()
        inside_pa = plain.slow_pa
        for one in self._inside:
            inside_pa += one.level_pa
        self._inside_pa = inside_pa
        self.plan()

    def _toggle(self) -> None:
        if self._line.blocked:
            self._line.open_again()
        else:
            self._line.block()
        # Spread as widely as an exponential distribution: from 3/32 to 3 times the mean.
        unit_ms = self._line.toggle_mean_ms * 3 >> 5
        self._toggle_ms = max(_TICK_MS, unit_ms * (1 + self._chance.below(8)) << self._chance.below(3))

    def _wander(self) -> None:
        self._wander_ms -= _WANDER_MS
        self._wandered_8 += self._chance.normal(self._wander_step_8) - 2 * self._wandered_8 // self._wander_s
        self._smoothed_8 += (self._wandered_8 - self._smoothed_8) // 4

    def advance(self, dt_ms: int) -> None:
        """Lets up to `until_ms` pass; when that is 0, call `change_posture`."""
        self._plain.advance(dt_ms)
        self.until_ms -= dt_ms
        self._others_ms -= dt_ms
        if self._wander_pa:
            self._wander_ms += dt_ms
        if self._toggle_ms:
            self._toggle_ms -= dt_ms
        if self._disturbed or self._strained_pa:
            self._disturb(dt_ms)
        self._mayer.advance(dt_ms)
        if self._beats:
            self._beat(dt_ms)

    def _disturb(self, dt_ms: int) -> None:
        if self._moving:
            self._advance_courses(dt_ms)
        if self.walking.left_ms:
            self.walking.advance(dt_ms)
        strain = self.strain
        if self._strained_pa or strain.pa:
            gap_pa = self._strained_pa - strain.pa
            self._strained_pa = strain.pa + self._decay.left(gap_pa, dt_ms)
        if strain.left_ms:
            strain.advance(dt_ms)
        self._see_outside()

    def _advance_courses(self, dt_ms: int) -> None:
        for one in self._courses:
            one.advance(dt_ms)

    def _beat(self, dt_ms: int) -> None:
        the_heart = self.heart
        if dt_ms > _JUMP_MS:
            the_heart.sway = self._breath.sine() >> 8
            self._breath.advance(dt_ms)
            dt_ms = _LATEST_MS
            the_heart.jump()
        else:
            self._breath.advance(dt_ms)
        if dt_ms < the_heart.left_ms:
            the_heart.left_ms -= dt_ms
        else:
            the_heart.sway = self._breath.sine() >> 8
            the_heart.advance(dt_ms)
        self.pulse_period_ms = the_heart.mean_ms

    def _see_outside(self) -> None:
        """The pressure on the outside of body and line, and what shakes the sensor: also in a blocked line."""
        pa = self.bath.level_pa + self.shake.level_pa + self.walking.pa
        pa += self.strain.pa * self._strain_wall_percent // 100
        if not self._vented:
            pa += self._plain.ambient_pa + self.cabin.level_pa
        self.ambient_pa = pa

    def drift(self, day_ms: int) -> None:
        """Sets the ambient pressure and the night's for this time of day, 0..86,399,999."""
        self._plain.drift(day_ms)
        asleep = _NIGHT_FROM_MS <= day_ms < _NIGHT_TO_MS
        stages = self._dusk if asleep else self._dawn
        if self._night.level_pa != stages[0][1] and not self._night.is_moving():
            self._night.start(stages)
            self.plan()
        self._see_outside()

    # ---- values ------------------------------------------------------------------------------------------------------

    def pulsation_pa(self) -> int:
        """The fast part now, at the pump's end of the open line."""
        pa = self._mayer.value_pa() + self._strained_pa
        if self._beats:
            return pa + self._breath.value_pa() + (self.heart.value_4() >> 2)
        return pa + self._plain.pulsation_pa()

    def pulsation_slope_pa_s(self) -> int:
        """Slope of pulse and breathing, or of the pulse alone when the heart beats."""
        if self._beats:
            return self.heart.slope_4() * 250 // _TICK_MS
        return self._plain.pulsation_slope_pa_s()
