"""The tools of `make mutate` and `make fuzz`, each in its own environment: nothing else needs their dependencies."""

from __future__ import annotations

from pathlib import Path

from . import steps, venv
from .machine import Machine


def set_up(place: steps.Place, machine: Machine) -> Path:
    """Makes build/mutate-venv from the dependency group `mutation`."""
    requirements = venv.group(place, "mutation")
    return venv.make(place, machine, "mutate-venv", requirements, ("cosmic-ray", "cr-filter-operators"))


def set_up_fuzz(place: steps.Place, machine: Machine) -> Path:
    """Makes build/fuzz-venv from the dependency group `fuzz`, with the host package in it."""
    return venv.make(place, machine, "fuzz-venv", venv.group(place, "fuzz"), ("python",), project=place.root / "host")
