"""A job that hangs in the middle of a stroke: the motion ends by itself, the watchdog resets, no stroke is repeated."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pumpctl import defs
from pumpctl.testing import Bench, Evidence
from pumpctl.testing.job_symbols import Jobs

REQUIREMENTS = ("S3", "S4", "L2", "D13")
pytestmark = pytest.mark.needs("fresh", "world", "exact_time", "hangs")
JOBS = Jobs().names

MakeBench = Callable[..., Bench]
NAMED = [pytest.param(number, id=f"{number}_{name}") for number, name in enumerate(JOBS)]
STROKE_NL = 250
STROKE_MS = 21_600
MOTION_MS = 200
INTO_MS = 60  # in the middle of a motion
WATCHDOG_MS = 8_000
PASSED_OVER_MS = 6_000  # how late a job may be before the heartbeats are no longer fresh
LOOK_MS = 100
EXACT_DRIVE = {"drive_error_ppm": 0, "drive_drift_ppm_day": 0, "drive_random_ppm": 0}


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A pump that resumes by itself, in the middle of its fourth stroke; its drive has no error."""
    made = make_bench(**EXACT_DRIVE)
    made.pump.param_set("resume_policy", 1)
    made.infuse(1000)
    made.wait(ms=3 * STROKE_MS + MOTION_MS)
    made.wait(ms=(made.status.stroke_in_ms or 0) + INTO_MS)
    truth = made.truth()
    assert (truth["moving"], truth["jobs"]) == (1, len(JOBS))
    return made


def reset_after_ms(bench: Bench, within_ms: int) -> int:
    """Waits for the reset; nothing may move after the motion that was under way."""
    began_s = bench.now_s
    resets = bench.truth()["resets"]
    bench.dut.run(MOTION_MS)
    ended = bench.truth()
    assert ended["moving"] == 0
    while bench.truth()["resets"] == resets:
        assert bench.truth()["steps_counted"] == ended["steps_counted"]
        assert (bench.now_s - began_s) * 1000 < within_ms + LOOK_MS, "no reset by the watchdog"
        bench.dut.run(LOOK_MS)
    return round((bench.now_s - began_s) * 1000)


def continues_without_a_repeated_stroke(bench: Bench, evidence: Evidence, name: str) -> None:
    """After the reset: four strokes are counted, and three more follow on schedule."""
    bench.wait(seconds=1)
    rows = [row.a for row in bench.pump.log() if row.name == "reset"]
    assert defs.RESET_CAUSES[rows[-1]].name == "watchdog"
    assert bench.state == "infusing"
    assert bench.status.strokes == 4
    evidence.record(f"{name}_extra_nl", bench.over_accounted_nl(), -1, STROKE_NL, "nL")
    before_nl, above = bench.truth()["pumped_nl"], bench.over_accounted_nl()
    bench.wait(ms=3 * STROKE_MS + MOTION_MS)
    assert bench.status.strokes == 7
    assert bench.truth()["pumped_nl"] - before_nl == pytest.approx(3 * STROKE_NL, abs=1)
    assert bench.over_accounted_nl() == pytest.approx(above, abs=1)


@pytest.mark.parametrize("job", NAMED)
def test_a_job_that_never_returns_ends_in_a_watchdog_reset(bench: Bench, evidence: Evidence, job: int) -> None:
    bench.do("hang", job)
    ms = reset_after_ms(bench, WATCHDOG_MS)
    evidence.record(f"hang.{job}_{JOBS[job]}_reset_s", ms / 1000, 0, (WATCHDOG_MS + LOOK_MS) / 1000, "s")
    continues_without_a_repeated_stroke(bench, evidence, f"hang.{job}_{JOBS[job]}")


@pytest.mark.parametrize("job", NAMED)
def test_a_job_that_is_never_called_again_ends_in_a_watchdog_reset(bench: Bench, evidence: Evidence, job: int) -> None:
    """All other jobs still run."""
    bench.do("forget", job)
    within_ms = PASSED_OVER_MS + WATCHDOG_MS
    ms = reset_after_ms(bench, within_ms)
    evidence.record(f"forget.{job}_{JOBS[job]}_reset_s", ms / 1000, 0, (within_ms + LOOK_MS) / 1000, "s")
    continues_without_a_repeated_stroke(bench, evidence, f"forget.{job}_{JOBS[job]}")


def test_a_hang_during_the_self_test_ends_in_a_watchdog_reset(bench: Bench) -> None:
    """The watchdog must be running before the first step."""
    resets = bench.truth()["resets"]
    bench.do("hang", JOBS.index("power_on_test"))
    bench.do("reset")
    bench.dut.run(WATCHDOG_MS + LOOK_MS)
    assert bench.truth()["resets"] == resets + 2
    bench.wait(seconds=1)
    assert bench.state == "infusing"


def test_a_pump_without_fault_is_never_reset(bench: Bench) -> None:
    resets = bench.truth()["resets"]
    bench.wait(hours=6)
    assert bench.truth()["resets"] == resets
