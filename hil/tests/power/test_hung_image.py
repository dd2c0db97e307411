"""A job of the release image hangs at its next call: the motion ends, the watchdog resets, no stroke is repeated.

test_hang.py covers every job on the unix build, made due at once. This file covers the jobs that are called within a
minute of infusion.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pumpctl import defs
from pumpctl.testing import Bench, Evidence
from pumpctl.testing.job_symbols import Jobs

REQUIREMENTS = ("S3", "S4", "L2")
pytestmark = pytest.mark.needs("fresh", "world", "hangs_when_called")
JOBS = Jobs().names

STROKE_NL = 250
STROKE_MS = 21_600
MOTION_MS = 4_000  # longer than a stroke moves
WATCHDOG_MS = 8_000
LONGEST_GAP_MS = 60_000  # between two readings of the reservoir level
LOOK_MS = 500
EXACT_DRIVE = {"drive_error_ppm": 0, "drive_drift_ppm_day": 0, "drive_random_ppm": 0}
QUICK = ("delivery", "uptime")
CALLED = (
    "uptime", "background_test", "monitor", "reservoir", "environment", "guards", "before_motion", "delivery", "saving",
    "port",
)  # fmt: skip
NAMED = [pytest.param(name, marks=pytest.mark.quick if name in QUICK else ()) for name in CALLED]


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    """A pump that resumes by itself, in the middle of its fourth stroke; its drive has no error."""
    made = make_bench(**EXACT_DRIVE)
    made.pump.param_set("resume_policy", 1)
    made.infuse(1000)
    made.wait(ms=3 * STROKE_MS + STROKE_MS // 2)
    made.wait(ms=(made.status.stroke_in_ms or 0) + 60)
    assert made.truth()["moving"] == 1
    return made


def steps_until_reset(bench: Bench) -> list[int]:
    """The steps that the world has counted, every LOOK_MS until the reset."""
    resets = bench.truth()["resets"]
    steps: list[int] = []
    while bench.truth()["resets"] == resets:
        assert len(steps) * LOOK_MS < LONGEST_GAP_MS + WATCHDOG_MS + LOOK_MS, "no reset by the watchdog"
        bench.dut.run(LOOK_MS)
        steps.append(bench.truth()["steps_counted"])
    return steps


@pytest.mark.parametrize("name", NAMED)
def test_a_job_that_never_returns_ends_in_a_watchdog_reset(bench: Bench, evidence: Evidence, name: str) -> None:
    bench.do("hang", JOBS.index(name))
    steps = steps_until_reset(bench)
    evidence.record(f"hang_called.{name}_reset_s", len(steps) * LOOK_MS / 1000, 0, 68.5, "s")
    still = (WATCHDOG_MS - 1000) // LOOK_MS  # the motion under way was over within a second
    assert len(steps) > still and len(set(steps[-still:])) == 1
    bench.wait(seconds=2)
    (*_, last) = [row.a for row in bench.pump.log() if row.name == "reset"]
    assert defs.RESET_CAUSES[last].name == "watchdog"
    assert bench.state == "infusing"
    above = bench.over_accounted_nl()
    evidence.record(f"hang_called.{name}_extra_nl", above, -1, STROKE_NL, "nL")
    given = bench.status.strokes
    bench.wait(ms=3 * STROKE_MS + MOTION_MS)
    assert bench.status.strokes == given + 3
    assert abs(bench.over_accounted_nl() - above) <= 1


@pytest.mark.quick
def test_a_hang_during_the_self_test_ends_in_a_watchdog_reset(bench: Bench) -> None:
    """The watchdog must be running before the first step."""
    resets = bench.truth()["resets"]
    bench.do("hang", JOBS.index("power_on_test"))
    bench.do("reset")
    bench.dut.run(WATCHDOG_MS + LOOK_MS)
    assert bench.truth()["resets"] == resets + 2
    bench.wait(seconds=2)
    assert bench.state == "infusing"
