"""The release image in an emulated RP2040, with the world of hil/plant in step with device time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import Bench, job_symbols
from pumpctl import sim

SLOW = True
CAPABILITIES = frozenset(
    {
        "fresh",
        "world",
        "jumps",
        "block_line",
        "set_line",
        "drain",
        "sensor_faults",
        "annunciator",
        "parts",
        "power_cuts",
        "hangs_when_called",
    }
)
_IMAGES = Path(__file__).resolve().parents[2] / "build/firmware/rpi_pico"


def start(where: str, seed: int, settings: Mapping[str, int], parts: Sequence[str] = ()) -> Bench:
    """A Pico that was just switched on, with these variants of `parts` (pressure=missing); `where` is empty."""
    options = [word for part in parts for word in ("--part", part)]
    return Bench(_EmulatedDut(seed=seed, settings=settings, emulated=True, options=options))


class _EmulatedDut(sim.Simulation):
    """Adds `do hang N` of the unix target; here the job hangs when it is called next."""

    def do(self, action: str, value: int | None = None) -> None:
        if action == "hang" and value is not None:
            places = job_symbols.addresses(_IMAGES / "pump-release.elf")
            super().do("hang_entry", places[job_symbols.ENTRY])
            value = places[job_symbols.job_symbol(value)]
        super().do(action, value)


def image_hash() -> str:
    """The first sixteen digits of the image's SHA-256."""
    try:
        files = json.loads((_IMAGES / "stamp.json").read_text())["files"]
        return str(files["pump-release.uf2"])[:16]
    except (OSError, KeyError, ValueError):
        return "not built"
