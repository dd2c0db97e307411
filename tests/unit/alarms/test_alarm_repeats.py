"""An alarm that comes again and again: one that stops delivery raises a separate one, any other is told as unsteady."""

from alarm_rig import ROWS, Pump
from pump import defs

REQUIREMENTS = ("A6",)
STOP = defs.BIT_UPSTREAM_BLOCKED
FLAPS = defs.NOTE_RESERVOIR_DISAGREES  # latched
GOES = defs.NOTE_SUPPLY_LOW  # not latched


def _row(pump, number):
    return [row for row in pump.alarms.rows() if row[0] == number][0]


def test_the_third_stop_in_ten_minutes_raises_a_separate_one_and_no_other_alarm_does():
    for number, bit, note, _, _, stops in ROWS:
        pump = Pump()
        pump.flap(2, 1000, note, bit)
        assert not pump.conditions.has(defs.BIT_ALARM_REPEATS)
        pump.wait(600000 - 2000 - 1)
        pump.set(bit, note)
        assert pump.conditions.has(defs.BIT_ALARM_REPEATS) == stops, number
        if stops:
            assert pump.rows()[defs.ALARM_ALARM_REPEATS] == (1, 0)
            assert pump.conditions.has(defs.BIT_ALARM_HOLDS), number
        assert _row(pump, number)[4] == 3, number


def test_ten_minutes_count_to_their_last_second():
    for ms, repeats in ((600000, True), (601000, False)):
        pump = Pump()
        pump.flap(2, 1000, bit=STOP)
        pump.wait(ms - 2000)
        pump.set(STOP)
        assert pump.conditions.has(defs.BIT_ALARM_REPEATS) == repeats


def test_a_slower_repetition_and_other_alarms_do_not_count():
    pump = Pump()
    pump.flap(2, 1000, bit=STOP)
    pump.wait(600000 - 2000 + 1000)
    pump.flap(1, 1000, bit=STOP)
    pump.flap(2, 1000, bit=defs.BIT_LINE_OPEN)
    pump.flap(2, 1000, bit=defs.BIT_OCCLUDED)
    pump.flap(9, 1000, note=FLAPS)
    assert not pump.conditions.has(defs.BIT_ALARM_REPEATS)


def test_an_alarm_that_stays_active_is_no_repetition():
    for bit, note in ((STOP, 0), (0, FLAPS)):
        pump = Pump()
        for _ in range(10):
            pump.set(bit, note)
            pump.alarms.acknowledge(0)
            pump.wait(1000)
        assert not pump.conditions.has(defs.BIT_ALARM_REPEATS)
        assert pump.alarms.rows()[0][4] == 1


def test_repetitions_are_active_until_acknowledged_and_then_counted_from_zero():
    pump = Pump()
    pump.wait(5000)
    pump.flap(3, 1000, bit=STOP)
    pump.alarms.acknowledge(defs.ALARM_UPSTREAM_OCCLUSION)
    pump.wait(3600000)
    assert pump.rows() == {defs.ALARM_ALARM_REPEATS: (1, 0)}
    pump.flap(1, 1000, bit=STOP)
    pump.alarms.acknowledge(0)
    assert not pump.conditions.has(defs.BIT_ALARM_REPEATS)
    assert pump.rows() == {}
    assert not pump.conditions.has(defs.BIT_ALARM_HOLDS)
    pump.wait(1000)
    pump.flap(2, 1000, bit=STOP)
    assert not pump.conditions.has(defs.BIT_ALARM_REPEATS)
    pump.flap(1, 1000, bit=STOP)
    assert pump.conditions.has(defs.BIT_ALARM_REPEATS)


def test_an_unsteady_alarm_is_one_alarm_that_says_how_often_it_came_until_its_cause_was_away_for_ten_minutes():
    for note, number, after in ((FLAPS, defs.ALARM_RESERVOIR_DISAGREEMENT, 0), (GOES, defs.ALARM_SUPPLY_LOW, None)):
        pump = Pump()
        pump.wait(5000)
        for _ in range(40):
            pump.flap(1, 60000, note=note)
            pump.wait(60000)
        assert _row(pump, number)[1:] == [1, 0, 5 + 240, 40]
        assert len(pump.journal.logged(defs.EVENT_ALARM_RAISED)) == 3
        assert len(pump.journal.logged(defs.EVENT_ALARM_CLEARED)) == 2
        assert not pump.conditions.has(defs.BIT_ALARM_HOLDS)
        pump.wait(539999)  # 60 s are over already
        assert _row(pump, number)[1] == 1
        pump.wait(1)
        assert pump.rows() == ({} if after is None else {number: (after, 0)})
        assert len(pump.journal.logged(defs.EVENT_ALARM_CLEARED)) == 3
        pump.flap(1, 1000, note=note)
        assert len(pump.journal.logged(defs.EVENT_ALARM_RAISED)) == 4


def test_two_unsteady_alarms_end_each_at_its_own_time():
    pump = Pump()
    pump.flap(3, 1000, note=FLAPS)
    pump.wait(300000)
    pump.flap(3, 1000, note=GOES)
    pump.wait(300000)
    assert pump.rows() == {defs.ALARM_RESERVOIR_DISAGREEMENT: (0, 0), defs.ALARM_SUPPLY_LOW: (1, 0)}
    pump.wait(300000)
    assert pump.rows() == {defs.ALARM_RESERVOIR_DISAGREEMENT: (0, 0)}


def test_an_unsteady_alarm_does_not_break_a_silence_again_and_ends_with_its_acknowledgement():
    pump = Pump()
    pump.flap(3, 1000, note=FLAPS)
    pump.alarms.silence(pump.uptime.now, 100)
    pump.flap(3, 1000, note=FLAPS)
    assert pump.alarms.silenced
    assert pump.alarms.unacknowledged(defs.ALARM_RESERVOIR_DISAGREEMENT)
    assert pump.alarms.acknowledge(defs.ALARM_RESERVOIR_DISAGREEMENT) == 1
    assert pump.rows() == {}
    assert len(pump.journal.logged(defs.EVENT_ALARM_CLEARED)) == 3
    pump.set(note=FLAPS)
    assert _row(pump, defs.ALARM_RESERVOIR_DISAGREEMENT)[1:] == [1, 0, 6, 1]
    assert not pump.alarms.silenced


def test_an_unsteady_alarm_is_saved_over_a_reset_as_any_other_latched_one():
    pump = Pump()
    pump.flap(3, 1000, note=FLAPS)
    numbers = [0, 0]
    pump.alarms.save_to(numbers, 0)
    after = Pump()
    after.alarms.load_from(numbers, 0)
    assert after.alarms.rows() == [[defs.ALARM_RESERVOIR_DISAGREEMENT, 0, 0, -1, 1]]


def test_a_time_away_of_ten_minutes_begins_the_count_again_and_it_has_an_end():
    pump = Pump()
    pump.flap(2, 1000, note=GOES)
    pump.wait(600000)
    pump.flap(1, 1000, note=GOES)
    pump.set(note=GOES)
    assert _row(pump, defs.ALARM_SUPPLY_LOW)[4] == 2
    pump.flap(300, 100, note=GOES)
    pump.set(note=GOES)
    assert _row(pump, defs.ALARM_SUPPLY_LOW)[4] == 255
