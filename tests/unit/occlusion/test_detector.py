"""The detector by itself: the rise per stroke, the cumulative sum, the level, and changes that are no block."""

from pump.occlusion import detector, stroke_rise

REQUIREMENTS = ("O1", "O7")
NO_VALUE = stroke_rise.NO_VALUE
HOUR_OF_STROKES = 166


class Line:
    """A detector, and the pressure after each stroke."""

    def __init__(self, rise_pa=2500, period_ms=21600, pulsation_pa=180):
        self.detector = detector.Detector()
        self.detector.alarm_rise_pa = 6000
        self.detector.set_interval(period_ms)
        self.detector.restart()
        self.stroke = stroke_rise.StrokePressure()
        self.rise_pa = rise_pa
        self.pulsation_pa = pulsation_pa
        self.pa = 13000

    def strokes(self, count, rise_pa=0, partial=False, retained_pa=0):
        """Strokes that raise the pressure by rise_pa each; returns the number of the one at which a block was found."""
        for number in range(1, count + 1):
            self.stroke.rise_pa = self.rise_pa
            self.stroke.settled_pa = self.pa + retained_pa
            self.pa += rise_pa
            self.stroke.pre_stroke_pa = self.pa
            self.stroke.pulsation_pa = self.pulsation_pa
            if self.detector.update(self.stroke, partial):
                return number
        return 0


def test_the_first_value_is_the_average():
    line = Line()
    assert line.detector.baseline_pa is None
    line.pa = 50000
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


def test_the_rise_per_stroke_is_learned_from_4096_strokes_and_frozen():
    rise = stroke_rise.StrokeRise()
    for _ in range(4096):
        rise.learn(600, 0)
    for _ in range(5000):
        rise.learn(0, 0)
    assert rise.mean_pa == 600


def test_strokes_as_near_as_heartbeats_have_the_pulsation_taken_off():
    rise = stroke_rise.StrokeRise()
    rise.near = True
    for _ in range(4):
        rise.learn(2400, 900)
    assert rise.pa == 1000


def test_a_block_is_found_in_four_strokes():
    line = Line()
    line.strokes(20)
    assert line.strokes(10, 2500, retained_pa=2500) in (3, 4)


def test_a_soft_line_takes_as_many_as_tell_it_from_the_ambient_drift():
    line = Line(rise_pa=125, pulsation_pa=56)
    line.strokes(20)
    assert 10 <= line.strokes(40, 125, retained_pa=125) <= 16


def test_a_block_from_the_first_stroke_is_found():
    line = Line()
    assert 3 <= line.strokes(20, 2500, retained_pa=2500) <= 16


def test_changes_of_posture_are_no_block():
    line = Line(rise_pa=500, pulsation_pa=100)
    line.strokes(20)
    for change_pa in (2000, -4000, 4000, -2000):
        assert line.strokes(1, change_pa) == 0
        assert line.strokes(6) == 0


def test_a_pulse_that_comes_through_says_that_a_soft_line_is_open():
    line = Line(rise_pa=125, pulsation_pa=1000)
    line.strokes(20)
    assert line.strokes(40, 100) == 0


def test_the_average_follows_the_ambient_drift():
    line = Line()
    line.strokes(20)
    assert line.strokes(10 * HOUR_OF_STROKES, 3) == 0
    assert line.detector.baseline_pa > 17000


def test_the_average_does_not_follow_further_than_any_ambient_drift():
    line = Line()
    line.strokes(20)
    assert line.strokes(10000, 12)
    assert line.pa < 13000 + 6000 + 6000 + 1000  # ambient drift, the rise, and about 1 kPa of ageing


def test_a_partial_occlusion_is_not_followed_up():
    line = Line(rise_pa=125, pulsation_pa=56)
    line.strokes(20)
    assert line.strokes(1000, 20, partial=True)
    assert line.pa < 13000 + 3000 + 100


def test_a_jump_is_a_sensor_fault_and_no_block():
    line = Line()
    line.strokes(20)
    assert line.strokes(1, 20000) == 0
    assert line.strokes(20) == 0
    assert line.detector.jumped
    assert line.strokes(10, 2500, retained_pa=2500) in (3, 4)  # a block is still found


def test_a_fall_twice_running_is_an_open_line():
    line = Line()
    line.strokes(20)
    line.strokes(1, -13000)
    assert not line.detector.opened()
    line.strokes(1)
    assert line.detector.opened()
    line.strokes(100)
    assert line.detector.opened()
    line.strokes(1, 13000)
    assert not line.detector.opened()
    assert not line.detector.jumped


def test_far_strokes_are_evaluated_by_what_is_retained():
    line = Line(rise_pa=125, pulsation_pa=56, period_ms=432000)
    line.strokes(20)
    assert line.strokes(40, 94) == 0  # the ambient drift between two strokes
    assert line.strokes(20, 94, retained_pa=125) > 0


def test_a_missing_window_breaks_the_pair_and_not_the_detector():
    line = Line()
    line.strokes(20)
    line.stroke.pre_stroke_pa = NO_VALUE
    assert not line.detector.update(line.stroke, False)
    line.pa += 5000
    assert line.strokes(1) == 0
    assert line.strokes(10, 2500, retained_pa=2500) > 0


def test_relieved_means_below_half_of_the_rise_by_the_block():
    line = Line()
    assert not line.detector.relieved(0)
    line.strokes(20)
    line.strokes(10, 2500, retained_pa=2500)
    baseline_pa = line.detector.baseline_pa
    assert line.detector.relieved(baseline_pa + 2999)
    assert not line.detector.relieved(baseline_pa + 3000)


def test_retained_strokes_are_counted_from_the_first_one_of_the_block():
    line = Line()
    line.strokes(20)
    found = line.strokes(10, 2500, retained_pa=2500)
    assert found <= line.detector.strokes_retained <= found + 1
