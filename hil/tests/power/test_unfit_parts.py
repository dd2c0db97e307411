"""A wrongly wired board names the unfit part at power-on and moves nothing; nor does a driver that was reset."""

from collections.abc import Callable

import pytest
from pumpctl import defs, errors
from pumpctl.bench import selftest
from pumpctl.testing import Bench

REQUIREMENTS = ("S1", "D13")
pytestmark = pytest.mark.needs("fresh", "world", "parts")

MakeBench = Callable[..., Bench]


def unfit(bench: Bench) -> dict[str, str]:
    """Part and fault of each part that failed the self-test."""
    rows = [row for row in bench.pump.log() if row.name == "part_failed"]
    return {defs.PARTS[row.a].name: defs.PART_FAULTS[row.b].name for row in rows}


@pytest.mark.parametrize(
    ("fitted", "found"),
    [
        pytest.param("pressure=missing", {"pressure": "no_answer"}, marks=pytest.mark.quick),
        ("pressure@0x28", {"pressure": "no_answer"}),
        ("level=missing", {"level": "out_of_range"}),
        ("driver=missing", {"driver": "bus_stuck"}),
        ("driver=no_power", {"driver": "no_answer"}),
        pytest.param("enable_pull_up=missing", {"drive": "no_pull_up"}, marks=pytest.mark.quick),
    ],
)
def test_unfit_part_is_named_and_blocks_delivery(make_bench: MakeBench, fitted: str, found: dict[str, str]) -> None:
    bench = make_bench(parts=[fitted])
    bench.wait(seconds=3)  # a part that doesn't answer is asked again for a second
    assert bench.state == "fault"
    assert bench.alarms[0] == "part_failed"
    named = unfit(bench)
    assert found.items() <= named.items(), named
    walked = {row.text for row in selftest.walk(bench.pump, lambda text, verdict: None) if row.verdict == "failed"}
    assert {f"{part}: {fault}" for part, fault in named.items()} == set("; ".join(walked).split("; "))
    with pytest.raises(errors.Refused):
        bench.set_up()
    bench.wait(minutes=5)
    assert bench.truth()["steps_counted"] == 0


@pytest.mark.quick
@pytest.mark.parametrize("strokes", [1, 2])
def test_driver_that_was_reset_between_two_strokes_makes_no_further_step(make_bench: MakeBench, strokes: int) -> None:
    bench = make_bench()
    bench.infuse(1000)
    bench.wait(ms=strokes * 21_600 + 10_800)
    steps = bench.truth()["steps_counted"]
    assert steps == strokes * 100
    bench.do("driver_power_off")
    bench.do("driver_power_on")
    bench.wait(seconds=60)
    assert bench.truth()["steps_counted"] == steps
    assert bench.state == "fault"
    assert bench.alarms[0] == "drive_fault"
