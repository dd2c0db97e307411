"""labgrid for hil/lab, in an environment of its own as its pyserial would overwrite the project's; Debian's ser2net."""

from __future__ import annotations

from pathlib import Path

from . import steps, venv
from .machine import Machine, require

_REQUIREMENT = "labgrid>=26.0.1,<27"
_SER2NET = Path("/usr/sbin/ser2net")
_PROGRAMS = ("labgrid-client", "labgrid-coordinator", "labgrid-exporter")


def set_up(place: steps.Place, machine: Machine) -> Path:
    """Makes build/lab-venv."""
    require(place, machine, {"ser2net": _SER2NET.exists})
    return venv.make(place, machine, "lab-venv", [_REQUIREMENT], _PROGRAMS)
