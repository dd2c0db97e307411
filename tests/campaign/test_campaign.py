"""A short campaign with fixed seeds, also on the interpreter of record, and planted bugs for the oracle. CPython only.

`make campaign` runs years of it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import workers
from pump import controller
from pump.commands import pending_change
from pump.core import debounce
from pump.dose import basal_bolus, delivery, stroke_account
from pump.journal import event_log, journal
from pump.link import port
from pump.occlusion import detector
from pump.reservoir import reservoir
from pump.safety import heartbeats, reset_count
from pump.therapy import plan

from campaign import cross_check, run, scenario, scenario_run, shrink
from campaign.oracles import alarm_oracle, expected_alarms

Scenario = dict[str, Any]
_SEEDS = (1, 2, 4, 6, 12, 29)
# A scenario for planted bugs: a sensor that is off, and a power cut in the middle of a stroke, with a check after each.
_QUIET: Scenario = {
    "seed": 1,
    "days": 1,
    "drive": "stepper",
    "blinks": False,
    "settings": {},
    "plan": ["continuous", 300, 300, 0, 1],
    "rows": [
        [7200, "level_off", 0, 1800],
        [20000, "cut_none", 11, 0],
        [22000, "rate", 250, 0],
        [30000, "cut_whole", 40, 5],
        [40000, "switch_off", 0, 0],
        [60000, "pause", 60, 0],
    ],
}


@pytest.mark.parametrize("seed", _SEEDS)
def test_a_random_day_has_no_violation(seed: int) -> None:
    assert scenario_run.ScenarioRun(scenario.draw(seed, 1)).run()["violation"] is None


@pytest.mark.parametrize("seed", [4, pytest.param(29, marks=pytest.mark.long("another seed"))])
def test_a_scenario_is_the_same_to_the_byte_on_the_pico_sized_build(seed: int) -> None:
    assert cross_check.differs(scenario.draw(seed, 1)) is None


def test_a_seed_gives_the_same_scenario_twice_and_another_seed_another() -> None:
    assert scenario.draw(5, 3) == scenario.draw(5, 3) != scenario.draw(6, 3)
    assert json.loads(json.dumps(scenario.draw(5, 3))) == scenario.draw(5, 3)


@pytest.mark.long("a day in a busy body, on both interpreters")
def test_a_scenario_in_a_busy_body_is_the_same_to_the_byte_on_the_pico_sized_build() -> None:
    assert cross_check.differs(scenario.draw(4, 1, 4)) is None


def test_a_body_adds_its_settings_and_actions_and_leaves_the_drive_exact() -> None:
    plain, busy = scenario.draw(4, 1), scenario.draw(4, 1, 4)
    assert "heart" in busy["settings"] and "heart" not in plain["settings"]
    assert not [name for name in busy["settings"] if name.startswith("drive_")]
    done: list[str] = []
    one = scenario_run.ScenarioRun(busy | {"rows": []})
    actions = one._simulator.world.actions
    for name in ("walk", "cough", "posture", "heart_rate"):
        actions[name] = lambda value, name=name: done.append(name)  # type: ignore[misc]
    one.run()
    assert done.count("walk") > 5 and done.count("posture") > 40 and done.count("cough") > 5


def test_blocks_near_the_pump_are_drawn_with_a_body_only() -> None:
    drawn = [{row[1] for seed in range(40) for row in scenario.draw(seed, 3, body)["rows"]} for body in (0, 9)]
    assert not drawn[0] & set(expected_alarms.HARD)
    assert drawn[1] >= set(expected_alarms.HARD)


def test_a_loop_that_is_woken_more_often_gives_the_same_dose() -> None:
    quiet, woken = scenario_run.ScenarioRun(_QUIET).run(), scenario_run.ScenarioRun(_QUIET, wake_ms=1000).run()
    assert quiet["violation"] is None and woken["violation"] is None
    assert quiet["strokes"] == woken["strokes"] > 800 and quiet["power_ons"] == 5


# ---- planted bugs: (what is patched, how, the violation that must be found) ------------------------------------------


def _every(count: int, usual: Callable[..., Any], instead: Callable[..., Any]) -> Callable[..., Any]:
    """A method that works except at every n-th call."""
    calls = 0

    def method(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        return (instead if calls % count == 0 else usual)(*arguments)

    return method


def _fail(*_: Any) -> None:
    raise ValueError("planted")


_leak: list[bytes] = []


def _leaking(usual: Callable[..., Any]) -> Callable[..., Any]:
    def book(*arguments: Any) -> Any:
        _leak.extend(bytes([at, at]) for at in range(30))
        return usual(*arguments)

    return book


_PLANTED = {
    "a stroke is given twice": (basal_bolus.BasalBolus, "take", lambda m: _every(100, m, lambda *_: None), "excess"),
    "a stroke is not booked": (
        stroke_account.StrokeAccount, "_total", lambda m: _every(300, m, lambda *_: None), "book",
    ),
    "motion without an intent": (journal.Journal, "intent", lambda _: lambda *_: True, "book"),
    "strokes come two seconds late": (basal_bolus.BasalBolus, "wait_ms", lambda m: lambda self: m(self) + 2000, "gap"),
    "strokes that are due are dropped": (
        basal_bolus.BasalBolus, "owed", lambda m: lambda self: self.clear() or 0, "alarm",
    ),
    "a sensor is trusted for ever": (debounce.Debounce, "update", lambda _: lambda *_: False, "silence"),
    "an alarm without a cause": (
        detector.Detector, "update", lambda m: _every(500, m, lambda *_: True), "alarm",
    ),
    "a record is not written": (event_log.EventLog, "write", lambda m: _every(5, m, lambda *_: None), "lost"),
    "an error": (reservoir.Reservoir, "read_level", lambda m: _every(100, m, _fail), "error"),
    "the watchdog is not fed": (heartbeats.Heartbeats, "fresh", lambda _: lambda *_: False, "watchdog"),
}  # fmt: skip


def test_a_link_that_is_broken_excuses_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    late = _PLANTED["strokes come two seconds late"][2](basal_bolus.BasalBolus.wait_ms)
    monkeypatch.setattr(basal_bolus.BasalBolus, "wait_ms", late)
    found = scenario_run.ScenarioRun(_QUIET | {"rows": [[0, "link_off", 0, 80000]]}).run()["violation"]
    assert found is not None and found[1] == "gap" and found[0] < 80_000_000, found


def test_a_bolus_that_is_given_again_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = delivery.Delivery.bolus

    def give(self: delivery.Delivery, strokes: int, ul_day: int, now: int) -> None:
        usual(self, strokes, ul_day, now)
        usual(self, strokes, ul_day, now)

    monkeypatch.setattr(delivery.Delivery, "bolus", give)
    found = scenario_run.ScenarioRun(_QUIET | {"rows": [[20000, "bolus", 5000, 0]]}).run()["violation"]
    assert found is not None and found[1] == "bolus", found


# A pause cancels a bolus when the last stroke was given 0.23 of a stroke too early.
_CANCELLED = _QUIET | {"rows": [[20000, "bolus", 20000, 0], [20007, "pause", 60, 0]]}


def _hold_back(blend: basal_bolus.BasalBolus) -> None:
    blend._total.credit -= blend._total._stroke


def _come_late(blend: basal_bolus.BasalBolus) -> None:
    usual, total = blend.take, blend._total

    def take() -> None:
        usual()
        total.credit -= total._stroke // 20

    blend.take = take


def test_the_stroke_after_a_pause_waits_for_what_a_bolus_gave_too_early() -> None:
    assert scenario_run.ScenarioRun(_CANCELLED).run()["violation"] is None


@pytest.mark.parametrize("plant", [_hold_back, _come_late])
def test_a_bolus_that_was_cancelled_excuses_no_more_than_one_stroke(
    plant: Callable[[basal_bolus.BasalBolus], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = basal_bolus.BasalBolus.end_bolus

    def end_bolus(self: basal_bolus.BasalBolus) -> None:
        usual(self)
        plant(self)

    monkeypatch.setattr(basal_bolus.BasalBolus, "end_bolus", end_bolus)
    found = scenario_run.ScenarioRun(_CANCELLED).run()["violation"]
    assert found is not None and found[1] == "gap" and found[0] < 20_500_000, found


def _found(scenario_rows: list[list[Any]]) -> Any:
    return scenario_run.ScenarioRun(_QUIET | {"rows": scenario_rows}).run()["violation"]


def test_a_stop_in_the_self_test_that_is_no_latch_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[20000, "stop_early", 600, 0]]
    assert _found(rows) is None
    monkeypatch.setattr(controller.Controller, "stop", lambda *_: None)
    assert _found(rows)[1:] == ["began", "state 2 after a stop"]


def test_a_pump_that_resumes_after_the_third_hang_in_a_row_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[20000, "hang", 4, 0]]
    assert _found(rows) is None
    monkeypatch.setattr(reset_count, "MOST", 99)
    assert _found(rows)[1:] == ["began", "state 2 after 3 resets"]


def test_a_bolus_that_is_not_the_one_that_was_read_back_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[20000, "changed_bolus", 20000, 0]]
    assert _found(rows) is None
    monkeypatch.setattr(pending_change.PendingChange, "still_fits", lambda *_: True)
    found = _found(rows)
    assert found is not None and found[1] == "bolus", found


def test_a_drive_that_is_inverted_or_loses_its_settings_raises_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[str] = []
    usual = alarm_oracle.AlarmOracle.on_raised
    monkeypatch.setattr(
        alarm_oracle.AlarmOracle, "on_raised", lambda self, alarm: raised.append(alarm) or usual(self, alarm)
    )
    assert _found([[20000, "drive_invert", 1, 7200], [40000, "drive_reset", 0, 3600]]) is None
    assert "reverse_flow" in raised and "drive_fault" in raised


def test_a_blind_pump_that_stalls_behind_a_block_is_excused() -> None:
    stiff = _QUIET | {"settings": {"line_compliance_pl_pa": 26}}
    shut = [20220, "block", 0, 7200]
    for blind in ("bus_held", "pressure_off"):
        assert scenario_run.ScenarioRun(stiff | {"rows": [[20000, blind, 0, 9000], shut]}).run()["violation"] is None
    blinding = {verb.partition("_")[0] for verb, cause in expected_alarms.CAUSES.items() if cause.blinds}
    assert blinding == {"bus", "pressure"}


@pytest.mark.parametrize("bug", _PLANTED)
def test_the_oracle_finds_a_planted_bug(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    part, name, patch, kind = _PLANTED[bug]
    monkeypatch.setattr(part, name, patch(getattr(part, name)))
    found = scenario_run.ScenarioRun(_QUIET).run()["violation"]
    assert found is not None and found[1] == kind, found


def test_the_oracle_finds_memory_that_is_never_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stroke_account.StrokeAccount, "book", _leaking(stroke_account.StrokeAccount.book))
    found = scenario_run.ScenarioRun(_QUIET | {"days": 2, "plan": ["continuous", 100, 300, 0, 1]}).run()["violation"]
    _leak.clear()
    assert found is not None and found[1] == "memory", found


def test_a_change_that_was_not_requested_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = port.Port.run

    def run_port(self: port.Port, now: int) -> None:
        usual(self, now)
        app = self._status.__self__
        if app.uptime.s > 5000 and app.controller.delivery.rate_ul_day == 300:
            app.controller.set_rate(301, now)

    monkeypatch.setattr(port.Port, "run", run_port)
    found = scenario_run.ScenarioRun(_QUIET).run()["violation"]
    assert found is not None and found[1] == "rate", found


@pytest.mark.parametrize("volume_nl", [0, 400_000])
@pytest.mark.parametrize(("late", "says"), [(1, "plan"), (-1, "alarm")])
def test_a_timed_plan_that_ends_late_or_early_is_found(
    volume_nl: int, late: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = _QUIET | {"plan": ["timed", 1200, 8, volume_nl, 1]}
    assert scenario_run.ScenarioRun(told).run()["violation"] is None
    usual = plan.TherapyPlan.set

    def set_plan(self: plan.TherapyPlan, fields: dict[str, Any]) -> None:
        usual(self, fields)
        self._left.ul += 5 * late
        self.rows[0][3] += 5 * late if self.rows[0][3] else 0

    monkeypatch.setattr(plan.TherapyPlan, "set", set_plan)
    assert scenario_run.ScenarioRun(told).run()["violation"][1] == says


def test_a_failing_scenario_is_shortened_and_fails_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debounce.Debounce, "update", lambda *_: False)
    short = shrink.shortest(_QUIET, "silence")
    assert short["rows"] == [_QUIET["rows"][0]]
    assert scenario_run.ScenarioRun(short).run()["violation"][1] == "silence"


def test_a_campaign_that_was_stopped_goes_on(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "FOLDER", tmp_path)
    monkeypatch.setattr(run, "SCENARIO_DAYS", 1)
    started: list[int] = []

    def answers(script: Path, tasks: list[list[int]], jobs: int) -> Iterator[tuple[list[int], Scenario]]:
        for task in tasks:
            started.append(task[0])
            yield task, {"seed": task[0], "violation": None}

    monkeypatch.setattr(run.workers, "answers", answers)
    monkeypatch.setattr(run, "_SPOT_EVERY", 1 << 40)
    assert len(run.perform(2 / 365.25, 7, 1)) == 2
    assert len(run.perform(3 / 365.25, 7, 1)) == 3
    assert started == [7_000_000, 7_000_001, 7_000_002]


def test_workers_give_the_rows_that_a_scenario_has_here() -> None:
    own = scenario_run.text(scenario_run.ScenarioRun(scenario.draw(6, 1)).run())
    tasks = [[seed, 1, 0] for seed in (5, 6, 7)]  # more than workers, so that one of them gets two
    for python in (sys.executable, workers.quickest()):
        given = {task[0]: row for task, row in workers.answers(Path(scenario_run.__file__), tasks, 2, python)}
        assert sorted(given) == [5, 6, 7]
        assert scenario_run.text(given[6]) == own


def test_a_worker_that_ends_without_an_answer_is_an_error_with_its_task() -> None:
    with pytest.raises(RuntimeError, match=r"scenario_run.py ended without an answer to \[1\]"):
        list(workers.answers(Path(scenario_run.__file__), [[1]], 1))
