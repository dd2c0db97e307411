"""The release image in an emulated RP2040, with the world of hil/plant in step with device time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pumpctl import checkout as checkouts, errors, sim
from pumpctl.testing import job_symbols
from pumpctl.testing.bench import Bench

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


def is_slow(_where: str) -> bool:
    """Whether only quick tests run without --full."""
    return True


def capabilities(_where: str) -> frozenset[str]:
    """The capabilities of the target at this place."""
    return CAPABILITIES


def check(where: str, checkout: Path | None) -> None:
    """Find what a bench needs; raises SimulatorMissing, UsageProblem."""
    if where:
        raise errors.UsageProblem(f"--target emulated takes no place, and got {where!r}.")
    checkouts.find_checkout(checkout)


def start(
    _where: str, seed: int, settings: Mapping[str, int], checkout: Path | None = None, parts: Sequence[str] = ()
) -> Bench:
    """A Pico that was just switched on, with these variants of `parts` (pressure=missing)."""
    options = [word for part in parts for word in ("--part", part)]
    return Bench(_EmulatedDut(seed=seed, settings=settings, emulated=True, options=options, checkout=checkout))


class _EmulatedDut(sim.Simulation):
    """Adds `do hang N` of the unix target; here the job hangs when it is called next."""

    def __init__(self, checkout: Path | None, **given: Any) -> None:
        self._checkout = checkout
        super().__init__(checkout=checkout, **given)

    def do(self, action: str, value: int | None = None) -> None:
        if action == "hang" and value is not None:
            image = checkouts.image_path(checkouts.find_checkout(self._checkout)).with_suffix(".elf")
            places = job_symbols.addresses(image)
            super().do("hang_entry", places[job_symbols.ENTRY])
            value = places[job_symbols.Jobs(self._checkout).symbol(value)]
        super().do(action, value)


def image(bench: Bench, _checkout: Path | None) -> str:
    """What the pump says that it runs."""
    return bench.pump.hello.image
