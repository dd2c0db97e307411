"""The firmware on the Pico-sized unix build, with the world of hil/plant in the same process; waiting takes no time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from bench import Bench
from pumpctl import sim

SLOW = False
CAPABILITIES = frozenset(
    {
        "fresh",  # each test starts with a pump that was just switched on
        "world",  # there is a simulated world, with actions and ground truth
        "exact_time",  # no time passes while host and pump exchange messages
        "jumps",  # hours take seconds
        "block_line",
        "set_line",  # compliance and time constant can be chosen
        "drain",
        "sensor_faults",
        "annunciator",  # light and sound can be observed
        "valves",  # the drive can be valves
        "flow",  # a flow sensor can be fitted
        "memory_faults",  # memory, program and second clock can fail
        "hangs",  # a job of the firmware can hang, and is made due at once
        "hangs_when_called",  # a job of the firmware can hang when it is called next
        "power_cuts",  # the power can be cut at any moment, and in any flash operation
        "flash_content",  # the journal's flash can hold anything
        "part_faults",  # every part can have every fault of plant.parts.faults
    }
)
_FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"


def start(where: str, seed: int, settings: Mapping[str, int], drive: str = "stepper", flow: bool = False) -> Bench:
    """A pump that was just switched on, in a world with these settings; `where` is empty."""
    options = ("--drive", drive, "--flow", "yes" if flow else "no")
    return Bench(sim.Simulation(seed=seed, settings=settings, options=options))


def image_hash() -> str:
    """The first sixteen digits of a SHA-256 over the firmware's sources."""
    digest = hashlib.sha256()
    for path in sorted((_FIRMWARE / "pump").rglob("*.py")):
        digest.update(path.relative_to(_FIRMWARE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
