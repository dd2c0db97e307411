"""What delivery reports to the pressure monitor, the trim and the guards, and how often."""

import dose_rig
from pump import defs
from pump.core import ticks

REQUIREMENTS = ("D8",)
_PERIOD = 21600  # of strokes of 250 nL at 1,000 uL/day
_STROKE_MS = 201


def test_monitor_and_trim_get_the_time_of_each_stroke_and_the_rest_before_it():
    rig = dose_rig.Rig()
    trim = rig.trim
    rig.plan(1000)
    first = ticks.add(rig.clock.now, _PERIOD)
    assert rig.monitor.due == first and rig.monitor.quiet_ms == _PERIOD - _STROKE_MS
    assert trim.told == [(first, _PERIOD, 1000)]
    assert rig.delivery.stroke_in_ms(rig.clock.now) == _PERIOD
    rig.run(_PERIOD - 1)
    assert len(trim.told) == 1
    rig.run(1)
    assert trim.told[1:] == [(ticks.add(first, _PERIOD), _PERIOD, 1000)]
    rig.monitor.quiet_ms = 0
    rig.delivery.set_rate(2000, rig.clock.now)
    assert rig.monitor.quiet_ms == _PERIOD // 2 - _STROKE_MS
    rig.monitor.quiet_ms = 0
    rig.delivery.bolus(4, 2000, rig.clock.now)
    assert rig.monitor.quiet_ms == _PERIOD // 4 - _STROKE_MS and trim.told[-1][1:] == (_PERIOD // 4, 4000)
    rests = rig.monitor.rests
    rig.rest()
    assert (rig.monitor.rests, trim.rests) == (rests + 1, 1)


def test_the_monitor_gets_a_new_interval_only_when_it_changes():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.monitor.quiet_ms = -1
    rig.delivery.end_bolus(rig.clock.now)
    rig.delivery.resume(rig.clock.now)
    rig.run(2 * _PERIOD)
    assert rig.monitor.quiet_ms == -1


def test_each_stroke_is_announced_once():
    rig = dose_rig.Rig()
    trim = rig.trim
    rig.plan(1000)
    for strokes in range(1, 5):
        assert rig.monitor.expects == len(trim.told) == strokes
        rig.delivery.set_rate(1000, rig.clock.now)
        rig.run(_STROKE_MS)  # to the end of the motion before, if there was one
        assert rig.monitor.expects == len(trim.told) == strokes
        rig.run(_PERIOD - _STROKE_MS)


def test_the_first_stroke_is_announced_at_whichever_tick_it_comes():
    for due in (0, 1, ticks.add(0, -1)):
        rig = dose_rig.Rig(start=ticks.add(due, -_PERIOD))
        trim = rig.trim
        rig.plan(1000)
        assert (rig.monitor.expects, rig.monitor.due) == (1, due)
        assert trim.told == [(due, _PERIOD, 1000)]


def test_a_stroke_is_announced_again_after_a_rest():
    rig = dose_rig.Rig()
    rig.plan(1000)
    rig.run(1000)
    rig.rest()
    rig.delivery.resume(rig.clock.now)
    assert rig.monitor.expects == 2 and rig.monitor.due == ticks.add(rig.clock.now, _PERIOD - 1000)


def test_a_line_is_new_to_the_detector_after_it_was_filled_and_only_then():
    rig = dose_rig.Rig()
    assert rig.monitor.relearns == 1  # with the size of the stroke
    plan, fill, bridge = None, False, True
    motions = ((plan, 1), (fill, 1), (plan, 2), (plan, 2), (fill, 2), (fill, 3), (bridge, 4), (plan, 4))
    for motion, relearns in motions:
        if motion is plan:
            rig.plan(24000)
        else:
            rig.prime(2, 24000, motion)
        assert rig.monitor.relearns == relearns, (motion, relearns)
        rig.run(4000)
        rig.rest()


def test_what_is_given_after_a_prime_counts_as_dose_for_the_guards():
    rig = dose_rig.Rig()
    rig.limits(hour_nl=1000)
    rig.prime(8, 24000, False)
    rig.run(10000)
    assert rig.drive.strokes == 8 and not rig.has(defs.BIT_DOSE_LIMITED)
    rig.keep_open_ul_day = 50
    rig.plan(24000)
    rig.run(5000)
    assert rig.has(defs.BIT_DOSE_LIMITED) and rig.account.delivered.ul * 1000000 + rig.account.delivered.pl == 1000000


def test_it_says_whether_it_moves():
    rig = dose_rig.Rig()
    rig.plan(1000)
    assert rig.delivery.moving is False
    rig.run(_PERIOD)
    assert rig.delivery.moving is True
    rig.run(_STROKE_MS)
    assert rig.delivery.moving is False
