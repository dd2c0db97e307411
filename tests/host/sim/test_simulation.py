"""The simulated pump with fake_child.py as its process: both kinds of time, and each kind of failure."""

from __future__ import annotations

import gc
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from interpreters import LONGEST_S
from pumpctl import errors, ports, sim
from pumpctl.protocol import transport
from pumpctl.pump import Pump
from pumpctl.sim import process
from pumpctl.sim.simulation import Simulation


def in_use() -> tuple[int, int, list[str]]:
    children = [path.read_text() for path in Path("/proc/self/task").glob("*/children")]
    return threading.active_count(), len(os.listdir("/proc/self/fd")), sorted(" ".join(children).split())


@pytest.fixture(autouse=True)
def nothing_is_left(checkout: Path) -> Any:
    """Each test ends with the threads, open files and processes that it began with."""
    gc.collect()  # what tests before have left
    before = in_use()
    yield
    gc.collect()
    assert in_use() == before


def test_host_time() -> None:
    with Simulation(seed=5, settings={"a": 1, "b": -2}) as world:
        world.run(1500)
        world.do("block", 3)
        assert world.truth() == {"blocked": 3, "elapsed_ms": 1500, "seed": 5}
        assert world.elapsed_ms == 1500
        assert world.port == ""


def test_the_link_in_host_time() -> None:
    with Simulation() as world, Pump.connect(world.transport()) as pump:
        assert pump.hello.board == "child"
        pump.stop()
        assert world.elapsed_ms == 0


def test_waiting_for_an_answer_takes_simulated_time() -> None:
    with Simulation() as world:
        transport = world.transport()
        assert transport.read(0) == b""
        assert transport.read(0.05) == b""
        assert world.elapsed_ms == 50
        assert transport.now_s() == pytest.approx(0.05)


def test_long_runs_are_split_and_show_progress() -> None:
    with Simulation() as world:
        world.run(3 * 86_400_000 + 7)
        assert world.truth()["elapsed_ms"] == 3 * 86_400_000 + 7
        steps: list[tuple[int, int]] = []
        world.run(86_400_000, lambda done, wanted: steps.append((done, wanted)))
        assert steps[-1] == (86_400_000, 86_400_000)
        assert len(steps) == 4


def test_arguments_and_folders(checkout: Path) -> None:
    logged: list[str] = []
    with Simulation(seed=4, settings={"tau": 7}, wake_ms=100, on_log=logged.append) as world:
        world.truth()
    folders = f"{checkout}/firmware:{checkout}/boards/unix:{checkout}/hil"
    assert logged == [f"started with --time host --seed 4 --wake-ms 100 --set tau=7 path {folders}"]


def test_wall_time() -> None:
    logged: list[str] = []
    with Simulation(time="wall", speed=60, on_log=logged.append) as world:
        with Pump.connect(transport.SerialTransport(world.port)) as pump:
            assert pump.hello.board == "child"
        with Pump.connect(world.transport()) as pump:
            pump.stop()
        world.do("block")
        assert world.truth()["blocked"] == 1
        path = Path(world.port)
        assert path.exists()
    assert "--time wall --seed 1 --speed 60 --link-fd" in logged[0]
    assert not path.exists()


def test_a_program_that_never_reads_blocks_nothing() -> None:
    with Simulation(time="wall") as world:
        unread = os.open(world.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        for _ in range(20):
            os.write(unread, b"x" * 200)
        assert world.truth()["blocked"] == 0
        os.close(unread)


def test_a_port_that_starts_its_own_pump() -> None:
    with Pump.connect(ports.opened("sim:speed=60,seed=3,tau=5")) as pump:
        assert pump.hello.board == "child"


@pytest.mark.parametrize("text", ["speed", "speed=fast", "=3", "a b=3", "speed=1.5"])
def test_invalid_options(text: str) -> None:
    with pytest.raises(errors.UsageProblem, match="can't be read"):
        ports.opened(f"sim:{text}")


def test_options() -> None:
    assert sim.options_of("") == sim.Options()
    assert sim.options_of("speed=60,seed=3,tau=-5") == sim.Options(3, 60, {"tau": -5})


def test_unknown_actions() -> None:
    with Simulation() as world:
        with pytest.raises(errors.UnknownWorldAction, match="unknown action: fly"):
            world.do("fly")
        with pytest.raises(errors.UnknownWorldAction, match="not an action"):
            world.do("block\nquit")
        assert world.truth()["blocked"] == 0


def test_death_during_a_run() -> None:
    with Simulation(settings={"fail": 1}) as world:
        with pytest.raises(errors.SimulatorDied, match="code 1; its last output: the motor has flown away"):
            world.run(1000)
        with pytest.raises(errors.SimulatorDied, match="flown away"):
            world.truth()
        assert not world.alive


def test_death_at_once() -> None:
    port = ports.opened("sim:fail=4")
    assert isinstance(port, sim.SimulatedPort)
    until_s = time.monotonic() + LONGEST_S
    while port.simulation.alive and time.monotonic() < until_s:
        time.sleep(0.02)
    with pytest.raises(errors.SimulatorDied, match="no world with these settings") as caught:
        Pump.connect(port, timeout_s=0.5)
    assert caught.value.exit_code == 4


def test_nonsense_on_the_channel() -> None:
    with Simulation(settings={"fail": 2}) as world, pytest.raises(errors.SimulatorDied, match="nonsense"):
        world.run(1)


def test_a_child_that_does_not_quit_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_END_TIMEOUT_S", 0.1)
    with Simulation(settings={"fail": 3}) as world:
        world.truth()
    assert not world.alive


def test_after_closing() -> None:
    world = Simulation()
    world.close()
    world.close()
    with pytest.raises(errors.LinkLost, match="closed"):
        world.run(1)
    with pytest.raises(errors.LinkLost):
        world.transport().write(b"x")


def test_an_error_inside_the_with_ends_the_child() -> None:
    with pytest.raises(KeyError), Simulation(time="wall") as world:
        raise KeyError
    assert not world.alive


def test_no_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUMP_CHECKOUT", str(tmp_path))
    with pytest.raises(errors.SimulatorMissing, match="PUMP_CHECKOUT") as caught:
        Simulation()
    assert caught.value.exit_code == 3


def test_no_interpreter(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MICROPYTHON")
    with pytest.raises(errors.SimulatorMissing, match="make setup"):
        Simulation()
    (checkout / "build" / "bin").mkdir(parents=True)
    broken = checkout / "build" / "bin" / "micropython"
    broken.write_bytes(b"not a program")
    broken.chmod(0o755)
    with pytest.raises(errors.SimulatorMissing, match="make setup"):
        Simulation()


@pytest.mark.parametrize(
    ("action", "text", "value"),
    [("drain", "1.5mL", 1_500_000), ("drain", "7", 7), ("kink", "-5", -5), ("block", "", None)],
)
def test_a_volume_of_an_action_may_have_a_unit(action: str, text: str, value: int | None) -> None:
    assert sim.action_value(action, text) == value
    assert sim.setting("reservoir_nl=16mL") == ("reservoir_nl", 16_000_000)


@pytest.mark.parametrize(("action", "text"), [("kink", "5mL"), ("drain", "much")])
def test_a_number_that_is_none_is_refused(action: str, text: str) -> None:
    with pytest.raises(errors.UsageProblem):
        sim.action_value(action, text)
