"""The pressure sensor: bad readings between good ones, doubt that lasts, and its first value."""

import pump_rig
from pump import defs, hal
from pump.core import conditions
from pump.occlusion import pressure_input, pressure_trace

REQUIREMENTS = ("O3",)
_LIMIT_PA = 69000
_HIGH_PA = 90000
_WILD = (900000, -900000, 249000, 300)  # out of range, or too far from the readings around it


class _Sensor:
    """Readings one by one; None for no answer."""

    def __init__(self):
        self.pa = 13000

    def begin(self):
        pass

    def read_pa(self):
        if self.pa is None:
            raise hal.PartError(defs.FAULT_NO_ANSWER)
        return self.pa


def _make(first_pa=13000):
    bits = conditions.Conditions(0)
    sensor = _Sensor()
    source = pressure_input.PressureInput(sensor, bits, pressure_trace.PressureTrace())
    source.limit_pa = _LIMIT_PA
    _read(source, sensor, [first_pa] * 40)
    return source, sensor, bits


def _read(source, sensor, values):
    """These readings in turn."""
    for pa in values:
        sensor.pa = pa
        if source.sample():
            source.check_limit(pa)


def _every(count, bad, good, readings):
    """So many readings, each `count`th of them bad."""
    return [bad if at % count == 0 else good for at in range(readings)]


def test_one_bad_reading_in_any_number_leaves_the_absolute_limit_on_or_is_an_alarm():
    for bad in _WILD + (None,):
        for count in range(2, 40):
            source, sensor, bits = _make()
            _read(source, sensor, _every(count, bad, 13000, 100))
            _read(source, sensor, _every(count, bad, _HIGH_PA, 200))
            found = bits.has(defs.BIT_PRESSURE_HIGH), bits.noted(defs.NOTE_PRESSURE_BLIND)
            assert found[0] or (found[1] and count < 4), (bad, count, found)


def test_one_bad_reading_in_seventeen_for_good_is_an_alarm():
    for bad in (900000, -900000, 249000, None):
        source, sensor, bits = _make()
        _read(source, sensor, _every(17, bad, 13000, 34))
        assert not bits.noted(defs.NOTE_PRESSURE_BLIND)
        _read(source, sensor, _every(17, bad, 13000, 1000))
        assert bits.noted(defs.NOTE_PRESSURE_BLIND), bad


def test_one_bad_reading_in_a_hundred_is_no_alarm():
    source, sensor, bits = _make()
    _read(source, sensor, _every(100, 900000, 13000, 20000))
    assert not bits.noted(defs.NOTE_PRESSURE_BLIND)


def test_a_single_wild_value_makes_one_bad_reading_and_not_two():
    source, sensor, bits = _make()
    _read(source, sensor, [900000])
    assert source.pressure_pa == 13000
    sensor.pa = 13100
    assert source.sample() and source.pressure_pa == 13100


def test_the_limit_acts_at_the_first_sample_of_a_sensor_without_doubt():
    source, sensor, bits = _make(60000)
    _read(source, sensor, [_LIMIT_PA])
    assert bits.has(defs.BIT_PRESSURE_HIGH)


def test_after_a_bad_reading_two_samples_at_the_limit_stop_the_pump():
    source, sensor, bits = _make(60000)
    _read(source, sensor, [900000, _LIMIT_PA])
    assert not bits.has(defs.BIT_PRESSURE_HIGH)
    _read(source, sensor, [_LIMIT_PA])
    assert bits.has(defs.BIT_PRESSURE_HIGH)


def test_one_wild_value_that_a_line_could_have_stops_no_pump_whose_sensor_gave_a_bad_reading():
    source, sensor, bits = _make()
    _read(source, sensor, [900000] + [13000] * 16 + [_LIMIT_PA, 13000] * 100)
    assert not bits.has(defs.BIT_PRESSURE_HIGH)


def test_a_first_value_at_the_limit_is_not_believed_alone():
    for first_pa in (30000, _HIGH_PA):
        bits = conditions.Conditions(0)
        sensor = _Sensor()
        source = pressure_input.PressureInput(sensor, bits, pressure_trace.PressureTrace())
        source.limit_pa = 20000
        _read(source, sensor, [first_pa] + [13000] * 20)
        assert not bits.has(defs.BIT_PRESSURE_HIGH)
        _read(source, sensor, [30000] * 2)
        assert bits.has(defs.BIT_PRESSURE_HIGH)


def test_a_line_that_is_at_the_limit_from_power_on_is_found():
    bits = conditions.Conditions(0)
    sensor = _Sensor()
    source = pressure_input.PressureInput(sensor, bits, pressure_trace.PressureTrace())
    source.limit_pa = _LIMIT_PA
    _read(source, sensor, [_HIGH_PA] * 5)
    assert bits.has(defs.BIT_PRESSURE_HIGH)


def test_a_low_value_of_a_doubtful_sensor_does_not_end_the_limit():
    source, sensor, bits = _make(60000)
    _read(source, sensor, [_HIGH_PA, 900000, 59000])
    assert bits.has(defs.BIT_PRESSURE_HIGH)
    _read(source, sensor, [59000])
    assert not bits.has(defs.BIT_PRESSURE_HIGH)


def test_answers_that_are_missing_for_a_second_are_no_alarm_at_any_rate():
    for ul_day in (500, 1000, 5000, 7300, 24000):
        pump = pump_rig.infuse(pump_rig.Pump(), ul_day)
        stroke_ms = 21600000 // ul_day
        pump.run(40 * stroke_ms)
        for turn in range(10):
            pump.run(50 * stroke_ms + turn * (stroke_ms // 10))
            pump.board.pressure.off = True
            pump.run(1000)
            pump.board.pressure.off = False
        raised = [row[0] for row in pump.logged(defs.EVENT_ALARM_RAISED)]
        assert defs.ALARM_PRESSURE_SENSOR not in raised, ul_day


def test_the_limit_stops_a_pump_whose_sensor_gives_one_bad_reading_in_seventeen():
    for bad in (900000, 249000):
        pump = pump_rig.infuse(pump_rig.Pump(), 1000)
        pressure = pump.board.pressure
        true_pa = pressure.read_pa

        def read_pa(bad=bad, pressure=pressure, true_pa=true_pa):
            pa = true_pa()
            return bad if pressure.reads % 17 == 0 else pa

        pump.controller.monitor.input._read_pa = read_pa
        pump.run(10 * 21600)
        assert pump.controller.supervisor.state == defs.STATE_INFUSING
        pressure.pa = 72000
        pump.run(4000)
        strokes = pump.controller.account.strokes
        pump.run(21600)
        assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
        assert pump.controller.account.strokes - strokes <= 1
        assert pump.app.conditions.has(defs.BIT_PRESSURE_HIGH)


# ---- high after a stroke ------------------------------------------------------------------------------------------

_BEYOND = "beyond"  # the sensor says that it is saturated


def _saturated():
    raise hal.PartError(defs.FAULT_OUT_OF_RANGE)


def _read_any(source, sensor, values):
    """As _read; also readings of a saturated sensor."""
    good = sensor.read_pa
    for pa in values:
        if pa == _BEYOND:
            source._read_pa = _saturated
        else:
            source._read_pa = good
            sensor.pa = pa
        if source.sample():
            source.check_limit(pa)


def test_four_high_readings_after_a_stroke_stop_the_pump_however_high_they_are():
    for high in (_LIMIT_PA, 75000, 263000, 320000, _BEYOND):
        source, sensor, bits = _make()
        source.expect_rise()
        _read_any(source, sensor, [high] * 4)
        assert bits.has(defs.BIT_PRESSURE_HIGH), high
        assert not bits.noted(defs.NOTE_PRESSURE_BLIND), high


def test_high_readings_that_do_not_begin_with_a_stroke_are_a_fault_of_the_sensor():
    for high in (320000, _BEYOND):
        source, sensor, bits = _make()
        _read_any(source, sensor, [high] * 40)
        source.expect_rise()
        _read_any(source, sensor, [high] * 40)
        assert not bits.has(defs.BIT_PRESSURE_HIGH), high
        assert bits.noted(defs.NOTE_PRESSURE_BLIND), high


def test_high_readings_between_lower_ones_or_far_from_each_other_are_not_in_a_row():
    for readings in ([320000, 320000, 320000, 13000] * 3, [80000, 150000, 220000, _BEYOND]):
        source, sensor, bits = _make()
        source.expect_rise()
        _read_any(source, sensor, readings)
        assert not bits.has(defs.BIT_PRESSURE_HIGH), readings


def test_a_missing_answer_does_not_end_a_row_of_high_readings():
    source, sensor, bits = _make()
    source.expect_rise()
    _read(source, sensor, [300000, None, 300000, 300000, None])
    assert not bits.has(defs.BIT_PRESSURE_HIGH)
    _read(source, sensor, [300000])
    assert bits.has(defs.BIT_PRESSURE_HIGH)


def test_strokes_behind_a_hard_kink_stop_the_pump_before_the_next_one_at_every_rate():
    for ul_day in (50, 250, 1000, 5000, 24000):
        for rise_pa in (57000, 62000, 250000, 290000):
            pump = pump_rig.infuse(pump_rig.Pump(), ul_day)
            stroke_ms = 21600000 // ul_day
            pump.run(20 * stroke_ms + stroke_ms // 2)
            pump.board.pressure.block(rise_pa)
            strokes = pump.controller.account.strokes
            pump.run(4 * stroke_ms)
            assert pump.controller.account.strokes - strokes == 1, (ul_day, rise_pa)
            assert pump.controller.supervisor.state == defs.STATE_STOPPED_ALARM
            assert pump.controller.alarms.top == defs.ALARM_PRESSURE_LIMIT


def test_a_sensor_that_is_known_to_give_garbage_stops_no_pump_whatever_way_it_tells_that_a_value_is_out_of_range():
    for says in (False, True):
        source, sensor, bits = _make()
        _read_any(source, sensor, [_BEYOND if says else -900000] * 40)
        assert bits.noted(defs.NOTE_PRESSURE_BLIND)
        state = 1
        for at in range(20000):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            pa = (state >> 8) % 2000000 - 1000000  # as hil/plant gives it
            if at % 33 == 0:
                source.expect_rise()
            _read_any(source, sensor, [_BEYOND if says and not -23000 < pa < 232000 else pa])
            assert not bits.has(defs.BIT_PRESSURE_HIGH), (says, at)
