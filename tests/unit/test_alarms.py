"""Alarms: raise, clear, latch, acknowledge, silence, the order of priority, and when light and sound are called."""

import fakes
from pump import defs

_OCCLUSION = defs.ALARM_OCCLUSION
_LOW = defs.ALARM_RESERVOIR_LOW


def _pump():
    pump = fakes.Pump()
    pump.run(0)
    return pump


def _set(pump, bit, on=True):
    pump.app.conditions.put(bit, on)
    pump.run(0)


def _rows(pump):
    """{number: (stands, acknowledged)}"""
    return {row[0]: (row[1], row[2]) for row in pump.app.alarms.rows()}


def test_every_alarm_is_raised_by_its_bit_and_shown_with_its_priority():
    for number, bit, priority, _, stops in defs.ALARMS:
        if bit == defs.BIT_LATE:
            continue
        pump = _pump()
        _set(pump, bit)
        assert _rows(pump) == {number: (1, 0)}
        assert (pump.app.alarms.top, pump.app.alarms.priority) == (number, priority)
        assert (pump.board.annunciator.light, pump.board.annunciator.tone) == (priority, priority)
        assert pump.app.conditions.has(defs.BIT_ALARM_HOLDS) == stops
        assert pump.logged(defs.EVENT_ALARM_RAISED) == [[number, 0]]


def test_every_alarm_clears_or_is_latched_as_its_row_says():
    for number, bit, _, latched, stops in defs.ALARMS:
        if bit in (defs.BIT_LATE, defs.BIT_INTERNAL_ERROR, defs.BIT_DRIVE_FAULT):
            continue
        pump = _pump()
        _set(pump, bit)
        _set(pump, bit, False)
        assert _rows(pump) == ({number: (0, 0)} if latched else {})
        assert pump.app.conditions.has(defs.BIT_ALARM_HOLDS) == (latched and stops)
        assert pump.logged(defs.EVENT_ALARM_CLEARED) == [[number, 0]]
        if latched:
            assert pump.do("ack", alarm=number) == {"id": 1, "ok": True, "acknowledged": 1, "standing": 0}
        assert _rows(pump) == {}
        assert not pump.app.conditions.has(defs.BIT_ALARM_HOLDS)
        assert (pump.board.annunciator.light, pump.board.annunciator.tone) == (0, 0)


def test_acknowledged_while_it_stands_it_goes_with_its_cause():
    pump = _pump()
    _set(pump, defs.BIT_OCCLUDED)
    answer = pump.do("ack", alarm=_OCCLUSION)
    assert (answer["acknowledged"], answer["standing"]) == (1, 1)
    assert _rows(pump) == {_OCCLUSION: (1, 1)}
    assert pump.app.conditions.has(defs.BIT_ALARM_HOLDS)
    assert pump.board.annunciator.light == defs.PRIORITY_HIGH
    _set(pump, defs.BIT_OCCLUDED, False)
    assert _rows(pump) == {}
    assert not pump.app.conditions.has(defs.BIT_ALARM_HOLDS)


def test_acknowledged_cleared_and_back_again_it_wants_a_new_acknowledgement():
    pump = _pump()
    _set(pump, defs.BIT_OCCLUDED)
    pump.do("ack")
    _set(pump, defs.BIT_OCCLUDED, False)
    _set(pump, defs.BIT_OCCLUDED)
    assert _rows(pump) == {_OCCLUSION: (1, 0)}
    _set(pump, defs.BIT_OCCLUDED, False)
    assert _rows(pump) == {_OCCLUSION: (0, 0)}


def test_back_again_while_latched_it_is_raised_anew():
    pump = _pump()
    _set(pump, defs.BIT_OCCLUDED)
    pump.run(60000)
    _set(pump, defs.BIT_OCCLUDED, False)
    _set(pump, defs.BIT_OCCLUDED)
    assert pump.app.alarms.rows() == [[_OCCLUSION, 1, 0, 60]]
    assert len(pump.logged(defs.EVENT_ALARM_RAISED)) == 2


def test_an_acknowledgement_touches_its_alarm_alone():
    pump = _pump()
    _set(pump, defs.BIT_PRESSURE_BLIND)
    _set(pump, defs.BIT_LEVEL_BLIND)
    pump.do("ack", alarm=defs.ALARM_LEVEL_SENSOR)
    assert _rows(pump) == {defs.ALARM_PRESSURE_SENSOR: (1, 0), defs.ALARM_LEVEL_SENSOR: (1, 1)}
    assert pump.logged(defs.EVENT_ALARM_ACKNOWLEDGED) == [[defs.ALARM_LEVEL_SENSOR, 0]]


def test_what_does_not_stand_can_not_be_acknowledged():
    pump = _pump()
    assert pump.refused("ack", alarm=_OCCLUSION) == defs.REFUSE_NO_SUCH_ALARM
    assert pump.refused("ack", alarm=199) == defs.REFUSE_NO_SUCH_ALARM
    assert pump.do("ack")["acknowledged"] == 0
    assert pump.logged(defs.EVENT_ALARM_ACKNOWLEDGED) == []


def test_the_highest_shows_first_and_within_a_priority_the_first_of_the_table():
    pump = _pump()
    _set(pump, defs.BIT_RESERVOIR_LOW)
    _set(pump, defs.BIT_LEVEL_BLIND)
    _set(pump, defs.BIT_RESERVOIR_EMPTY)
    _set(pump, defs.BIT_PRESSURE_BLIND)
    _set(pump, defs.BIT_OCCLUDED)
    numbers = [row[0] for row in pump.ask("alarms")["rows"]]
    assert numbers == [
        _OCCLUSION, defs.ALARM_RESERVOIR_EMPTY, defs.ALARM_PRESSURE_SENSOR, defs.ALARM_LEVEL_SENSOR, _LOW,
    ]  # fmt: skip
    assert pump.app.alarms.top == _OCCLUSION


def test_light_and_sound_step_down_as_alarms_go():
    pump = _pump()
    _set(pump, defs.BIT_RESERVOIR_LOW)
    _set(pump, defs.BIT_OCCLUDED)
    assert pump.board.annunciator.light == defs.PRIORITY_HIGH
    pump.do("ack")
    _set(pump, defs.BIT_OCCLUDED, False)
    assert (pump.board.annunciator.light, pump.board.annunciator.tone) == (defs.PRIORITY_LOW, defs.PRIORITY_LOW)
    _set(pump, defs.BIT_RESERVOIR_LOW, False)
    assert (pump.board.annunciator.light, pump.board.annunciator.tone) == (0, 0)


def test_light_and_sound_are_called_on_a_change_and_only_then():
    pump = _pump()
    annunciator = pump.board.annunciator
    assert (annunciator.shows, annunciator.sounds) == (0, 0)
    _set(pump, defs.BIT_LEVEL_BLIND)
    _set(pump, defs.BIT_PRESSURE_BLIND)  # the same priority
    _set(pump, defs.BIT_RESERVOIR_LOW)  # a lower one
    pump.run(fakes.HOUR)
    assert (annunciator.shows, annunciator.sounds) == (1, 1)


def test_a_silence_ends_after_120_seconds_and_the_light_stays():
    pump = _pump()
    _set(pump, defs.BIT_OCCLUDED)
    assert pump.do("silence")["silence_s"] == 120
    assert (pump.board.annunciator.light, pump.board.annunciator.tone) == (defs.PRIORITY_HIGH, defs.PRIORITY_NONE)
    assert pump.ask("status")["silenced"] is True
    pump.run(119999)
    assert pump.board.annunciator.tone == defs.PRIORITY_NONE
    pump.run(1)
    assert pump.board.annunciator.tone == defs.PRIORITY_HIGH
    assert pump.ask("status")["silenced"] is False
    assert pump.logged(defs.EVENT_SILENCED) == [[120, 0]]


def test_a_new_alarm_breaks_the_silence_even_a_lower_one():
    pump = _pump()
    _set(pump, defs.BIT_OCCLUDED)
    pump.do("silence")
    _set(pump, defs.BIT_RESERVOIR_LOW)
    assert pump.board.annunciator.tone == defs.PRIORITY_HIGH
    assert not pump.app.alarms.silenced
    pump.do("silence")
    pump.run(119999)  # the broken silence's end must not end the new one
    assert pump.board.annunciator.tone == defs.PRIORITY_NONE
    pump.run(1)
    assert pump.board.annunciator.tone == defs.PRIORITY_HIGH


def test_a_silence_is_no_acknowledgement_and_outlasts_none_of_them():
    pump = _pump()
    _set(pump, defs.BIT_OCCLUDED)
    pump.do("silence")
    assert _rows(pump) == {_OCCLUSION: (1, 0)}
    pump.do("ack")
    assert pump.board.annunciator.tone == defs.PRIORITY_NONE


def test_a_silence_with_nothing_to_hear_does_not_keep_the_next_alarm_quiet():
    pump = _pump()
    pump.do("silence")
    _set(pump, defs.BIT_RESERVOIR_LOW)
    assert pump.board.annunciator.tone == defs.PRIORITY_LOW


def test_a_shorter_silence_by_its_parameter():
    pump = _pump()
    pump.do("param_set", name="silence_s", value=10)
    _set(pump, defs.BIT_OCCLUDED)
    pump.do("silence")
    pump.run(10000)
    assert pump.board.annunciator.tone == defs.PRIORITY_HIGH


def test_late_is_a_thing_of_a_moment_that_stays_until_acknowledged():
    pump = _pump()
    _set(pump, defs.BIT_LATE)
    assert not pump.app.conditions.has(defs.BIT_LATE)
    assert _rows(pump) == {defs.ALARM_LATE: (0, 0)}
    pump.do("ack", alarm=defs.ALARM_LATE)
    assert _rows(pump) == {}
    _set(pump, defs.BIT_LATE)
    assert _rows(pump) == {defs.ALARM_LATE: (0, 0)}


def test_the_record_carries_the_pressure():
    pump = _pump()
    pump.run(2000)
    _set(pump, defs.BIT_OCCLUDED)
    assert pump.logged(defs.EVENT_ALARM_RAISED) == [[_OCCLUSION, fakes.REST_PA]]


def test_an_alarm_holds_the_start_until_it_is_acknowledged_and_gone():
    pump = fakes.infuse(fakes.Pump())
    pump.run(1000)
    pump.app.conditions.set(defs.BIT_PRESSURE_HIGH)
    pump.run(0)
    assert pump.app.supervisor.state == defs.STATE_STOPPED_ALARM
    assert pump.ask("resume")["bits"] == defs.BIT_PRESSURE_HIGH | defs.BIT_ALARM_HOLDS
    pump.run(2000)
    assert pump.ask("resume")["bits"] == defs.BIT_ALARM_HOLDS
    pump.do("stop")
    assert pump.app.supervisor.state == defs.STATE_STOPPED_ALARM
    pump.do("ack")
    pump.do("resume")
    assert pump.app.supervisor.state == defs.STATE_INFUSING


def test_patterns_are_played_as_long_as_they_change():
    pump = fakes.Pump()
    pump.run(1)
    annunciator = pump.board.annunciator
    assert annunciator.plays == 1  # what the self-test began
    annunciator.pattern_ms = 250
    pump.board.level.off = True
    pump.run(5 * fakes.MINUTE)
    assert pump.app.alarms.top == defs.ALARM_LEVEL_SENSOR
    plays = annunciator.plays
    pump.run(10000)
    assert annunciator.plays == plays + 40
    annunciator.pattern_ms = -1
    pump.run(1000)
    plays = annunciator.plays
    pump.run(fakes.MINUTE)
    assert annunciator.plays == plays
