"""The rise per stroke is learned as it is: a single wild reading does not spoil it, a drive that sticks is followed."""

from pump.occlusion import line_state, retention, stroke_rise

SOFT_PA = 198  # of 0.25 uL into 1.26 uL/kPa
WILD_PA = 53480  # a plausible garbage reading right after a stroke; one before it gives the same with a minus


def learned(rises_pa):
    rise = stroke_rise.StrokeRise()
    for rise_pa in rises_pa:
        rise.learn(rise_pa, 60)
    return rise


def test_the_mean_and_the_spread_of_all_strokes_are_learned():
    for usual_pa in (125, SOFT_PA, 2500, 50000):
        rise = learned([usual_pa - usual_pa // 8, usual_pa + usual_pa // 8] * 32)
        assert (rise.strokes, rise.mean_pa) == (64, usual_pa)
        assert rise.spread_pa == 2 * (usual_pa // 8)


def test_a_single_wild_reading_is_no_rise_wherever_it_comes():
    for at in range(64):
        for wild_pa in (WILD_PA, -WILD_PA):
            rises_pa = [SOFT_PA] * 64
            rises_pa[at] = wild_pa
            rise = learned(rises_pa)
            assert rise.strokes == 64
            assert abs(rise.mean_pa - SOFT_PA) < SOFT_PA * 2 // 3
            assert rise.spread_pa < 2 * SOFT_PA + 40


def test_honest_strokes_are_not_missed_after_a_wild_reading_whatever_it_was():
    for at in (0, 3, 9, 40, 63):
        for wild_pa in range(1000, 60000, 4000):
            rise = stroke_rise.StrokeRise()
            state = line_state.LineState(rise, retention.Retention(rise))
            stroke = stroke_rise.StrokePressure()
            stroke.pulsation_pa = stroke.settled_pulsation_pa = 60
            for number in range(1100):
                stroke.pre_stroke_pa = 13000
                stroke.rise_pa = wild_pa if number == at else SOFT_PA + (number * 5 % 7 - 3) * 25
                rise.learn(stroke.rise_pa, 60)
                assert state.classify(stroke) == line_state.OPEN, (at, wild_pa, number)


def test_a_drive_that_sticks_and_gives_several_strokes_at_once_is_learned():
    for usual_pa in (125, 500, 2500):
        for at_once in (3, 4):
            rise = learned(([0] * (at_once - 1) + [usual_pa * at_once]) * 100)
            assert rise.strokes == 256
            assert abs(rise.mean_pa - usual_pa) < usual_pa // 4


def test_what_was_missing_of_a_mean_does_not_count_when_the_next_one_is_learned():
    rise = stroke_rise.StrokeRise()
    state = line_state.LineState(rise, retention.Retention(rise))
    stroke = stroke_rise.StrokePressure()
    stroke.pulsation_pa = stroke.settled_pulsation_pa = 60
    stroke.pre_stroke_pa = 13000
    for number in range(256):
        stroke.rise_pa = 4 * SOFT_PA if number < 70 else SOFT_PA
        rise.learn(stroke.rise_pa, 60)
        state.classify(stroke)
        if number == 254:
            assert not state.is_quiet()
    assert state.is_quiet()
