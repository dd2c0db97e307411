"""Power cuts at any moment: no acknowledged data is lost, no stroke is repeated, the total is never too low."""

from collections.abc import Callable

import pytest
from pumpctl import defs, errors
from pumpctl.testing import Bench, Evidence

REQUIREMENTS = ["D12", "D13", "L1", "L2", "L4"]

pytestmark = pytest.mark.needs("fresh", "world", "power_cuts")

MakeBench = Callable[..., Bench]
STROKE_NL = 250
STROKE_MS = 21_600
MOTION_MS = 4_000  # longer than a stroke moves
EXACT_DRIVE = {"drive_error_ppm": 0, "drive_drift_ppm_day": 0, "drive_random_ppm": 0}
TEARS = ("none", "half", "subset", "whole")


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A pump at 1 mL/day, half a period after its third stroke; its drive has no error."""
    made = make_bench(**EXACT_DRIVE)
    made.infuse(1000)
    made.wait(ms=3 * STROKE_MS + STROKE_MS // 2)
    return made


def goes_on(bench: Bench, above: int, strokes: int = 3) -> None:
    """After a start, more strokes leave the difference between delivered total and ground truth unchanged."""
    assert bench.state == "standby"
    bench.pump.ack()
    bench.pump.start()
    before = bench.status.strokes
    bench.wait(ms=strokes * STROKE_MS + MOTION_MS)
    assert bench.status.strokes == before + strokes
    assert abs(bench.over_accounted_nl() - above) <= 1  # nL; both are rounded


def boots(bench: Bench) -> int:
    return bench.pump.journal().boot


@pytest.mark.parametrize("tear", ["none", "half", pytest.param("subset", marks=pytest.mark.quick), "whole"])
def test_cuts_in_the_flash_operations_of_a_stroke(bench: Bench, evidence: Evidence, tear: str) -> None:
    """Cuts each operation once: the intent, the mark that it is done, and what follows."""
    worst_nl = 0
    for operation in range(4):
        before, was_nl = boots(bench), bench.over_accounted_nl()
        bench.do(f"power_cut_{tear}", operation)
        bench.wait(ms=3 * STROKE_MS)
        assert boots(bench) > before, "the power was not cut"
        added_nl = bench.over_accounted_nl() - was_nl
        assert -1 <= added_nl <= STROKE_NL + 1
        worst_nl = max(worst_nl, added_nl)
        goes_on(bench, bench.over_accounted_nl(), 1)
    evidence.record(f"power.stroke_{tear}_above_nl", worst_nl, 0, STROKE_NL + 1, "nL")


@pytest.mark.parametrize(
    "ms",
    [
        5,
        pytest.param(60, marks=pytest.mark.quick),
        150,
        pytest.param(195, marks=pytest.mark.needs("exact_time")),  # five before the end
        400,
    ],
)
def test_a_cut_in_the_middle_of_a_motion_counts_the_stroke_once(bench: Bench, ms: int) -> None:
    strokes = bench.status.strokes
    bench.wait(ms=(bench.status.stroke_in_ms or 0) + ms)
    assert bench.truth()["moving"] == (1 if ms < 200 else 0)
    bench.do("power_cut")
    bench.wait(seconds=5)
    assert bench.status.strokes == strokes + 1
    added_nl = bench.over_accounted_nl()
    assert 0 <= added_nl <= STROKE_NL
    assert ("dose_uncertain" in bench.alarms) == (added_nl > 0 or bench.pump.journal().uncertain > 0)
    goes_on(bench, added_nl)


@pytest.mark.quick
def test_strokes_missed_during_hours_without_power_are_not_made_up(bench: Bench, evidence: Evidence) -> None:
    bench.wait(ms=STROKE_MS - STROKE_MS // 2 - 1000)  # nearly due; an emulated pump takes 50 ms to answer
    strokes = bench.status.strokes
    bench.do("power_cut", 5 * 3600)
    bench.wait(seconds=5)
    assert bench.state == "standby"
    bench.wait(hours=1)
    assert bench.status.strokes == strokes
    bench.pump.ack()
    bench.pump.start()
    bench.wait(ms=STROKE_MS - 100)
    evidence.record("power.made_up_strokes", bench.status.strokes - strokes, 0, 0, "strokes")


def test_resume_policy_continues_delivery_without_making_up_strokes(make_bench: MakeBench) -> None:
    bench = make_bench(**EXACT_DRIVE)
    bench.pump.param_set("resume_policy", 1)
    bench.infuse(1000)
    bench.wait(ms=3 * STROKE_MS + MOTION_MS)
    bench.do("power_cut", 3600)
    bench.wait(ms=STROKE_MS - 1000)
    assert bench.state == "infusing" and bench.status.strokes == 3
    bench.wait(ms=2 * STROKE_MS)
    assert bench.status.strokes == 5
    assert abs(bench.over_accounted_nl()) <= 1


def attempt(action: Callable[[], object]) -> bool:
    """Whether the pump has acknowledged it; after a power cut there is no answer."""
    try:
        action()
    except (errors.NoAnswer, errors.Refused):
        return False
    return True


def setting(bench: Bench, name: str) -> int:
    return next(row.value for row in bench.pump.params() if row.name == name)


@pytest.mark.parametrize("tear", TEARS)
def test_a_setting_is_the_old_or_the_new_and_the_new_once_acknowledged(bench: Bench, tear: str) -> None:
    value = setting(bench, "link_timeout_s")
    for operation in range(4):
        bench.do(f"power_cut_{tear}", operation)
        acknowledged = attempt(lambda: bench.pump.param_set("link_timeout_s", 100 + operation))  # noqa: B023
        bench.wait(minutes=10)
        found = setting(bench, "link_timeout_s")
        assert found in ((100 + operation,) if acknowledged else (value, 100 + operation))
        assert bench.pump.journal().unfit == "none"
        value = found


@pytest.mark.parametrize("tear", TEARS)
def test_a_refill_is_saved_completely_or_not_at_all(bench: Bench, tear: str) -> None:
    """Each cut comes two operations later."""
    before_nl = bench.status.ledger_nl
    for operation in range(0, 12, 2):
        bench.do(f"power_cut_{tear}", operation)
        acknowledged = attempt(lambda: bench.refill(9_000_000 + operation))  # noqa: B023
        bench.wait(minutes=1)
        bench.do("power_stays")
        ledger_nl = bench.status.ledger_nl
        assert ledger_nl in ((9_000_000 + operation,) if acknowledged else (before_nl, 9_000_000 + operation))
        assert bench.state in ("standby", "refilling")
        if bench.state == "refilling":
            bench.pump.refill_cancel()
        before_nl = ledger_nl


@pytest.mark.needs("block_line")
def test_backlash_is_compensated_after_a_relief_and_a_reset(make_bench: MakeBench, evidence: Evidence) -> None:
    bench = make_bench(**EXACT_DRIVE, drive_backlash_steps=4)
    bench.infuse(1000)
    bench.wait(hours=1)
    with bench.blocked():
        bench.run_until(lambda: "relief" in [row.name for row in bench.pump.log()], 1800, "the relief", step_s=10)
        bench.do("power_cut")
        bench.wait(minutes=1)
    bench.pump.ack()
    bench.pump.start()
    before_nl = bench.truth()["pumped_nl"]
    bench.wait(ms=3 * STROKE_MS + MOTION_MS)
    lost_nl = 3 * STROKE_NL - (bench.truth()["pumped_nl"] - before_nl)
    evidence.record("power.relief_lost_nl", lost_nl, -1, 1, "nL")


def test_power_cuts_during_restarts_count_the_stroke_once(bench: Bench, evidence: Evidence) -> None:
    bench.wait(ms=(bench.status.stroke_in_ms or 0) + 60)  # in the middle of a stroke
    strokes = bench.status.strokes
    count = 0
    for operation in range(6):
        for tear in TEARS:
            bench.do(f"power_cut_{tear}", operation)
            bench.do("power_cut")
            bench.wait(minutes=1)
            bench.do("power_stays")
            count += 1
    evidence.record("power.starts_cut", count, 24, 24, "cuts")
    assert bench.status.strokes == strokes
    added_nl = bench.over_accounted_nl()
    assert 0 <= added_nl <= STROKE_NL
    goes_on(bench, added_nl)


def test_fifty_consecutive_power_cuts_lose_no_record_and_repeat_no_stroke(bench: Bench, evidence: Evidence) -> None:
    """Cuts whatever operation comes; records once read from the log stay in it."""
    above, worst_nl = 0, 0
    known: list[tuple[int, int, int, int]] = []
    for cut in range(50):
        bench.do(f"power_cut_{TEARS[cut % 4]}", 1 + cut * 7 % 11)
        attempt(bench.pump.ack)
        if bench.state == "standby":
            attempt(bench.pump.start)
        bench.wait(minutes=3)
        bench.do("power_stays")
        added_nl = bench.over_accounted_nl() - above
        assert -1 <= added_nl <= STROKE_NL + 1, cut
        worst_nl = max(worst_nl, added_nl)
        above = bench.over_accounted_nl()
        rows = [(row.sequence, row.event, row.a, row.b) for row in bench.pump.log(first=max(0, len(known) - 20))]
        assert [row for row in known if row[0] >= rows[0][0]] == [row for row in rows if row[0] <= len(known)], cut
        known += [row for row in rows if row[0] > len(known)]
    evidence.record("power.cuts", 50, 50, 50, "cuts")
    evidence.record("power.worst_above_nl", worst_nl, 0, STROKE_NL + 1, "nL")
    assert [row[0] for row in known] == list(range(1, len(known) + 1))


@pytest.mark.quick
def test_every_reset_is_logged_with_its_cause_and_number(bench: Bench) -> None:
    actions = {"watchdog_reset": "watchdog", "brown_out": "brown_out", "reset": "request", "fault_reset": "fault"}
    for action in (*actions, "power_cut"):
        bench.do(action)
        bench.wait(seconds=5)
    rows = [row for row in bench.pump.log() if row.name == "reset"]
    causes = [defs.RESET_CAUSES[row.a].name for row in rows]
    assert causes == ["power_on", *actions.values(), "power_on"]
    assert [row.b for row in rows] == list(range(1, 7))
    assert bench.pump.journal().reset_name == "power_on"


@pytest.mark.needs("flash_content")
@pytest.mark.parametrize(("action", "value"), [("flash_fill", 0), ("flash_chance", 7), ("flash_half", 7)])
def test_an_unreadable_journal_blocks_delivery_and_is_not_changed(bench: Bench, action: str, value: int) -> None:
    bench.do(action, value)
    bench.do("power_cut")
    bench.wait(minutes=1)
    before = b"".join(bench.pump.journal_read())
    assert bench.state == "standby"
    assert bench.alarms == ["journal_unfit"]
    assert bench.pump.journal().unfit == "unreadable"
    with pytest.raises(errors.Refused) as refusal:
        bench.set_up()
    assert refusal.value.name == "not_kept"
    assert not attempt(bench.pump.start)
    assert b"".join(bench.pump.journal_read()) == before
    bench.pump.journal_clear()
    bench.wait(minutes=1)
    assert bench.pump.journal().unfit == "none"
    bench.pump.ack()
    bench.set_up()
    bench.pump.start()
    bench.wait(ms=STROKE_MS + MOTION_MS)
    assert bench.status.strokes == 1
