"""The main job: two weeks from one filling, across the wrap of the clock."""

from fractions import Fraction

import pytest
from bench import Bench, Evidence

REQUIREMENTS = ("D2",)


@pytest.mark.needs("fresh", "world", "jumps")
def test_fourteen_days_at_one_ml_a_day(bench: Bench, evidence: Evidence) -> None:
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
    assert bench.alarms == ["reservoir_low", "refill_due"]
