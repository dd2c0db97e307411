"""The MicroPython programs mpy-cross, Pico-sized build (for tests and the simulated pump) and stock build; and PyPy."""

from __future__ import annotations

import ast
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

from . import source, steps
from .machine import Machine, require

_VARIANT = Path("boards/unix/variant")
_PYPY = "pypy3"
_TICKS_TOP = (1 << 30) - 1
_HEAP_BYTES = 192 * 1024
# Not used, and not in Debian's source package: TLS, the B-tree database, foreign functions.
_OFF = (
    "MICROPY_PY_SSL=0", "MICROPY_SSL_AXTLS=0", "MICROPY_SSL_MBEDTLS=0", "MICROPY_PY_BTREE=0", "MICROPY_PY_FFI=0",
)


def set_up(place: steps.Place, machine: Machine, tests: bool = False) -> dict[str, Any]:
    """Builds what is missing, links it in build/bin, writes build/bin/toolchain.json and returns its content.

    The stock build is made for `tests` only; once made it stays.
    """
    origin = source.choose(machine)
    named = os.environ.get("MICROPYTHON")
    if named:
        programs = _found(named, "override", "MICROPYTHON")
    elif not origin:
        programs = _found("micropython", "system", "this is not Debian; the system's micropython")
    if origin:
        programs = Builder(place, machine, origin).programs({} if not named else programs, tests)
    for role, name in (("interpreter", "micropython"), ("stock", "micropython-stock"), ("mpy_cross", "mpy-cross")):
        if programs[role]:
            steps.put_link(place.bin / name, Path(programs[role]))
            programs[role] = str(place.bin / name)
    steps.write_whole(place.bin / "toolchain.json", json.dumps(programs, indent=1) + "\n")
    return programs


class Builder:
    """Builds programs from one source tree."""

    def __init__(self, place: steps.Place, machine: Machine, origin: steps.Product) -> None:
        self._place, self._machine, self._origin = place, machine, origin

    def programs(self, found: dict[str, Any], tests: bool) -> dict[str, Any]:
        """All programs; `found` has the interpreter if it isn't to be built."""
        record = found or self.record()
        stock = self.stock() if tests or (self._place.own / "stock").is_dir() else None
        return record | {"stock": stock and str(stock), "mpy_cross": str(self.mpy_cross())}

    def record(self) -> dict[str, Any]:
        """The build with the Pico's sizes, or the 64-bit fallback where 32-bit programs can't be built or run."""
        title = "building the Pico-sized unix MicroPython"
        own = f"VARIANT_DIR={self._place.root / _VARIANT}"
        product = self._unix("pico-sized", title, own, "VARIANT=pico-sized", "CC=gcc -m32")
        if product.details(self._place) is None and not self._has_32_bits():
            title = "building the 64-bit fallback of MicroPython"
            product = self._unix("single-float-64", title, own, "VARIANT=pico-sized")
        details = steps.make(self._place, product, self._prepare)
        program = self._place.own / product.name / "micropython"
        return {"interpreter": str(program), "kind": product.name, "version": details["version"]}

    def stock(self) -> Path:
        product = self._unix("stock", "building the stock unix MicroPython", "VARIANT=standard")
        steps.make(self._place, product, self._prepare)
        return self._place.own / "stock" / "micropython"

    def mpy_cross(self) -> Path:
        def fill(folder: Path, log: Path) -> dict[str, Any]:
            self._run_make("mpy-cross", "mpy-cross", folder, log)
            return {}

        key = steps.key_of(self._origin.key, "mpy-cross")
        product = steps.Product("mpy-cross", key, "building mpy-cross", fill, ["mpy-cross"])
        steps.make(self._place, product, self._need_source)
        return self._place.own / "mpy-cross" / "mpy-cross"

    def _has_32_bits(self) -> bool:
        """Whether gcc -m32 works here; as root, installs it if it is missing. Prints the reason if it doesn't work."""
        self._need_compiler()
        machine = self._machine
        if machine.is_x86() and machine.is_root() and machine.has("apt-get"):
            require(self._place, machine, {"gcc-multilib": lambda: machine.builds("-m32")})
        if machine.runs("-m32"):
            return True
        why, cure = "gcc builds no 32-bit programs for this processor", ""
        if machine.builds("-m32"):
            why = "this kernel runs no 32-bit programs"
        elif machine.is_x86():
            why = "gcc -m32 is missing, and only root can install it"
            cure = "; for the Pico's sizes run: sudo apt-get install -y gcc-multilib, then the same command again"
        steps.say(f"{why}; using the 64-bit fallback with single floats and 30-bit ticks{cure}")
        return False

    def _need_compiler(self) -> None:
        machine = self._machine
        tools = {"gcc": lambda: machine.has("gcc"), "libc6-dev": machine.builds, "make": lambda: machine.has("make")}
        require(self._place, machine, tools)

    def _need_source(self) -> None:
        self._need_compiler()
        steps.make(self._place, self._origin)

    def _prepare(self) -> None:
        self._need_source()
        self.mpy_cross()

    def _unix(self, kind: str, title: str, *options: str) -> steps.Product:
        """One build of the unix port, checked before it is put in place."""
        variant = self._place.root / _VARIANT

        def fill(folder: Path, log: Path) -> dict[str, Any]:
            cross = (f"MICROPY_MPYCROSS={self.mpy_cross()}", "MICROPY_MPYCROSS_DEPENDENCY=")
            frozen = f"FROZEN_MANIFEST={variant / 'manifest.py'}"
            self._run_make("ports/unix", "micropython", folder, log, *options, *_OFF, *cross, frozen)
            details = examine(folder / "micropython")
            wrong = faults(details, kind)
            if wrong:
                happened = f"The {kind} MicroPython was built, but failed its check: {'; '.join(wrong)}."
                raise steps.Trouble(happened, "See boards/unix/variant and the log.", log)
            return details

        used = [variant / "manifest.py"] if kind == "stock" else sorted(variant.iterdir())
        files = [path.read_bytes() for path in used if path.is_file()]
        choices = [option for option in options if not option.startswith("VARIANT_DIR=")]
        key = steps.key_of(self._origin.key, kind, choices, _OFF, *files)
        return steps.Product(kind, key, title, fill, ["micropython"])

    def _run_make(self, part: str, program: str, folder: Path, log: Path, *options: str) -> None:
        """Runs make on one part of the source tree, with the object files outside the tree; keeps only the program."""
        objects = self._place.work()
        tree = self._place.own / "source"
        env = source.build_environment(tree)
        command = ["make", f"-j{steps.cores()}", "-C", str(tree / part)]
        command += [f"BUILD={objects}", f"PROG={program}", *options]
        if not steps.run(command, log, env=env):
            happened = f"Building {part} of MicroPython failed: {steps.last_error(log)}"
            raise steps.Trouble(happened, "See the log. `make clean` removes build/ for a complete rebuild.", log)
        os.rename(objects / program, folder / program)
        shutil.rmtree(objects)


def examine(program: Path) -> dict[str, Any]:
    """The properties of an interpreter, run with a heap limit; empty if it fails."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"?")
        number = theirs.fileno()
        script = Path(__file__).with_name("probe.py")
        command = [str(program), "-X", f"heapsize={_HEAP_BYTES}", str(script), str(number)]
        try:
            told = subprocess.run(command, pass_fds=[number], capture_output=True, text=True, timeout=20, check=False)
            details: dict[str, Any] = ast.literal_eval(told.stdout)
            ours.settimeout(1)
            if "open(number, 'r+b')" not in details["missing"] and ours.recv(1) != b"!":
                details["missing"].append("open(number, 'r+b')")
        except (OSError, ValueError, SyntaxError, KeyError, TypeError, subprocess.TimeoutExpired):
            return {}
    details["version"] = ".".join(map(str, details["version"]))
    return details


def faults(details: dict[str, Any], kind: str) -> list[str]:
    """The faults of an interpreter for this kind, as text; empty if it has none."""
    if details.get("name") != "micropython":
        return ["it does not run as MicroPython"]
    wrong = [f"it has no {name}" for name in details["missing"]]
    if tuple(map(int, details["version"].split(".")[:2])) < source.OLDEST:
        wrong.append(f"it is version {details['version']}, but 1.24 or newer is needed")
    if details["heap_bytes"] > _HEAP_BYTES:
        wrong.append("it ignores -X heapsize")
    if kind in ("pico-sized", "single-float-64"):
        if not details["single_floats"]:
            wrong.append("its floats are not single")
        if details["ticks_top"] != _TICKS_TOP:
            wrong.append(f"its ticks wrap after {details['ticks_top']}, not after {_TICKS_TOP}")
    if kind == "pico-sized" and details["word_top"] != (1 << 31) - 1:
        wrong.append("its words are not 32 bits")
    return wrong


def _found(name: str, kind: str, origin: str) -> dict[str, Any]:
    """An interpreter that is installed already: checks it, and prints how it differs from the Pico."""
    path = shutil.which(os.path.expanduser(name))
    install = "Install micropython 1.24 or newer, or set MICROPYTHON_SRC to a checkout of MicroPython."
    advice = "Set MICROPYTHON to the path of a MicroPython program, or unset it." if kind == "override" else install
    if path is None:
        raise steps.Trouble(f"{origin}: there is no program {name!r}.", advice)
    program = Path(path).resolve()
    details = examine(program)
    wrong = faults(details, kind)
    if wrong:
        raise steps.Trouble(f"{origin}: {program} can't be used: {'; '.join(wrong)}.", advice)
    floats = "single" if details["single_floats"] else "double"
    steps.say(f"{origin}: using {program}, {details['version']}, {floats} floats, ticks up to {details['ticks_top']}")
    programs = {"interpreter": str(program), "kind": kind, "version": details["version"]}
    return programs | {"stock": str(program), "mpy_cross": shutil.which("mpy-cross")}


def quick_python(place: steps.Place, machine: Machine) -> str:
    """PyPy, on which the campaigns run; installed if need be. Without it they run on CPython, so it may be missing."""
    if not machine.has(_PYPY):
        if not (machine.has("apt-get") and machine.is_root()):
            return f"no PyPy (Debian's package {_PYPY}): campaigns run on CPython, which takes some five times as long"
        require(place, machine, {_PYPY: lambda: machine.has(_PYPY)})
    return "PyPy"
