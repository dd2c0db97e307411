"""The simulated pump's code compiled by mpy-cross: it starts in a quarter of the time that its sources take.

The compiled files are in build/compiled of the checkout, one folder for each state of the sources. As machine code
(`native`) the pump also runs faster; its results are the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# The folders on MicroPython's path, each with the parts of it that a simulated pump imports.
FOLDERS = {"firmware": ("pump", "drivers"), "boards/unix": ("",), "hil": ("plant",)}
_MAIN = "boards/unix/main.py"  # MicroPython starts a source file only
_KEPT_S = 86_400  # of a folder that no pump was started from
_FOR_ONE_ARCHITECTURE = "@micropython."  # a file with such a decorator stays as it is; a simulated pump imports none
# mpy-cross 1.25 makes wrong machine code of a bare `raise`, and none of a generator.
_NOT_NATIVE = re.compile(r"^\s+raise$|\byield\b|\basync\b", re.MULTILINE)


def place(checkout: Path, interpreter: Path, native: bool = False) -> Path | None:
    """Return the folder with the compiled code, which is laid out as the checkout is; compiles what has changed.

    None when the sources must be used: mpy-cross or the interpreter isn't the checkout's own, or a source has an error,
    which the interpreter then reports. Machine code is made only for the Pico-sized build.
    """
    programs = _programs(checkout)
    cross = Path(programs.get("mpy_cross") or "")
    if not cross.is_file() or interpreter.resolve() != Path(programs["interpreter"]).resolve():
        return None
    native = native and programs["kind"] == "pico-sized"
    sources = sorted(_sources(checkout))
    state = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in (*sources, cross)]
    name = hashlib.sha256(repr(state).encode()).hexdigest()[:16] + ("-native" if native else "")
    folder = checkout / "build" / "compiled" / name
    if not folder.is_dir() and not _compile(checkout, cross, sources, folder, native):
        return None
    with contextlib.suppress(OSError):
        os.utime(folder)
    return folder


def _programs(checkout: Path) -> dict[str, str]:
    try:
        return dict(json.loads((checkout / "build" / "bin" / "toolchain.json").read_text()))
    except (OSError, ValueError):
        return {}


def _sources(checkout: Path) -> Iterator[Path]:
    for folder, parts in FOLDERS.items():
        for part in parts:
            yield from (checkout / folder / part).rglob("*.py")


def _compile(checkout: Path, cross: Path, sources: list[Path], folder: Path, native: bool) -> bool:
    """Compile the sources into the folder, which appears whole or not at all; whether it is there."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _remove_old(folder.parent)
        made = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
    except OSError:
        return False

    def compile_one(source: Path) -> bool:
        inside = source.relative_to(checkout)
        target = made / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        if str(inside) == _MAIN or _FOR_ONE_ARCHITECTURE in text:
            shutil.copy(source, target)
            return True
        emitter = ["-march=x86", "-X", "emit=native"] if native and not _NOT_NATIVE.search(text) else []
        command = [str(cross), *emitter, "-s", str(source), "-o", str(target.with_suffix(".mpy")), str(source)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    try:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            whole = all(pool.map(compile_one, sources))
        if whole:
            with contextlib.suppress(OSError):  # another program has made it meanwhile
                made.rename(folder)
        return folder.is_dir()
    except OSError:
        return False
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _remove_old(folder: Path) -> None:
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another program has just renamed or removed it
            if time.time() - path.stat().st_mtime > _KEPT_S:
                shutil.rmtree(path, ignore_errors=True)
