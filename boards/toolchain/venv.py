"""Python environments: one function makes them all; build/venv, and the type stubs of MicroPython."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import steps
from .machine import Machine, require

_VENV_ADVICE = "Run: sudo apt-get install -y python3-venv, then the same command again."
_PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet")


def set_up(place: steps.Place, machine: Machine) -> None:
    """Makes build/venv, with the host package in it, from the group `dev`."""
    make(place, machine, "venv", group(place, "dev"), ["python"], project=place.root / "host")


def type_stubs(place: steps.Place) -> None:
    """Makes build/typings from the group `stubs`, with the pip of build/venv."""
    stubs = group(place, "stubs")

    def fill(folder: Path, log: Path) -> dict[str, Any]:
        _pip(place.build / "venv", log, "--target", folder, *stubs)
        return {}

    key = steps.key_of("typings", stubs)
    steps.make(place, steps.Product("typings", key, "installing MicroPython's type stubs", fill))
    steps.put_link(place.build / "typings", place.own / "typings")


def group(place: steps.Place, name: str) -> list[str]:
    """The requirements of a dependency group in pyproject.toml."""
    import tomllib  # here, because a Python too old to have it must get as far as the message that says so

    groups: dict[str, list[str]] = tomllib.loads((place.root / "pyproject.toml").read_text())["dependency-groups"]
    return groups[name]


def make(
    place: steps.Place,
    machine: Machine,
    name: str,
    requirements: Sequence[str],
    programs: Sequence[str],
    project: Path | None = None,
) -> Path:
    """Makes build/NAME with these requirements unless it has `programs` and was made from the same inputs.

    `project` is a folder with a pyproject.toml, installed in editable mode. An environment can't be moved, so
    each is made in a new folder; the link build/NAME is set to it when it is complete.
    """
    link = place.build / name
    key = _key(place, name, requirements, project)
    if steps.read_stamp(link, key) is not None and all((link / "bin" / program).exists() for program in programs):
        return link
    require(place, machine, {"python3-venv": machine.has_ensurepip})
    with steps.step(f"installing Python packages in build/{name}"):
        folder = _new_folder(place, name, link)
        log = place.log(name)
        if not steps.run([sys.executable, "-m", "venv", folder], log):
            happened = f"Python could not make the virtual environment build/{name}: {steps.last_error(log)}"
            raise steps.Trouble(happened, _VENV_ADVICE, log)
        _pip(folder, log, *requirements, *(["--editable", f"{project}[report,service]"] if project else []))
        steps.write_stamp(folder, key)
    steps.put_link(link, folder)
    return link


def _key(place: steps.Place, name: str, requirements: Sequence[str], project: Path | None) -> str:
    inputs = [(project / "pyproject.toml").read_bytes()] if project else []
    return steps.key_of(name, str(place.root), sys.version, sys.base_prefix, list(requirements), *inputs)


def _new_folder(place: steps.Place, name: str, link: Path) -> Path:
    """An empty folder for an environment. The one in use is kept until the next change: a program may run in it."""
    for other in place.own.glob(f"{name}-*"):
        if other.resolve() != link.resolve():  # build/ may be a symbolic link
            shutil.rmtree(other, ignore_errors=True)
    place.own.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=place.own))
    folder.chmod(0o755)
    return folder


def _pip(environment: Path, log: Path, *words: str | Path) -> None:
    if not steps.run([environment / "bin" / "python", *_PIP, *words], log):
        happened = f"pip could not install the Python packages: {steps.last_error(log)}"
        raise steps.Trouble(happened, "Check the network and pip's settings, then run the same command again.", log)
