"""Finds the project's checkout, and the interpreter and images that were built in it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pumpctl import errors


def find_checkout(given: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder that holds firmware/pump and boards/unix/main.py; raises SimulatorMissing.

    Looks in `given` or PUMP_CHECKOUT if set, else in the working directory, the folder of this file, and those above.
    """
    named = given or os.environ.get("PUMP_CHECKOUT")
    if named:
        folders: Iterable[Path] = (Path(named).resolve(),)
    else:
        folders = (*_here(), *Path(__file__).resolve().parents)
    for folder in folders:
        if (folder / "firmware" / "pump").is_dir() and (folder / "boards" / "unix" / "main.py").is_file():
            return folder
    where = f"in {named}" if named else "here or above"
    raise errors.SimulatorMissing(
        f"The project's checkout was not found {where}; change to it or set PUMP_CHECKOUT to its folder."
    )


def find_interpreter(checkout: Path, given: str | os.PathLike[str] | None = None) -> Path:
    """Return the MicroPython to run: `given`, MICROPYTHON or the checkout's own build; raises SimulatorMissing."""
    path = Path(given or os.environ.get("MICROPYTHON") or checkout / "build" / "bin" / "micropython")
    if not (path.is_file() and os.access(path, os.X_OK)):
        raise errors.SimulatorMissing(f"There is no MicroPython at {path}; run `make setup` in {checkout}.")
    return path.absolute()


def image_path(checkout: Path, board: str = "rpi_pico", kind: str = "release") -> Path:
    """Return where `make firmware` puts an image of a board."""
    return checkout / "build" / "firmware" / board / f"pump-{kind}.uf2"


def _here() -> tuple[Path, ...]:
    """Return the working directory and the folders above it; none when it was deleted."""
    try:
        here = Path.cwd()
    except OSError:
        return ()
    return (here, *here.parents)
