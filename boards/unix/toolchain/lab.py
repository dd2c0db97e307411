"""labgrid for hil/lab: an environment of its own, because its pyserial would overwrite ours, and Debian's ser2net."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from . import steps
from .machine import Machine, require

_REQUIREMENT = "labgrid>=26.0.1,<27"
_PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet")
_SER2NET = Path("/usr/sbin/ser2net")
_PROGRAMS = ("labgrid-client", "labgrid-coordinator", "labgrid-exporter")


def set_up(place: steps.Place, machine: Machine) -> Path:
    """Makes build/lab-venv; an environment can't be moved, so it is made where it stays and a link is moved to it."""
    require(place, machine, {"ser2net": _SER2NET.exists, "python3-venv": machine.has_ensurepip})
    key = steps.key_of("lab-venv", str(place.root), sys.version, sys.base_prefix, _REQUIREMENT)
    link = place.build / "lab-venv"
    if steps.read_stamp(link, key) is not None and all((link / "bin" / name).exists() for name in _PROGRAMS):
        return link
    with steps.step("installing labgrid in build/lab-venv"):
        for other in place.own.glob("lab-venv-*"):
            shutil.rmtree(other, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix="lab-venv-", dir=place.own))
        folder.chmod(0o755)
        _fill(folder, place.log("lab-venv"))
        steps.write_stamp(folder, key)
    steps.put_link(link, folder)
    return link


def _fill(folder: Path, log: Path) -> None:
    if not steps.run([sys.executable, "-m", "venv", folder], log):
        happened = f"Could not make a virtual environment: {steps.last_error(log)}"
        raise steps.Trouble(happened, "Type: sudo apt-get install -y python3-venv, then run it again.", log)
    if not steps.run([folder / "bin" / "python", *_PIP, _REQUIREMENT], log):
        happened = f"pip could not install labgrid: {steps.last_error(log)}"
        raise steps.Trouble(happened, "Check the network and pip's settings, then run the same command again.", log)
