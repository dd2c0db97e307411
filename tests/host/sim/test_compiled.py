"""The compiled code of the simulated pump: when it is made, when the sources are used; its results are the same."""

import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import interpreters
import pytest
from plant.body import day
from pumpctl import Pump, defs
from pumpctl.sim import Simulation, compiled

HOUR_MS = 3_600_000


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout with a module in each folder and the real programs."""
    for folder, parts in compiled.FOLDERS.items():
        for part in parts:
            (tmp_path / folder / part).mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / part / "module.py").write_text("WORD = 1\n")
    (tmp_path / "boards/unix/main.py").write_text("import module\n")
    (tmp_path / "build/bin").mkdir(parents=True)
    shutil.copy(interpreters.ROOT / "build/bin/toolchain.json", tmp_path / "build/bin")
    return tmp_path


def interpreter() -> Path:
    return interpreters.program("pico-sized")


def made(checkout: Path) -> list[str]:
    folder = checkout / "build/compiled"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_the_code_is_compiled_once_for_each_state_of_the_sources(checkout: Path) -> None:
    first = compiled.place(checkout, interpreter())
    assert first
    files = sorted(str(path.relative_to(first)) for path in first.rglob("*.*"))
    assert files == [
        "boards/unix/main.py", "boards/unix/module.mpy", "firmware/drivers/module.mpy", "firmware/pump/module.mpy",
        "hil/plant/module.mpy",
    ]  # fmt: skip
    assert compiled.place(checkout, interpreter()) == first
    (checkout / "firmware/pump/module.py").write_text("WORD = 12\n")
    second = compiled.place(checkout, interpreter())
    assert second not in (None, first)
    assert len(made(checkout)) == 2


def test_the_sources_are_used_when_one_has_an_error(checkout: Path) -> None:
    (checkout / "firmware/pump/module.py").write_text("WORD = = 1\n")
    assert compiled.place(checkout, interpreter()) is None
    assert made(checkout) == []


def test_the_sources_are_used_with_an_interpreter_that_is_not_the_checkouts(checkout: Path) -> None:
    assert compiled.place(checkout, interpreters.program("stock")) is None
    table = checkout / "build/bin/toolchain.json"
    table.write_text(json.dumps(json.loads(table.read_text()) | {"mpy_cross": None}))
    assert compiled.place(checkout, interpreter()) is None
    table.unlink()
    assert compiled.place(checkout, interpreter()) is None
    assert made(checkout) == []


def test_code_of_an_old_state_is_removed_after_a_day_without_use(checkout: Path) -> None:
    first = compiled.place(checkout, interpreter())
    assert first
    old = time.time() - 2 * 86_400
    os.utime(first, (old, old))
    compiled.place(checkout, interpreter())  # a use
    (checkout / "firmware/pump/module.py").write_text("WORD = 12\n")
    compiled.place(checkout, interpreter())
    assert first.is_dir()
    os.utime(first, (old, old))
    (checkout / "firmware/pump/module.py").write_text("WORD = 123\n")
    compiled.place(checkout, interpreter())
    assert not first.exists()
    assert len(made(checkout)) == 2


def test_a_folder_that_another_program_removes_meanwhile_is_passed_over(checkout: Path) -> None:
    (checkout / "build/compiled").mkdir()
    (checkout / "build/compiled/gone").symlink_to("nowhere")  # is listed, and can't be looked at
    assert compiled.place(checkout, interpreter()) is not None


def test_several_programs_may_compile_at_the_same_time(checkout: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(lambda _: compiled.place(checkout, interpreter()), range(8)))
    assert len(set(places)) == 1
    assert places[0]
    assert made(checkout) == [places[0].name]


def run_with_a_block(native: bool) -> Any:
    """Two hours with an occlusion; returns the truth, the log and the status at the end."""
    with Simulation(seed=3, native=native) as simulation, Pump.connect(simulation.transport()) as pump:
        pump.refill_begin()
        simulation.do("refill", 16_000_000)
        pump.refill_finish(16_000_000, "saline")
        pump.therapy_set("continuous", 4000)
        pump.start()
        simulation.run(HOUR_MS)
        simulation.do("block")
        simulation.run(HOUR_MS)
        return simulation.truth(), pump.log(), pump.status()


def test_the_heap_has_room_for_a_world_with_every_effect_of_a_body() -> None:
    with Simulation(settings=day.settings(1)) as simulation:
        simulation.run(1000)
        assert simulation.truth()["t_ms"] == 1000


@pytest.mark.parametrize("native", [False, True])
def test_results_are_the_same_as_those_of_the_sources(native: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    found = run_with_a_block(native)
    assert defs.STATES[found[2].state].name == "stopped_alarm"
    monkeypatch.setattr(compiled, "place", lambda *_: None)
    assert run_with_a_block(False) == found
