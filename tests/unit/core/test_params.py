"""Parameters: their defaults, limits, states, and the size of the stroke that two of them make."""

from pump import defs
from pump.core import params

REQUIREMENTS = ("D3", "O3")


def test_defaults_lie_within_their_limits_and_are_set():
    values = params.Params({})
    for number, (_, low, high, default, _, _) in enumerate(defs.PARAMS):
        assert values.get(number) == default
        assert low <= default <= high


def test_limits_are_taken_and_what_lies_beyond_is_not():
    values = params.Params({})
    narrowed = 0
    for number, (_, low, high, _, _, _) in enumerate(defs.PARAMS):
        lowest, highest = values.limits(number)
        assert low <= lowest <= values.get(number) <= highest <= high
        narrowed += (lowest, highest) != (low, high)
    assert narrowed == 8


def test_the_limits_of_a_pair_in_order_depend_on_each_other():
    values = params.Params({})
    for lower, upper, distance in params._ORDER:
        values.put(upper, defs.PARAMS[lower][2])
        assert values.limits(lower)[1] == values.get(upper) - distance
        values.put(lower, values.get(upper) - distance)
        assert values.limits(upper)[0] == values.get(upper)


def test_a_board_has_defaults_of_its_own():
    values = params.Params({defs.PARAM_STEPS_PER_STROKE: 1, defs.PARAM_PL_PER_STEP: 250000})
    assert values.get(defs.PARAM_STEPS_PER_STROKE) * values.get(defs.PARAM_PL_PER_STEP) == 250000
    assert values.get(defs.PARAM_LOW_TIME_H) == 48


def test_which_way_a_change_raises_the_dose():
    values = params.Params({})
    for number, row in enumerate(defs.PARAMS):
        value = row[3]
        ways = values.raises(number, value + 1), values.raises(number, value - 1)
        assert ways == (row[5] in (defs.RAISES_UP, defs.RAISES_ANY), row[5] in (defs.RAISES_DOWN, defs.RAISES_ANY))
        assert not values.raises(number, value)


def test_a_calibration_beyond_twenty_percent_of_the_boards_or_the_present_one_is_another_drive():
    values = params.Params({})
    for value, recalibrates in ((2500, False), (2000, False), (3000, False), (1999, True), (3001, True), (200, True)):
        assert values.recalibrates(defs.PARAM_PL_PER_STEP, value) == recalibrates, value
    values.put(defs.PARAM_PL_PER_STEP, 3000)
    for value, recalibrates in ((3001, True), (3600, True), (2400, False), (2399, True), (2500, False)):
        assert values.recalibrates(defs.PARAM_PL_PER_STEP, value) == recalibrates, value
    values.put(defs.PARAM_PL_PER_STEP, 18400)
    for value in (18400, 18401, 2500):
        assert values.recalibrates(defs.PARAM_PL_PER_STEP, value), value
    valves = params.Params({defs.PARAM_STEPS_PER_STROKE: 1, defs.PARAM_PL_PER_STEP: 250000})
    assert not valves.recalibrates(defs.PARAM_PL_PER_STEP, 300000)
    assert valves.recalibrates(defs.PARAM_PL_PER_STEP, 300001)
    assert not values.recalibrates(defs.PARAM_STEPS_PER_STROKE, 20000)


def test_a_value_that_was_put_touches_no_other():
    values = params.Params({})
    values.put(defs.PARAM_LOW_TIME_H, 7)
    for number, row in enumerate(defs.PARAMS):
        assert values.get(number) == (7 if number == defs.PARAM_LOW_TIME_H else row[3])


def test_states_are_bits_of_the_mask():
    values = params.Params({})
    states = range(defs.STATE_FAULT + 1)
    assert [s for s in states if values.open_in(defs.PARAM_PL_PER_STEP, s)] == [defs.STATE_STANDBY]
    assert [s for s in states if values.open_in(defs.PARAM_SILENCE_S, s)] == list(states)


def test_nothing_of_the_dose_can_be_changed_while_the_drive_may_move():
    values = params.Params({})
    for number in (defs.PARAM_STEPS_PER_STROKE, defs.PARAM_PL_PER_STEP, defs.PARAM_STEP_INTERVAL_US):
        for state in range(defs.STATE_FAULT + 1):
            assert not (values.open_in(number, state) and defs.MAY_MOVE >> state & 1)


def test_the_stroke_of_the_defaults_is_a_quarter_microlitre():
    values = params.Params({})
    assert values.get(defs.PARAM_STEPS_PER_STROKE) * values.get(defs.PARAM_PL_PER_STEP) == 250000


def test_the_limit_of_the_pressure():
    _, _, highest, default, _, _ = defs.PARAMS[defs.PARAM_PRESSURE_LIMIT_PA]
    assert (highest, default) == (138000, 69000)


def test_stroke_fits_at_its_limits():
    values = params.Params({})
    assert values.stroke_fits(defs.PARAM_STEPS_PER_STROKE, 200)
    assert not values.stroke_fits(defs.PARAM_STEPS_PER_STROKE, 201)
    assert values.stroke_fits(defs.PARAM_STEPS_PER_STROKE, 8)
    assert not values.stroke_fits(defs.PARAM_STEPS_PER_STROKE, 7)
    assert values.stroke_fits(defs.PARAM_PL_PER_STEP, 5000)
    assert not values.stroke_fits(defs.PARAM_PL_PER_STEP, 5001)
    assert values.stroke_fits(defs.PARAM_SILENCE_S, 10)


def test_numbers_by_name():
    for number, row in enumerate(defs.PARAMS):
        assert params.number_of(row[0]) == number
    assert params.number_of("") == -1
    assert params.number_of("Silence_s") == -1


def test_what_a_drive_can_not_have_is_fixed_at_the_board_s_value():
    own = {defs.PARAM_STEPS_PER_STROKE: 1, defs.PARAM_PL_PER_STEP: 250000, defs.PARAM_BACKLASH_STEPS: 0}
    values = params.Params(own, params.fixed_by(120))
    for number, value in ((defs.PARAM_STEPS_PER_STROKE, 1), (defs.PARAM_BACKLASH_STEPS, 0)):
        assert values.limits(number) == (value, value)
    interval_us = values.get(defs.PARAM_STEP_INTERVAL_US)
    assert values.limits(defs.PARAM_STEP_INTERVAL_US) == (interval_us, interval_us)
    assert values.limits(defs.PARAM_PL_PER_STEP) == (1, 500000)
    stored = list(values.all())
    assert values.load(tuple(stored)) == -1
    stored[defs.PARAM_STEPS_PER_STROKE] = 2
    assert values.load(tuple(stored)) == defs.PARAM_STEPS_PER_STROKE, "settings of another drive"
    assert params.fixed_by(0) == ()
