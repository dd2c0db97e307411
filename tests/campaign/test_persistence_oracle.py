"""The persistence oracle finds planted bugs: power fails in each flash operation around a refill. CPython only."""

from __future__ import annotations

from typing import Any

import pytest
from pump import controller, persistence
from pump.alarms import alarms
from pump.commands import dispatcher
from pump.core import params
from pump.dose import bolus_lockout, delivery, stroke_account
from pump.reservoir import reservoir
from pump.safety import dose_limits, reset_count
from pump.therapy import plan

from campaign import scenario, scenario_run, simulator
from campaign.oracles import alarm_oracle, dose_oracle

# The first phase is over when the drug is filled in, so the refill begins the next phase and ends the rate of 250.
_SCENARIO: dict[str, Any] = {
    "seed": 1,
    "days": 1,
    "drive": "stepper",
    "blinks": False,
    "settings": {},
    "plan": ["intrahepatic", 300, 1, 0, 1],
}
_RATE = [3700, "rate", 250, 0]
_REFILL = [3720, "refill", 0, 0]
_OPERATIONS = range(20)
_AFTER = 40  # the refill is over by then


def _cut(tear: str, operations: int, *before: list[Any]) -> tuple[Any, int]:
    """The violation, and the rate after the restart; the scenario ends there."""
    rows = [*before, _RATE, [3710, tear, operations, 0], _REFILL]
    running = scenario_run.ScenarioRun(_SCENARIO | {"rows": rows})
    begun = running.oracle.begun

    def end() -> None:
        begun()
        if running.oracle.power_ons == 2:
            raise simulator.Over

    running.oracle.begun = end
    violation = running.run()["violation"]
    assert running.oracle.power_ons == 2
    return violation, running._simulator.app.controller.delivery.rate_ul_day


def _found() -> set[str]:
    """The set of violations, over cuts in each flash operation."""
    violations = [_cut("cut_none", operations)[0] for operations in _OPERATIONS]
    return {violation[2].partition(":")[0] for violation in violations if violation}


@pytest.mark.parametrize("tear", scenario.CUTS)
def test_an_interrupted_change_is_absent_or_complete_and_both_are_accepted(tear: str) -> None:
    ends = [_cut(tear, operations) for operations in _OPERATIONS]
    assert [violation for violation, _ in ends if violation] == []
    rates_ul_day = [ul_day for _, ul_day in ends]
    assert set(rates_ul_day) == {250, 300} and rates_ul_day == sorted(rates_ul_day)


def test_a_refill_that_was_answered_before_it_was_saved_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = dispatcher.Dispatcher.answer

    def answer(self: Any, line: bytes, now: int) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(persistence.Persistence, "run", lambda *_: None)
            return usual(self, line, now)

    monkeypatch.setattr(dispatcher.Dispatcher, "answer", answer)
    assert "contents" in _found()


def test_a_half_saved_refill_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = controller.Controller.set_rate

    def set_rate(self: Any, ul_day: int, now: int) -> None:
        self.save(now)
        usual(self, ul_day, now)

    monkeypatch.setattr(controller.Controller, "set_rate", set_rate)
    assert "contents" in _found()


def _loading_wrong(part: type, name: str, add: int) -> Any:
    """The part's `load_from`, followed by a change of this attribute."""
    usual = part.load_from
    *parts, last = name.split(".")

    def load_from(self: Any, numbers: list[int], at: int) -> int:
        end = usual(self, numbers, at)
        owner = self
        for part in parts:
            owner = getattr(owner, part)
        setattr(owner, last, getattr(owner, last) + add)
        return end

    return load_from


@pytest.mark.parametrize(
    ("part", "name", "add", "says"),
    [
        (reservoir.Reservoir, "_left.ul", -1, "contents"),
        (reservoir.Reservoir, "fluid", -1, "fluid"),
        (delivery.Delivery, "rate_ul_day", 1, "rate"),
        (stroke_account.StrokeAccount, "delivered.ul", -1, "book"),
        (plan.TherapyPlan, "phase", -1, "plan"),
    ],
)
def test_a_value_that_is_lost_in_a_reset_is_found(
    part: type, name: str, add: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part, "load_from", _loading_wrong(part, name, add))
    # Without this the dose oracle would report the wrong total first.
    monkeypatch.setattr(dose_oracle.DoseOracle, "excused", lambda *_: True)
    assert _cut("cut_none", _AFTER)[0][2].startswith(says + ":")


@pytest.mark.parametrize(
    ("part", "numbers", "says"),
    [(alarms.Alarms, 2, "alarms"), (bolus_lockout.BolusLockout, 2, "lock-out"), (dose_limits.Sliding, 6, "hour_nl")],
)
def test_a_part_that_loads_nothing_is_found(
    part: type, numbers: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenario_run.ScenarioRun, "_call", lambda _: None)  # no operator, so no acknowledgement
    events: list[list[Any]] = [[2000, "bolus", 1000, 0], [3600, "temperature_off", 0, 3600]]
    assert _cut("cut_none", 4, *events)[0] is None
    monkeypatch.setattr(part, "load_from", lambda _, __, at: at + numbers)
    assert _cut("cut_none", 4, *events)[0][2].startswith(says + ":")


def test_settings_that_are_lost_in_a_reset_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(params.Params, "load", lambda *_: -1)
    assert _cut("cut_none", _AFTER)[0][2].startswith("settings:")


@pytest.mark.parametrize("reset", [0, 3])  # by the watchdog, after a fatal error
def test_a_reset_by_a_fault_without_its_alarm_is_found(reset: int, monkeypatch: pytest.MonkeyPatch) -> None:
    events: dict[str, Any] = _SCENARIO | {"rows": [[7000, "reset", reset, 0], [7300, "reset", reset, 0]]}
    assert scenario_run.ScenarioRun(events).run()["violation"] is None
    monkeypatch.setattr(reset_count.ResetCount, "add", lambda *_: None)
    violation = scenario_run.ScenarioRun(events).run()["violation"]
    assert violation[:2] == [7000000, "lost"] and violation[2].endswith("none of the reset")


# ---- a fill that was never entered -----------------------------------------------------------------------------------

_FILLED: dict[str, Any] = {
    "seed": 1,
    "days": 1,
    "drive": "stepper",
    "blinks": False,
    "settings": {},
    "plan": ["continuous", 2000, 300, 0, 1],
    "rows": [[60000, "refill", 0, 0]],
}


def test_a_refill_that_a_cut_ends_after_the_withdrawal_is_told_as_incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[str] = []
    usual = alarm_oracle.AlarmOracle.on_raised

    def on_raised(self: Any, alarm: str) -> None:
        raised.append(alarm)
        usual(self, alarm)

    monkeypatch.setattr(alarm_oracle.AlarmOracle, "on_raised", on_raised)
    rows = [[59990, "cut_none", 8, 0], *_FILLED["rows"]]
    assert scenario_run.ScenarioRun(_FILLED | {"rows": rows}).run()["violation"] is None
    assert "refill_incomplete" in raised


def test_a_refill_of_which_a_part_is_forgotten_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = reservoir.Reservoir.fill

    def fill(self: Any, volume_nl: int, fluid: int) -> None:
        usual(self, volume_nl - (1_000_000 if self.fluid else 0), fluid)

    monkeypatch.setattr(reservoir.Reservoir, "fill", fill)
    violation = scenario_run.ScenarioRun(_FILLED).run()["violation"]
    assert violation[1:] == ["alarm", "reservoir_disagreement without a cause"]
