"""The schedule over days: the number of strokes is the floor of rate x time / stroke, also with changes in between."""

import pump_rig
from pump.dose import schedule

REQUIREMENTS = ("D1", "D2", "D3")
_RATES = (50, 1000, 7300, 24000)
_ODD_PL = 33 * 7577


def _schedule(ul_day, stroke_pl):
    row = schedule.Schedule()
    row.set_stroke(stroke_pl)
    row.set_rate(ul_day)
    return row


def _pass(row, span_ms):
    """Lets time pass from stroke to stroke, as the delivery does; returns the number of strokes due."""
    count = 0
    while True:
        wait_ms = row.wait_ms()
        if wait_ms > span_ms:
            row.advance(span_ms)
            return count
        row.advance(wait_ms)
        row.take()
        span_ms -= wait_ms
        count += 1


def _check(parts, stroke_pl):
    """Compares strokes with the exact sum at up to 100 of the ends of [(uL/day, ms), ...]; a rate of 0 is a pause."""
    row = schedule.Schedule()
    row.set_stroke(stroke_pl)
    count = 0
    for at, (ul_day, span_ms) in enumerate(parts):
        if ul_day:
            row.set_rate(ul_day)
            count += _pass(row, span_ms)
        if at % (len(parts) // 100 + 1) == 0 or at == len(parts) - 1:
            assert count == pump_rig.strokes_due(parts[: at + 1], stroke_pl), at


def test_14_days_at_the_slowest_rate():
    for stroke_pl in (250000, 500000, 20000, _ODD_PL):
        _check([(50, 14 * 86400000)], stroke_pl)


def test_14_days_at_1_ml_a_day():
    _check([(1000, 14 * 86400000)], 250000)
    _check([(1000, 14 * 86400000)], _ODD_PL)


def test_some_days_at_7300():
    _check([(7300, 3 * 86400000)], 250000)
    _check([(7300, 3 * 86400000 + 12345)], _ODD_PL)


def test_a_day_at_the_fastest_rate():
    _check([(24000, 86400000)], 500000)
    _check([(24000, 86400000 - 1)], _ODD_PL)


def test_each_stroke_is_due_at_the_first_millisecond_at_which_its_volume_is():
    for ul_day in _RATES:
        for stroke_pl in (250000, _ODD_PL, 499999):
            row = _schedule(ul_day, stroke_pl)
            now = 0
            for number in range(1, 500):
                now += row.wait_ms()
                row.advance(row.wait_ms())
                row.take()
                assert now == -(-number * stroke_pl * 864 // (ul_day * 10))


def test_the_first_stroke_is_due_in_its_time_at_every_whole_rate():
    row = _schedule(50, 250000)
    for ul_day in range(50, 24001):
        row.clear()
        row.set_rate(ul_day)
        assert row.wait_ms() == -(-250000 * 864 // (ul_day * 10)), ul_day


def test_rate_changes_and_pauses_at_odd_moments():
    parts = []
    for turn in range(400):
        parts.append(((0, 50, 24000, 999, 7300, 1001)[turn % 6], (turn * 7919) % 130001))
    for stroke_pl in (250000, _ODD_PL, 20000, 500000):
        _check(parts, stroke_pl)


def test_a_rate_change_every_millisecond_loses_nothing():
    _check([(24000 - turn % 7, 1) for turn in range(3000)], 20000)


def test_the_credit_never_reaches_a_stroke():
    for ul_day in _RATES:
        row = _schedule(ul_day, _ODD_PL)
        for _ in range(2000):
            row.advance(row.wait_ms())
            row.take()
            assert 0 <= row.credit < ul_day * 10


def test_any_time_may_pass_at_once():
    row = _schedule(24000, 20000)
    row.advance(10 * 86400000 // 24)
    assert row.owed == pump_rig.strokes_due([(24000, 10 * 86400000 // 24)], 20000)
    assert row.wait_ms() == 0
    row.set_stroke(500000)  # the due part is a volume
    assert row.owed == pump_rig.strokes_due([(24000, 10 * 86400000 // 24)], 500000)
