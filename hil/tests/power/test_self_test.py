"""The background test finds a failure within an hour, names it in the log, and ends delivery."""

import pytest
from pumpctl import defs
from pumpctl.testing import Bench, Evidence

REQUIREMENTS = ("S2",)
pytestmark = pytest.mark.needs("fresh", "world", "jumps", "memory_faults")


def failed(bench: Bench) -> list[str]:
    """The names of the tests that have failed."""
    return [defs.TEST_NAMES[row.a] for row in bench.pump.log() if row.name == "test_failed"]


@pytest.mark.parametrize(
    ("action", "value", "test"),
    [
        pytest.param("stick_cell", 17, "ram", marks=pytest.mark.quick),
        ("flip_program", 0, "program"),
        ("flip_program", 131071, "program"),
        ("second_clock_percent", 95, "clock"),
        ("second_clock_percent", 0, "clock"),
    ],
)
def test_a_memory_program_or_clock_fault_is_found_within_an_hour_and_ends_delivery(
    bench: Bench, evidence: Evidence, action: str, value: int, test: str
) -> None:
    bench.infuse()
    bench.wait(minutes=70)
    assert bench.state == "infusing"
    assert failed(bench) == []
    bench.do(action, value)
    began_s = bench.now_s
    while bench.state == "infusing" and bench.now_s - began_s < 2 * 3600:
        bench.wait(minutes=1)
    evidence.record(f"self_test.{test}_found_s", round(bench.now_s - began_s), 0, 3660, "s")
    assert bench.state == "fault"
    assert bench.alarms[0] == "part_failed"
    assert failed(bench) == [test]
    steps = bench.truth()["steps_counted"]
    bench.wait(hours=1)
    assert bench.truth()["steps_counted"] == steps


def test_self_tests_between_frequent_strokes_pass_and_delay_no_stroke(bench: Bench) -> None:
    bench.infuse(rate_ul_day=24000)
    bench.wait(hours=2)
    assert failed(bench) == []
    assert bench.state == "infusing"
    assert "late" not in bench.alarms


@pytest.mark.quick
def test_the_log_names_the_cause_of_the_reset(bench: Bench) -> None:
    (row,) = [row for row in bench.pump.log() if row.name == "reset"]
    assert defs.RESET_CAUSES[row.a].name == "power_on"
