"""A line of the I2C bus that a part holds low is freed, or told as a failed sensor; it ends no delivery."""

from collections.abc import Callable

import pytest
from pumpctl import defs
from pumpctl.testing import Bench

REQUIREMENTS = ("S1", "O3", "D3")
pytestmark = pytest.mark.needs("fresh", "world", "parts")

MakeBench = Callable[..., Bench]
STROKE_MS = 21_600
HELD_MS = 300
QUICK = (0, 5, 8)
POSITIONS = [pytest.param(at, marks=pytest.mark.quick if at == 5 else ()) for at in range(9)]  # `bus.recovery` has all


@pytest.mark.parametrize("position", POSITIONS)
def test_sda_held_within_a_byte_when_the_pump_is_reset_is_freed_at_boot(make_bench: MakeBench, position: int) -> None:
    bench = make_bench()
    bench.do("bus_sda", position)
    bench.do("watchdog_reset")
    assert bench.truth()["bus_held"] == 1
    bench.wait(seconds=4)
    assert bench.truth()["bus_held"] == 0
    assert bench.state == "standby"
    assert "part_failed" not in bench.alarms
    assert bench.status.pressure_pa is not None


@pytest.mark.parametrize("action", ["bus_sda", "bus_sda_next"])
@pytest.mark.parametrize("position", POSITIONS)
def test_sda_held_during_delivery_is_freed_without_a_lost_stroke(
    make_bench: MakeBench, position: int, action: str
) -> None:
    bench = make_bench()
    bench.infuse(1000)
    bench.do(action, position)
    bench.wait(ms=3 * STROKE_MS)
    truth = bench.truth()
    assert (truth["bus_held"], truth["strokes_seen"]) == (0, bench.running_ms() // STROKE_MS)
    assert bench.state == "infusing"
    assert bench.alarms == []
    assert bench.status.pressure_pa is not None


@pytest.mark.parametrize("position", POSITIONS)
def test_scl_and_sda_held_when_the_pump_is_reset_are_freed_by_time_and_clocks(
    make_bench: MakeBench, position: int
) -> None:
    """The part stretches the clock at this bit: no clock of the pump counts before it lets go of SCL."""
    bench = make_bench()
    bench.do("bus_sda", position)
    bench.do("bus_scl", HELD_MS)
    bench.do("watchdog_reset")
    assert bench.truth()["bus_held"] == 1
    bench.wait(seconds=6)
    assert bench.truth()["bus_held"] == 0
    assert bench.state == "standby"
    assert "part_failed" not in bench.alarms
    assert bench.status.pressure_pa is not None


@pytest.mark.parametrize("position", POSITIONS)
def test_scl_and_sda_held_during_delivery_are_freed_without_a_lost_stroke(make_bench: MakeBench, position: int) -> None:
    bench = make_bench()
    bench.infuse(1000)
    bench.wait(ms=STROKE_MS - 100)  # the pressure is sampled around a stroke
    bench.do("bus_sda", position)
    bench.do("bus_scl", HELD_MS)
    bench.wait(ms=3 * STROKE_MS)
    truth = bench.truth()
    assert (truth["bus_held"], truth["strokes_seen"]) == (0, bench.running_ms() // STROKE_MS)
    assert (bench.state, bench.alarms) == ("infusing", [])
    assert bench.status.pressure_pa is not None


@pytest.mark.quick
def test_scl_held_within_a_byte_of_a_transfer_is_freed_by_time_or_told(make_bench: MakeBench) -> None:
    """For 300 ms it costs one sample of the pressure, for ever it is an alarm. `bus.recovery` has all nine bits."""
    bench = make_bench()
    bench.infuse(1000)
    for position in QUICK:
        bench.do("bus_scl_next", position)
        bench.wait(ms=2 * STROKE_MS)
        assert (bench.truth()["bus_held"], bench.state, bench.alarms) == (0, "infusing", []), position
    (row,) = [row for row in bench.pump.exchanges() if row.name == "pressure"]
    assert row.disturbed >= len(QUICK)
    bench.do("bus_scl_next_stays", QUICK[1])
    bench.wait(minutes=10)
    assert (bench.state, bench.alarms) == ("infusing", ["pressure_sensor"])
    bench.do("bus_works")
    bench.wait(minutes=10)
    bench.pump.ack()
    assert (bench.state, bench.alarms) == ("infusing", [])
    assert bench.truth()["strokes_seen"] == bench.running_ms() // STROKE_MS


@pytest.mark.quick
def test_scl_held_for_300_ms_is_no_alarm(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.infuse(1000)
    bench.wait(ms=STROKE_MS - 100)  # the pressure is sampled around a stroke
    bench.do("bus_scl", 300)
    bench.wait(ms=2 * STROKE_MS)
    assert (bench.state, bench.alarms) == ("infusing", [])
    assert bench.truth()["strokes_seen"] == bench.running_ms() // STROKE_MS


@pytest.mark.quick
@pytest.mark.parametrize("action", ["bus_sda_stays", "bus_scl"])
def test_a_bus_that_stays_held_is_an_alarm_of_the_sensor_and_delivery_goes_on(
    make_bench: MakeBench, action: str
) -> None:
    bench = make_bench()
    bench.infuse(1000)
    bench.wait(ms=STROKE_MS)
    bench.do(action)
    bench.wait(minutes=10)
    assert (bench.state, bench.alarms) == ("infusing", ["pressure_sensor"])
    assert bench.truth()["strokes_seen"] == bench.running_ms() // STROKE_MS
    assert bench.truth()["watchdog_longest_ms"] < 6000
    bench.do("bus_works")
    bench.wait(minutes=10)
    bench.pump.ack()
    assert (bench.state, bench.alarms) == ("infusing", [])


@pytest.mark.quick
def test_a_bus_that_stays_held_over_a_reset_is_named_and_holds_delivery(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.do("bus_sda_stays")
    bench.do("watchdog_reset")
    bench.wait(seconds=5)
    assert bench.state == "fault"
    failed = [row for row in bench.pump.log() if row.name == "part_failed"]
    named = [(defs.PARTS[row.a].name, defs.PART_FAULTS[row.b].name) for row in failed]
    assert named == [("bus", "bus_stuck"), ("pressure", "bus_stuck")]
