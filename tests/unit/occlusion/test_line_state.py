"""A partial occlusion is found in the retained pressure of strokes; other pressure changes are not taken for one."""

from pump.occlusion import detector, line_state, stroke_rise

BLOCK = 16
POSTURE_PA = 2000


class Line:
    """A soft line with this rise per stroke, varied by a seventh; 0 for strokes that don't arrive."""

    def __init__(self, raised_pa=178):
        self.detector = detector.Detector()
        self.detector.set_interval(21600)
        self.state = line_state.LineState(self.detector.rise, self.detector.retention)
        self.state.restart()
        self.stroke = stroke_rise.StrokePressure()
        self.raised_pa = raised_pa
        self.retained_pa = 55
        self.pulsation_pa = 57
        self._number = 0
        self.stroke.pre_stroke_pa = 13000
        self.state.classify(self.stroke)  # before the first stroke

    def blocks(self, count, posture_pa=0, postures=0):
        """The finding after this many blocks of strokes, each with this many changes of posture."""
        return self.strokes(count * BLOCK, posture_pa, postures)

    def strokes(self, count, posture_pa=0, postures=0):
        """The finding after this many strokes."""
        for number in range(count):
            self._number += 1
            noise_pa = self.raised_pa // 7 * (self._number * 5 % 7 - 3) // 3
            self.stroke.settled_pa = 13000 + self.retained_pa + noise_pa
            if number % BLOCK < postures:
                self.stroke.settled_pa += posture_pa
            self.stroke.rise_pa = self.raised_pa + noise_pa
            self.stroke.pulsation_pa = self.stroke.settled_pulsation_pa = self.pulsation_pa
            self.detector.update(self.stroke)
            self.state.classify(self.stroke)
        return self.state.finding


def test_a_line_that_keeps_more_of_each_stroke_is_partly_occluded_and_found_in_five_blocks():
    for raised_pa, retained_pa, more_pa, blocks in ((178, 10, 70, 5), (2500, 0, 1000, 4)):
        line = Line(raised_pa)
        line.retained_pa = retained_pa
        assert line.blocks(8) == line_state.OPEN
        line.retained_pa = retained_pa + more_pa
        assert line.blocks(1) == line_state.OPEN
        assert line.blocks(blocks - 1) == line_state.PARTIAL
        line.retained_pa = retained_pa
        assert line.blocks(4) == line_state.OPEN


def test_a_partial_occlusion_is_not_learned_however_long_it_lasts():
    line = Line()
    line.retained_pa = 10
    line.blocks(4)
    line.retained_pa = 85
    assert line.blocks(5) == line_state.PARTIAL
    assert line.blocks(60) == line_state.PARTIAL


def test_changes_of_posture_are_no_partial_occlusion():
    for postures in range(1, 7):
        line = Line()
        line.retained_pa = 10
        line.blocks(6)
        assert line.blocks(4, POSTURE_PA, postures) == line_state.OPEN, postures


def test_strokes_that_do_not_arrive_make_no_partial_occlusion():
    for blocks in (2, 4, 5, 20):
        line = Line(0)
        line.retained_pa = 0
        assert line.blocks(blocks) == line_state.OPEN
        line.raised_pa, line.retained_pa = 178, 55
        assert line.blocks(8) == line_state.OPEN, blocks


def test_a_pulse_that_fades_is_a_partial_occlusion_also_after_a_sensor_has_lagged():
    line = Line(0)
    line.retained_pa = line.pulsation_pa = 0
    line.blocks(5)
    line.raised_pa, line.retained_pa, line.pulsation_pa = 178, 20, 300
    assert line.blocks(6) == line_state.OPEN
    assert line.state.pulsation_pa == 300
    line.pulsation_pa = 140
    assert line.blocks(2) == line_state.PARTIAL


def test_walks_are_not_learned_as_the_pulse_that_then_fades():
    line = Line(2500)
    line.retained_pa, line.pulsation_pa = 0, 300
    assert line.blocks(8) == line_state.OPEN
    for walk, rest in ((5, 3), (1, 1), (4, 12), (8, 4)):  # blocks of six minutes
        line.pulsation_pa = 2800
        assert line.blocks(walk) == line_state.OPEN
        line.pulsation_pa = 300
        assert line.blocks(rest) == line_state.OPEN, (walk, line.state.pulsation_pa)
    assert line.state.pulsation_pa < 400
    line.pulsation_pa = 140
    assert line.blocks(2) == line_state.PARTIAL


def test_short_walks_in_every_block_are_not_learned_as_the_pulse():
    line = Line(2500)
    line.retained_pa = 0
    for number in range(40 * BLOCK):
        line.pulsation_pa = 2800 if number % 8 == 3 else 90
        line.strokes(1)
        assert line.state.finding == line_state.OPEN, number
    line.pulsation_pa = 90
    assert line.blocks(8) == line_state.OPEN
    assert line.state.pulsation_pa == 90


def test_a_pulse_that_is_weak_for_some_minutes_is_no_partial_occlusion():
    for period_ms, blocks in ((21600, 1), (4320, 4), (1080, 17)):
        line = Line(2500)
        line.state.set_window(16, 250, True, period_ms)
        line.retained_pa, line.pulsation_pa = 0, 700
        line.blocks(8)
        line.pulsation_pa = 250
        assert line.blocks(blocks) == line_state.OPEN
        assert line.blocks(1) == line_state.PARTIAL, period_ms


def test_strokes_that_a_walk_lowers_have_arrived():
    for pulsation_pa, found in ((2500, line_state.OPEN), (300, line_state.UPSTREAM)):
        line = Line(2500)
        line.retained_pa, line.pulsation_pa = 0, 300
        line.blocks(8)
        line.pulsation_pa = pulsation_pa
        line.raised_pa = 0
        assert line.blocks(1) == found, pulsation_pa


def test_what_strokes_left_that_did_not_arrive_is_not_the_open_line():
    for missing in (20, 40, 56, 60):
        line = Line(250)
        line.retained_pa = 60
        line.strokes(4)
        line.raised_pa = line.retained_pa = 0
        line.strokes(missing)
        line.raised_pa = 250
        line.retained_pa = 60
        for _ in range(40):
            assert line.blocks(1) != line_state.PARTIAL, missing


def test_a_drive_that_sticks_and_slips_is_no_upstream_occlusion():
    line = Line(2500)
    line.retained_pa, line.pulsation_pa = 0, 90
    for number in range(3000):
        slips = number % (3 if number < 300 else 4) == 0  # it sticks for longer than when its strokes were learned
        line.raised_pa = (7500 if number < 300 else 10000) if slips else 0
        line.strokes(1)
        assert line.state.finding == line_state.OPEN, number


def test_a_pulse_that_gets_weaker_or_stronger_for_good_is_learned_within_a_day():
    for pulsation_pa in (200, 450):
        line = Line(2500)
        line.retained_pa, line.pulsation_pa = 0, 300
        line.blocks(8)
        line.pulsation_pa = pulsation_pa
        assert line.blocks(250) == line_state.OPEN
        assert abs(line.state.pulsation_pa - pulsation_pa) < 40, line.state.pulsation_pa


def test_a_pulse_about_half_of_what_it_was_is_one_finding():
    line = Line(2500)
    line.retained_pa, line.pulsation_pa = 0, 300
    line.blocks(8)
    line.pulsation_pa = 140
    assert line.blocks(2) == line_state.PARTIAL
    for turn in range(20):
        line.pulsation_pa = (165, 140)[turn // 2 % 2]
        assert line.blocks(1) == line_state.PARTIAL, turn
    line.pulsation_pa = 220
    assert line.blocks(2) == line_state.OPEN


def test_a_sensor_that_hardly_converts_is_one_finding():
    line = learned()
    line.pulsation_pa = 5
    assert line.blocks(2) == line_state.SENSOR_STUCK
    for turn in range(12):
        line.pulsation_pa = (20, 5)[turn % 2]
        assert line.blocks(1) == line_state.SENSOR_STUCK, turn
    line.pulsation_pa = 300
    assert line.blocks(2) == line_state.OPEN


# ---- what was learned at one rate and another one ------------------------------------------------------------------

FAR = (16, 250, True, 21600)
NEAR = (9, 160, False, 1800)  # of strokes 1.8 s apart: the stroke's decay is in the window
SINGLE = (1, 175, False, 350)


def change(line, window, share_256ths):
    """Another rate: its window before a stroke, and the part of a stroke's rise that a slow line shows."""
    line.state.set_window(*window)
    line.state.restart()
    line.detector.rise.share = share_256ths
    line.state.resume()
    line.state.classify(line.stroke)


def learned(raised_pa=2500, window=FAR, pulsation_pa=300):
    line = Line(raised_pa)
    change(line, window, stroke_rise.WHOLE_SHARE)
    line.retained_pa, line.pulsation_pa = 0, pulsation_pa
    assert line.blocks(8) == line_state.OPEN
    return line


def test_near_strokes_of_a_slow_line_arrive_though_they_seem_smaller_by_what_drains_meanwhile():
    line = learned()
    change(line, NEAR, 140)
    line.raised_pa = 2500 * 110 // 256  # a fifth less than the share, as where the pulse meets each stroke alike
    assert line.blocks(40) == line_state.OPEN


def test_near_strokes_that_do_not_arrive_are_found_after_a_change_of_rate():
    for pulsation_pa in (300, 190):  # nearer samples differ less
        line = learned()
        change(line, NEAR, 140)
        line.raised_pa, line.pulsation_pa = 0, pulsation_pa
        assert line.blocks(1) == line_state.UPSTREAM


def test_near_strokes_that_do_not_arrive_with_the_pulse_damped_are_air():
    line = learned()
    change(line, NEAR, 140)
    line.raised_pa, line.pulsation_pa = 0, 90
    assert line.blocks(1) == line_state.AIR


def test_the_decay_of_near_strokes_is_no_pulse_that_fades_where_they_are_far_apart():
    line = learned(window=NEAR, pulsation_pa=1300)
    change(line, FAR, 250)
    line.pulsation_pa = 300
    assert line.blocks(8) == line_state.OPEN
    line.pulsation_pa = 140
    assert line.blocks(2) == line_state.PARTIAL


def test_a_pulse_that_faded_during_a_bolus_is_told_after_it():
    line = learned()
    change(line, NEAR, 140)
    line.raised_pa, line.pulsation_pa = 1300, 400
    assert line.blocks(4) == line_state.OPEN
    change(line, FAR, 250)
    line.raised_pa, line.pulsation_pa = 2500, 140
    assert line.blocks(1) == line_state.OPEN
    assert line.blocks(1) == line_state.PARTIAL


def test_one_sample_a_window_is_no_sensor_that_is_stuck():
    for share_256ths in (30, 0):
        line = learned(250)
        change(line, SINGLE, share_256ths)
        line.raised_pa, line.pulsation_pa = 25, 0
        assert line.blocks(8) == line_state.OPEN


def test_a_sensor_that_is_stuck_is_told_at_one_sample_a_window_and_not_taken_for_a_block():
    for share_256ths in (140, 30, 0):
        line = learned()
        change(line, SINGLE, share_256ths)
        line.raised_pa = line.pulsation_pa = 0
        assert line.blocks(1) == line_state.SENSOR_STUCK, share_256ths


def test_strokes_that_do_not_arrive_are_told_at_one_sample_a_window():
    line = learned()
    change(line, SINGLE, 140)
    line.raised_pa = 0
    for number in range(BLOCK):
        line.stroke.pre_stroke_pa = 13000 + 60 * (number & 1)
        line.stroke.rise_pa = 20
        line.stroke.settled_pa = stroke_rise.NO_VALUE
        line.state.classify(line.stroke)
    assert line.state.finding == line_state.UPSTREAM


# ---- the rise at another rate --------------------------------------------------------------------------------------


def rise_of(*strokes):
    """A rise that was learned from rows of (share in 256ths, rise, strokes)."""
    rise = stroke_rise.StrokeRise()
    for share_256ths, rise_pa, count in strokes:
        rise.share = share_256ths
        for _ in range(count):
            rise.learn(rise_pa, 0)
    return rise


def test_the_rise_at_another_rate_lies_between_that_of_a_slow_line_and_that_of_a_fast_one():
    rise = rise_of((256, 2560, 64))
    assert (rise.least_pa(), rise.most_pa()) == (2560, 2560)
    rise.share = 128
    assert (rise.least_pa(), rise.most_pa()) == (1280, 2560)
    rise.share = 0
    assert rise.least_pa() == 0
    rise = rise_of((128, 1280, 64))
    assert (rise.least_pa(), rise.most_pa()) == (1280, 1280)
    rise.share = 256
    assert (rise.least_pa(), rise.most_pa()) == (1280, 2560)


def test_a_rise_learned_at_two_rates_is_judged_by_both():
    rise = rise_of((256, 2560, 16), (128, 1280, 48))  # a slow line: 1600 of 2560
    assert rise.mean_pa == 1600
    assert rise.least_pa() == 1280
    rise.share = 256
    assert rise.most_pa() == 2560


def test_a_line_that_was_learned_at_a_fast_rate_is_known_to_be_that_stiff_at_none():
    rise = rise_of((0, 100, 64))
    rise.share = 256
    assert rise.mean_pa <= rise.most_pa() < 1 << 25


def test_the_level_of_the_rate_before_is_no_open_line_at_a_slow_rate():
    line = detector.Detector()
    line.alarm_rise_pa = 6000
    line.set_interval(108000)
    stroke = stroke_rise.StrokePressure()
    line.restart()
    for pre_stroke_pa in (30000, 13200, 13000, 13000, 13000):  # the first window comes right after a bolus
        stroke.pre_stroke_pa = pre_stroke_pa
        assert not line.update(stroke)
        assert not line.opened()
    stroke.pre_stroke_pa = 0
    line.update(stroke)
    line.update(stroke)
    assert line.opened()
