"""The rig's program on a pty, on MicroPython with unconnected pins; and the bench on a pump and a rig."""

from __future__ import annotations

import os
import pty
import subprocess
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import interpreters
import pytest
from pumpctl import errors, sim
from pumpctl.protocol import key_files, transport
from pumpctl.pump import Pump
from pumpctl.testing.dut import NoWorld
from pumpctl.testing.targets import pico


def _start(device: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        # tests/emulator/test_rig_emulated.py runs it on a chip, where the files are also compiled.
        [str(interpreters.program("pico-sized")), "-X", "heapsize=208k", "-c", "import rig.main"],
        cwd=interpreters.ROOT,
        env={**os.environ, "MICROPYPATH": "tests/host/fake_rig:hil"},
        stdin=device,
        stdout=device,
        stderr=subprocess.PIPE,
    )


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The serial port of a rig, and its process."""
    monkeypatch.setattr(pico, "_ANSWER_S", interpreters.LONGEST_S)
    monkeypatch.setattr(pico, "_BACK_S", interpreters.LONGEST_S)
    device, user = pty.openpty()
    tty.setraw(user)
    child = _start(device)
    try:
        yield os.ttyname(user), child
    finally:
        child.kill()
        child.communicate()
        os.close(user)
        os.close(device)


@pytest.fixture
def rig(running: tuple[str, subprocess.Popen[bytes]]) -> Iterator[pico.Rig]:
    """A rig with a simulated world."""
    made = pico.Rig(running[0])
    yield made
    made.close()


def _truth_after(rig: pico.Rig, least_ms: int) -> dict[str, int]:
    """The truth, asked again until the world is so old."""
    until_s = time.monotonic() + interpreters.LONGEST_S
    truth = rig.ask("truth")
    while truth["t_ms"] < least_ms and time.monotonic() < until_s:
        truth = rig.ask("truth")
    return truth


def test_time_is_no_more_than_wall_time_and_steps_are_counted(rig: pico.Rig) -> None:
    began_s = time.monotonic()
    rig.ask("world 1 drive_error_ppm=0 drive_random_ppm=0 drive_backlash_steps=0")
    truth = _truth_after(rig, 900)
    passed_ms = (time.monotonic() - began_s) * 1000
    assert 900 <= truth["t_ms"] <= passed_ms
    assert 80 <= truth["steps_counted"] <= passed_ms / 10 + 2
    assert truth["pumped_nl"] == truth["steps_counted"] * 5 // 2
    assert 0 <= truth["pass_longest_ms"] <= passed_ms


def test_actions_change_the_world(rig: pico.Rig) -> None:
    assert rig.ask("do block") == {"ok": True}
    assert rig.ask("truth")["line_blocked"] == 1
    rig.ask("do drain 1000000")
    assert 14_000_000 < rig.ask("truth")["reservoir_nl"] <= 15_000_000
    rig.ask("do power_off")
    assert rig.ask("truth")["pump_is_off"] == 1


def test_a_new_world_starts_from_its_settings(rig: pico.Rig) -> None:
    rig.ask("do block")
    rig.ask("world 7 line_tau_ms=500 reservoir_nl=3000000")
    truth = rig.ask("truth")
    assert (truth["line_blocked"], truth["line_tau_ms"]) == (0, 500)
    assert truth["reservoir_nl"] <= 3_000_000


@pytest.mark.parametrize(
    "line",
    ["do dance", "do", "do narrow x", "world", "world x", "world 1 tau", "world 1 line_tau_ms=1", "run 5", "dance"],
)
def test_an_invalid_line_is_refused_and_changes_nothing(rig: pico.Rig, line: str) -> None:
    rig.ask("do block")
    with pytest.raises(errors.UnknownWorldAction):
        rig.ask(line)
    assert rig.ask("truth")["line_blocked"] == 1


def test_bytes_that_are_not_text_do_not_end_the_program(rig: pico.Rig) -> None:
    rig._transport.write(b"do \xff\xfe\x00\n")
    time.sleep(0.3)
    assert rig.ask("truth")["line_blocked"] == 0


def test_an_incomplete_line_and_a_long_one_block_nothing(running: tuple[str, subprocess.Popen[bytes]]) -> None:
    first = pico.Rig(running[0])
    first._transport.write(b"do blo")
    time.sleep(0.3)
    first._transport.write(b"ck\n" + b"x" * 5000 + b"\n")
    time.sleep(0.3)
    assert first.ask("truth")["line_blocked"] == 1
    assert _truth_after(first, 401)["t_ms"] > 400
    first._transport.write(b"trut")
    first._transport.close()
    second = pico.Rig(running[0])  # must skip the incomplete line and its answer
    assert second.ask("truth")["line_blocked"] == 1
    second.close()


def test_quit_ends_the_program(running: tuple[str, subprocess.Popen[bytes]]) -> None:
    port, child = running
    made = pico.Rig(port)
    made._transport.write(b"quit\n")
    assert child.wait(interpreters.LONGEST_S) == 0
    made._transport.close()


def test_a_port_without_a_rig_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pico, "_ANSWER_S", 0.3)
    device, user = pty.openpty()
    tty.setraw(user)
    os.write(device, b">>> \r\n")
    with pytest.raises(errors.NoAnswer, match="No rig answers"):
        pico.Rig(os.ttyname(user))
    os.close(device)
    os.close(user)


class Wired:
    """A pump that restarts when the rig pulls RUN low; its port disappears for half a second, as with a Pico."""

    def __init__(self, port: Path) -> None:
        self.port = port
        self._pump: sim.Simulation | None = None
        self._coming: threading.Timer | None = None
        self.switch_on()

    def switch_on(self) -> None:
        self._pump = sim.Simulation(time="wall")
        self.port.symlink_to(self._pump.port)

    def reset(self) -> None:
        self.switch_off()
        self._coming = threading.Timer(0.5, self.switch_on)
        self._coming.start()

    def switch_off(self) -> None:
        if self._coming is not None:
            self._coming.join()
        if self._pump is not None:
            self.port.unlink()
            self._pump.close()
            self._pump = None


@pytest.fixture
def wired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wired]:
    """A pump whose RUN pin is wired to the rig."""
    made = Wired(tmp_path / "pump")
    ask = pico.Rig.ask

    def pull(rig: pico.Rig, line: str) -> dict[str, Any]:
        answer = ask(rig, line)
        if line == "do reset":
            made.reset()
        return answer

    monkeypatch.setattr(pico.Rig, "ask", pull)
    yield made
    made.switch_off()


def test_a_bench_on_a_pump_and_a_rig_begins_with_a_reset(
    running: tuple[str, subprocess.Popen[bytes]], wired: Wired
) -> None:
    with Pump.connect(transport.SerialTransport(str(wired.port))) as pump:
        pump.param_set("silence_s", 60)
    bench = pico.start(f"{wired.port}@{running[0]}", 3, {})
    try:
        assert {row.name: row.value for row in bench.pump.params()}["silence_s"] == 120
        assert bench.status.strokes == 0
    finally:
        bench.close()


def test_a_bench_on_a_pump_and_a_rig(running: tuple[str, subprocess.Popen[bytes]], wired: Wired) -> None:
    bench = pico.start(f"{wired.port}@{running[0]}", 3, {"line_tau_ms": 700})
    try:
        assert bench.truth()["line_tau_ms"] == 700
        bench.set_up(volume_nl=12_000_000)
        assert bench.state == "standby"
        assert 11_900_000 < bench.truth()["reservoir_nl"] <= 12_000_000
        with bench.blocked():
            assert bench.truth()["line_blocked"] == 1
        assert bench.truth()["line_blocked"] == 0
        with pytest.raises(errors.UnknownWorldAction):
            bench.do("dance")
    finally:
        bench.close()


def test_a_pump_that_ignores_the_reset_is_reported(running: tuple[str, subprocess.Popen[bytes]]) -> None:
    with sim.Simulation(time="wall", speed=60) as simulation:  # its RUN pin is not wired
        time.sleep(1)
        with pytest.raises(pico.NotReset, match="check that wire"):
            pico.start(f"{simulation.port}@{running[0]}", 1, {})


def test_a_pump_that_does_not_come_back_is_reported(
    running: tuple[str, subprocess.Popen[bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pico, "_BACK_S", 0.5)
    with pytest.raises(errors.PortMissing):
        pico.start(f"{tmp_path / 'none'}@{running[0]}", 1, {})


def test_without_a_rig_there_is_no_world_to_act_on() -> None:
    assert pico.capabilities("/dev/ttyACM0") == frozenset()
    assert {"fresh", "world", "block_line", "drain"} <= pico.capabilities("/dev/ttyACM0@/dev/ttyACM1")
    with sim.Simulation(time="wall") as simulation:
        bench = pico.start(simulation.port, 1, {})
        with pytest.raises(NoWorld):
            bench.truth()
        with pytest.raises(NoWorld):
            bench.do("block")
        bench.close()


def test_a_pump_that_this_user_is_not_paired_with_is_one_sentence() -> None:
    with sim.Simulation(time="wall", options=("--keys", "yes")) as simulation:
        with pytest.raises(errors.NotAuthorised, match=f"type `pumpctl --port {simulation.port} pair` and press its"):
            pico.start(simulation.port, 1, {})
        with Pump.connect(simulation.transport()) as pump:
            key = pump.pair("bench", "service", lambda: simulation.do("press"))
            key_files.save(pump.hello.unique_id, key)
        bench = pico.start(simulation.port, 1, {})
        bench.pump.silence()
        bench.close()


@pytest.mark.parametrize("where", ["", "@", "@/dev/ttyACM1", "/dev/ttyACM0@"])
def test_an_incomplete_place_is_refused(where: str) -> None:
    with pytest.raises(errors.UsageProblem):
        pico.start(where, 1, {})
