"""Alarms after a reset: unacknowledged ones are shown again and block delivery; and queries of the alarms."""

from alarm_rig import LOW, OCCLUSION, Pump
from pump import defs

REQUIREMENTS = ("A2", "L2")
_AT = 2  # index of the first number here
_COUNT = 2  # their count
_OTHER = -7  # the values around them


def _kept(pump):
    numbers = [_OTHER] * (_AT + _COUNT + 40)
    assert pump.alarms.save_to(numbers, _AT) == _AT + _COUNT
    assert numbers[:_AT] == [_OTHER] * _AT and numbers[_AT + _COUNT :] == [_OTHER] * 40
    return numbers


def _again(numbers):
    pump = Pump()
    assert pump.alarms.load_from(numbers, _AT) == _AT + _COUNT
    pump.alarms.update()
    return pump


def test_only_a_latched_alarm_survives_a_reset_until_it_is_acknowledged():
    for number, bit, note, priority, latched, stops in defs.ALARMS:
        for stands in (True, False):
            pump = Pump()
            pump.set(bit, note)
            pump.set(bit, note, stands)
            after = _again(_kept(pump))
            assert after.rows() == ({number: (0, 0)} if latched else {}), number
            assert after.shows(*((priority, priority) if latched else (defs.PRIORITY_NONE, defs.PRIORITY_NONE)))
            assert after.conditions.has(defs.BIT_ALARM_HOLDS) == (latched and stops)
            assert after.journal.rows == []  # it was recorded when it was raised
            again = _again(_kept(after))
            assert again.rows() == after.rows()
            assert again.alarms.acknowledge(number) == (1 if latched else 0)
            assert again.rows() == {} and not again.conditions.has(defs.BIT_ALARM_HOLDS)
            assert _kept(again)[_AT : _AT + _COUNT] == [0, 0]


def test_an_alarm_that_was_acknowledged_is_not_saved():
    for number, bit, note, _, _, _ in defs.ALARMS:
        pump = Pump()
        pump.set(bit, note)
        pump.alarms.acknowledge(number)
        assert _kept(pump)[_AT : _AT + _COUNT] == [0, 0]


def test_each_alarm_has_its_place_so_that_another_version_finds_it():
    for number, bit, note, _, latched, _ in defs.ALARMS:
        if latched:
            pump = Pump()
            pump.set(bit, note)
            places = [0, 0]
            places[(number - 101) // 30] = 1 << (number - 101) % 30
            assert _kept(pump)[_AT : _AT + _COUNT] == places


def test_all_alarms_at_once_and_those_beside_one_are_kept_apart():
    for left_out in (0, 101, 120, 121, 139):
        pump = Pump()
        for number, bit, note, _, _, _ in defs.ALARMS:
            if number != left_out:
                pump.set(bit, note)
        latched = {row[0]: (0, 0) for row in defs.ALARMS if row[4] and row[0] != left_out}
        assert _again(_kept(pump)).rows() == latched


def test_an_alarm_is_acknowledged_while_it_stands_and_waits_until_then():
    for number, bit, note, _, latched, _ in defs.ALARMS:
        pump = Pump()
        others = [row[0] for row in defs.ALARMS if row[0] != number]
        told = (pump.alarms.unacknowledged(number), pump.alarms.acknowledged(number))
        assert told == (False, False)
        pump.set(bit, note)
        assert pump.alarms.unacknowledged(number) is True and pump.alarms.acknowledged(number) is False
        assert not any(pump.alarms.unacknowledged(other) for other in others)
        pump.alarms.acknowledge(number)
        if number != defs.ALARM_ALARM_REPEATS:  # which ends with its acknowledgement
            assert pump.alarms.unacknowledged(number) is False and pump.alarms.acknowledged(number) is True
            assert not any(pump.alarms.acknowledged(other) for other in others)
        pump = Pump()
        pump.set(bit, note)
        pump.set(bit, note, False)
        assert (pump.alarms.unacknowledged(number), pump.alarms.acknowledged(number)) == (latched, False)
    assert pump.alarms.unacknowledged(999) is False and pump.alarms.acknowledged(999) is False


def test_any_alarm_that_stops_delivery_prevents_a_start_except_the_two_that_are_named():
    holding = [row for row in defs.ALARMS if row[5]]
    assert len(holding) > 2
    for number, bit, note, _, _, stops in defs.ALARMS:
        for cleared in (False, True):
            pump = Pump()
            assert pump.alarms.prevents_beside(0, 0) is False
            pump.set(bit, note)
            pump.set(bit, note, not cleared)
            assert pump.alarms.prevents_beside(0, 0) is stops
            assert pump.alarms.prevents_beside(number, 0) is False
            assert pump.alarms.prevents_beside(0, number) is False
    for number, bit, note, _, _, _ in holding:
        pump = Pump()
        pump.set(defs.BIT_OCCLUDED)
        pump.set(bit, note)
        assert pump.alarms.prevents_beside(OCCLUSION, number) is False
        assert pump.alarms.prevents_beside(number, OCCLUSION) is False
        assert pump.alarms.prevents_beside(OCCLUSION, LOW) is (number != OCCLUSION)
