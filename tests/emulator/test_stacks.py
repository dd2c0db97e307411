"""The stack of Python's frames and that of C keep room in a session that uses all kinds of commands."""

from __future__ import annotations

import subprocess
from pathlib import Path

from emulated_run import EMULATOR, RELEASE, WITH_IMAGE
from pumpctl import sim
from pumpctl.pump import Pump

pytestmark = [*EMULATOR, WITH_IMAGE]

_MINUTE_MS = 60_000
_PRESS_MS = 300
_MOST_PERCENT = (50, 85)  # of the frames' stack, and of that of C, which interrupts use as well


def _stacks(image: Path) -> tuple[range, range]:
    """The addresses of the stack for frames, and of the stack of C, each from the end that is used last."""
    words = ["arm-none-eabi-nm", "--print-size", str(image.with_suffix(".elf"))]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = {row[-1]: [int(number, 16) for number in row[:-2]] for row in (line.split() for line in lines)}
    ((first, size),) = [place for name, place in rows.items() if name.startswith("frames.")]
    return range(first + size - 1, first - 1, -1), range(rows["__StackBottom"][0], rows["__StackTop"][0])


def _used(simulation: sim.Simulation, addresses: range) -> int:
    """Bytes that were ever written, without zeros at the end: memory is zero at power-on."""
    return next(len(addresses) - at for at, address in enumerate(addresses) if simulation.peek(address))


def _press(simulation: sim.Simulation) -> None:
    simulation.do("button_down")
    simulation.run(_PRESS_MS)
    simulation.do("button_up")


def test_the_stacks_keep_room_in_a_session_with_all_kinds_of_commands() -> None:
    frames, stack = _stacks(RELEASE)
    with sim.Simulation(seed=1, emulated=True, image=RELEASE) as simulation:
        with Pump.connect(simulation.transport()) as pump:
            pump.refill_begin()
            pump.refill_finish(16_000_000, "saline")
            pump.therapy_set("continuous", 1000)
            pump.param_set("occlusion_retries", 1)
            pump.start()
            simulation.run(10 * _MINUTE_MS)
            pump.bolus(20_000)
            pump.rate(12_000, override="soft_rate")
            simulation.run(10 * _MINUTE_MS)
            pump.log()
            pump.params()
            pump.alarms()
            pump.memory()
            simulation.do("block")
            simulation.run(10 * _MINUTE_MS)
            assert pump.status().state_name == "stopped_alarm"
            pump.stop()
            pump.ack()
            pump.journal_clear()
            pump.pair("another", "view", lambda: _press(simulation))
        used = [_used(simulation, addresses) for addresses in (frames, stack)]
    percent = [100 * bytes_used // len(addresses) for bytes_used, addresses in zip(used, (frames, stack), strict=True)]
    assert all(used <= most for used, most in zip(percent, _MOST_PERCENT, strict=True)), percent
