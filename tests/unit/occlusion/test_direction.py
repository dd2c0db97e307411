"""Whether strokes go forward, by the pressure: found in four of them, or left open where the pulse is larger."""

from pump.occlusion import direction, stroke_rise

REQUIREMENTS = ("D10",)
NOISE_PA = (0, 40, -30, 20, -50, 10)


def _strokes(rise_pa, count, pulsation_pa=57, watch=None, pre_stroke_pa=13000, noise=1, slope_pa=0):
    """The strokes until they are found to go backwards, 0 for never; and the watch."""
    watch = watch or direction.Direction()
    stroke = stroke_rise.StrokePressure()
    stroke.pulsation_pa = pulsation_pa
    for number in range(count):
        stroke.rise_pa = rise_pa if rise_pa == stroke_rise.NO_VALUE else rise_pa + noise * NOISE_PA[number % 6]
        stroke.pre_stroke_pa = pre_stroke_pa + slope_pa * number
        if watch.add(stroke):
            return number + 1, watch
    return 0, watch


def test_four_strokes_that_lower_the_pressure_go_backwards():
    for rise_pa in (-12500, -2500, -500):
        found, watch = _strokes(rise_pa, 100)
        assert found == 4, rise_pa
        assert not watch.forward


def test_four_strokes_that_raise_the_pressure_go_forward():
    for rise_pa in (12500, 2500, 500):
        found, watch = _strokes(rise_pa, 3)
        assert found == 0 and not watch.forward
        found, watch = _strokes(rise_pa, 1, watch=watch)
        assert found == 0 and watch.forward


def test_a_drive_that_turns_round_later_is_found_within_six_strokes():
    for forward in range(1, 12):
        _, watch = _strokes(2500, forward)
        found, _ = _strokes(-2500, 12, watch=watch)
        assert 4 <= found <= 6 + (forward % 4 == 1), (forward, found)


def test_nothing_is_told_by_strokes_that_raise_nothing_or_were_not_measured():
    for rise_pa in (0, stroke_rise.NO_VALUE):
        found, watch = _strokes(rise_pa, 1000)
        assert found == 0 and not watch.forward


def test_a_pulse_that_meets_each_stroke_alike_is_no_direction():
    for rise_pa in (-440, 440):  # 2.2 times the mean of neighbouring samples
        found, watch = _strokes(rise_pa, 1000, pulsation_pa=200)
        assert found == 0 and not watch.forward
    found, _ = _strokes(-900, 8, pulsation_pa=200)
    assert found == 4


def test_a_pulse_that_lowers_each_stroke_by_far_more_than_a_stroke_can_is_no_direction():
    for most_pa, found_at in ((125, 0), (299, 0), (300, 4), (2500, 4), (0, 4), (-125, 4)):  # the last two: unknown
        watch = direction.Direction()
        watch.most_pa = most_pa
        found, _ = _strokes(-900, 8, watch=watch, noise=0)
        assert found == found_at, most_pa


def test_near_strokes_that_meet_the_same_part_of_the_pulse_tell_nothing_if_strokes_are_known_to_differ():
    for near, spread_pa, found_at in ((True, 1800, 0), (True, 0, 4), (False, 1800, 4)):
        watch = direction.Direction()
        watch.near = near
        watch.expect(800, spread_pa)
        found, _ = _strokes(-1200, 8, watch=watch, slope_pa=-100)
        assert found == found_at, (near, spread_pa)


def test_strokes_that_scatter_tell_nothing():
    found, watch = _strokes(-100, 1000, noise=20)
    assert found == 0 and not watch.forward


def test_among_near_strokes_the_pressure_itself_has_to_fall():
    watch = direction.Direction()
    watch.near = True
    found, watch = _strokes(-2500, 100, watch=watch, slope_pa=10)  # a late sensor, in a line that fills
    assert found == 0
    watch.resume()
    found, _ = _strokes(-2500, 100, watch=watch, slope_pa=-100)
    assert found == 4


def test_delivery_that_begins_again_begins_with_its_first_stroke():
    found, watch = _strokes(-2500, 3)
    assert found == 0
    watch.resume()
    found, _ = _strokes(-2500, 100, watch=watch)
    assert found == 4
