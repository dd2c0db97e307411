"""The heart: a Windkessel that each beat fills and that empties in between, seen through the line.

The volume of a beat grows with the time in which the heart filled, so the mean pressure doesn't depend on the rate.
Within a beat both the vessel's and the line's pressure are sums of four curves, which are tabulated for each tau.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plant.arithmetic import noise

TICK_MS = 25
_MOST_TICKS = 320  # of a beat: 8 s
# Share of a beat's volume that enters in each tick of the ejection (half a sine over 300 ms), in 1/1024.
_EJECTION = (17, 50, 80, 105, 124, 135, 136, 124, 105, 80, 50, 18)
_NOTCH = (-6, -10, -3, 5, 8, 6, 3, 1)  # tenths of the notch, in the ticks that follow the ejection
_LEAST_TICKS = 13  # 325 ms
_MOST_FILLING_TICKS = 56  # a heart is full after 1.4 s
_CLOSING_PERCENT = 33  # flow ends at this part of the mean pressure
_ECTOPIC_PERCENT = 60  # length of the interval before an ectopic beat
_FIBRILLATION_PERCENT = 24  # deviation of the intervals of atrial fibrillation
_ONE = 1 << 13  # in the tables
_FINE = 1 << 12  # further bits while they are made


class Heart:
    """Pressures in quarters of 1 Pa. Call `set_line` before anything else."""

    def __init__(self, config: "dict[str, int]", chance: "noise.Noise") -> None:
        self._chance = chance
        self._rest_ms = config["heart_ms"]
        self._spread_percent = config["heart_spread_percent"]
        self._ectopic_hour = config["ectopic_per_hour"]
        self._pause_day = config["heart_pauses_per_day"]
        self._pause_ms = config["heart_pause_ms"]
        self.fibrillates = config["fibrillation"] == 1
        self._notch_4 = config["notch_pa"] * 4
        self._runoff_ms = config["heart_runoff_ms"]
        self._depth_4 = config["vessel_mean_pa"] * 4 * (100 - _CLOSING_PERCENT) // 100
        # What a tick of filling gives to the next beat, so that the mean stays.
        self._fill_4 = self._depth_4 * TICK_MS // config["heart_runoff_ms"]
        self._line_4 = 0  # at the pump's end when the beat began, above the vessel's mean
        self._vessel_4 = self._depth_4  # then in the vessel, above the closing pressure
        self._beat_4 = 0  # volume of the beat, as a pressure
        self.left_ms = 0  # of the beat
        self._filled_ticks = 36
        self._span_ms = 0
        self._compensates = False
        self._skip_ticks = 0
        self._extra_beats = 0
        self._target_ms = self._rest_ms
        self.mean_ms = self._rest_ms  # the present mean interval of two beats
        self.sway = 0  # of the breathing, in 1/1024 of the interval
        self._begin()

    # ---- actions; these allocate -------------------------------------------------------------------------------------

    def set_line(self, tau_ms: int) -> None:
        """Tabulates the curves for a line with this tau."""
        follow = _through(tau_ms)
        runoff = _through(self._runoff_ms)
        whole = _ONE * _FINE
        # The line's answers to: its own pressure, the vessel's, a beat's volume, the notch; then the vessel's answers.
        self._own, self._seen, self._ejected, self._notched = [_ONE], [0], [0], [0]
        self._left, self._filled = [_ONE], [0]
        own, seen, ejected, notched, left, filled = whole, 0, 0, 0, whole, 0
        for tick in range(_MOST_TICKS):
            left -= left * runoff >> 20
            filled -= filled * runoff >> 20
            if tick < len(_EJECTION):
                filled += whole * _EJECTION[tick] >> 10
            at = tick - len(_EJECTION)
            notch = whole * _NOTCH[at] // 10 if 0 <= at < len(_NOTCH) else 0
            own -= own * follow >> 20
            seen += (left - seen) * follow >> 20
            ejected += (filled - ejected) * follow >> 20
            notched += (notch - notched) * follow >> 20
            self._own.append(own // _FINE)
            self._seen.append(seen // _FINE)
            self._ejected.append(ejected // _FINE)
            self._notched.append(notched // _FINE)
            self._left.append(left // _FINE)
            self._filled.append(filled // _FINE)

    def set_rate(self, millihertz: int) -> None:
        """The rate to which the heart goes within half a minute; 0 for that at rest."""
        self._target_ms = max(400, min(2000, 1000000 // millihertz)) if millihertz else self._rest_ms

    def add_ectopic(self, beats: int) -> None:
        """The next beats come early."""
        self._extra_beats = beats

    def pause(self, span_ms: int) -> None:
        """The next beat comes so much later."""
        self._skip_ticks = span_ms // TICK_MS

    # ---- time; allocates nothing -------------------------------------------------------------------------------------

    def jump(self) -> None:
        """After a long time: somewhere within a beat."""
        self.mean_ms = self._target_ms
        self._vessel_4 = self._depth_4
        self._line_4 = 0
        self._begin()
        self.left_ms -= self._chance.below(self._span_ms)

    def advance(self, dt_ms: int) -> None:
        """Lets time pass, beat by beat; less than `left_ms` may simply be subtracted from it."""
        self.left_ms -= dt_ms
        while self.left_ms <= 0:
            past_ms = self.left_ms
            ticks = self._span_ms // TICK_MS
            self._line_4 = self._value_4(ticks)
            self._vessel_4 = (
                self._vessel_4 * self._left[ticks] + (self._beat_4 >> 2) * (self._filled[ticks] << 2) + _ONE // 2
            ) >> 13
            self._filled_ticks = ticks
            self._begin()
            self.left_ms += past_ms

    def value_4(self) -> int:
        """What the heart adds to the mean at the pump's end."""
        return self._value_4((self._span_ms - self.left_ms) // TICK_MS)

    def slope_4(self) -> int:
        """Its change in the present tick."""
        tick = (self._span_ms - self.left_ms) // TICK_MS
        return self._value_4(min(tick + 1, _MOST_TICKS)) - self._value_4(tick)

    def _value_4(self, tick: int) -> int:
        # The vessel's pressure is above the closing pressure, the line's above the mean: hence the depth.
        of_line_4 = self._line_4 * self._own[tick] - self._depth_4 * (_ONE - self._own[tick]) + _ONE // 2 >> 13
        of_beat_4 = (self._beat_4 >> 3) * self._ejected[tick] + _ONE // 2 >> 10
        of_vessel_4 = self._vessel_4 * self._seen[tick] + self._notch_4 * self._notched[tick] + _ONE // 2 >> 13
        return of_line_4 + of_beat_4 + of_vessel_4

    def _begin(self) -> None:
        """Begins a beat, with the volume that has come in since the last one."""
        self._beat_4 = self._fill_4 * min(_MOST_FILLING_TICKS, self._filled_ticks)
        self.mean_ms += (self._target_ms - self.mean_ms) // 32
        self._span_ms = max(_LEAST_TICKS, min(_MOST_TICKS, self._interval_ms() // TICK_MS)) * TICK_MS
        self.left_ms = self._span_ms

    def _interval_ms(self) -> int:
        chance = self._chance
        mean_ms = self.mean_ms
        percent = _FIBRILLATION_PERCENT if self.fibrillates else self._spread_percent
        span_ms = mean_ms + (mean_ms * self.sway >> 10) + self._skip_ticks * TICK_MS
        self._skip_ticks = 0
        if percent:
            span_ms += chance.normal(mean_ms * percent // 100)
        if self._compensates:
            self._compensates = False
            span_ms += mean_ms * (100 - _ECTOPIC_PERCENT) // 100
        elif self._extra_beats or (self._ectopic_hour and chance.below(3600000 // mean_ms) < self._ectopic_hour):
            self._extra_beats = max(0, self._extra_beats - 1)
            self._compensates = True
            span_ms -= mean_ms * (100 - _ECTOPIC_PERCENT) // 100
        if self._pause_day and chance.below(86400000 // mean_ms) < self._pause_day:
            span_ms += self._pause_ms
        return span_ms


def _through(tau_ms: int) -> int:
    """1 - exp(-tick / tau) as a series, in 2^-20; big numbers, at configuration only."""
    part = (TICK_MS << 20) // max(TICK_MS, tau_ms)
    return part - part * part // (1 << 21) + part * part * part // (6 << 40)
