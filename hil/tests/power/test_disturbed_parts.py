"""Single disturbed exchanges with the real drivers of motor and pressure are counted, and end nothing."""

from collections.abc import Callable

import pytest
from pumpctl.testing import Bench

REQUIREMENTS = ("D3",)
pytestmark = [pytest.mark.needs("fresh", "world", "parts"), pytest.mark.quick]

MakeBench = Callable[..., Bench]
STROKE_MS = 21_600


@pytest.mark.parametrize(
    ("action", "nth", "part"),
    [("driver_flips", 3, "driver"), ("driver_late", 3, "driver"), ("pressure_late", 40, "pressure")],
)
def test_disturbed_exchanges_with_a_part_are_counted_and_cost_no_stroke(
    make_bench: MakeBench, action: str, nth: int, part: str
) -> None:
    bench = make_bench()
    bench.infuse(1000)
    bench.do(action, nth)
    bench.wait(ms=10 * STROKE_MS)
    assert (bench.state, bench.alarms) == ("infusing", [])
    assert bench.truth()["strokes_seen"] == bench.running_ms() // STROKE_MS
    disturbed = {row.name: row.disturbed for row in bench.pump.exchanges()}
    assert disturbed[part] > 0
    # A driver that is late three times in a row lets the drive start again.
    assert {name for name, count in disturbed.items() if count} <= {part, "drive" if part == "driver" else part}


def test_a_motor_driver_that_gives_too_little_current_ends_in_a_fault_before_the_next_stroke(
    make_bench: MakeBench,
) -> None:
    bench = make_bench()
    bench.infuse(1000)
    bench.wait(ms=3 * STROKE_MS)
    assert (bench.state, bench.alarms) == ("infusing", [])
    assert bench.truth()["steps_unpowered"] == 0
    bench.do("driver_weak", 2)
    bench.wait(ms=3 * STROKE_MS)
    assert (bench.state, bench.alarms) == ("fault", ["drive_fault"])
    assert bench.truth()["strokes_seen"] == 4, "that of which the driver has told it, and no other"
