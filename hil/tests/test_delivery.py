"""Delivery: the number of strokes is exact, also with rate changes, pauses and stops in between."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from pumpctl.protocol.changes import PendingChange
from pumpctl.testing import Bench, Evidence, strokes_due

REQUIREMENTS = ("D1", "D2", "D9", "S3")
pytestmark = pytest.mark.needs("fresh")

STROKE_PL = 250_000
DAY_MS = 86_400_000


@pytest.fixture(params=["stepper", pytest.param("valves", marks=pytest.mark.needs("valves"))])
def bench(request: pytest.FixtureRequest, make_bench: Callable[..., Bench]) -> Bench:
    """A pump that was just switched on, with each drive in turn."""
    return make_bench(drive=request.param)


@pytest.mark.parametrize(("rate_ul_day", "hours"), [(50, 12), (1000, 12), (7300, 3), (24000, 1)])
def test_strokes_are_exact_at_every_moment(bench: Bench, evidence: Evidence, rate_ul_day: int, hours: int) -> None:
    bench.infuse(rate_ul_day)
    error = 0
    for part in (0.001, 0.17, 0.329, 0.5):
        bench.wait(hours=hours * part)
        error += abs(bench.status.strokes - strokes_due(rate_ul_day, bench.running_ms()))
    evidence.record(f"delivery.error_strokes.{rate_ul_day}", error, 0, 0, "strokes")


@pytest.mark.needs("world", "jumps")
@pytest.mark.parametrize("hours", [pytest.param(2, marks=pytest.mark.quick), 24])
def test_hours_at_one_ml_a_day(bench: Bench, evidence: Evidence, hours: int) -> None:
    bench.infuse(1000)
    bench.wait(hours=hours)
    error = bench.status.strokes - strokes_due(1000, bench.running_ms())
    evidence.record(f"delivery.hours{hours}_error_strokes", error, 0, 0, "strokes")
    error_nl = bench.truth()["pumped_nl"] - bench.status.delivered_nl
    most_nl = 125 * hours  # the world's drive pumps 0.2 % more, which is 83 nL an hour, and its strokes vary
    evidence.record(f"delivery.hours{hours}_world_error_nl", error_nl, 0, most_nl, "nL")
    assert bench.alarms == []


@pytest.mark.needs("world")
def test_pumped_volume_matches_the_delivered_total_within_the_drives_error(bench: Bench, evidence: Evidence) -> None:
    bench.infuse(1000)
    bench.wait(days=2)
    book_nl = bench.status.delivered_nl
    error_ppm = (bench.truth()["delivered_nl"] - book_nl) * 1_000_000 // book_nl
    evidence.record("delivery.days2_error_ppm", error_ppm, 1500, 3000, "ppm")  # the world's drive pumps 0.2 % more


@pytest.mark.needs("exact_time")
def test_rate_change_keeps_the_part_of_a_stroke_that_was_due(bench: Bench) -> None:
    bench.infuse(1000)
    due = Fraction(0)
    for rate_ul_day, ms in ((1000, 100_001), (50, 7_654_321), (24000, 33_333), (7300, 1_234_567), (1000, 999_999)):
        bench.pump.rate(rate_ul_day, override="soft_rate")
        bench.wait(ms=ms)
        due += Fraction(rate_ul_day * 1_000_000 * ms, DAY_MS * STROKE_PL)
        assert bench.status.strokes == int(due)


@pytest.mark.needs("exact_time")
def test_pause_keeps_the_part_of_a_stroke_that_was_due(bench: Bench) -> None:
    bench.infuse(1000)
    delivered_ms = 0
    for run_ms, pause_ms in ((50_000, 3_600_000), (21_599, 1), (1, 86_400_000), (500_000, 7)):
        bench.wait(ms=run_ms)
        delivered_ms += run_ms
        bench.pump.pause()
        assert bench.state == "paused"
        bench.wait(ms=pause_ms)
        assert bench.status.strokes == strokes_due(1000, delivered_ms)
        bench.pump.resume()


@pytest.mark.needs("world")
def test_stop_finishes_the_stroke_that_is_under_way(bench: Bench) -> None:
    bench.infuse(1000)
    bench.wait(ms=21_600 + 100)  # in the middle of the first stroke
    assert bench.truth()["moving"] == 1
    bench.pump.stop()
    assert bench.state == "standby"
    bench.wait(seconds=60)
    truth = bench.truth()
    assert truth["moving"] == 0
    assert truth["pumped_nl"] in range(240, 260)
    assert bench.status.strokes == 1


def test_stop_is_accepted_in_every_state_that_a_bench_can_reach(bench: Bench) -> None:
    bench.pump.stop()
    bench.infuse()
    bench.pump.pause()
    bench.pump.stop()
    bench.pump.refill_begin()
    bench.pump.stop()
    assert bench.state == "refilling"  # nothing moves here; the refill is ended by its own commands
    bench.pump.refill_cancel()
    bench.pump.start()
    bench.pump.stop()
    assert bench.state == "standby"


@pytest.mark.needs("exact_time", "part_faults")
def test_other_stroke_volumes_and_calibrations_are_as_exact(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench()
    bench.pump.param_set("steps_per_stroke", 33)

    def press(pending: PendingChange) -> bool:
        bench.do("press")
        return pending.new["press_button"] is True

    bench.pump.param_set("pl_per_step", 7577, press)
    bench.infuse(1234)
    bench.wait(hours=30)
    assert bench.status.strokes == strokes_due(1234, 30 * 3_600_000, 33 * 7577)
    assert bench.status.delivered_pl == bench.status.strokes * 33 * 7577


@pytest.mark.needs("world")
def test_watchdog_is_fed_at_least_every_five_seconds(bench: Bench, evidence: Evidence) -> None:
    bench.infuse(50)
    bench.wait(days=1)
    evidence.record("loop.watchdog_longest_ms", bench.truth()["watchdog_longest_ms"], 1, 5000, "ms")


@pytest.mark.long("fourteen days; the demo has as many")
@pytest.mark.needs("world", "jumps")
def test_fourteen_days_at_one_ml_a_day(make_bench: Callable[..., Bench], evidence: Evidence) -> None:
    """Two weeks from one filling, across the wrap of the clock."""
    bench = make_bench()
    bench.set_up(1000, 16_000_000)
    bench.pump.therapy_set("intrahepatic", 1000, phase_h=336, cycles=3)
    bench.pump.start()
    bench.wait(days=14)
    status, truth = bench.status, bench.truth()
    due = Fraction(1000 * 1_000_000 * 14, 250_000)
    evidence.record("days14.schedule_error_strokes", status.strokes - int(due), 0, 0, "strokes")
    evidence.record("days14.book_nl", status.delivered_nl, 14_000_000, 14_000_000, "nL")
    error_ppm = (truth["delivered_nl"] - 14_000_000) * 1_000_000 // 14_000_000
    evidence.record("days14.world_error_ppm", error_ppm, 1500, 3500, "ppm")  # the drive's own error is 0.2 % and drifts
    assert status.ledger_nl == 2_000_000
    assert status.uptime_s == 14 * 86400
    bench.wait(minutes=2)
    assert bench.alarms == ["refill_due", "reservoir_low"]
