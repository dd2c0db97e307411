"""The firmware on the Pico-sized unix build, with the world of hil/plant in the same process; time jumps."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from bench import Bench
from pumpctl import sim

SLOW = False
CAPABILITIES = frozenset(
    {
        "fresh",  # each test begins with a pump that was just switched on
        "world",  # there is a simulated world: things can be done to it, and it knows the truth
        "exact_time",  # no time passes while the host speaks
        "jumps",  # hours cost seconds
        "block_line",
        "set_line",  # compliance and time constant can be chosen
        "drain",
        "sensor_faults",
        "annunciator",  # light and sound can be seen
        "valves",  # the drive can be valves
        "flow",  # a flow sensor can be fitted
        "memory_faults",  # memory, program and second clock can go bad
        "hangs",  # a job of the firmware can hang, and is asked at once
        "hangs_when_called",  # a job of the firmware can hang when it is called next
        "power_cuts",  # the power can go at any moment, and in any operation of the flash
        "flash_content",  # the journal's flash can hold anything
        "part_faults",  # every part can fail in every way of plant.faults
    }
)
_FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"


def start(where: str, seed: int, settings: Mapping[str, int], drive: str = "stepper", flow: bool = False) -> Bench:
    """A pump that was just switched on, in a world with these settings; there is only one place, `where` is empty."""
    options = ("--drive", drive, "--flow", "yes" if flow else "no")
    return Bench(sim.Simulation(seed=seed, settings=settings, options=options))


def image_hash() -> str:
    """Names the firmware that ran: SHA-256 over its sources, sixteen digits."""
    digest = hashlib.sha256()
    for path in sorted((_FIRMWARE / "pump").rglob("*.py")):
        digest.update(path.relative_to(_FIRMWARE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
