"""A run of weights: what disturbs it is marked, nothing is made up, and a stopped run goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pumpctl import errors
from pumpctl.balance.protocols import Reading
from pumpctl.bench import weighing
from pumpctl.measurement import result
from pumpctl.session import measurements, schema, store

CONDITIONS = result.Conditions(1000, density_g_ml=1, air_g_ml=0, settling_min=0, period_min=600)
INTERVAL_MS = 900_000
UG = 10_417  # of an interval
AT = 10 * INTERVAL_MS


class FakeStand:
    """A stand whose time a test moves; `at` holds what happens at a time of the run."""

    def __init__(self, began_ms: int = 0) -> None:
        self.time_ms = began_ms
        self.mass_ug, self.offset_ug = 0.0, 0
        self.jump_ms = 0
        self.error: errors.PumpError | None = None
        self.lost = False
        self.state = "infusing"
        self.at: dict[int, Callable[[], None]] = {}
        self.balance: Any = self
        self.pump: Any = SimpleNamespace(status=lambda: SimpleNamespace(state_name=self.state))
        self.reopened = 0

    def now_ms(self) -> int:
        return self.time_ms

    def wait_ms(self, ms: int) -> None:
        self.time_ms += ms
        self.mass_ug += UG * ms / INTERVAL_MS
        self.at.pop(self.time_ms, lambda: None)()

    def clock_jump_ms(self) -> int:
        jump_ms, self.jump_ms = self.jump_ms, 0
        return jump_ms

    def reopen_balance(self) -> None:
        self.reopened += 1
        if self.lost:
            raise errors.BalanceMissing("No balance answers.")

    def read(self) -> Reading:
        if self.error:
            raise self.error
        return Reading(round(self.mass_ug) + self.offset_ug, True, "g")


def run(stand: FakeStand, path: Path, intervals: int = 40) -> measurements.Record:
    with measurements.Record(path, CONDITIONS) as kept:
        begun = weighing.Weighing(stand, kept, 0, 1)  # type: ignore[arg-type]
        begun.run(INTERVAL_MS, intervals * INTERVAL_MS, lambda done, end, weight: None)
    return kept


def overall(kept: measurements.Record) -> tuple[float | None, int]:
    found = result.of_weights("a", kept.weights, CONDITIONS)
    assert found.analysis is not None
    return found.figures["overall_percent"], found.analysis.missing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.session"


def test_an_undisturbed_run_has_a_weight_at_each_interval(path: Path) -> None:
    kept = run(FakeStand(), path)
    assert [row.time_ms for row in kept.weights.rows] == [at * INTERVAL_MS for at in range(41)]
    assert (kept.weights.marks, overall(kept)) == ([], (pytest.approx(0, abs=0.01), 0))


def change(stand: FakeStand, **values: Any) -> Callable[[], None]:
    return lambda: vars(stand).update(values)


@pytest.mark.parametrize(
    ("during", "after", "cause", "without"),
    [
        ({"error": errors.BalanceLost("/dev/x", "?"), "lost": True}, {"error": None, "lost": False}, "balance", 4),
        ({"error": errors.BalanceUnfit("overload", "Too much.")}, {"error": None}, "overload", 4),
        ({"error": errors.BalanceUnfit("unit", "In oz.")}, {"error": None}, "unit", 4),
        ({"offset_ug": -100_000}, {}, "jump", 1),
        ({"offset_ug": 500_000}, {}, "jump", 1),
        ({"jump_ms": -3_600_000}, {}, "clock", 1),
        ({"state": "stopped_alarm"}, {"state": "stopped_alarm"}, "pump", 0),
    ],
)  # fmt: skip
def test_a_disturbance_is_marked_and_nothing_is_computed_over_it(
    path: Path, during: dict[str, Any], after: dict[str, Any], cause: str, without: int
) -> None:
    stand = FakeStand()
    stand.at = {AT: change(stand, **during), AT + 3 * INTERVAL_MS: change(stand, **after)}
    kept = run(stand, path)
    assert [(mark.cause, mark.time_ms) for mark in kept.weights.marks] == [(cause, AT)]
    assert overall(kept) == (pytest.approx(0, abs=0.01), without)


def test_a_lost_balance_is_opened_again_at_each_interval(path: Path) -> None:
    stand = FakeStand()
    stand.at = {
        AT: change(stand, error=errors.BalanceLost("/dev/x", "unplugged"), lost=True),
        AT + 3 * INTERVAL_MS: change(stand, error=None, lost=False),
    }
    kept = run(stand, path)
    assert stand.reopened == 3
    assert len(kept.weights.rows) == 41 - 3


def test_a_stopped_run_goes_on_in_the_same_file_with_a_mark(path: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    stand = FakeStand()
    stand.at = {AT + INTERVAL_MS: interrupt}
    with pytest.raises(KeyboardInterrupt):
        run(stand, path)
    with measurements.Record(path, CONDITIONS) as kept:
        assert (kept.continued, len(kept.weights.rows)) == (True, 11)
        stand.time_ms = AT + 5 * INTERVAL_MS + 1000
        stand.mass_ug = UG * (15 + 1000 / INTERVAL_MS)
        going_on = weighing.Weighing(stand, kept, 0, 1)  # type: ignore[arg-type]
        going_on.begin_piece("interrupted", "It was interrupted.")
        going_on.run(INTERVAL_MS, 40 * INTERVAL_MS, lambda done, end, weight: None)
        kept.end({})
    assert [row.time_ms // INTERVAL_MS for row in kept.weights.rows] == [*range(11), *range(16, 41)]
    assert overall(kept) == (pytest.approx(0, abs=0.01), 6)
    (found,) = measurements.results(path, {}, {"overall_percent": 1})
    assert (found.verdicts[0].good, [mark.cause for mark in found.marks]) == (True, ["interrupted"])
    with measurements.Record(path, CONDITIONS) as kept:
        assert (kept.continued, kept.weights.rows) == (False, [])


def test_a_run_of_another_rate_is_not_continued(path: Path) -> None:
    with measurements.Record(path, CONDITIONS) as kept:
        assert not kept.continued
    with measurements.Record(path, result.Conditions(2000)) as kept:
        assert (kept.continued, kept.conditions.rate_ul_day) == (False, 2000)


def test_a_session_from_before_there_were_measurements_holds_none(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "VERSION", 1)
    store.to_continue(path).close()
    monkeypatch.undo()
    assert measurements.results(path, {}, {}) == []


def test_a_day_of_weights_every_half_minute_needs_less_than_5_mb(path: Path) -> None:
    with measurements.Record(path, CONDITIONS) as kept, kept._database:
        rows = ((at, 1, at * 30_000, at * 347, 1, 1) for at in range(25 * 120))
        kept._database.executemany(
            "INSERT INTO weight (at_ms, measurement, time_ms, mass_ug, stable, piece) VALUES (?, ?, ?, ?, ?, ?)", rows
        )
    assert path.stat().st_size < 5_000_000
