"""The emulated Pico: Node.js, and the packages that hil/emulator pins, installed into build/emulator."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from . import steps
from .machine import Machine, require

_FILES = ("package.json", "package-lock.json", ".npmrc")


def set_up(place: steps.Place, machine: Machine) -> Path:
    """Installs the packages of hil/emulator/package-lock.json into build/emulator."""
    sources = place.root / "hil" / "emulator"
    require(place, machine, {"nodejs": lambda: machine.has("node"), "npm": lambda: machine.has("npm")})

    def fill(folder: Path, log: Path) -> dict[str, Any]:
        for name in _FILES:
            shutil.copy(sources / name, folder)
        if not steps.run(["npm", "ci", "--no-audit", "--no-fund"], log, folder):
            happened = f"npm could not install the packages of the emulator: {steps.last_error(log)}"
            raise steps.Trouble(happened, "Check the network and npm's settings, then run the same command again.", log)
        return {}

    key = steps.key_of("emulator", *((sources / name).read_bytes() for name in _FILES))
    signs = ("node_modules/rp2040js/package.json",)
    steps.make(place, steps.Product("emulator", key, "installing the packages of the emulated Pico", fill, signs))
    link = place.build / "emulator"
    steps.put_link(link, place.own / "emulator")
    return link
