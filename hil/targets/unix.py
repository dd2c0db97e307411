"""The firmware on the Pico-sized unix build, with the world of hil/plant in the same process; time jumps."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from bench import Bench
from pumpctl import sim

CAPABILITIES = frozenset({"block_line", "set_line", "drain", "sensor_faults", "annunciator", "days"})
_FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"


def start(seed: int, settings: Mapping[str, int]) -> Bench:
    """A pump that was just switched on, in a world with these settings."""
    return Bench(sim.Simulation(seed=seed, settings=settings))


def image_hash() -> str:
    """Names the firmware that ran: SHA-256 over its sources, sixteen digits."""
    digest = hashlib.sha256()
    for path in sorted([_FIRMWARE / "main.py", *(_FIRMWARE / "pump").glob("*.py")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
