"""The self-test of a bench: what a user sees and measures, parts that are missing one by one, and its record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pumpctl import sim
from pumpctl.bench import selftest
from pumpctl.pump import Pump

# Where a part shows that it is missing: its action in the world, and the step that names it.
MISSING = {
    "pressure_off": ("pressure", "pressure: no_answer"),
    "level_off": ("level", "level: no_answer"),
    "store_off": ("processor", "store: no_answer"),
    "supply_off": ("supply", "supply: no_answer"),
    "temperature_off": ("supply", "temperature: no_answer"),
}


@pytest.fixture
def world() -> Iterator[sim.Simulation]:
    with sim.Simulation(seed=1, settings={"reservoir_nl": 8_000_000}) as made:
        yield made


class User:
    """Raises the line when asked to; sees everything as expected unless `sees` is False."""

    def __init__(self, world: sim.Simulation, sees: bool | None = True, acts: bool = True) -> None:
        self._world, self._sees, self._acts = world, sees, acts

    def __call__(self, text: str, verdict: bool) -> bool | None:
        if not verdict and self._acts and self._sees:
            self._world.do("posture", 4_900)
        return self._sees


def _verdicts(found: list[selftest.Found]) -> dict[str, str]:
    return {row.name: row.verdict for row in found}


def test_a_complete_bench_passes_and_strokes_are_counted(world: sim.Simulation) -> None:
    with Pump.connect(world.transport()) as pump:
        pump.refill_begin()
        pump.refill_finish(world.truth()["reservoir_nl"], "saline")
        found = list(selftest.walk(pump, User(world), lambda pending: True))
        assert set(_verdicts(found).values()) == {selftest.PASSED}, found
        values = {row.name: row for row in found}
        assert values["motion.given"].value == 5_000
        assert values["pressure.change"].value == pytest.approx(4.9, abs=0.3)
        assert values["level.seen"].text.startswith("The level sensor reads 8.0")
        assert world.truth()["pumped_nl"] == pytest.approx(5_000, rel=0.02)
        assert {row.name.partition(".")[0] for row in found} == {*(step.name for step in selftest.STEPS), "motion"}


def test_what_is_not_as_expected_fails_and_what_is_skipped_stays_open(world: sim.Simulation) -> None:
    with Pump.connect(world.transport()) as pump:
        verdicts = _verdicts(list(selftest.walk(pump, User(world, sees=False, acts=False))))
        own = {name for name in verdicts if name.endswith(".own_test")}
        assert {verdicts.pop(name) for name in own} == {selftest.PASSED}
        assert set(verdicts.values()) == {selftest.FAILED}
        found = list(selftest.walk(pump, User(world, sees=None), lambda pending: True))
        assert {row.verdict for row in found if not row.name.endswith(".own_test")} == {selftest.OPEN}
        assert "refill" in found[-1].text  # the contents are unknown: nothing can be given
    assert world.truth()["pumped_nl"] == 0


def test_each_part_that_is_missing_is_named_and_the_others_are_tested(world: sim.Simulation) -> None:
    for action, (step, text) in MISSING.items():
        world.do(action)
        world.do("power_cut")
        with Pump.connect(world.transport()) as pump:
            found = list(selftest.walk(pump, User(world, sees=None), lambda pending: True))
        failed = [row for row in found if row.verdict == selftest.FAILED]
        assert [(row.name, row.text) for row in failed] == [(f"{step}.own_test", text)], action
        assert failed[0].action.endswith("Then reset the pump and begin again.")
        assert not any(row.name in (f"{step}.seen", f"{step}.change") for row in found)
        assert found[-1] == selftest.Found(
            "motion.given", selftest.OPEN, "nothing is moved with a part that failed"
        )  # fmt: skip
        world.do(action.replace("_off", "_works"))
    assert world.truth()["pumped_nl"] == 0


def test_the_verb_keeps_a_record_also_when_it_is_interrupted(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run("selftest", "--automatic", "--json", "--note", "first board", port="sim:")
    shown = json.loads(out)
    (file,) = (tmp_path / "evidence").iterdir()
    record = json.loads(file.read_text())
    assert (code, shown["evidence"], record["about"]["note"]) == (0, str(file.relative_to(tmp_path)), "first board")
    assert {row["verdict"] for row in shown["checks"]} == {"passed", "open"}
    assert [row["name"] for row in record["measurements"]] == [f"{step.name}.own_test" for step in selftest.STEPS]
    code, _, err = run("selftest", port="sim:", typed="maybe\ny\nn\n")
    assert (code, "can't be answered" in err or "answer" in err) == (2, True), err
    last = json.loads(max(set((tmp_path / "evidence").iterdir()) - {file}).read_text())
    seen = {row["name"]: row["good"] for row in last["measurements"] if row["name"].endswith(".seen")}
    assert seen == {"processor.seen": True, "supply.seen": False}
