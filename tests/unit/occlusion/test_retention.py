"""What a stroke leaves halfway to the next one: learned in quiet times, and told from a line that doesn't drain."""

from pump.occlusion import retention, stroke_rise

REQUIREMENTS = ("O1", "O7")
RISE_PA = 1000


class Line:
    """Strokes of which so many pascals are left halfway, while the vessel's pressure changes."""

    def __init__(self, left_pa=0, strokes=64, spread_pa=0):
        self.rise = stroke_rise.StrokeRise()
        for _ in range(64):
            self.rise.learn(RISE_PA, 0)
        self.kept = retention.Retention(self.rise)
        self.stroke = stroke_rise.StrokePressure()
        self.stroke.rise_pa = RISE_PA
        self._pa = 13000
        self._number = 0
        self.add(strokes, left_pa, spread_pa=spread_pa)

    def add(self, strokes, left_pa, change_pa=0, quiet=True, spread_pa=0):
        for _ in range(strokes):
            self._number += 1
            past_pa = self._pa
            self._pa += change_pa
            self.stroke.pre_stroke_pa = self._pa
            self.stroke.settled_pa = past_pa + change_pa // 2 + left_pa + spread_pa * (self._number * 5 % 7 - 3) // 3
            self.kept.add(self.stroke, past_pa, quiet)


def test_nothing_is_told_before_the_open_line_is_known():
    line = Line(0, 31)
    assert not line.kept.tells()
    assert line.kept.is_slow(0)
    line.add(1, 0)
    assert line.kept.tells()
    assert line.kept.is_normal()
    assert not line.kept.is_slow(0)


def test_a_line_that_stops_draining_is_not_normal_within_a_dozen_strokes():
    line = Line(0)
    line.add(2, RISE_PA // 2)
    assert line.kept.is_normal()
    line.add(12, RISE_PA // 2)
    assert not line.kept.is_normal()


def test_strokes_that_do_not_arrive_teach_nothing_of_how_the_line_drains():
    for rise_pa, narrow in ((0, False), (RISE_PA, True)):
        line = Line(RISE_PA // 4)
        line.stroke.rise_pa = rise_pa
        line.add(700, 0)
        line.stroke.rise_pa = RISE_PA
        line.add(48, RISE_PA // 4)
        assert line.kept.is_narrow() == narrow, rise_pa


def test_a_steady_swing_of_the_vessel_changes_nothing():
    for change_pa in (300, -300, 3000):
        line = Line(0)
        line.add(40, 0, change_pa)
        assert line.kept.is_normal(), change_pa


def test_a_steady_drift_changes_nothing_where_the_window_comes_soon_after_a_stroke():
    for after_ms, period_ms, settled in ((50000, 432000, 8), (50000, 200000, 4), (11000, 22000, 2)):
        for drift_pa in (100, -100):
            line = Line(0, 0)
            line.kept.set_window(after_ms, period_ms)
            for number in range(1, 400):
                line.stroke.pre_stroke_pa = number * drift_pa
                line.stroke.settled_pa = (number - 1) * drift_pa + drift_pa // settled
                line.kept.add(line.stroke, (number - 1) * drift_pa, True)
            assert line.kept.tells() and line.kept.is_normal() and not line.kept.is_narrow(), (period_ms, drift_pa)


def test_a_line_that_stops_draining_leaves_most_of_a_stroke_where_the_window_comes_soon():
    line = Line(0, 0)
    line.kept.set_window(50000, 432000)
    line.add(64, 0)
    for level_pa in range(0, 20 * RISE_PA, RISE_PA):
        line.stroke.settled_pa = line.stroke.pre_stroke_pa = level_pa + RISE_PA
        line.kept.add(line.stroke, level_pa, False)
    assert not line.kept.is_normal()


def test_the_slowest_open_line_is_normal_and_slow():
    line = Line(368)
    assert line.kept.is_slow(0)
    assert line.kept.is_normal()
    line.add(40, 500)
    assert not line.kept.is_normal()


def test_a_line_through_which_the_pulse_comes_is_not_slow():
    line = Line(368)
    assert not line.kept.is_slow(300)


def test_a_line_that_closes_slowly_is_not_learned():
    line = Line(0)
    for left_pa in range(0, 500, 2):
        line.add(4, left_pa)
    line.add(200, 500)
    assert not line.kept.is_normal()


def test_where_the_values_scatter_too_much_nothing_is_told():
    line = Line(0, 64, spread_pa=1000)
    assert not line.kept.tells()


def test_strokes_without_a_settled_window_are_left_out():
    line = Line(0, 0)
    for _ in range(100):
        line.stroke.pre_stroke_pa = 13000
        line.stroke.settled_pa = stroke_rise.NO_VALUE
        line.kept.add(line.stroke, 13000, True)
    assert not line.kept.tells()


def test_a_line_that_was_narrow_is_so_until_it_drains_nearly_as_the_open_one():
    line = Line(0)
    for left_pa, narrow, stays in ((250, True, True), (160, False, True), (100, False, False)):
        line.add(80, left_pa, quiet=False)
        assert (line.kept.is_narrow(False), line.kept.is_narrow(True)) == (narrow, stays), left_pa
