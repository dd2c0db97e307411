"""The watchdog is tested by one reset at each power-on, and only then; if it fails, delivery is blocked."""

from __future__ import annotations

import pytest
from pumpctl import defs
from pumpctl.testing import Bench, Evidence

REQUIREMENTS = ("S1",)
pytestmark = pytest.mark.needs("fresh", "world", "power_cuts")

READY_MS = 1000


def rows(bench: Bench, name: str) -> list[int]:
    return [row.a for row in bench.pump.log() if row.name == name]


def causes(bench: Bench) -> list[str]:
    return [defs.RESET_CAUSES[number].name for number in rows(bench, "reset")]


@pytest.mark.quick
def test_it_resets_the_chip_once_at_a_power_on_and_the_log_says_so(bench: Bench) -> None:
    assert len(rows(bench, "watchdog_proved")) == 1
    assert causes(bench) == ["power_on"]
    assert bench.truth()["resets"] == 1
    assert bench.state == "standby"
    bench.do("power_cut")
    bench.wait(ms=READY_MS)
    assert len(rows(bench, "watchdog_proved")) == 2
    assert causes(bench) == ["power_on", "power_on"]
    assert bench.truth()["resets"] == 3


@pytest.mark.parametrize("action", ["watchdog_reset", "reset", pytest.param("fault_reset", marks=pytest.mark.quick)])
def test_it_is_not_tested_after_any_other_reset(bench: Bench, action: str) -> None:
    resets = bench.truth()["resets"]
    bench.do(action)
    bench.wait(ms=READY_MS)
    assert len(rows(bench, "watchdog_proved")) == 1
    assert bench.truth()["resets"] == resets + 1
    assert bench.state == "standby"


def test_a_brown_out_stays_the_cause_of_a_reset_and_the_watchdog_is_tested(bench: Bench) -> None:
    bench.do("brown_out")
    bench.wait(seconds=5)
    assert causes(bench)[-1] == "brown_out"
    assert len(rows(bench, "watchdog_proved")) == 2
    assert bench.state == "standby"


@pytest.mark.parametrize("fault", ["watchdog_dead", "watchdog_forgets"])
@pytest.mark.quick
def test_a_watchdog_that_fails_its_test_is_named_and_blocks_delivery(
    bench: Bench, evidence: Evidence, fault: str
) -> None:
    """Dead: no reset comes. Forgets: its resets look like power-ons; at most three are tried."""
    bench.do(fault)
    resets = bench.truth()["resets"]
    bench.do("power_cut")
    bench.wait(ms=READY_MS)
    test_resets = bench.truth()["resets"] - resets - 1
    evidence.record(f"self_test.{fault}_bites", test_resets, 0, 3, "resets")
    assert test_resets == (3 if fault == "watchdog_forgets" else 0)
    assert bench.state == "fault"
    assert bench.alarms[0] == "part_failed"
    failed = [row for row in bench.pump.log() if row.name == "part_failed"]
    named = [(defs.PARTS[row.a].name, defs.PART_FAULTS[row.b].name) for row in failed]
    assert named == [("watchdog", "no_reset")]
    resets = bench.truth()["resets"]
    bench.wait(minutes=5)
    assert bench.truth()["resets"] == resets
    bench.do("watchdog_works")
    bench.do("power_cut")
    bench.wait(ms=READY_MS)
    assert bench.state == "standby"
    assert rows(bench, "watchdog_proved")
