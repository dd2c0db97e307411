"""Commands of all kinds leave room on MicroPython's stack of call frames and on the C stack."""

from __future__ import annotations

from pathlib import Path

from emulated_run import EMULATOR, RELEASE, WITH_IMAGE, pressing
from pumpctl import sim
from pumpctl.pump import Pump
from pumpctl.testing import job_symbols

pytestmark = [*EMULATOR, WITH_IMAGE]

_MINUTE_MS = 60_000
_MOST_PERCENT = (50, 85)  # of the stack of call frames, and of the C stack, which interrupts use as well


def _stacks(image: Path) -> tuple[range, range]:
    """The addresses of the stack of call frames and of the C stack, each from the end that is used last."""
    places = job_symbols.addresses(image.with_suffix(".elf"))
    (first,) = [address for name, address in places.items() if name.startswith("frames.")]
    end = min(address for address in places.values() if address > first)
    return range(end - 1, first - 1, -1), range(places["__StackBottom"], places["__StackTop"])


def _used(simulation: sim.Simulation, addresses: range) -> int:
    """Bytes that were ever written, without zeros at the end: memory is zero at power-on."""
    return next(len(addresses) - at for at, address in enumerate(addresses) if simulation.peek(address))


def test_commands_of_all_kinds_leave_room_on_both_stacks() -> None:
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
            pump.pair("another", "view", pressing(simulation))
        used = [_used(simulation, addresses) for addresses in (frames, stack)]
    percent = [100 * bytes_used // len(addresses) for bytes_used, addresses in zip(used, (frames, stack), strict=True)]
    assert all(used <= most for used, most in zip(percent, _MOST_PERCENT, strict=True)), percent
