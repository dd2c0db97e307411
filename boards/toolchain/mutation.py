"""The tool for tests/mutation/mutation.py, in an environment of its own: nothing else needs its dependencies."""

from __future__ import annotations

from pathlib import Path

from . import side_venv, steps
from .machine import Machine


def set_up(place: steps.Place, machine: Machine) -> Path:
    """Makes build/mutate-venv with the project's dependency group "mutation"."""
    import tomllib

    groups: dict[str, list[str]] = tomllib.loads((place.root / "pyproject.toml").read_text())["dependency-groups"]
    return side_venv.make(place, machine, "mutate-venv", groups["mutation"], ("cosmic-ray", "cr-filter-operators"))
