"""Alarms: raised, cleared, latched, acknowledged, in the order of their priorities, and recorded."""

import gc

from alarm_rig import LOW, OCCLUSION, PA, Pump
from pump import defs

REQUIREMENTS = ("D4", "D5", "V3", "O1", "O2", "A1", "A2", "S7")


def test_every_alarm_is_raised_by_its_bit_or_note_and_shown_with_its_priority():
    for number, bit, note, priority, _, stops in defs.ALARMS:
        pump = Pump()
        pump.set(bit, note)
        assert pump.rows() == {number: (1, 0)}
        assert (pump.alarms.top, pump.alarms.priority) == (number, priority)
        assert pump.shows(priority, priority)
        assert pump.conditions.has(defs.BIT_ALARM_HOLDS) == stops
        assert pump.journal.rows == [(defs.EVENT_ALARM_RAISED, number, 0)]


def test_the_priorities_match_the_requirements():
    """The table against the safety requirements: D4, D5, V2-V4, O1-O3, S5-S7, D11."""
    high = (
        defs.ALARM_OVER_INFUSION, defs.ALARM_RESERVOIR_EMPTY, defs.ALARM_OCCLUSION, defs.ALARM_PRESSURE_LIMIT,
        defs.ALARM_COUNT_MISMATCH, defs.ALARM_DRIVE_FAULT, defs.ALARM_PART_FAILED, defs.ALARM_SUPPLY_OUT,
        defs.ALARM_REFILL_MISMATCH,
    )  # fmt: skip
    medium = (
        defs.ALARM_UNDER_INFUSION, defs.ALARM_UPSTREAM_OCCLUSION, defs.ALARM_RESERVOIR_DISAGREEMENT,
        defs.ALARM_SUPPLY_LOW, defs.ALARM_TEMPERATURE,
    )  # fmt: skip
    low = (defs.ALARM_RESERVOIR_LOW, defs.ALARM_REFILL_WARNING)
    priorities = {row[0]: row[3] for row in defs.ALARMS}
    for numbers, priority in ((high, defs.PRIORITY_HIGH), (medium, defs.PRIORITY_MEDIUM), (low, defs.PRIORITY_LOW)):
        for number in numbers:
            assert priorities[number] == priority, number


def test_every_alarm_clears_or_is_latched_as_its_row_says():
    for number, bit, note, priority, latched, stops in defs.ALARMS:
        pump = Pump()
        pump.set(bit, note)
        pump.set(bit, note, False)
        assert pump.rows() == ({number: (0, 0)} if latched else {})
        assert pump.shows(priority if latched else 0, priority if latched else 0)
        assert pump.conditions.has(defs.BIT_ALARM_HOLDS) == (latched and stops)
        assert pump.journal.logged(defs.EVENT_ALARM_CLEARED) == [(number, 0)]
        assert pump.alarms.acknowledge(number) == (1 if latched else 0)
        assert pump.rows() == {}
        assert not pump.conditions.has(defs.BIT_ALARM_HOLDS)
        assert pump.shows(0, 0)
        assert (pump.alarms.top, pump.alarms.priority) == (0, 0)


def test_an_alarm_acknowledged_while_active_ends_with_its_cause():
    pump = Pump()
    pump.set(defs.BIT_OCCLUDED)
    assert not pump.alarms.acknowledged(OCCLUSION)
    assert pump.alarms.acknowledge(OCCLUSION) == 1
    assert pump.alarms.acknowledged(OCCLUSION)
    assert pump.acknowledged == [OCCLUSION]  # the repetitions are counted again from zero
    assert not pump.alarms.acknowledged(LOW) and not pump.alarms.acknowledged(199)
    assert pump.rows() == {OCCLUSION: (1, 1)}
    assert pump.conditions.has(defs.BIT_ALARM_HOLDS)
    pump.set(defs.BIT_OCCLUDED, on=False)
    assert pump.rows() == {}
    assert not pump.alarms.acknowledged(OCCLUSION)
    assert not pump.conditions.has(defs.BIT_ALARM_HOLDS)


def test_an_alarm_that_returns_after_acknowledgement_needs_a_new_one():
    pump = Pump()
    pump.set(defs.BIT_OCCLUDED)
    pump.alarms.acknowledge(0)
    pump.set(defs.BIT_OCCLUDED, on=False)
    pump.set(defs.BIT_OCCLUDED)
    assert pump.rows() == {OCCLUSION: (1, 0)}
    pump.set(defs.BIT_OCCLUDED, on=False)
    assert pump.rows() == {OCCLUSION: (0, 0)}


def test_a_latched_alarm_whose_cause_returns_is_raised_again():
    pump = Pump()
    pump.set(defs.BIT_OCCLUDED)
    pump.wait(60000)
    pump.set(defs.BIT_OCCLUDED, on=False)
    pump.set(defs.BIT_OCCLUDED)
    assert pump.alarms.rows() == [[OCCLUSION, 1, 0, 60, 2]]
    assert len(pump.journal.logged(defs.EVENT_ALARM_RAISED)) == 2


def test_an_acknowledgement_touches_its_alarm_alone_and_once():
    pump = Pump()
    pump.set(note=defs.NOTE_PRESSURE_BLIND | defs.NOTE_LEVEL_BLIND)
    assert pump.alarms.acknowledge(defs.ALARM_LEVEL_SENSOR) == 1
    assert pump.rows() == {defs.ALARM_PRESSURE_SENSOR: (1, 0), defs.ALARM_LEVEL_SENSOR: (1, 1)}
    for number in (defs.ALARM_LEVEL_SENSOR, OCCLUSION, 199):
        assert pump.alarms.acknowledge(number) == 0
    assert pump.journal.logged(defs.EVENT_ALARM_ACKNOWLEDGED) == [(defs.ALARM_LEVEL_SENSOR, 0)]
    assert pump.alarms.acknowledge(0) == 1


def test_the_highest_shows_first_and_within_a_priority_the_first_of_the_table():
    pump = Pump()
    pump.set(note=defs.NOTE_RESERVOIR_LOW)
    pump.set(note=defs.NOTE_LEVEL_BLIND)
    pump.set(defs.BIT_RESERVOIR_EMPTY)
    pump.set(note=defs.NOTE_PRESSURE_BLIND)
    pump.set(defs.BIT_OCCLUDED)
    assert [row[0] for row in pump.alarms.rows()] == [
        OCCLUSION, defs.ALARM_RESERVOIR_EMPTY, defs.ALARM_PRESSURE_SENSOR, defs.ALARM_LEVEL_SENSOR, LOW,
    ]  # fmt: skip
    assert pump.alarms.top == OCCLUSION


def test_begins_quiet_with_nothing_to_show():
    pump = Pump()
    assert (pump.alarms.silenced, pump.alarms.top, pump.alarms.priority) == (False, 0, defs.PRIORITY_NONE)
    assert pump.rows() == {}


def test_the_record_carries_the_pressure():
    pump = Pump()
    pump.pressure_pa = PA
    pump.set(defs.BIT_OCCLUDED)
    pump.set(defs.BIT_OCCLUDED, on=False)
    assert pump.journal.rows == [
        (defs.EVENT_ALARM_RAISED, OCCLUSION, PA), (defs.EVENT_ALARM_CLEARED, OCCLUSION, PA),
    ]  # fmt: skip


def test_an_update_of_the_alarms_allocates_nothing():
    if not hasattr(gc, "mem_alloc"):
        return
    pump = Pump()
    pump.journal.rows = None
    condition_bits = pump.conditions
    update = pump.alarms.update
    play = pump.alarms.play
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(100):
        condition_bits.word = defs.BIT_OCCLUDED
        update()
        condition_bits.notes = defs.NOTE_RESERVOIR_LOW
        update()
        play(0)
        condition_bits.word = condition_bits.notes = 0
        update()
    after = gc.mem_alloc()
    gc.enable()
    assert after - before < 100
