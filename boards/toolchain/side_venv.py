"""A virtual environment beside build/venv, for tools whose requirements don't go with ours or that few people need."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import steps
from .machine import Machine, require

_PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet")


def make(place: steps.Place, machine: Machine, name: str, requirements: Sequence[str], programs: Sequence[str]) -> Path:
    """Makes build/NAME with these programs: where it stays, as it can't be moved; then a link is moved to it."""
    require(place, machine, {"python3-venv": machine.has_ensurepip})
    key = steps.key_of(name, str(place.root), sys.version, sys.base_prefix, list(requirements))
    link = place.build / name
    if steps.read_stamp(link, key) is not None and all((link / "bin" / program).exists() for program in programs):
        return link
    with steps.step(f"installing {', '.join(requirements)} in build/{name}"):
        for other in place.own.glob(f"{name}-*"):
            shutil.rmtree(other, ignore_errors=True)
        place.own.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=place.own))
        folder.chmod(0o755)
        _fill(folder, requirements, place.log(name))
        steps.write_stamp(folder, key)
    steps.put_link(link, folder)
    return link


def _fill(folder: Path, requirements: Sequence[str], log: Path) -> None:
    if not steps.run([sys.executable, "-m", "venv", folder], log):
        happened = f"Could not make a virtual environment: {steps.last_error(log)}"
        raise steps.Trouble(happened, "Type: sudo apt-get install -y python3-venv, then run it again.", log)
    if not steps.run([folder / "bin" / "python", *_PIP, *requirements], log):
        happened = f"pip could not install {', '.join(requirements)}: {steps.last_error(log)}"
        raise steps.Trouble(happened, "Check the network and pip's settings, then run the same command again.", log)
