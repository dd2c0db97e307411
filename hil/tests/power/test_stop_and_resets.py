"""A stop that stays, and resets that are never silent, seen on valves and stepper."""

from collections.abc import Callable

import pytest
from pumpctl import defs
from pumpctl.testing import Bench, alarm

REQUIREMENTS = ("D9", "D12", "A2", "A5")
pytestmark = pytest.mark.needs("fresh", "world", "power_cuts")

MakeBench = Callable[..., Bench]
MEDIUM, HIGH = 2, 3
STOPS = (b"stop\n", b"stop \n", b"STOP!\n", b'{"id":1,"cmd":"stop","bogus":1}\n', b'{"id":1,"cmd":"stop"}*00000000\n')


@pytest.fixture(params=["stepper", pytest.param("valves", marks=pytest.mark.needs("valves"))])
def bench(request: pytest.FixtureRequest, make_bench: MakeBench) -> Bench:
    """A pump that was just switched on, with each drive in turn."""
    return make_bench(drive=request.param)


def stays_stopped(bench: Bench, hours: int = 4) -> None:
    """Nothing moves, and the pump does not infuse, however long one waits."""
    bench.wait(seconds=30)  # the reverse of a relief
    steps = bench.truth()["steps_counted"]
    for _ in range(hours * 4):
        bench.wait(minutes=15)
        assert bench.state not in ("infusing", "keep_open", "priming")
    assert bench.truth()["steps_counted"] == steps


@pytest.mark.needs("block_line")
@pytest.mark.parametrize("stop", STOPS)
def test_a_stop_after_an_occlusion_outlasts_the_block(bench: Bench, stop: bytes) -> None:
    bench.pump.param_set("occlusion_retries", 3)
    bench.infuse()
    bench.wait(hours=1)
    with bench.blocked():
        bench.run_until(lambda: bench.state == "stopped_alarm", 900, what="the occlusion alarm")
        assert b'"ok":true' in b"".join(bench.raw(stop))
        bench.wait(seconds=10)
    stays_stopped(bench)
    bench.pump.ack()
    assert bench.state == "standby"
    bench.pump.start()
    bench.wait(minutes=5)
    assert bench.state == "infusing"


@pytest.mark.parametrize("action", ["power_cut", "watchdog_reset", "brown_out", "reset", "fault_reset"])
def test_a_stop_outlasts_every_reset(bench: Bench, action: str) -> None:
    bench.pump.param_set("resume_policy", 1)
    bench.infuse()
    bench.wait(minutes=30)
    bench.pump.stop()
    bench.do(action)
    stays_stopped(bench, 1)
    bench.do("power_cut")
    stays_stopped(bench, 1)


@pytest.mark.parametrize("action", ["power_cut", "watchdog_reset", "brown_out", "reset", "fault_reset"])
def test_a_reset_that_ends_delivery_is_shown_and_heard_at_once(bench: Bench, action: str) -> None:
    bench.infuse()
    bench.wait(minutes=30)
    bench.do(action)
    bench.wait(seconds=5)
    assert bench.state == "standby"
    assert "delivery_stopped" in bench.alarms
    assert ("reset_by_fault" in bench.alarms) == (action in ("watchdog_reset", "fault_reset"))
    assert bench.status.priority == MEDIUM
    changes = [name for ms, name, on in bench.dut.changes() if on]
    assert "tone" in changes[-6:] and "yellow" in changes[-6:]
    bench.wait(hours=1)
    assert "delivery_stopped" in bench.alarms


def test_a_pump_that_hangs_after_each_start_stays_stopped_after_the_third_time(bench: Bench) -> None:
    bench.pump.param_set("resume_policy", 1)
    bench.infuse()
    bench.wait(minutes=30)
    found = []
    for _ in range(5):
        bench.do("watchdog_reset")
        bench.wait(seconds=12)
        found.append((bench.state, bench.status.priority))
    assert found == [("infusing", MEDIUM), ("infusing", HIGH)] + [("standby", HIGH)] * 3
    assert {"resets_repeat", "delivery_stopped"} <= set(bench.alarms)
    strokes = bench.status.strokes
    bench.wait(hours=2)
    assert bench.status.strokes == strokes


def test_what_was_stopped_over_the_link_and_is_not_started_again_is_a_medium_alarm(bench: Bench) -> None:
    bench.infuse()
    bench.wait(minutes=30)
    bench.pump.stop()
    bench.wait(minutes=14)
    assert bench.alarms == []
    bench.wait(minutes=2)
    assert (bench.alarms, bench.status.priority) == (["delivery_stopped"], MEDIUM)
    bench.pump.start()
    bench.pump.ack(alarm("delivery_stopped"))
    assert bench.alarms == []


@pytest.mark.needs("annunciator", "jumps")
def test_the_lamps_of_the_self_test_stay_dark_for_four_days(bench: Bench) -> None:
    bench.infuse(50)
    bench.wait(minutes=1)
    before = bench.dut.changes()
    bench.wait(days=4)
    assert bench.dut.changes() == before
    assert bench.alarms == []


def test_the_event_of_a_stop_names_the_state(bench: Bench) -> None:
    bench.infuse()
    bench.pump.stop()
    (row,) = [row for row in bench.pump.log() if row.name == "stopped"]
    assert defs.STATES[row.a].name == "infusing"


@pytest.mark.parametrize("policy", [0, 1])
def test_a_reset_that_an_operator_asks_for_is_recorded_and_delivery_resumes_by_the_policy(
    bench: Bench, policy: int
) -> None:
    bench.pump.param_set("resume_policy", policy)
    bench.infuse()
    bench.wait(minutes=30)
    delivered_nl = bench.status.delivered_nl
    made = bench.pump.reset()
    assert made.new == {"resumes": policy}
    bench.wait(seconds=30)
    reset = [row for row in bench.pump.log() if row.name == "reset"][-1]
    assert defs.RESET_CAUSES[reset.a].name == "request"
    assert bench.state == ("infusing" if policy else "standby")
    assert "reset_by_fault" not in bench.alarms
    assert bench.status.delivered_nl >= delivered_nl
    assert bench.pump.journal().uncertain == 0
