"""Keep-open, primes, reverses, cuts and the trim: stroke counts are exact, and no stroke is repeated."""

import dose_rig
from dose_rig import DAY, HOUR, MINUTE, strokes_due
from pump import defs
from pump.core import ticks

REQUIREMENTS = ("D10", "D11", "L2")


def test_a_prime_is_exactly_so_many_strokes_and_accounted_apart():
    for dose in (False, True):
        rig = dose_rig.Rig()
        rig.prime(123, 24000, dose)
        rig.run(900 * 122 + 899)
        assert rig.delivery.prime_left == 1
        rig.run(HOUR)
        delivery = rig.delivery
        assert rig.drive.strokes == 123 and rig.moved_steps() == 12300
        booked = (30, 750000)
        assert (rig.account.delivered.ul, rig.account.delivered.pl) == (booked if dose else (0, 0))
        assert (rig.account.primed.ul, rig.account.primed.pl) == ((0, 0) if dose else booked)
        assert rig.account.strokes == (123 if dose else 0)
        assert rig.reservoir.taken_pl == 123 * 250000
        assert rig.state == defs.MOTION_NONE and not delivery.running and not rig.conditions.word
        assert rig.journal.of(defs.EVENT_PRIME) == [[30750, defs.PURPOSE_BRIDGE if dose else defs.PURPOSE_PRIME]]
        assert rig.journal.of(defs.EVENT_PRIME_ENDED) == [[30750, 30750]]
        rig.plan(1000)
        rig.run(21599)
        assert rig.drive.strokes == 123
        rig.run(HOUR)
        assert rig.account.strokes == (123 if dose else 0) + strokes_due([(1000, 21599 + HOUR)])


def test_a_prime_that_is_stopped_is_not_done_and_its_stroke_is_finished():
    rig = dose_rig.Rig()
    rig.prime(123, 24000, False)
    rig.run(9000)
    rig.rest()
    rig.run(HOUR)
    assert rig.moved_steps() == 1000
    assert rig.journal.of(defs.EVENT_PRIME_ENDED) == [[2500, 30750]]
    assert not rig.has(defs.BIT_PRIME_DONE)


def test_a_prime_whose_last_stroke_is_refused_begins_no_other_though_more_are_due():
    rig = dose_rig.Rig()
    rig.prime(2, 24000, True)
    rig.state = defs.MOTION_NONE  # nothing reacts to the fault
    rig.run(1500)
    rig.drive.refuses = True
    rig.clock.now = ticks.add(rig.clock.now, 3000)  # the loop is late
    rig.delivery.set_rate(1000, rig.clock.now)  # and a command computes what is due
    rig.run(HOUR)
    assert (rig.account.strokes, rig.delivery.prime_left, rig.journal.intents) == (2, 0, 2)


def test_reverses_between_strokes_are_bounded_and_the_next_stroke_takes_up_the_slack_once():
    rig = dose_rig.Rig()
    motions = rig.drive.motions = []
    rig.plan(1000)
    rig.run(21600)
    assert not rig.delivery.relieve(300, rig.clock.now)
    rig.rest()
    assert not rig.delivery.relieve(300, rig.clock.now)  # the stroke is still under way
    rig.run(MINUTE)
    assert rig.delivery.relieve(300, rig.clock.now)
    assert not rig.delivery.relieve(100, rig.clock.now)  # the reverse is still under way
    rig.run(MINUTE)
    assert rig.delivery.relieve(3600, rig.clock.now)
    rig.run(MINUTE)
    assert rig.delivery.relieve(300, rig.clock.now)
    rig.run(MINUTE)
    assert not rig.delivery.relieve(100, rig.clock.now)
    rig.plan(1000)
    rig.run(3 * 21600 + 1000)
    rig.rest()
    rig.run(MINUTE)
    assert motions == [100, -300, -3600, -100, 104, 100, 100]  # 10 uL are 4000 steps
    assert rig.account.strokes == 4 and rig.account.delivered.ul == 1
    assert rig.guards.moved_ul == 1 and not rig.conditions.word
    assert rig.journal.open == 0
    assert rig.delivery.relieve(1000000, rig.clock.now)
    assert motions[-1] == -4000  # 10 uL


def test_a_reverse_that_does_not_end_is_a_fault():
    rig = dose_rig.Rig()
    rig.drive.stuck = True
    rig.delivery.relieve(300, rig.clock.now)
    rig.run(2000)
    assert rig.has(defs.BIT_DRIVE_FAULT)
    rig.delivery.cut(rig.clock.now)
    assert not rig.journal.of(defs.EVENT_STROKE_CUT) and rig.drive.stops == 1


def test_a_stroke_that_is_cut_is_accounted_whole_never_repeated_and_no_fault_of_the_count():
    rig = dose_rig.Rig()
    rig.plan(1000)
    for number in range(1, 30):
        rig.run(21650)
        rig.delivery.cut(rig.clock.now)
        rig.tell()
        rig.run(HOUR)
        assert rig.account.strokes == rig.drive.strokes == number
        rig.plan(1000)
    assert not rig.conditions.word
    assert rig.journal.of(defs.EVENT_STROKE_CUT) == [[25, 100]] * 29
    assert rig.journal.open == 0


def test_a_journal_that_is_unfit_lets_no_stroke_begin():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.conditions.set(defs.BIT_JOURNAL_UNFIT)
    rig.run(HOUR)
    assert rig.drive.strokes == rig.account.strokes == 0


def test_the_intent_comes_before_the_motor_and_done_after():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.run(21600)
    assert (rig.journal.intents, rig.journal.open) == (1, 1)
    rig.run(200)
    assert (rig.journal.intents, rig.journal.open) == (1, 1)
    rig.run(1)
    assert (rig.journal.intents, rig.journal.open) == (1, 0)
    rig.drive.refuses = True
    rig.run(21600)
    assert (rig.journal.intents, rig.account.strokes, rig.drive.strokes) == (2, 2, 1)
    assert rig.has(defs.BIT_DRIVE_FAULT)


def test_the_trim_changes_the_volume_of_a_stroke_and_its_period():
    for ppm, stroke_pl in ((100000, 275000), (-100000, 225000), (12345, 253086), (-1, 249999), (0, 250000)):
        rig = dose_rig.Rig()
        rig.delivery.set_trim(ppm)
        assert rig.delivery.stroke_pl == rig.guards.stroke_pl == stroke_pl
        rig.plan(1000)
        rig.run(DAY)
        assert rig.account.strokes == strokes_due([(1000, DAY)], stroke_pl)
        assert rig.account.delivered.ul * 1000000 + rig.account.delivered.pl == rig.account.strokes * stroke_pl
        assert not rig.conditions.word and not rig.conditions.notes


def test_the_same_stroke_set_again_keeps_the_trim_and_another_drops_it():
    rig = dose_rig.Rig()
    rig.delivery.set_trim(50000)
    rig.delivery.set_stroke(100, 2500, 3000, 4)
    assert rig.delivery.stroke_pl == 262500
    rig.delivery.set_stroke(100, 2501, 3000, 4)
    assert rig.delivery.stroke_pl == 250100


def test_a_valve_that_is_stuck_is_found_with_its_stroke():
    rig = dose_rig.Rig(steps=1, pl_per_step=250000, interval_us=100000)
    rig.plan(1000)
    rig.drive.stuck = True
    rig.run(21600 + 301)
    assert not rig.conditions.word
    rig.run(1)
    assert rig.has(defs.BIT_DRIVE_FAULT) and not rig.has(defs.BIT_COUNT_WRONG)
    rig.run(HOUR)
    assert rig.account.strokes == 1


def test_fits_is_half_of_the_period():
    rig = dose_rig.Rig()
    rig.delivery.set_stroke(100, 2500, 4490, 0)  # 450 ms with the rounding; the period at 24,000 uL/day is 900 ms
    assert rig.delivery.fits(24000) and not rig.delivery.fits(24001)
    rig.delivery.set_stroke(100, 2500, 4500, 0)
    assert not rig.delivery.fits(24000)
