"""A rise in flow after a slow rate, on a healthy line: what was learned at one rate fits no other as it stands."""

from collections.abc import Callable

import pytest
from pumpctl.testing import Bench

REQUIREMENTS = ("O2",)
pytestmark = pytest.mark.needs("fresh", "world", "jumps", "sensor_faults")

MakeBench = Callable[..., Bench]
BRIDGE_NL = 900_000
LOW = "reservoir_low"  # a day at 24 mL/day is more than the reservoir holds


def learn(bench: Bench) -> Bench:
    """At 1 mL/day for twelve hours, in which the line was learned."""
    bench.infuse(1000)
    bench.wait(hours=12)
    assert bench.alarms == []
    return bench


def alarms(bench: Bench) -> list[str]:
    return [name for name in bench.alarms if name != LOW]


@pytest.mark.parametrize("seed", range(1, 4))
def test_bridge_after_a_slow_rate_is_given_whole_and_without_an_alarm(make_bench: MakeBench, seed: int) -> None:
    bench = learn(make_bench(seed))
    bench.pump.stop()
    before_nl = bench.status.delivered_nl
    bench.pump.prime(BRIDGE_NL, "bridge")
    bench.wait(hours=1.1)
    assert (alarms(bench), bench.state) == ([], "standby")
    assert bench.status.delivered_nl - before_nl == BRIDGE_NL


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long("another seed"))])
def test_fast_rate_after_a_slow_one_raises_no_alarm(make_bench: MakeBench, seed: int) -> None:
    bench = learn(make_bench(seed))
    for ul_day in (24000, 1000, 13000, 1000):
        bench.pump.rate(ul_day, override="soft_rate")
        bench.wait(hours=1)
        assert (alarms(bench), bench.state) == ([], "infusing"), ul_day


@pytest.mark.parametrize("steps", [pytest.param(10, marks=pytest.mark.long("hours of small strokes")), 20])
def test_fast_rate_of_small_strokes_is_no_fault_of_the_sensor(make_bench: MakeBench, steps: int) -> None:
    bench = make_bench(5)
    bench.pump.param_set("steps_per_stroke", steps)
    learn(bench)
    bench.pump.rate(24000, override="soft_rate")
    bench.wait(minutes=20)
    assert (alarms(bench), bench.state) == ([], "infusing")
    bench.do("pressure_stuck")
    bench.wait(minutes=1)
    assert (alarms(bench), bench.state) == (["pressure_sensor"], "infusing")


def test_block_upstream_is_found_soon_after_a_rise_in_flow(make_bench: MakeBench) -> None:
    bench = learn(make_bench(6))
    bench.pump.rate(24000, override="soft_rate")
    bench.wait(minutes=1)
    bench.do("block_upstream")
    bench.run_until(lambda: bench.state == "stopped_alarm", 60, what="a stop by an alarm")
    assert alarms(bench) == ["upstream_occlusion"]
