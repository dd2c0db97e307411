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
