"""The detector by itself: blocks of every kind, and all that raises the pressure of an open line and is no block."""

from pump.occlusion import detector, stroke_rise

REQUIREMENTS = ("O1", "O7")
NO_VALUE = stroke_rise.NO_VALUE
WHOLE = 256
# Lines by what a stroke leaves at the settled window and before the next stroke, in 256ths.
FAST = (0, 0)
DEFAULT = (1, 0)  # 2 s, strokes 21.6 s apart
SLOW = (149, 87)  # 20 s, strokes 21.6 s apart
NEAR = (None, 163)  # 2 s, strokes 0.9 s apart; there is no settled window
MINUTE_MS = 60000


class Line:
    """A detector, and the line that it watches: the pressure of the vessel, and what the strokes have left above it."""

    def __init__(self, rise_pa=2500, tau=DEFAULT, period_ms=21600, noise_pa=0):
        self.detector = detector.Detector()
        self.detector.alarm_rise_pa = 6000
        self.detector.set_interval(period_ms)
        self.detector.restart()
        self.stroke = stroke_rise.StrokePressure()
        self.stroke.pulsation_pa = 60
        self.rise_pa = rise_pa
        self.period_ms = period_ms
        self.kept = tau
        self.noise_pa = noise_pa
        self.vessel_pa = 13000
        self.excess_pa = 0
        self._number = 0

    def _noise(self):
        self._number += 1
        return self.noise_pa * (self._number * 37 % 11 - 5) // 5

    def strokes(self, count, change_pa=0, kept=None, rise_pa=None):
        """Strokes while the vessel swings by change_pa from each to the next; the one at which a block was found, or 0.

        `kept` of them is left in a line that is (partly) blocked; (WHOLE, WHOLE) sees nothing of the vessel.
        """
        settled, before = kept or self.kept
        for number in range(1, count + 1):
            rise_pa = rise_pa or self.rise_pa
            excess_pa = self.excess_pa + rise_pa
            seen_pa = 0 if kept == BLOCKED else change_pa
            stroke = self.stroke
            stroke.rise_pa = rise_pa + self._noise()
            if settled is not None:
                stroke.settled_pa = self.vessel_pa + excess_pa * settled // WHOLE + seen_pa // 2 + self._noise()
            self.vessel_pa += seen_pa
            self.excess_pa = excess_pa * before // WHOLE
            stroke.pre_stroke_pa = self.vessel_pa + self.excess_pa + self._noise()
            if self.detector.update(stroke):
                return number
        return 0


BLOCKED = (WHOLE, WHOLE)
NEAR_BLOCKED = (None, WHOLE)


def test_the_first_value_is_the_baseline():
    line = Line()
    assert line.detector.baseline_pa is None
    line.vessel_pa = 50000
    assert line.strokes(1) == 0
    assert line.detector.baseline_pa == 50000


def test_the_rise_of_a_stroke_is_learned_and_never_overestimated():
    rise = stroke_rise.StrokeRise()
    assert not rise.known()
    for _ in range(4):
        rise.learn(2400, 180)
    assert rise.known()
    assert (rise.mean_pa, rise.spread_pa, rise.pa) == (2400, 0, 1600)
    noisy = stroke_rise.StrokeRise()
    for number in range(16):
        noisy.learn(2400 + (400 if number & 1 else -400), 180)
    assert noisy.mean_pa == 2400
    assert noisy.pa < 1600 - 300


def test_strokes_as_near_as_heartbeats_have_the_pulsation_taken_off():
    rise = stroke_rise.StrokeRise()
    rise.near = True
    for _ in range(4):
        rise.learn(2400, 900)
    assert rise.pa == 1000


# ---- blocks ---------------------------------------------------------------------------------------------------------


def test_a_block_of_the_default_line_is_found_in_five_strokes():
    for noise_pa in (0, 150):
        line = Line(noise_pa=noise_pa)
        line.strokes(60)
        assert 3 <= line.strokes(10, kept=BLOCKED) <= 5


def test_a_block_is_found_within_40_strokes_in_every_line():
    for rise_pa in (125, 250, 500, 2500, 12500):
        for tau in (FAST, DEFAULT, SLOW):
            line = Line(rise_pa, tau, noise_pa=20)
            assert line.strokes(200) == 0, (rise_pa, tau)
            assert 3 <= line.strokes(60, kept=BLOCKED) <= 40, (rise_pa, tau)


def test_a_block_from_the_first_stroke_is_found():
    assert 3 <= Line().strokes(20, kept=BLOCKED) <= 12


def test_a_block_is_found_with_the_noisiest_sensor():
    for rise_pa in (125, 500):
        line = Line(rise_pa, noise_pa=40)
        assert line.strokes(3000) == 0
        assert line.strokes(60, kept=BLOCKED) > 0


def test_a_closed_sac_that_yields_as_much_as_the_line_is_found():
    for rise_pa, most in ((2500, 20), (500, 80)):
        line = Line(rise_pa, FAST)
        line.strokes(60)
        sac_pa = 0
        for _ in range(most):  # half of each stroke flows into it before the next one
            line.excess_pa = sac_pa
            found = line.strokes(1, kept=(WHOLE, WHOLE))
            sac_pa += rise_pa // 2
            if found:
                break
        assert found, rise_pa


def test_strokes_behind_a_hard_kink_are_a_block_though_they_raise_the_pressure_by_much_more():
    line = Line()
    line.strokes(60)
    assert 1 <= line.strokes(5, kept=BLOCKED, rise_pa=10000) <= 4


def test_near_strokes_are_a_block_when_they_stay_for_12_seconds():
    for rise_pa in (500, 2500):
        line = Line(rise_pa, NEAR, 700)
        assert line.strokes(400) == 0
        found = line.strokes(60, kept=NEAR_BLOCKED)
        assert 12000 // 700 <= found <= 40, rise_pa


def test_a_line_that_closes_over_hours_is_found_when_its_strokes_drain_evenly():
    line = Line(500, FAST)
    line.strokes(200)
    found = 0
    for step in range(1, 400):  # the level rises by a tenth of a stroke with each stroke
        found = _drains_evenly(line, step * 50)
        if found:
            break
    assert found
    assert 3000 <= step * 50 <= 9000


def _drains_evenly(line, level_pa):
    stroke = line.stroke
    stroke.rise_pa = line.rise_pa
    stroke.settled_pa = 13000 + level_pa + line.rise_pa // 2
    stroke.pre_stroke_pa = 13000 + level_pa
    return line.detector.update(stroke)


# ---- what is no block ------------------------------------------------------------------------------------------------


def test_swings_of_the_vessel_are_no_block():
    for rise_pa in (500, 2500, 12500):
        for tau in (FAST, DEFAULT, SLOW):
            for minutes in (1, 3, 10, 30):
                line = Line(rise_pa, tau, noise_pa=20)
                line.strokes(100)
                strokes = minutes * MINUTE_MS // 21600 + 1
                for change_pa in (8000, -8000, 5000, -5000, 8000):
                    assert line.strokes(strokes, change_pa // strokes) == 0, (rise_pa, tau, minutes)
                    assert line.strokes(20) == 0, (rise_pa, tau, minutes)


def test_a_vessel_at_a_high_pressure_for_hours_is_no_block_while_strokes_drain_as_before():
    line = Line(500, noise_pa=20)
    line.strokes(100)
    assert line.strokes(4, 2500) == 0
    assert line.strokes(1000) == 0


def test_steps_of_posture_are_no_block():
    line = Line(500, noise_pa=20)
    line.strokes(100)
    for change_pa in (2000, 2000, -4000, 4000, -2000):
        assert line.strokes(1, change_pa) == 0
        assert line.strokes(6) == 0


def test_the_average_follows_the_vessel_slowly():
    line = Line()
    line.strokes(50)
    assert line.strokes(1600, 3) == 0
    assert line.detector.baseline_pa > 17000


def test_the_average_does_not_follow_further_than_any_ambient_drift_while_nothing_tells_that_the_line_drains():
    line = Line(60, (None, WHOLE), 2000)
    line.detector.rise.learn(60, 0)
    assert line.strokes(5000)
    assert line.excess_pa < 6000 + 12000 + 1000


# ---- leaps and falls -------------------------------------------------------------------------------------------------


def test_a_leap_that_comes_back_is_forgotten():
    line = Line()
    line.strokes(60)
    baseline_pa = line.detector.baseline_pa
    assert line.strokes(1, 27000) == 0
    assert line.detector.suspects()
    assert line.strokes(1, -27000) == 0
    assert line.strokes(30) == 0
    assert not line.detector.jumped
    assert abs(line.detector.baseline_pa - baseline_pa) < 100


def test_a_leap_that_stays_for_two_minutes_is_a_sensor_fault_and_no_block():
    line = Line()
    line.strokes(60)
    assert line.strokes(1, 20000) == 0
    assert line.strokes(5) == 0
    assert not line.detector.jumped
    assert line.strokes(20) == 0
    assert line.detector.jumped
    assert 3 <= line.strokes(10, kept=BLOCKED) <= 5  # a block is still found


def test_a_fall_to_the_open_air_is_an_open_line_at_the_second_stroke():
    line = Line()
    line.strokes(60)
    line.strokes(1, -13000)
    assert not line.detector.opened()
    line.strokes(2)
    assert line.detector.opened()
    line.strokes(1, 13000)
    assert not line.detector.opened()


def test_a_faint_is_no_open_line():
    line = Line()
    line.strokes(60)
    for change_pa, strokes in ((-3250, 2), (0, 28), (3250, 2), (0, 40)):
        for _ in range(strokes):
            assert line.strokes(1, change_pa) == 0
            assert not line.detector.opened()


def test_a_low_pressure_for_longer_than_a_faint_is_an_open_line_if_it_is_beyond_all_swings_or_the_pulse_is_damped():
    for fall_pa, pulsation_pa, expected in ((15500, 200, True), (14500, 200, False), (7000, 120, True)):
        line = Line()
        line.vessel_pa = 24000
        line.detector.pulse_pa = 200
        line.strokes(300)
        line.stroke.pulsation_pa = pulsation_pa
        line.strokes(2, -fall_pa // 2)
        line.strokes(30)
        assert not line.detector.opened()
        line.strokes(10)
        assert line.detector.opened() == expected, (fall_pa, pulsation_pa)


def test_a_flight_is_neither_an_open_line_nor_a_block_while_the_pulse_comes_through():
    for pulsation_pa in (800, 710, 1790, 60):
        for kept in (DEFAULT, (None, 0)):  # and where nothing tells how strokes drain
            line = Line(tau=kept)
            line.vessel_pa = 16000
            line.detector.pulse_pa = 800
            line.strokes(300)
            line.stroke.pulsation_pa = pulsation_pa
            opened = stopped = 0
            for change_pa, strokes in ((-700, 20), (0, 300), (700, 20), (0, 100)):
                for _ in range(strokes):
                    stopped += line.strokes(1, change_pa)
                    opened += line.detector.opened()
            assert (opened > 0) == (pulsation_pa == 60), (pulsation_pa, kept)
            assert not stopped


def test_a_level_that_has_risen_far_is_no_block_while_the_pulse_comes_through():
    for pulsation_pa, found in ((800, False), (690, True), (1810, True), (60, True)):  # more is a walk
        line = Line(tau=(None, 0))
        line.detector.pulse_pa = 800
        line.strokes(300)
        line.stroke.pulsation_pa = pulsation_pa
        assert (line.strokes(20, 800) + line.strokes(20) > 0) == found, pulsation_pa


def test_a_missing_window_breaks_the_pair_and_not_the_detector():
    line = Line()
    line.strokes(60)
    line.stroke.pre_stroke_pa = NO_VALUE
    assert not line.detector.update(line.stroke)
    assert line.strokes(10, kept=BLOCKED) > 0


def test_relieved_means_below_half_of_the_rise_by_the_block():
    line = Line()
    assert not line.detector.relieved(0)
    line.strokes(60)
    line.strokes(10, kept=BLOCKED)
    baseline_pa = line.detector.baseline_pa
    assert line.detector.relieved(baseline_pa + 2900)
    assert not line.detector.relieved(baseline_pa + 3000)


def test_retained_strokes_are_counted_from_the_first_one_of_the_block():
    line = Line()
    line.strokes(60)
    found = line.strokes(10, kept=BLOCKED)
    assert found <= line.detector.strokes_retained <= found + 1
