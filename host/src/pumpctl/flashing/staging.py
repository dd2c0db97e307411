"""Compiles what is deployed into a local folder, with the list that goes with it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from pumpctl import errors

LIST = "deployed.json"
Compile = Callable[[Path, str, Path], None]  # source, its name in a traceback, result


def stage(folder: Path, modules: Mapping[str, tuple[str, Path]], listed: str, compiler: Compile) -> list[str]:
    """Compile the modules, by their paths in the folder; write the list. Return all paths, the list last.

    Raises BadCheckout or NotSaved.
    """
    for name, (title, source) in modules.items():
        place = folder / name
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise errors.NotSaved(place, error) from error
        compiler(source, title, place)
    try:
        (folder / LIST).write_text(listed, encoding="ascii")
    except OSError as error:
        raise errors.NotSaved(folder / LIST, error) from error
    return [*modules, LIST]


def mpy_cross(checkout: Path) -> Compile:
    """Return the compiler of this checkout; it raises BadCheckout for a file that it refuses."""
    program = checkout / "build" / "bin" / "mpy-cross"

    def compile_one(source: Path, title: str, result: Path) -> None:
        command = [str(program), "-s", title, "-o", str(result), str(source)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise errors.BadCheckout(program, error) from error
        if done.returncode:
            lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
            raise errors.BadCheckout(source, ValueError(lines[-1] if lines else "it can't be compiled"))

    return compile_one
