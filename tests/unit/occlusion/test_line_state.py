"""A partial occlusion is found in the retained pressure of strokes; other pressure changes are not taken for one."""

from pump.occlusion import detector, line_state, stroke_rise

BLOCK = 16
POSTURE_PA = 2000


class Line:
    """A soft line with this rise per stroke, varied by a seventh; 0 for strokes that don't arrive."""

    def __init__(self, raised_pa=178):
        self.detector = detector.Detector()
        self.detector.set_interval(21600)
        self.state = line_state.LineState(self.detector.rise)
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
        for number in range(count * BLOCK):
            self._number += 1
            noise_pa = self.raised_pa // 7 * (self._number * 5 % 7 - 3) // 3
            self.stroke.settled_pa = 13000 + self.retained_pa + noise_pa
            if number % BLOCK < postures:
                self.stroke.settled_pa += posture_pa
            self.stroke.rise_pa = self.raised_pa + noise_pa
            self.stroke.pulsation_pa = self.stroke.settled_pulsation_pa = self.pulsation_pa
            self.detector.update(self.stroke, False)
            self.state.classify(self.stroke)
        return self.state.finding


def test_a_line_that_keeps_more_of_each_stroke_is_partly_occluded_and_found_in_two_blocks():
    for raised_pa, retained_pa, more_pa in ((178, 10, 70), (2500, 0, 900)):
        line = Line(raised_pa)
        line.retained_pa = retained_pa
        assert line.blocks(8) == line_state.OPEN
        line.retained_pa = retained_pa + more_pa
        assert line.blocks(1) == line_state.OPEN
        assert line.blocks(1) == line_state.PARTIAL
        line.retained_pa = retained_pa
        assert line.blocks(2) == line_state.OPEN


def test_changes_of_posture_are_no_partial_occlusion_and_hide_none():
    for postures in range(1, 7):
        line = Line()
        line.retained_pa = 10
        line.blocks(6)
        assert line.blocks(4, POSTURE_PA, postures) == line_state.OPEN, postures
        line.retained_pa = 80
        assert line.blocks(2, POSTURE_PA, postures) == line_state.PARTIAL, postures
        lowered = Line()
        lowered.blocks(1)
        lowered.blocks(1, -POSTURE_PA, postures)
        assert lowered.blocks(4) == line_state.OPEN, postures


def test_strokes_with_posture_changes_only_give_no_finding():
    line = Line()
    line.retained_pa = 10
    line.blocks(6)
    assert line.blocks(4, POSTURE_PA, 12) == line_state.OPEN
    line.retained_pa = 80
    assert line.blocks(2) == line_state.PARTIAL


def test_one_odd_block_is_not_what_the_line_keeps():
    line = Line()
    line.blocks(1)
    line.retained_pa = 14
    line.blocks(1)
    line.retained_pa = 50
    line.blocks(3)
    line.retained_pa = 66
    assert line.blocks(4) == line_state.OPEN
    line.retained_pa = 100
    assert line.blocks(2) == line_state.PARTIAL


def test_what_is_partly_occluded_from_the_third_block_on_is_not_learned():
    line = Line()
    line.retained_pa = 10
    line.blocks(2)
    line.retained_pa = 80
    assert line.blocks(2) == line_state.PARTIAL
    assert line.blocks(20) == line_state.PARTIAL


def test_strokes_that_do_not_arrive_teach_nothing_of_the_line():
    for blocks in (2, 4, 5, 20):
        line = Line(0)
        line.retained_pa = 0
        line.blocks(blocks)
        line.raised_pa, line.retained_pa = 178, 55
        assert line.blocks(8) == line_state.OPEN, blocks
        assert 50 < line.state.retained_pa < 60, blocks
        line.retained_pa = 130
        assert line.blocks(2) == line_state.PARTIAL, blocks


def test_a_stiff_line_is_told_though_its_first_strokes_did_not_arrive():
    line = Line(0)
    line.retained_pa = 0
    line.blocks(5)
    line.raised_pa = 2500
    assert line.blocks(4) == line_state.OPEN
    line.retained_pa = 400  # less than a fifth of a stroke
    assert line.blocks(4) == line_state.OPEN
    line.retained_pa = 900
    assert line.blocks(2) == line_state.PARTIAL


def test_a_sensor_that_lags_teaches_nothing_of_the_line():
    line = Line(0)
    line.retained_pa = line.pulsation_pa = 0
    line.blocks(5)
    line.raised_pa, line.retained_pa, line.pulsation_pa = 178, 55, 200
    assert line.blocks(6) == line_state.OPEN
    assert 50 < line.state.retained_pa < 60
    assert line.state.pulsation_pa == 200
    line.pulsation_pa = 90  # the pulse has faded
    assert line.blocks(2) == line_state.PARTIAL


def test_the_noise_of_a_sensor_that_lagged_at_first_is_allowed_for():
    line = Line(0)
    line.retained_pa, line.pulsation_pa = 0, 12
    line.blocks(4)
    line.raised_pa, line.pulsation_pa = 178, 100
    line.blocks(5)
    line.retained_pa = 70
    assert line.blocks(4) == line_state.OPEN
    line.retained_pa = 80
    assert line.blocks(2) == line_state.PARTIAL


# ---- what was learned at one rate and another one ------------------------------------------------------------------

FAR = (16, 250, True)
NEAR = (9, 160, False)  # of strokes 1.8 s apart: the stroke's decay is in the window
SINGLE = (1, 175, False)


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


def test_a_line_that_was_learned_at_a_fast_rate_is_allowed_the_strokes_of_a_slow_one_while_it_settles():
    line = detector.Detector()
    line.set_interval(700)
    line.rise.share = 128
    stroke = stroke_rise.StrokePressure()
    stroke.pre_stroke_pa, stroke.rise_pa = 13000, 250
    for _ in range(64):
        line.update(stroke, False)
    line.restart()
    highest_pa = line.rise.highest_pa()
    assert highest_pa == 2 * line.rise.pa
    line.update(stroke, False)
    line.update(stroke, False)
    settling_pa = line.mark_pa
    for _ in range(100):
        line.update(stroke, False)
    assert settling_pa - line.mark_pa == 12 * highest_pa
