"""Measurement windows: whole strokes, no influence of the heart beat, and the mean flow of the simulated world."""

from plant import world
from plant.arithmetic import sine
from pump.flow import flow_average

PL_PER_UL_DAY = 250000 * 864 // 10


def _mean(period_ms, flow_at, start_ms=0):
    """The result of a window, given the flow at each millisecond."""
    the_burst = flow_average.FlowAverage()
    the_burst.fit(period_ms)
    while the_burst.taken < the_burst.samples:
        the_burst.add(flow_at(start_ms + the_burst.at_ms()))
    assert the_burst.usable
    return the_burst.mean_pl_s()


def test_a_steady_flow_is_its_own_mean():
    for period_ms, most_pl_s in ((810, 1000000), (7200, 1000000), (21600, 1000000), (475200, 100000)):
        for pl_s in (0, 1, -1, 579, 11574, -most_pl_s, most_pl_s):
            assert _mean(period_ms, lambda at, pl_s=pl_s: pl_s) == pl_s


def test_readings_are_spread_over_whole_strokes():
    for period_ms, samples in ((900, 414), (7200, 432), (21600, 432), (432000, 4752)):
        the_burst = flow_average.FlowAverage()
        the_burst.fit(period_ms)
        assert the_burst.samples == samples
        assert the_burst.span_ms % (2 * period_ms) == 0 and the_burst.span_ms >= 40000
        spacing_ms = the_burst.span_ms // samples
        last_ms = -spacing_ms
        for _ in range(samples):
            assert flow_average.SPACING_MS <= the_burst.at_ms() - last_ms <= spacing_ms + 1
            last_ms = the_burst.at_ms()
            the_burst.add(0)
        assert 0 < the_burst.span_ms - last_ms <= spacing_ms + 1


def test_each_moment_of_a_stroke_weighs_the_same():
    for period_ms in (7200, 21600):
        true_pl_s = 250000 * 1000 // period_ms
        for phase_ms in range(0, period_ms, 1300):

            def flow_pl_s(at_ms, period_ms=period_ms, phase_ms=phase_ms):
                """A stroke flows out within half a second, anywhere in its period."""
                return 500000 if (at_ms - phase_ms) % period_ms < 500 else 0

            seen = [_mean(period_ms, flow_pl_s, start_ms) for start_ms in range(0, 100, 12)]
            assert abs(sum(seen) // len(seen) - true_pl_s) * 1000 <= true_pl_s * 5, (period_ms, phase_ms, seen)


def test_pulse_and_breath_leave_next_to_nothing():
    for period_ms in (900, 7200, 21600):
        for beat_ms, height_pl_s in ((667, 125000), (800, 125000), (1000, 125000), (4000, 24000)):
            for start_ms in range(0, beat_ms, beat_ms // 7):
                mean = _mean(
                    period_ms,
                    lambda at, beat=beat_ms, height=height_pl_s: (
                        sine.sine(at % beat * 4096 // beat) * (height >> 4) // 1024
                    ),
                    start_ms,
                )
                assert abs(mean) <= 100, (period_ms, beat_ms, mean)  # 1 mL/day are 11,574


def test_a_missing_or_impossible_reading_spoils_the_window():
    the_burst = flow_average.FlowAverage()
    the_burst.fit(21600)
    the_burst.add(100000)
    assert the_burst.usable and the_burst.spread_pl_s() == 0
    the_burst.add(100001)
    assert the_burst.spread_pl_s() > 0
    the_burst.skip()
    assert (the_burst.taken, the_burst.usable) == (3, False)
    the_burst.restart()
    assert the_burst.usable
    the_burst.add(1 << 29)
    assert (the_burst.taken, the_burst.usable) == (1, False)


def _of_world(ul_day, bursts, **settings):
    """Means of windows in the world, as ppm above the flow that its drive pumps, and in pL/s."""
    exact = ("drive_error_ppm", "drive_drift_ppm_day", "flow_scale_ppm", "flow_offset_pl_s", "flow_drift_pl_s_day")
    config = dict.fromkeys(exact, 0)
    config.update(settings)
    the_world = world.World(config, 1)
    the_burst = flow_average.FlowAverage()
    the_burst.fit(PL_PER_UL_DAY // ul_day)
    now_ms, stroke, ready_ms, begin_ms, sample_ms = 0, 1, 8 * the_burst.span_ms, 0, -1
    means = []
    while len(means) < bursts:
        due_ms = PL_PER_UL_DAY * stroke // ul_day
        until_ms = sample_ms if 0 <= sample_ms < due_ms else due_ms
        the_world.advance(until_ms - now_ms)
        now_ms = until_ms
        if until_ms == sample_ms:
            the_burst.add(the_world.read_flow_pl_s())
            sample_ms = begin_ms + the_burst.at_ms()
            if the_burst.taken == the_burst.samples:
                means.append(the_burst.mean_pl_s())
                ready_ms, sample_ms = now_ms + 4 * the_burst.span_ms, -1
            continue
        the_world.start_stroke(100, 2000)
        stroke += 1
        if sample_ms < 0 and due_ms >= ready_ms:
            the_burst.restart()
            begin_ms = sample_ms = due_ms + len(means) * 5 % 8 * 12
    true_pl_s = ul_day * 625 / 54
    return [(mean - true_pl_s) * 1e6 / true_pl_s for mean in means]


def test_the_mean_of_windows_is_the_mean_flow_of_the_world():
    for ul_day, bursts, most_ppm in ((200, 16, 30000), (1000, 32, 15000), (6000, 16, 6000), (24000, 16, 6000)):
        for tau_ms in (200, 2000, 20000):
            seen = _of_world(ul_day, bursts, line_tau_ms=tau_ms)
            kept = [ppm for ppm in seen if abs(ppm) < 400000]  # the others: the patient sat up
            mean = sum(kept) / len(kept)
            assert len(kept) * 8 >= bursts * 7 and abs(mean) < most_ppm, (ul_day, tau_ms, mean, len(kept))


def test_a_worn_drive_shows_at_once():
    for error_ppm in (-80000, 50000):
        seen = [ppm for ppm in _of_world(1000, 32, drive_error_ppm=error_ppm) if abs(ppm) < 400000]
        assert abs(sum(seen) / len(seen) - error_ppm) < 15000, seen
