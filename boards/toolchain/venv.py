"""The Python tools: a virtual environment with the host package, and the type stubs of MicroPython."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from . import steps
from .machine import Machine, require

_PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet")


def set_up(place: steps.Place, machine: Machine) -> None:
    """Makes build/venv and build/typings what the project files ask for."""
    import tomllib

    groups: dict[str, list[str]] = tomllib.loads((place.root / "pyproject.toml").read_text())["dependency-groups"]
    _environment(place, machine, groups["dev"])
    key = steps.key_of("typings", groups["stubs"])

    def fill(folder: Path, log: Path) -> dict[str, Any]:
        _pip(place.build / "venv", log, "--target", folder, *groups["stubs"])
        return {}

    steps.make(place, steps.Product("typings", key, "installing MicroPython's type stubs", fill))
    steps.put_link(place.build / "typings", place.own / "typings")


def _environment(place: steps.Place, machine: Machine, requirements: list[str]) -> None:
    """An environment can't be moved, so each is made where it stays, and when it is whole a link is moved to it."""
    host = place.root / "host" / "pyproject.toml"
    wanted = host.read_bytes() if host.is_file() else b""
    key = steps.key_of("venv", str(place.root), sys.version, sys.base_prefix, requirements, wanted)
    link = place.build / "venv"
    if steps.read_stamp(link, key) is not None and (link / "bin" / "python").exists():
        return
    require(place, machine, {"python3-venv": machine.has_ensurepip})
    with steps.step("installing the Python tools in build/venv"):
        # The one in use stays until the next change: a test run in another window may not be done with it.
        for other in place.own.glob("venv-*"):
            if other != link.resolve():
                shutil.rmtree(other, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix="venv-", dir=place.own))
        folder.chmod(0o755)
        log = place.log("venv")
        if not steps.run([sys.executable, "-m", "venv", folder], log):
            happened = f"Could not make a virtual environment: {steps.last_error(log)}"
            raise steps.Trouble(happened, "Type: sudo apt-get install -y python3-venv, then run it again.", log)
        _pip(folder, log, *requirements, *(["--editable", f"{place.root / 'host'}[report]"] if wanted else []))
        steps.write_stamp(folder, key)
    steps.put_link(link, folder)


def _pip(environment: Path, log: Path, *words: str | Path) -> None:
    if not steps.run([environment / "bin" / "python", *_PIP, *words], log):
        happened = f"pip could not install the Python tools: {steps.last_error(log)}"
        raise steps.Trouble(happened, "Check the network and pip's settings, then run the same command again.", log)
