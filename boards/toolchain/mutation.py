"""The tool for tests/mutation/mutation.py, in an environment of its own: nothing else needs its dependencies."""

from __future__ import annotations

from pathlib import Path

from . import steps, venv
from .machine import Machine


def set_up(place: steps.Place, machine: Machine) -> Path:
    """Makes build/mutate-venv from the dependency group `mutation`."""
    requirements = venv.group(place, "mutation")
    return venv.make(place, machine, "mutate-venv", requirements, ("cosmic-ray", "cr-filter-operators"))
