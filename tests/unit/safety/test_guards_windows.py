"""Counted volume against programmed volume, in windows of an hour and a day (D4, D5)."""

import dose_rig
import guard_rig
from pump import defs

REQUIREMENTS = ("D4", "D5")


def _give(look, strokes, period_ms, good=lambda number: 1):
    for number in range(strokes):
        for _ in range(good(number)):
            look.guards.command(100, 0, 200, look.now)
            look.steps += 100
            look.guards.run(look.now)
        look.wait(period_ms)


def test_a_programme_given_exactly_is_neither_over_nor_under():
    for ul_day, period_ms in ((1000, 21600), (24000, 900), (50, 432000)):
        rig = dose_rig.Rig()
        look = guard_rig.Look(rig)
        look.guards.rate(ul_day, look.now)
        _give(look, 2100 if ul_day > 1000 else 200, period_ms)
        assert not rig.conditions.word and not rig.conditions.notes, ul_day


def test_over_infusion_within_a_window():
    for ul_day, period_ms in ((1000, 21600), (24000, 900), (50, 432000)):
        for extra in (2, 5):  # one extra stroke in this many
            rig = dose_rig.Rig()
            look = guard_rig.Look(rig)
            look.guards.rate(ul_day, look.now)
            strokes = max(25, 900000 // period_ms * 5 // 4 + 1)
            _give(look, 100, period_ms)
            assert not rig.has(defs.BIT_OVER_INFUSION)
            _give(look, strokes, period_ms, lambda number, extra=extra: 2 if number % extra == 0 else 1)
            assert rig.has(defs.BIT_OVER_INFUSION), (ul_day, extra)
            look.guards.rate(0, look.now)
            assert rig.has(defs.BIT_OVER_INFUSION)
            look.wait(5000)
            assert not rig.has(defs.BIT_OVER_INFUSION)


def test_under_infusion_is_noted_and_goes_away():
    for ul_day, period_ms in ((1000, 21600), (24000, 900), (50, 432000)):
        rig = dose_rig.Rig()
        look = guard_rig.Look(rig)
        look.guards.rate(ul_day, look.now)
        strokes = max(25, 900000 // period_ms * 5 // 4 + 1)
        _give(look, strokes, period_ms, lambda number: 0 if number % 5 == 0 else 1)
        assert rig.conditions.noted(defs.NOTE_UNDER_INFUSION), ul_day
        _give(look, 2 * strokes, period_ms)
        assert not rig.conditions.noted(defs.NOTE_UNDER_INFUSION), ul_day
        assert not rig.conditions.word


def test_a_volume_about_the_limit_of_under_infusion_is_one_alarm():
    rig = dose_rig.Rig()
    look = guard_rig.Look(rig)
    look.guards.rate(1000, look.now)
    changes = 0
    for turn in range(40):
        before = rig.conditions.noted(defs.NOTE_UNDER_INFUSION)
        lost = (8, 12)[turn // 2 % 2]  # one stroke in so many: 87 % and 92 %
        _give(look, 24, 21600, lambda number, lost=lost: 0 if number % lost == 0 else 1)
        changes += rig.conditions.noted(defs.NOTE_UNDER_INFUSION) != before
    assert changes == 1 and rig.conditions.noted(defs.NOTE_UNDER_INFUSION)


def test_pauses_and_changes_of_rate_give_no_false_alarm():
    rig = dose_rig.Rig()
    rig.plan(1000)
    for turn in range(120):
        if turn % 3 == 0:
            rig.rest()
            rig.run(turn % 7 * 60007)
            if turn % 2:
                rig.delivery.resume(rig.clock.now)
                rig.state = defs.MOTION_PLAN
            else:
                rig.plan((1000, 50, 24000, 7300)[turn % 4])
        else:
            rig.delivery.set_rate((24000, 1000, 50, 4001)[turn % 4], rig.clock.now)
        rig.tell()
        rig.run((turn * 7919) % 400009)
        assert not rig.conditions.word and not rig.conditions.notes, turn
