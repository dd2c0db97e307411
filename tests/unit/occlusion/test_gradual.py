"""A soft line that closes over hours: what creeps up is summed, what leaps or follows the weather is not."""

from pump.occlusion import gradual

REQUIREMENTS = ("O1", "O7")
MARK = 1100
SURE = 366


class Crept:
    """A creep of a line at so many ms between strokes, told what the pressure does from minute to minute."""

    def __init__(self, period_ms=21600, height_pa=124):
        self.gradual = gradual.Gradual()
        self.gradual.set_interval(period_ms)
        self.strokes = -(-60000 // period_ms)
        self.height_pa = height_pa
        self.pa = 13000
        self.minutes([0, 0])

    def minutes(self, rises_pa, pulsation_pa=56, kept_pa=0):
        """One minute for each rise; the number of the one in which it was found a block, from 1."""
        for number, rise_pa in enumerate(rises_pa, 1):
            self.pa += rise_pa
            for _ in range(self.strokes):
                self.gradual.add_retained(kept_pa)
                self.gradual.add(self.pa, pulsation_pa)
            if self.gradual.found(self.height_pa):
                return number
        return 0


def test_what_rises_gradually_is_found_at_its_mark():
    for period_ms in (900, 4320, 21600, 43200, 432000):
        crept = Crept(period_ms)
        weather_pa = crept.strokes * period_ms // 4580
        assert crept.minutes([100 + weather_pa] * 20) == MARK // 100, period_ms
        assert crept.gradual.origin_pa == 13000


def test_the_steepest_ambient_drift_adds_nothing():
    crept = Crept()
    assert crept.minutes([14] * 2000) == 0
    assert crept.gradual.sum_pa == 0


def test_what_fell_again_is_forgotten():
    crept = Crept()
    assert crept.minutes([100] * 8 + [-100] * 8) == 0
    assert crept.gradual.sum_pa == 0
    assert crept.minutes([100] * 8) == 0


def test_postures_are_leaps_and_add_nothing():
    crept = Crept()
    for rise_pa in (2000, 2000, -4000, 4000, -4000, 2000):
        settling = [rise_pa * 6 // 10, rise_pa * 3 // 10, rise_pa // 10]  # over three minutes
        assert crept.minutes(settling + [0] * 3) == 0
        assert crept.gradual.sum_pa == 0


def test_a_posture_in_between_stops_the_sum_for_three_minutes_only():
    crept = Crept()
    assert crept.minutes([114] * 6 + [2114] + [114] * 10) == 6 + 3 + 5


def test_a_line_that_closes_faster_and_faster_does_not_leap():
    crept = Crept()
    assert crept.minutes([20, 100, 350, 600, 850]) == 5


def test_a_pulse_says_that_the_line_is_open():
    crept = Crept()
    assert crept.minutes([200] * 40, pulsation_pa=180) == 0


def test_one_stroke_with_much_pulsation_is_noise():
    crept = Crept()
    crept.minutes([114] * 6)
    crept.minutes([114], pulsation_pa=110)
    assert crept.gradual.sum_pa > 600


def test_a_line_that_drains_evenly_is_found_sooner():
    crept = Crept()
    crept.minutes([0] * 200, kept_pa=62)
    assert crept.minutes([100 + 14] * 20, kept_pa=62) == SURE // 100 + 1
    slowest = Crept()
    slowest.minutes([0] * 200, kept_pa=47)
    assert slowest.minutes([100 + 14] * 20, kept_pa=47) == MARK // 100


def test_near_strokes_tell_nothing_by_draining_evenly():
    crept = Crept(period_ms=19999)
    crept.minutes([0] * 200, kept_pa=62)
    assert crept.minutes([100 + 17] * 20, kept_pa=62) == MARK // 100


def test_before_the_height_is_known_nothing_drains_evenly():
    crept = Crept(height_pa=0)
    assert crept.minutes([100 + 14] * 20) == MARK // 100


def test_a_restart_forgets_all():
    crept = Crept()
    crept.minutes([0] * 200, kept_pa=62)
    crept.minutes([114] * 3, kept_pa=62)
    crept.gradual.restart()
    assert crept.gradual.sum_pa == 0
    crept.pa += 900  # unseen: the first minute after it is where it begins
    assert crept.minutes([0] * 20) == 0
    assert crept.minutes([100 + 14] * 20) == MARK // 100
