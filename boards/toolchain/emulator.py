"""The emulated Pico: Node.js, and the packages that hil/emulator pins, installed into build/emulator."""

from __future__ import annotations

from pathlib import Path

from . import steps
from .machine import Machine, node_packages

_SIGNS = ("node_modules/rp2040js/package.json",)


def set_up(place: steps.Place, machine: Machine) -> Path:
    """Installs the packages of hil/emulator/package-lock.json into build/emulator."""
    sources = place.root / "hil" / "emulator"
    made = node_packages(place, machine, "emulator", sources, "the packages of the emulated Pico", _SIGNS)
    link = place.build / "emulator"
    steps.put_link(link, made)
    return link
