"""A narrowed line in what its strokes leave behind: what else moves the pressure is not taken for it."""

from pump.occlusion import detector, line_state, stroke_rise

BLOCK = 16
POSTURE_PA = 2000


class Judged:
    """A soft line whose strokes lift it by so much, a seventh more or less; 0 for strokes that don't arrive."""

    def __init__(self, lift_pa=178):
        self.detector = detector.Detector()
        self.detector.set_interval(21600)
        self.state = line_state.LineState(self.detector.rise)
        self.state.restart()
        self.stroke = stroke_rise.StrokePressure()
        self.lift_pa = lift_pa
        self.retained_pa = 55
        self.pulsation_pa = 57
        self._number = 0
        self.stroke.pre_stroke_pa = 13000
        self.state.classify(self.stroke)  # before the first stroke

    def blocks(self, count, posture_pa=0, postures=0):
        """The finding after so many blocks, in each of which so many strokes meet a change of posture."""
        for number in range(count * BLOCK):
            self._number += 1
            noise_pa = self.lift_pa // 7 * (self._number * 5 % 7 - 3) // 3
            self.stroke.settled_pa = 13000 + self.retained_pa + noise_pa
            if number % BLOCK < postures:
                self.stroke.settled_pa += posture_pa
            self.stroke.rise_pa = self.lift_pa + noise_pa
            self.stroke.pulsation_pa = self.stroke.settled_pulsation_pa = self.pulsation_pa
            self.detector.update(self.stroke, False)
            self.state.classify(self.stroke)
        return self.state.finding


def test_a_line_that_keeps_more_of_each_stroke_is_partly_occluded_and_found_in_two_blocks():
    for lift_pa, kept_pa, more_pa in ((178, 10, 70), (2500, 0, 900)):
        judged = Judged(lift_pa)
        judged.retained_pa = kept_pa
        assert judged.blocks(8) == line_state.OPEN
        judged.retained_pa = kept_pa + more_pa
        assert judged.blocks(1) == line_state.OPEN
        assert judged.blocks(1) == line_state.PARTIAL
        judged.retained_pa = kept_pa
        assert judged.blocks(2) == line_state.OPEN


def test_changes_of_posture_are_no_partial_occlusion_and_hide_none():
    for postures in range(1, 7):
        judged = Judged()
        judged.retained_pa = 10
        judged.blocks(6)
        assert judged.blocks(4, POSTURE_PA, postures) == line_state.OPEN, postures
        judged.retained_pa = 80
        assert judged.blocks(2, POSTURE_PA, postures) == line_state.PARTIAL, postures
        lowered = Judged()
        lowered.blocks(1)
        lowered.blocks(1, -POSTURE_PA, postures)
        assert lowered.blocks(4) == line_state.OPEN, postures


def test_a_block_of_nothing_but_postures_tells_nothing():
    judged = Judged()
    judged.retained_pa = 10
    judged.blocks(6)
    assert judged.blocks(4, POSTURE_PA, 12) == line_state.OPEN
    judged.retained_pa = 80
    assert judged.blocks(2) == line_state.PARTIAL


def test_one_odd_block_is_not_what_the_line_keeps():
    judged = Judged()
    judged.blocks(1)
    judged.retained_pa = 14
    judged.blocks(1)
    judged.retained_pa = 50
    judged.blocks(3)
    judged.retained_pa = 66
    assert judged.blocks(4) == line_state.OPEN
    judged.retained_pa = 100
    assert judged.blocks(2) == line_state.PARTIAL


def test_what_is_partly_occluded_from_the_third_block_on_is_not_learned():
    judged = Judged()
    judged.retained_pa = 10
    judged.blocks(2)
    judged.retained_pa = 80
    assert judged.blocks(2) == line_state.PARTIAL
    assert judged.blocks(20) == line_state.PARTIAL


def test_strokes_that_do_not_arrive_teach_nothing_of_the_line():
    for blocks in (2, 4, 5, 20):
        judged = Judged(0)
        judged.retained_pa = 0
        judged.blocks(blocks)
        judged.lift_pa, judged.retained_pa = 178, 55
        assert judged.blocks(8) == line_state.OPEN, blocks
        assert 50 < judged.state.retained_pa < 60, blocks
        judged.retained_pa = 130
        assert judged.blocks(2) == line_state.PARTIAL, blocks


def test_a_stiff_line_is_told_though_its_first_strokes_did_not_arrive():
    judged = Judged(0)
    judged.retained_pa = 0
    judged.blocks(5)
    judged.lift_pa = 2500
    assert judged.blocks(4) == line_state.OPEN
    judged.retained_pa = 400  # less than a fifth of a stroke
    assert judged.blocks(4) == line_state.OPEN
    judged.retained_pa = 900
    assert judged.blocks(2) == line_state.PARTIAL


def test_a_sensor_that_lags_teaches_nothing_of_the_line():
    judged = Judged(0)
    judged.retained_pa = judged.pulsation_pa = 0
    judged.blocks(5)
    judged.lift_pa, judged.retained_pa, judged.pulsation_pa = 178, 55, 200
    assert judged.blocks(6) == line_state.OPEN
    assert 50 < judged.state.retained_pa < 60
    assert judged.state.pulsation_pa == 200
    judged.pulsation_pa = 90  # the pulse has faded
    assert judged.blocks(2) == line_state.PARTIAL


def test_the_noise_of_a_sensor_that_lagged_at_first_is_allowed_for():
    judged = Judged(0)
    judged.retained_pa, judged.pulsation_pa = 0, 12
    judged.blocks(4)
    judged.lift_pa, judged.pulsation_pa = 178, 100
    judged.blocks(5)
    judged.retained_pa = 70
    assert judged.blocks(4) == line_state.OPEN
    judged.retained_pa = 80
    assert judged.blocks(2) == line_state.PARTIAL
