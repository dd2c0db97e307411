"""An alarm that is raised repeatedly raises a separate alarm."""

from alarm_rig import ROWS, Pump
from pump import defs

REQUIREMENTS = ("A6",)


def test_the_third_alarm_in_ten_minutes_raises_a_separate_one_that_stops_delivery():
    for number, bit, note, priority, _, _ in ROWS:
        pump = Pump()
        pump.flap(2, 1000, note, bit)
        assert not pump.conditions.has(defs.BIT_ALARM_REPEATS)
        pump.wait(600000 - 2000 - 1)
        pump.set(bit, note)
        if priority == defs.PRIORITY_LOW:  # it informs and does not stop delivery
            assert not pump.conditions.has(defs.BIT_ALARM_REPEATS), number
            continue
        assert pump.conditions.has(defs.BIT_ALARM_REPEATS), number
        assert pump.rows()[defs.ALARM_ALARM_REPEATS] == (1, 0)
        assert pump.conditions.has(defs.BIT_ALARM_HOLDS), number


def test_ten_minutes_count_to_their_last_second():
    for ms, repeats in ((600000, True), (601000, False)):
        pump = Pump()
        pump.flap(2, 1000, note=defs.NOTE_TEMPERATURE_OUT)
        pump.wait(ms - 2000)
        pump.set(note=defs.NOTE_TEMPERATURE_OUT)
        assert pump.conditions.has(defs.BIT_ALARM_REPEATS) == repeats


def test_a_slower_repetition_and_other_alarms_do_not_count():
    pump = Pump()
    pump.flap(2, 1000, note=defs.NOTE_TEMPERATURE_OUT)
    pump.wait(600000 - 2000 + 1000)
    pump.flap(1, 1000, note=defs.NOTE_TEMPERATURE_OUT)
    pump.flap(2, 1000, note=defs.NOTE_SUPPLY_LOW)
    pump.flap(2, 1000, note=defs.NOTE_LEVEL_BLIND)
    assert not pump.conditions.has(defs.BIT_ALARM_REPEATS)


def test_an_alarm_that_stays_active_is_no_repetition():
    pump = Pump()
    for _ in range(10):
        pump.set(note=defs.NOTE_TEMPERATURE_OUT)
        pump.alarms.acknowledge(0)
        pump.wait(1000)
    assert not pump.conditions.has(defs.BIT_ALARM_REPEATS)


def test_repetitions_are_active_until_acknowledged_and_then_counted_from_zero():
    pump = Pump()
    pump.wait(5000)
    pump.flap(3, 1000, note=defs.NOTE_SUPPLY_LOW)
    pump.wait(3600000)
    assert pump.rows() == {defs.ALARM_ALARM_REPEATS: (1, 0)}
    pump.flap(1, 1000, note=defs.NOTE_SUPPLY_LOW)
    pump.alarms.acknowledge(defs.ALARM_ALARM_REPEATS)
    assert not pump.conditions.has(defs.BIT_ALARM_REPEATS)
    assert pump.rows() == {}
    assert not pump.conditions.has(defs.BIT_ALARM_HOLDS)
    pump.wait(1000)
    pump.flap(2, 1000, note=defs.NOTE_SUPPLY_LOW)
    assert not pump.conditions.has(defs.BIT_ALARM_REPEATS)
    pump.flap(1, 1000, note=defs.NOTE_SUPPLY_LOW)
    assert pump.conditions.has(defs.BIT_ALARM_REPEATS)
