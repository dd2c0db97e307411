"""The level's checks on a sensor as data sheets describe it: what is found, how soon, and nothing without a fault."""

import level_model

FREE_FLOW_NL = 294  # 5 nL/s in a value of 58.8 s


def _found(seed, ul_day, **fault):
    return level_model.run(level_model.Sensor(seed, gain_ppm=2000), ul_day, 8, begins=200, **fault)


def test_ten_percent_too_much_or_too_little_are_found_before_a_hundred_and_fifty_microlitres():
    for ul_day in (600, 1000):
        for percent in (90, 110):
            found = _found(ul_day + percent, ul_day, percent=percent)
            assert found.name == "differs", (ul_day, percent)
            assert found.error_nl < 150000, (ul_day, percent, found.error_nl)


def test_the_smallest_error_that_is_found_is_a_sixteenth_and_more_below_a_millilitre_a_day():
    # A sixteenth is allowed, or what a sensor's gain and drift may do: a 32nd and 29 uL a day.
    for ul_day, hidden, shown in ((1000, 5, 8), (500, 8, 13), (250, 13, 20), (100, 30, 42)):
        sensor = level_model.Sensor(ul_day)
        assert level_model.run(sensor, ul_day, 10, percent=100 + hidden).name is None, ul_day
        assert level_model.run(sensor, ul_day, 10, percent=100 + shown).name is not None, ul_day


def test_a_free_flow_of_five_nanolitres_a_second_is_found_before_thirty_five_microlitres():
    for seed, ul_day in ((1, 50), (2, 250), (4, 1000)):
        found = _found(seed, ul_day, more_nl=FREE_FLOW_NL)
        assert found.name == ("free flow" if ul_day < 800 else "over"), ul_day
        assert 5000 < found.error_nl < 35000, (ul_day, found.error_nl)


def test_a_free_flow_at_rest_is_called_so():
    found = _found(5, 0, more_nl=FREE_FLOW_NL)
    assert found.name == "free flow" and found.error_nl < 35000


def test_the_worst_sensor_without_a_fault_of_the_drive_is_no_finding_for_a_month():
    # 3 % of gain and 29 uL a day together, both ways.
    for ul_day in (50, 1000):
        for sign in (-1, 1):
            sensor = level_model.Sensor(9 + sign, gain_ppm=sign * -30000, drift_nl_day=sign * 29000)
            assert level_model.run(sensor, ul_day, 30).name is None, (ul_day, sign)
