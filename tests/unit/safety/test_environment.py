"""Supply and temperature: limits with three readings in a row, and failed sensors."""

from pump import defs, hal
from pump.core import conditions, params, ticks
from pump.safety import environment

REQUIREMENTS = ("S6", "S7")
START = ticks.add(0, -30000)
_IMPLANT = ((defs.PARAM_TEMPERATURE_LOW_CENTI_C, 3500), (defs.PARAM_TEMPERATURE_HIGH_CENTI_C, 4000))


class _Sensor:
    def __init__(self, value):
        self.value = value
        self.reads = 0

    def read(self):
        self.reads += 1
        if self.value is None:
            raise hal.PartError(defs.FAULT_NO_ANSWER)
        return self.value

    read_centi_c = read


class _Supply(_Sensor):
    """Every other reading is 1 mV more; `still`: they are equal."""

    still = False

    def read_mv(self):
        mv = self.read()
        return mv if self.still else mv + (self.reads & 1)


class _Job:
    due = START

    def at(self, due):
        self.due = due


def _make(mv=5000, centi_c=2200, values=()):
    supply, temperature = _Supply(mv), _Sensor(centi_c)
    bits = conditions.Conditions(0)
    room = environment.Environment(supply, temperature, bits, params.Params(dict(values)))
    room.job = _Job()
    return supply, temperature, bits, room


def _look(room, times):
    """So many runs of the job, each when it is due."""
    for _ in range(times):
        room.run(room.job.due)


def test_normal_values_set_no_condition():
    _, _, bits, room = _make()
    _look(room, 5)
    assert (bits.word, bits.notes, room.supply_falls) == (0, 0, False)
    assert (room.supply_mv, room.temperature_centi_c) == (5001, 2200)
    assert ticks.diff(room.job.due, START) == 5 * 9800


def test_the_supply_warns_then_stops_and_comes_back_with_some_margin():
    supply, _, bits, room = _make()
    supply.value = 3899
    supply.still = True
    _look(room, 1)
    before = room.job.due
    _look(room, 1)
    assert bits.notes == 0
    assert ticks.diff(room.job.due, before) == 100  # the next reading comes soon
    _look(room, 1)
    assert bits.noted(defs.NOTE_SUPPLY_LOW) and not bits.has(defs.BIT_SUPPLY_OUT)
    supply.value = 3699
    _look(room, 3)
    assert bits.has(defs.BIT_SUPPLY_OUT)
    supply.value = 3799
    _look(room, 5)
    assert bits.has(defs.BIT_SUPPLY_OUT)
    supply.value = 3800
    _look(room, 3)
    assert not bits.has(defs.BIT_SUPPLY_OUT) and bits.noted(defs.NOTE_SUPPLY_LOW)
    supply.value = 5000
    _look(room, 3)
    assert bits.notes == 0


def test_a_supply_that_is_low_stops_nothing_until_it_is_below_the_limit_for_motion():
    supply, _, bits, room = _make(mv=3800)
    supply.still = True
    _look(room, 3)
    assert bits.noted(defs.NOTE_SUPPLY_LOW)
    for mv, out in ((3799, False), (3700, False), (3699, True)):
        supply.value = mv
        _look(room, 6)
        assert bits.has(defs.BIT_SUPPLY_OUT) == out, mv


def test_one_low_reading_counts_for_nothing_but_no_erase_is_begun():
    supply, _, bits, room = _make()
    _look(room, 2)
    supply.value = 3500
    _look(room, 1)
    assert room.supply_falls
    supply.value = 5000
    _look(room, 2)
    assert (bits.word, bits.notes, room.supply_falls) == (0, 0, False)


def test_a_supply_that_falls_fast_is_known_before_it_is_low():
    supply, _, bits, room = _make(mv=6000)
    _look(room, 2)
    supply.value = 5800
    _look(room, 1)
    assert room.supply_falls and bits.notes == 0


def test_a_supply_does_not_fall_after_single_readings_that_are_far_too_high():
    supply, _, bits, room = _make(mv=5000)
    for turn in range(50):  # also the first one after power-on
        supply.value = 20000 if turn % 5 == 0 else 5000
        _look(room, 1)
        supply.value = 5000
        assert not room.supply_falls and room.is_supply_good(), turn
    assert bits.notes == 0
    supply.value = 20000
    _look(room, 2)
    supply.value = 5000
    _look(room, 1)
    assert room.supply_falls and not room.is_supply_good()


def test_a_supply_that_is_low_and_steady_does_not_fall():
    supply, _, bits, room = _make(mv=5000)
    _look(room, 2)
    supply.value = 3800
    _look(room, 1)
    assert room.supply_falls and not room.is_supply_good()
    _look(room, 25)
    assert not room.supply_falls and room.is_supply_good()
    assert bits.noted(defs.NOTE_SUPPLY_LOW)
    _, _, _, room = _make(mv=3800)
    _look(room, 1)
    assert not room.supply_falls and room.is_supply_good()


def test_a_supply_that_falls_falls_for_as_long_as_it_does():
    supply, _, _, room = _make(mv=6000)
    _look(room, 1)
    for turn in range(15):
        _look(room, 1)
        supply.value -= 80
        assert room.supply_falls == (turn > 3), turn
    supply, _, _, room = _make(mv=5000)
    for _ in range(30):  # a battery: 1 mV in ten seconds
        _look(room, 1)
        supply.value -= 1
        assert not room.supply_falls and room.is_supply_good()


def test_the_supply_is_read_right_before_an_erase():
    supply, _, _, room = _make(mv=5000)
    _look(room, 2)
    for mv, good in ((4950, True), (4890, False), (4200, False), (None, False), (99999, False), (5000, True)):
        supply.value = mv
        supply.still = mv is None
        reads = supply.reads
        assert room.is_supply_good() == good, mv
        assert supply.reads == reads + 1
    supply, _, _, room = _make(mv=3690)
    _look(room, 1)
    assert not room.is_supply_good()


def test_a_supply_sensor_that_has_failed_keeps_no_flash_from_its_erase():
    supply, _, bits, room = _make()
    supply.value, supply.still = None, True
    _look(room, 2)
    assert not room.is_supply_good()
    _look(room, 1)
    assert bits.noted(defs.NOTE_SUPPLY_BLIND) and room.is_supply_good()


def test_a_supply_reading_that_stands_still_for_an_hour_is_a_failure():
    supply, _, bits, room = _make()
    _look(room, 10)
    supply.still = True
    _look(room, 355)
    assert bits.notes == 0
    _look(room, 10)
    assert bits.notes == defs.NOTE_SUPPLY_BLIND and room.supply_mv is None and bits.word == 0
    supply.still = False
    _look(room, 18)
    assert bits.notes == 0


def test_answers_that_are_missing_for_a_second_are_no_alarm_while_the_other_sensor_is_read_often():
    supply, temperature, bits, room = _make()
    _look(room, 2)
    temperature.value = 6000  # its mark is decided within 0.3 s
    supply.value, supply.still = None, True
    _look(room, 4)
    assert bits.notes == defs.NOTE_TEMPERATURE_OUT
    supply, temperature, bits, room = _make()
    _look(room, 2)
    supply.value = 3500
    temperature.value = None
    _look(room, 4)
    assert bits.notes == defs.NOTE_SUPPLY_LOW


def test_a_supply_around_a_mark_is_below_it():
    supply, _, bits, room = _make()
    supply.still = True
    for turn in range(20):
        supply.value = 3890 if turn % 2 else 3910
        _look(room, 1)
    assert bits.noted(defs.NOTE_SUPPLY_LOW)


def test_temperature_outside_of_either_limit():
    for bad, calm in ((499, 550), (4501, 4450)):
        _, temperature, bits, room = _make()
        temperature.value = bad
        _look(room, 3)
        assert bits.noted(defs.NOTE_TEMPERATURE_OUT)
        temperature.value = 500 if bad < 500 else 4500
        _look(room, 9)
        assert bits.noted(defs.NOTE_TEMPERATURE_OUT)
        temperature.value = calm
        _look(room, 3)
        assert bits.notes == 0


def test_an_implants_limits():
    for bad, calm in ((3499, 3550), (4001, 3950)):
        _, temperature, bits, room = _make(centi_c=3700, values=_IMPLANT)
        for value, out in ((3500, False), (4000, False), (bad, True), (calm, False)):
            temperature.value = value
            _look(room, 3)
            assert bits.noted(defs.NOTE_TEMPERATURE_OUT) == out, value


def test_sensors_that_fail_are_blind_and_stop_nothing():
    for bad in (None, -5, 24001):
        supply, _, bits, room = _make()
        _look(room, 1)
        supply.value = bad
        supply.still = True
        _look(room, 2)
        assert room.supply_mv == 5001
        _look(room, 1)
        assert (bits.word, bits.notes, room.supply_mv) == (0, defs.NOTE_SUPPLY_BLIND, None)
    for bad in (None, -4001, 12501):
        _, temperature, bits, room = _make()
        temperature.value = bad
        _look(room, 3)
        assert (bits.word, bits.notes, room.temperature_centi_c) == (0, defs.NOTE_TEMPERATURE_BLIND, None)


def test_a_fault_that_comes_and_goes_is_found():
    supply, _, bits, room = _make()
    for turn in range(20):
        supply.value = None if turn % 2 else 5000
        _look(room, 1)
    assert bits.noted(defs.NOTE_SUPPLY_BLIND)
    supply.value = 5000
    _look(room, 15)
    assert bits.noted(defs.NOTE_SUPPLY_BLIND)
    _look(room, 1)
    assert bits.notes == 0


def test_garbage_in_which_some_readings_could_be_stops_nothing():
    supply, temperature, bits, room = _make()
    for turn in range(1000):
        supply.value = (3500, 99000, -70000)[turn % 3]
        temperature.value = (5000, 90000, -70000)[turn % 3]
        _look(room, 1)
    assert bits.word == 0
    assert bits.notes == defs.NOTE_SUPPLY_BLIND | defs.NOTE_TEMPERATURE_BLIND


def test_a_low_supply_is_believed_after_a_failure():
    supply, _, bits, room = _make()
    supply.value = None
    _look(room, 1)
    supply.value = 3500
    _look(room, 3)
    assert bits.has(defs.BIT_SUPPLY_OUT)


def test_three_readings_decide_or_more_than_a_third_of_them_for_long():
    supply, _, bits, room = _make()
    for turn in range(90):  # a third
        supply.value = 3800 if turn % 3 == 0 else 5000
        _look(room, 1)
        assert bits.notes == 0, turn
    supply, _, bits, room = _make()
    supply.still = True
    for mv, low in ((3800, False), (3801, False), (4000, False), (3802, False), (3803, True)):
        supply.value = mv
        _look(room, 1)
        assert bits.noted(defs.NOTE_SUPPLY_LOW) == low, mv
    for mv, low in ((4000, True), (4001, True), (4002, False)):
        supply.value = mv
        _look(room, 1)
        assert bits.noted(defs.NOTE_SUPPLY_LOW) == low, mv


def test_the_marks_themselves_are_good_readings():
    rows = ((3900, False, False), (3899, True, False), (3700, True, False), (3699, True, True), (0, True, True))
    for mv, low, out in rows:
        supply, _, bits, room = _make(mv=mv)
        supply.still = True
        for _ in range(2):
            _look(room, 3)
            assert (bits.noted(defs.NOTE_SUPPLY_LOW), bits.has(defs.BIT_SUPPLY_OUT)) == (low, out), mv
        assert room.supply_mv == mv
    for bad, near, calm in ((499, 549, 550), (4501, 4451, 4450)):
        _, temperature, bits, room = _make()
        for value, out in ((bad, True), (near, True), (calm, False)):
            temperature.value = value
            _look(room, 6)
            assert bits.noted(defs.NOTE_TEMPERATURE_OUT) == out, value


def test_the_ends_of_what_can_be_are_values():
    supply, temperature, bits, room = _make(mv=24000, centi_c=-4000)
    supply.still = True
    _look(room, 1)
    assert (room.supply_mv, room.temperature_centi_c) == (24000, -4000)
    temperature.value = 12500
    _look(room, 1)
    assert room.temperature_centi_c == 12500
    temperature.value = None
    _look(room, 1)
    assert room.temperature_centi_c == 12500
    _look(room, 2)
    assert room.temperature_centi_c is None and bits.noted(defs.NOTE_TEMPERATURE_BLIND)


def test_a_fall_is_more_than_100_mv_below_what_the_supply_was():
    supply, _, _, room = _make()
    assert not room.supply_falls
    supply.still = True
    _look(room, 2)
    for mv, good in ((4900, True), (4899, False)):
        supply.value = mv
        assert room.is_supply_good() == good
    for mv, falls in ((4400, False), (4399, True)):  # followed by 500 mV in 100 s
        supply, _, _, room = _make()
        supply.still = True
        _look(room, 2)
        supply.value = mv
        room.run(ticks.add(START, 9800 + 100000))
        assert room.supply_falls == falls, mv
    supply, _, _, room = _make(mv=4300)
    supply.still = True
    _look(room, 2)
    assert room.is_supply_good()


def test_what_the_supply_was_long_ago_does_not_count():
    for span_ms, falls in ((999999, True), (1000000, False)):
        supply, _, _, room = _make(mv=24000)
        supply.still = True
        _look(room, 2)
        supply.value = 18000
        room.run(ticks.add(START, 9800 + span_ms))
        assert room.supply_falls == falls, span_ms


def test_a_supply_that_can_no_longer_be_measured_does_not_fall():
    supply, _, _, room = _make(mv=6000)
    supply.still = True
    _look(room, 2)
    supply.value = 5000
    _look(room, 1)
    assert room.supply_falls
    supply.value = None
    _look(room, 3)
    assert room.supply_mv is None and not room.supply_falls


def test_equal_readings_are_counted_from_the_last_that_was_different():
    supply, _, bits, room = _make()
    supply.still = True
    _look(room, 100)
    supply.value = 5001
    _look(room, 362)
    assert bits.notes == 0
    _look(room, 1)
    assert bits.notes == defs.NOTE_SUPPLY_BLIND


def test_the_sensors_are_read_when_it_is_time_and_not_before():
    supply, temperature, _, room = _make()
    _look(room, 1)
    room.run(ticks.add(START, 9799))
    assert (supply.reads, temperature.reads) == (1, 1)
    room.run(ticks.add(START, 9800))
    assert (supply.reads, temperature.reads) == (2, 2)
    parts = (_Supply(5000), _Sensor(2200), conditions.Conditions(0), params.Params({}))
    assert environment.Environment(*parts).job.longest_ms == 90000
