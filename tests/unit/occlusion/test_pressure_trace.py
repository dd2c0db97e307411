"""The pressures around the last strokes are stored, frozen at an alarm, and returned in rows for the link."""

from pump.occlusion import pressure_trace

REQUIREMENTS = ("O6",)


def _all(kept):
    rows = []
    while True:
        more = kept.rows(len(rows))
        if not more:
            return rows
        assert len(more) <= 16
        rows += more


def test_samples_come_out_as_they_went_in():
    kept = pressure_trace.PressureTrace()
    kept.begin()
    for number in range(34):
        kept.add(number * 250 - 4000, 13000 + number * 100)
    assert _all(kept) == [(0, number * 250 - 4000, 13000 + number * 100) for number in range(34)]


def test_the_last_sixteen_strokes_are_kept_oldest_first():
    kept = pressure_trace.PressureTrace()
    for stroke in range(40):
        kept.begin()
        kept.add(260, stroke * 100)
    assert _all(kept) == [(39 - stroke, 260, stroke * 100) for stroke in range(24, 40)]


def test_the_first_alarm_holds_them_still_until_it_is_acknowledged_and_a_stroke_begins():
    kept = pressure_trace.PressureTrace()
    kept.begin()
    kept.add(0, 5000)
    kept.freeze(104)
    kept.begin()
    kept.add(10, 6000)
    kept.freeze(103)
    assert kept.alarm == 104
    kept.acknowledge()
    assert (kept.alarm, _all(kept)) == (104, [(0, 0, 5000)])
    kept.begin()
    kept.add(10, 6000)
    assert (kept.alarm, _all(kept)) == (0, [(1, 0, 5000), (0, 10, 6000)])


def test_extremes_stay_in_their_bounds():
    kept = pressure_trace.PressureTrace()
    kept.begin()
    kept.add(-20000, -20000)
    kept.add(700000, 250000)
    assert _all(kept) == [(0, -10000, -20000), (0, 645350, 250000)]


def test_more_samples_than_fit_are_left_out():
    kept = pressure_trace.PressureTrace()
    kept.begin()
    for _ in range(100):
        kept.add(0, 0)
    assert len(_all(kept)) == 34
