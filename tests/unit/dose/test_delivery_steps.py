"""Delivery to the millisecond: when it polls, what it logs and what it saves."""

import dose_rig
from dose_rig import HOUR
from pump import defs
from pump.core import ticks

REQUIREMENTS = ("D2",)
_PERIOD = 21600  # of strokes of 250 nL at 1,000 uL/day
_STROKE_MS = 201


def _late(rig, span_ms):
    """The loop runs this long after it was due."""
    rig.clock.now = ticks.add(rig.clock.now, span_ms)
    rig.step()


def _next_ms(rig):
    return ticks.diff(rig.delivery.job.due, rig.clock.now)


def test_begins_with_nothing_given():
    rig = dose_rig.Rig()
    delivery = rig.delivery
    assert (delivery.running, delivery.rate_ul_day, delivery.flow_ul_day) == (False, 0, 0)
    assert (rig.account.strokes, rig.account.delivered.ul, rig.account.delivered.pl) == (0, 0, 0)
    assert (rig.account.primed.ul, rig.account.primed.pl, delivery.prime_left, delivery.bolus_left) == (0, 0, 0, 0)
    assert delivery.stroke_pl == 250000 and not delivery.job.armed


def test_a_stroke_may_begin_a_second_late_and_no_more():
    for late_ms, told in ((1000, False), (1001, True)):
        rig = dose_rig.Rig()
        rig.plan(1000)
        _late(rig, _PERIOD + late_ms)
        assert rig.drive.strokes == 1
        assert rig.conditions.noted(defs.NOTE_LATE) == told


def test_a_poll_before_its_time_gives_nothing():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.run(_PERIOD - 1)
    rig.delivery.run(rig.clock.now)
    assert rig.drive.strokes == rig.account.strokes == 0 and _next_ms(rig) == 1
    rig.run(1)
    assert rig.drive.strokes == 1


def test_strokes_that_fell_due_without_a_poll_come_one_after_the_other():
    rig = dose_rig.Rig()
    rig.plan(1000)
    _late(rig, 3 * _PERIOD + 5)
    assert (rig.drive.strokes, rig.account.strokes) == (1, 1)
    rig.run(_STROKE_MS)
    assert rig.drive.strokes == 2
    rig.run(_STROKE_MS)
    assert rig.drive.strokes == 3
    rig.run(_PERIOD - 2 * _STROKE_MS - 6)
    assert rig.drive.strokes == 3
    rig.run(1)
    assert rig.drive.strokes == 4


def test_a_trim_that_is_asked_for_counts_from_the_next_stroke_on():
    rig = dose_rig.Rig()
    trim = rig.trim
    rig.plan(1000)
    trim.trim_ppm, trim.changed = 12345, True
    rig.run(_PERIOD)
    assert rig.account.delivered.pl == 250000
    assert rig.delivery.stroke_pl == rig.guards.stroke_pl == 253086 and not trim.changed
    rig.run(_PERIOD + 300)
    assert rig.account.delivered.pl == 503086
    for ppm in (1, 999, 1000, 99999, -1, -999, -1001, -99999):
        rig.delivery.set_trim(ppm)
        assert rig.delivery.stroke_pl == rig.guards.stroke_pl == 250000 + 250000 * ppm // 1000000
    new_strokes = trim.new_strokes
    rig.delivery.set_stroke(100, 2500, 2000, 4)
    assert trim.new_strokes == new_strokes
    rig.delivery.set_stroke(100, 2501, 2000, 4)
    assert trim.new_strokes == new_strokes + 1 and rig.delivery.stroke_pl == 250100


def test_a_trimmed_stroke_is_exact_for_every_size():
    for steps, pl_per_step in ((100, 2500), (100, 5000), (1000, 333), (1, 123457)):
        rig = dose_rig.Rig(steps, pl_per_step)
        nominal_pl = steps * pl_per_step
        for ppm in (1, 7, 8, 9, 333, 999, 1000, 1001, 12345, 54321, 99999, 100000, -1, -8, -9, -12345, -100000):
            rig.delivery.set_trim(ppm)
            assert rig.delivery.stroke_pl == rig.guards.stroke_pl == nominal_pl + nominal_pl * ppm // 1000000


def test_volumes_are_written_down_as_the_strokes_give_them():
    rig = dose_rig.Rig()
    rig.delivery.set_trim(1335)  # 250,333 pL
    rig.plan(1000)
    rig.delivery.bolus(40, 2000, rig.clock.now)
    assert rig.delivery.bolus_left == 40
    assert rig.journal.of(defs.EVENT_BOLUS) == [[10013, 2000]]
    rig.run(5 * _PERIOD)
    given = 40 - rig.delivery.bolus_left
    assert given == 9
    assert rig.delivery.end_bolus(rig.clock.now) == given
    assert rig.journal.of(defs.EVENT_BOLUS_ENDED) == [[9 * 250333 // 1000, 10013]]
    assert rig.delivery.end_bolus(rig.clock.now) == given
    assert len(rig.journal.of(defs.EVENT_BOLUS_ENDED)) == 1
    rig.delivery.set_trim(3996)  # 250,999 pL
    rig.delivery.bolus(1000, 2000, rig.clock.now)
    assert rig.journal.of(defs.EVENT_BOLUS)[1:] == [[250999, 2000]]
    rig.delivery.end_bolus(rig.clock.now)
    assert rig.delivery.flow_ul_day == 1000


def test_a_bolus_ends_at_its_last_stroke_and_the_flow_falls_back_then():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.delivery.bolus(3, 9000, rig.clock.now)
    assert rig.delivery.flow_ul_day == 10000
    rig.run(7199)
    assert (rig.delivery.bolus_left, rig.delivery.flow_ul_day) == (1, 10000)
    rig.run(1)
    assert (rig.delivery.bolus_left, rig.delivery.flow_ul_day) == (0, 1000)
    assert rig.journal.of(defs.EVENT_BOLUS_ENDED) == [[750, 750]]
    rig.run(_PERIOD - 7200 - 1)
    assert rig.account.strokes == 3
    rig.run(1)
    assert rig.account.strokes == 4


def test_at_rest_nothing_flows_and_nothing_is_due():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.run(1000)
    rig.rest()
    assert (rig.delivery.running, rig.delivery.flow_ul_day, rig.delivery.job.armed) == (False, 0, False)
    rig.run(HOUR)
    assert rig.drive.strokes == 0
    rig.delivery.set_rate(24000, rig.clock.now)
    assert rig.delivery.flow_ul_day == 0 and not rig.delivery.job.armed
    rig.delivery.set_rate(1000, rig.clock.now)
    rig.delivery.resume(rig.clock.now)
    assert _next_ms(rig) == _PERIOD - 1000


def test_keep_open_flows_with_the_lesser_rate():
    for ul_day, flow in ((199, 199), (200, 200), (201, 200)):
        rig = dose_rig.Rig()
        rig.plan(ul_day)
        rig.delivery.keep_open(200, rig.clock.now)
        assert rig.delivery.flow_ul_day == flow


def test_a_prime_ends_after_its_last_stroke_is_over():
    rig = dose_rig.Rig()
    rig.prime(2, 24000, False)
    assert (rig.delivery.prime_left, rig.delivery.flow_ul_day) == (2, 24000)
    rig.run(1800)
    assert (rig.delivery.prime_left, rig.drive.strokes) == (0, 2)
    rig.run(_STROKE_MS - 1)
    assert rig.state == defs.MOTION_PRIME and not rig.has(defs.BIT_PRIME_DONE)
    rig.run(1)
    assert rig.state == defs.MOTION_NONE and not rig.delivery.running
    assert (rig.account.primed.ul, rig.account.primed.pl) == (0, 500000)
    assert rig.journal.of(defs.EVENT_PRIME_ENDED) == [[500, 500]]
    rig.prime(3, 24000, False)
    rig.rest()
    assert rig.delivery.prime_left == 0 and rig.journal.of(defs.EVENT_PRIME_ENDED)[1] == [0, 750]
    rig.prime(6, 24000, False)
    rig.run(6000)
    assert (rig.account.primed.ul, rig.account.primed.pl) == (2, 0)
    assert rig.account.strokes == 0


def test_a_stroke_that_the_guards_refuse_is_neither_given_nor_made_up():
    rig = dose_rig.Rig()
    rig.limits(hour_nl=0)
    rig.state = defs.MOTION_NONE  # nothing reacts to the limit
    rig.delivery.set_rate(1000, rig.clock.now)
    rig.delivery.start(rig.clock.now)
    rig.run(3 * _PERIOD + 1000)
    assert (rig.drive.strokes, rig.account.strokes, rig.journal.intents) == (0, 0, 0)
    rig.limits()
    rig.run(_PERIOD)
    assert rig.drive.strokes == 1


def test_its_numbers_are_saved_in_their_places_and_loaded():
    rig = dose_rig.Rig()
    delivery = rig.delivery
    delivery.set_rate(1600, rig.clock.now)
    for at in (0, 3):
        numbers = [-1] * 20
        assert delivery.save_to(numbers, at) == at + 4
        assert numbers == [-1] * at + [1600, 1, 0, 0] + [-1] * (16 - at)
        other = dose_rig.Rig().delivery
        assert other.load_from(numbers, at) == at + 4
        assert other.rate_ul_day == 1600
    for dose in (False, True):
        rig.prime(1, 24000, dose)
        delivery.save_to(numbers, 0)
        assert numbers[1] == (1 if dose else 0)
        rig.rest()
    for dose in (0, 1):
        numbers[1] = 2 * 9 + dose
        other.load_from(numbers, 0)
        assert other.slack_steps == 9
        other.save_to(numbers, 0)
        assert numbers[1] == 2 * 9 + 1  # the motion is not loaded, so a prime has ended
