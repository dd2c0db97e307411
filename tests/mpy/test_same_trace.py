"""The whole simulated pump sends the same bytes on the Pico-sized build, on the stock build and in CPython."""

import os
import sys
from pathlib import Path

import interpreters
import pytest
from pumpctl import sim
from pumpctl.pump import Pump


def scenario(interpreter: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """All link bytes of four hours with an occlusion, a failed sensor and a rate change."""
    heard = bytearray()
    with sim.Simulation(seed=9, interpreter=interpreter) as simulation:
        keep = simulation.receive

        def receive() -> bytes:
            data = keep()
            heard.extend(data)
            return data

        monkeypatch.setattr(simulation, "receive", receive)
        pump = Pump.connect(simulation.transport(), first_id=1)
        pump.refill_begin()
        pump.refill_finish(16_000_000, "saline")
        pump.therapy_set("intrahepatic", 1000, phase_h=4)
        pump.telemetry(180)
        pump.start()
        pump.bolus(20_000)
        simulation.run(3 * 3_600_000)
        simulation.do("block")
        simulation.run(600_000)
        simulation.do("unblock")
        simulation.do("level_off")
        simulation.run(600_000)
        pump.ack()
        pump.resume()
        pump.rate(7300, override="soft_rate")
        simulation.run(3_600_000)
        pump.log()
        pump.alarms()
    return bytes(heard)


@pytest.fixture
def cpython(tmp_path: Path) -> Path:
    """A stand-in for MicroPython that runs CPython with the same command line and search path."""
    program = tmp_path / "python"
    path = ":".join(str(interpreters.ROOT / folder) for folder in ("firmware", "boards/unix", "hil", "tests/shim"))
    program.write_text(f'#!/bin/sh\nPYTHONPATH={path} exec "{sys.executable}" -u "$@"\n')
    os.chmod(program, 0o755)
    return program


def test_same_bytes_everywhere(cpython: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = scenario(interpreters.program("pico-sized"), monkeypatch)
    assert record.count(b'"telemetry"') > 70
    assert b'"event"' in record
    assert scenario(interpreters.program("pico-sized"), monkeypatch) == record
    assert scenario(interpreters.program("stock"), monkeypatch) == record
    assert scenario(cpython, monkeypatch) == record
