"""The level sensor beside the ledger: their disagreement, garbage, and a sensor that fails."""

import reservoir_rig
from pump import defs

REQUIREMENTS = ("V2",)


def test_disagreement_counts_after_three_readings_and_goes_away():
    level, condition_bits, tank = reservoir_rig.make(level_nl=16000000)
    level.nl = 14000000
    tank.read_level()  # far from the average, for the first time: not accepted yet
    for _ in range(2):
        tank.read_level()
        assert not condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES)
    tank.read_level()
    assert condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES)
    level.nl = 16000000
    for _ in range(8):
        tank.read_level()
    assert not condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES)


def test_a_level_at_the_limit_of_disagreement_is_one_when_it_is_beyond_every_other_time():
    level, condition_bits, tank = reservoir_rig.make(level_nl=15500000)
    for turn in range(100):
        level.nl = 15500000 - (50000 if turn & 1 else -48000)
        tank.read_level()
    assert condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES)


def test_a_false_first_level_is_not_believed_after_power_on_nor_after_a_refill():
    for first_nl in (0, -1, 400000, 8000000, 60000000):
        level, condition_bits, tank = reservoir_rig.make(fill_nl=None)
        tank.fill(16000000, defs.FLUID_SALINE)  # the first reading after it comes at once
        for _ in range(2):
            tank.level.restart()
            level.nl = first_nl
            tank.read_level()
            level.nl = 16000000
            for _ in range(3):
                assert tank.level.nl is None
                tank.read_level()
                assert condition_bits.word == 0 and condition_bits.notes == 0, first_nl
            assert tank.level.nl == 16000000


def test_a_false_first_level_is_not_believed_when_the_sensor_is_well_again():
    level, condition_bits, tank = reservoir_rig.make()
    level.off = True
    for _ in range(5):
        tank.read_level()
    level.off = False
    for _ in range(16):
        tank.read_level()
    assert not condition_bits.noted(defs.NOTE_LEVEL_BLIND)
    level.nl = 0
    tank.read_level()
    assert tank.level.nl is None and not condition_bits.has(defs.BIT_RESERVOIR_EMPTY)


def test_an_empty_reservoir_is_found_within_three_readings_of_power_on():
    level, condition_bits, tank = reservoir_rig.make(level_nl=400000, fill_nl=None)
    tank.fill(16000000, defs.FLUID_SALINE)
    for _ in range(2):
        assert not condition_bits.has(defs.BIT_RESERVOIR_EMPTY)
        tank.read_level()
    assert condition_bits.has(defs.BIT_RESERVOIR_EMPTY)


def test_one_wild_reading_changes_nothing():
    level, condition_bits, tank = reservoir_rig.make()
    for wild in (0, 30000000, 8000000):
        level.nl = wild
        tank.read_level()
        assert tank.level.nl == 16000000
        level.nl = 16000000
        for _ in range(3):
            tank.read_level()
        assert condition_bits.word == 0 and condition_bits.notes == 0


def test_a_sensor_that_gives_garbage_is_blind_and_stops_nothing():
    level, condition_bits, tank = reservoir_rig.make()
    for turn in range(12):
        level.nl = (turn * 27919777 + 1000000) % 60000000
        tank.read_level()
        assert not condition_bits.has(defs.BIT_RESERVOIR_EMPTY)
    assert condition_bits.noted(defs.NOTE_LEVEL_BLIND)
    assert tank.level.nl is None


def test_garbage_is_not_believed_again_because_some_of_it_could_be():
    level, condition_bits, tank = reservoir_rig.make()
    for turn in range(400):
        level.nl = turn * 7919777 % 60000000
        tank.read_level()
        assert not condition_bits.has(defs.BIT_RESERVOIR_EMPTY)
        assert condition_bits.noted(defs.NOTE_LEVEL_BLIND) or turn < 9


def test_a_drive_that_gives_more_than_its_strokes_stops_the_pump():
    level, condition_bits, tank = reservoir_rig.make()
    looks = 0
    while not condition_bits.has(defs.BIT_OVER_INFUSION):
        for _ in range(3):
            tank.take(250000)
        level.nl -= 3 * 375
        tank.read_level()
        looks += 1
    assert (tank.ledger_nl() - level.nl) < 80000
    assert not condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES)


def test_a_drive_that_gives_nothing_is_a_disagreement_long_before_half_a_millilitre():
    level, condition_bits, tank = reservoir_rig.make()
    _minutes(level, tank, 80, 0)
    assert condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES)
    assert level.nl - tank.ledger_nl() < 62000
    assert condition_bits.word == 0 and not condition_bits.noted(defs.NOTE_LEVEL_BLIND)


def test_half_a_millilitre_is_no_disagreement_yet():
    level, condition_bits, tank = reservoir_rig.make(level_nl=15500000)
    for _ in range(10):
        tank.read_level()
    assert not condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES)
    level.nl = 15400000
    for _ in range(30):
        tank.read_level()
    assert condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES)


def test_a_fill_forgets_the_old_average():
    level, condition_bits, tank = reservoir_rig.make()
    for _ in range(5):
        level.nl = 9000000
        tank.read_level()
    assert condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES)
    level.nl = 12000000
    reservoir_rig.fill(tank, 12000000, defs.FLUID_DRUG)
    assert tank.level.nl == 12000000
    assert not condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES)


def test_the_level_is_blind_after_three_failures_in_a_row_and_well_after_sixteen_readings():
    level, condition_bits, tank = reservoir_rig.make()
    for good in (False, False, True, True, True, True, False, False):
        level.off = not good
        tank.read_level()
    assert not condition_bits.noted(defs.NOTE_LEVEL_BLIND)
    assert tank.level.nl == 16000000
    tank.read_level()
    assert condition_bits.noted(defs.NOTE_LEVEL_BLIND)
    assert tank.level.nl is None
    level.off = False
    for _ in range(15):
        tank.read_level()
        assert condition_bits.noted(defs.NOTE_LEVEL_BLIND)
    tank.read_level()
    assert not condition_bits.noted(defs.NOTE_LEVEL_BLIND)


def test_a_reading_that_no_reservoir_can_have_is_a_failure():
    for garbage in (-(1 << 31), -5000001, 60000001, 1 << 30, 1 << 40):
        level, condition_bits, tank = reservoir_rig.make()
        level.nl = garbage
        tank.read_level()
        assert tank.level.nl == 16000000
        assert not condition_bits.has(defs.BIT_RESERVOIR_EMPTY), garbage
        tank.read_level()
        tank.read_level()
        assert condition_bits.noted(defs.NOTE_LEVEL_BLIND)


def test_a_fill_with_a_dead_level_sensor_ends_empty_low_and_disagreement():
    level, condition_bits, tank = reservoir_rig.make(level_nl=14000000, fill_nl=16000000)
    for _ in range(4):
        tank.read_level()
    assert condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES)
    level.nl = None
    level.off = True
    tank.fill(400000, defs.FLUID_SALINE)
    assert condition_bits.has(defs.BIT_RESERVOIR_EMPTY)
    tank.fill(16000000, defs.FLUID_SALINE)
    assert not condition_bits.has(defs.BIT_RESERVOIR_EMPTY)
    assert not condition_bits.noted(defs.NOTE_RESERVOIR_LOW | defs.NOTE_RESERVOIR_DISAGREES)


def test_without_a_level_sensor_the_ledger_alone_counts():
    level, condition_bits, tank = reservoir_rig.make()
    level.off = True
    for _ in range(3):
        tank.read_level()
    assert not condition_bits.has(defs.BIT_RESERVOIR_EMPTY)
    tank.fill(500000, defs.FLUID_SALINE)
    assert condition_bits.has(defs.BIT_RESERVOIR_EMPTY)


def _minutes(level, tank, minutes, rise_nl):
    """So many values a minute apart, with three strokes before each; the level rises by so much in each, with noise."""
    for minute in range(minutes):
        for _ in range(3):
            tank.take(250000)
        level.nl += rise_nl + (1000 if minute & 1 else -1000)
        tank.read_level()


def test_a_reservoir_that_fills_while_the_pump_runs_is_reverse_flow():
    level, condition_bits, tank = reservoir_rig.make()
    _minutes(level, tank, 60, 750)
    assert not condition_bits.has(defs.BIT_REVERSED)
    _minutes(level, tank, 50, 750)
    assert condition_bits.has(defs.BIT_REVERSED)


def test_strokes_that_nothing_has_seen_are_noted_after_two_hundred_microlitres():
    level, condition_bits, tank = reservoir_rig.make(goes_forward=False)
    _minutes(level, tank, 8 + 258, 0)
    assert not condition_bits.noted(defs.NOTE_MOTION_UNVERIFIED)
    _minutes(level, tank, 10, 0)
    assert condition_bits.noted(defs.NOTE_MOTION_UNVERIFIED)
    _minutes(level, tank, 120, -750)  # now it falls
    assert not condition_bits.noted(defs.NOTE_MOTION_UNVERIFIED)
    _minutes(level, tank, 1000, 0)
    assert not condition_bits.noted(defs.NOTE_MOTION_UNVERIFIED)


def test_what_pressure_or_level_has_seen_is_not_noted():
    for goes_forward, rise_nl in ((True, 0), (False, -750)):
        level, condition_bits, tank = reservoir_rig.make(goes_forward=goes_forward)
        _minutes(level, tank, 1000, rise_nl)
        assert not condition_bits.noted(defs.NOTE_MOTION_UNVERIFIED), goes_forward


def test_without_a_level_the_strokes_are_noted_as_well():
    level, condition_bits, tank = reservoir_rig.make(goes_forward=False)
    level.off = True
    _minutes(level, tank, 3, 0)
    assert condition_bits.noted(defs.NOTE_LEVEL_BLIND)
    _minutes(level, tank, 300, 0)
    assert condition_bits.noted(defs.NOTE_MOTION_UNVERIFIED)


def test_fluid_that_leaves_by_itself_is_free_flow_and_the_pump_is_held():
    level, condition_bits, tank = reservoir_rig.make()
    _minutes(level, tank, 60, -750)
    assert condition_bits.word == 0
    minutes = 0
    while not condition_bits.has(defs.BIT_FREE_FLOW):
        _minutes(level, tank, 1, -750 - 1500)
        minutes += 1
    assert minutes * 1500 < 60000 and not condition_bits.has(defs.BIT_OVER_INFUSION)
    _minutes(level, tank, 1, -750)
    assert not condition_bits.has(defs.BIT_FREE_FLOW), "its alarm is latched"
    level, condition_bits, tank = reservoir_rig.make()
    for _ in range(120):  # at rest, 5 nL/s
        level.nl -= 294
        tank.read_level()
        if condition_bits.has(defs.BIT_FREE_FLOW):
            break
    assert condition_bits.has(defs.BIT_FREE_FLOW) and 16000000 - level.nl < 35000


def test_a_drive_that_gives_a_tenth_less_is_a_disagreement_within_two_days():
    level, condition_bits, tank = reservoir_rig.make()
    for minute in range(2 * 1469):
        assert not condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES) or minute > 1469
        tank.take(681000)
        level.nl -= 613 + (minute & 1)
        tank.read_level()
    assert condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES) and condition_bits.word == 0


def test_a_reading_that_never_changes_while_strokes_are_made_is_a_sensor_that_has_failed():
    level, condition_bits, tank = reservoir_rig.make()
    for _ in range(400):  # at rest it may stay
        tank.read_level()
    assert not condition_bits.noted(defs.NOTE_LEVEL_BLIND)
    strokes = 0
    while not condition_bits.noted(defs.NOTE_LEVEL_BLIND) and strokes < 400:
        for _ in range(3):
            tank.take(250000)
            strokes += 1
        tank.read_level()
        assert not condition_bits.noted(defs.NOTE_RESERVOIR_DISAGREES)
    assert 25000 < strokes * 250 < 29000
    level.nl -= 28000
    for turn in range(16):
        level.nl += 1 if turn & 1 else -1
        tank.read_level()
    assert not condition_bits.noted(defs.NOTE_LEVEL_BLIND)


def test_a_value_is_the_mean_of_the_readings_that_are_close_and_needs_more_than_half_of_them():
    for readings, good, nl in (
        ((16000000, 16030000, 15970000, 16012000), True, 16003000),
        ((16000000, 60000001, 16030000, 16012000), True, 16014000),
        ((16000000, None, 9000000, 16012000), False, None),
        ((None, 16000000, 16010000), True, 16005000),
        ((9000000, 16000000, 16010000), False, None),
    ):
        level, condition_bits, tank = reservoir_rig.make()
        for reading_nl in readings[:-1]:
            level.nl, level.off = reading_nl, reading_nl is None
            tank.level.sample()
        level.nl, level.off = readings[-1], readings[-1] is None
        assert tank.level.read() == good, readings
        assert not good or tank.level.last_nl == nl, readings
        assert not condition_bits.noted(defs.NOTE_LEVEL_BLIND)
