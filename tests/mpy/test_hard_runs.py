"""The runs of the occlusion bench in the hard world: each class is what its name says, and a run can be repeated.

What the firmware finds in them is a figure of `make bench`, not of these tests.
"""

import sys
from typing import Any

import interpreters
import pytest

sys.path.insert(0, str(interpreters.ROOT / "tests/bench"))

from occlusion import hard, rig, runs  # noqa: E402

_STROKES = 120


def _one(config: dict[str, int] | None = None) -> rig.Rig:
    return rig.Rig(*runs.DEFAULT, 7, config=config)


def _strokes(one: rig.Rig, count: int) -> None:
    for _ in range(count):
        one.look()
        one.stroke()


@pytest.mark.parametrize("name", hard.CLEAN)
def test_flow_passes_in_every_clean_class(name: str) -> None:
    config, repeated = hard.CLEAN[name]
    one = _one(config)
    if repeated:
        one.act(iter([(1000 * number, row[0], row[2]) for number, row in enumerate(repeated)] + [(1 << 40, "", 0)]))
    _strokes(one, _STROKES)
    truth = one.world.truth()
    # What the tip or the line holds: at most 15 kPa in 0.1 uL/kPa, a fifth of that in a slow wall, and a stroke.
    assert truth["delivered_nl"] >= truth["pumped_nl"] - 2100
    assert truth["pumped_nl"] >= _STROKES * rig.STROKE_NL - 3000 - rig.STROKE_NL
    assert truth["line_blocked"] == 0


@pytest.mark.parametrize("busy", [False, True])
@pytest.mark.parametrize("name", [name for name in hard.BLOCKS if not name.startswith("grown")])
def test_nothing_arrives_behind_a_block(name: str, busy: bool) -> None:
    one = _one(rig.days.settings(4) if busy else None)
    _strokes(one, 20)
    one.world.do(*hard.BLOCKS[name])
    one.world.advance(60000)  # what is beyond a kink drains
    earlier_nl = one.world.truth()["delivered_nl"]
    _strokes(one, _STROKES)
    assert one.world.truth()["line_blocked"] == 1
    assert one.world.truth()["delivered_nl"] == earlier_nl


@pytest.mark.parametrize("name", hard.PASSING)
def test_some_flow_passes_where_a_block_comes_and_goes(name: str) -> None:
    one = _one()
    action, value = hard.PASSING[name]
    one.world.do(action, value)
    shut = 0
    for _ in range(600):
        one.world.advance(600000)
        shut += one.world.truth()["line_blocked"]
    assert 100 < shut < 500


@pytest.mark.parametrize(
    "run",
    [
        ("clean", "walk", *runs.DEFAULT, 3, "stepper"),
        ("block", "kink, 10 % left", *runs.DEFAULT, 3, "stepper"),
        ("block, busy", "sac of 0.6 C", *runs.DEFAULT, 3, "stepper"),
    ],
)
def test_a_run_gives_the_same_row_again(run: hard.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hard, "_CLEAN_STROKES", 200)
    monkeypatch.setattr(hard, "_PATIENCE_NL", 20000)
    assert hard.perform(run) == hard.perform(run)


def test_the_days_of_the_busy_body_are_in_order_of_time() -> None:
    timed = hard._days(5)
    rows = [next(timed) for _ in range(1500)]
    assert rows == sorted(rows, key=lambda row: row[0])
    assert 3 < rows[-1][0] / 86400000 < 20


def test_a_sealed_sensor_meets_flights_in_a_class_of_its_own() -> None:
    """Four flights a year: none of the days here but those of that class, or with a vented sensor, has one."""
    for vented, flights in ((True, False), (False, False), (False, True)):
        config, timed = hard._body(5, 1000, vented, flights)
        flown = sum(next(timed)[1] == "cabin" for _ in range(150000))
        assert config.get("pressure_vented", 0) == vented
        assert (flown > 0) == (vented or flights)


def test_a_rig_does_timed_actions_at_their_time() -> None:
    one = _one({"pulse_pa": 0, "breath_pa": 0, "pressure_noise_pa": 0, "posture_pa": 0, "ambient_pa": 0})
    one.act(iter([(1000, "bath", 300), (4000, "block", 0), (1 << 40, "", 0)]))
    one.wait(rig.ticks.add(one.now, 3999))
    assert one.world.truth()["line_blocked"] == 0
    one.wait(rig.ticks.add(one.now, 2))
    assert one.world.truth()["line_blocked"] == 1
    one.wait(rig.ticks.add(one.now, 60000))
    assert one.world.truth()["line_pressure_pa"] - one.world.truth()["vessel_slow_pa"] == 3000


def _row(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"run": [kind, name, *runs.DEFAULT, 0, "stepper"], "samples": 330, "strokes": 10, **more}


def test_the_summary_counts_what_the_rows_say() -> None:
    rows = [
        _row("clean", "walk", found=[(3, "occluded"), (4, "line_narrow")], stops=1, days=73.0, rivals={"other": 2}),
        _row("clean", "walk", found=[], stops=0, days=73.0, rivals={"other": 3}),
        _row("block", "at the tip", false=0, by="occluded", strokes_to_alarm=4, missing_nl=1000, over_limit_nl=0,
             rivals={"other": 7000}),
        _row("block", "at the tip", false=1, by="line_open", strokes_to_alarm=9, missing_nl=3000, over_limit_nl=500,
             rivals={"other": None}),
        _row("block", "at the tip", false=0, by=None, missing_nl=200000, over_limit_nl=200000, rivals={"other": 9000}),
    ]  # fmt: skip
    clean, block = hard.summary(rows)
    assert (clean["stops_a_year"], clean["warnings_a_year"], clean["years"]) == (2.5, 2.5, 0.4)
    assert clean["rivals"] == {"other": 5}
    assert block["rivals"] == {"other": {"missed": 1, "missing_nl_max": 9000}}
    assert (block["missed"], block["wrong_name"], block["false_before"]) == (1, 1, 1)
    assert (block["strokes_max"], block["missing_nl_max"], block["over_limit_nl_max"]) == (9, 3000, 200000)


def test_the_campaign_has_every_class_even_as_a_small_share() -> None:
    drawn = {(kind, name) for kind, name, *_ in hard.all_runs(0.001)}
    for name in (*hard.BLOCKS, *hard.PASSING):
        assert ("block", name) in drawn and ("block, busy", name) in drawn
    assert {name for kind, name in drawn if kind == "clean"} == {*hard.CLEAN, "busy body", "flights, sealed sensor"}
    assert len(set(hard.all_runs())) == len(hard.all_runs())
    assert abs(sum(hard.BUSY_YEARS.values()) - 10) < 0.01
