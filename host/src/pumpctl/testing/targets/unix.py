"""The firmware on the Pico-sized unix build, with the world of hil/plant in the same process; waiting takes no time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pumpctl import checkout as checkouts, errors, sim
from pumpctl.testing.bench import Bench

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


def is_slow(_where: str) -> bool:
    """Whether only quick tests run without --full."""
    return False


def capabilities(_where: str) -> frozenset[str]:
    """The capabilities of the target at this place."""
    return CAPABILITIES


def check(where: str, checkout: Path | None) -> None:
    """Find what a bench needs; raises SimulatorMissing, UsageProblem."""
    if where:
        raise errors.UsageProblem(f"--target unix takes no place, and got {where!r}.")
    checkouts.find_interpreter(checkouts.find_checkout(checkout))


def start(
    _where: str,
    seed: int,
    settings: Mapping[str, int],
    checkout: Path | None = None,
    drive: str = "stepper",
    flow: bool = False,
) -> Bench:
    """A pump that was just switched on, in a world with these settings."""
    options = ("--drive", drive, "--flow", "yes" if flow else "no")
    return Bench(sim.Simulation(seed=seed, settings=settings, options=options, checkout=checkout))


def image(_bench: Bench, checkout: Path | None) -> str:
    """The first sixteen digits of a SHA-256 over the firmware's sources; the pump itself says only "sources"."""
    return _digest(checkouts.find_checkout(checkout) / "firmware")


@cache
def _digest(firmware: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted((firmware / "pump").rglob("*.py")):
        digest.update(path.relative_to(firmware).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
