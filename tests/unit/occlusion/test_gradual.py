"""A soft line that closes over hours: a gradual rise is summed, a jump or ambient drift is not."""

from pump.occlusion import gradual

REQUIREMENTS = ("O1", "O7")
MARK = 1100
SURE = 366


class Line:
    """The gradual-occlusion detector at this stroke interval, and the pressure from minute to minute."""

    def __init__(self, period_ms=21600, rise_pa=124):
        self.gradual = gradual.Gradual()
        self.gradual.set_interval(period_ms)
        self.strokes = -(-60000 // period_ms)
        self.rise_pa = rise_pa
        self.pa = 13000
        self.minutes([0, 0])

    def minutes(self, rises_pa, pulsation_pa=56, retained_pa=0):
        """One minute for each rise; returns the number, from 1, of the minute in which a block was found."""
        for number, rise_pa in enumerate(rises_pa, 1):
            self.pa += rise_pa
            for _ in range(self.strokes):
                self.gradual.add_retained(retained_pa)
                self.gradual.add(self.pa, pulsation_pa)
            if self.gradual.found(self.rise_pa):
                return number
        return 0


def test_what_rises_gradually_is_found_at_its_mark():
    for period_ms in (900, 4320, 21600, 43200, 432000):
        line = Line(period_ms)
        weather_pa = line.strokes * period_ms // 4580
        assert line.minutes([100 + weather_pa] * 20) == MARK // 100, period_ms
        assert line.gradual.origin_pa == 13000


def test_the_steepest_ambient_drift_adds_nothing():
    line = Line()
    assert line.minutes([14] * 2000) == 0
    assert line.gradual.sum_pa == 0


def test_a_rise_that_falls_again_is_forgotten():
    line = Line()
    assert line.minutes([100] * 8 + [-100] * 8) == 0
    assert line.gradual.sum_pa == 0
    assert line.minutes([100] * 8) == 0


def test_posture_changes_are_jumps_and_add_nothing():
    line = Line()
    for rise_pa in (2000, 2000, -4000, 4000, -4000, 2000):
        settling = [rise_pa * 6 // 10, rise_pa * 3 // 10, rise_pa // 10]  # over three minutes
        assert line.minutes(settling + [0] * 3) == 0
        assert line.gradual.sum_pa == 0


def test_a_posture_in_between_stops_the_sum_for_three_minutes_only():
    line = Line()
    assert line.minutes([114] * 6 + [2114] + [114] * 10) == 6 + 3 + 5


def test_a_line_that_closes_faster_and_faster_does_not_jump():
    line = Line()
    assert line.minutes([20, 100, 350, 600, 850]) == 5


def test_a_pulse_says_that_the_line_is_open():
    line = Line()
    assert line.minutes([200] * 40, pulsation_pa=180) == 0


def test_one_stroke_with_much_pulsation_is_noise():
    line = Line()
    line.minutes([114] * 6)
    line.minutes([114], pulsation_pa=110)
    assert line.gradual.sum_pa > 600


def test_a_line_that_drains_evenly_is_found_sooner():
    line = Line()
    line.minutes([0] * 200, retained_pa=62)
    assert line.minutes([100 + 14] * 20, retained_pa=62) == SURE // 100 + 1
    slowest = Line()
    slowest.minutes([0] * 200, retained_pa=47)
    assert slowest.minutes([100 + 14] * 20, retained_pa=47) == MARK // 100


def test_near_strokes_tell_nothing_by_draining_evenly():
    line = Line(period_ms=19999)
    line.minutes([0] * 200, retained_pa=62)
    assert line.minutes([100 + 17] * 20, retained_pa=62) == MARK // 100


def test_before_the_rise_is_known_nothing_drains_evenly():
    line = Line(rise_pa=0)
    assert line.minutes([100 + 14] * 20) == MARK // 100


def test_a_restart_forgets_all():
    line = Line()
    line.minutes([0] * 200, retained_pa=62)
    line.minutes([114] * 3, retained_pa=62)
    line.gradual.restart()
    assert line.gradual.sum_pa == 0
    line.pa += 900  # not seen: the first minute after the restart is the new start
    assert line.minutes([0] * 20) == 0
    assert line.minutes([100 + 14] * 20) == MARK // 100
