"""What this computer has; installs missing Debian packages, and packages of Node.js."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import steps

_installing = threading.Lock()  # apt-get works for one caller at a time
_NODE_FILES = ("package.json", "package-lock.json", ".npmrc")
_AGAIN = "Install them, then run the same command again."
_PROGRAM = "#include <math.h>\n#include <stdio.h>\nint main(int n, char **v) { return printf(\"%f\", sqrt(n)) < 1; }\n"


class Machine:
    """The real computer; tests use a substitute."""

    def is_root(self) -> bool:
        return os.geteuid() == 0

    def is_debian(self) -> bool:
        """Whether this is Debian itself: derivatives have neither the suite on their mirrors nor its keyring."""
        try:
            release = Path("/etc/os-release").read_text()
        except OSError:
            return False
        return "ID=debian" in release.splitlines() and self.has("apt-get")

    def is_x86(self) -> bool:
        return platform.machine() in ("x86_64", "amd64", "i686", "i386")

    def has(self, command: str) -> bool:
        return shutil.which(command) is not None

    def builds(self, *flags: str) -> bool:
        """Whether gcc with these flags builds a program."""
        return self._probe(flags, start=False)

    def runs(self, *flags: str) -> bool:
        """Whether such a program also runs here."""
        return self._probe(flags, start=True)

    def has_ensurepip(self) -> bool:
        return importlib.util.find_spec("ensurepip") is not None

    def install(self, packages: list[str], log: Path) -> bool:
        """Runs apt-get install; if it fails, updates the package lists and tries again. Whether it succeeded."""
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        patience = ["-oDPkg::Lock::Timeout=120", "-oAcquire::Retries=3"]
        install = ["apt-get", *patience, "install", "-y", "--no-install-recommends", *packages]
        if steps.run(install, log, env=env):
            return True
        return steps.run(["apt-get", *patience, "update"], log, env=env) and steps.run(install, log, env=env)

    def _probe(self, flags: tuple[str, ...], start: bool) -> bool:
        if not self.has("gcc"):
            return False
        with tempfile.TemporaryDirectory() as folder:
            source, program = Path(folder, "probe.c"), Path(folder, "probe")
            source.write_text(_PROGRAM)
            command = ["gcc", *flags, str(source), "-o", str(program), "-lm"]
            if subprocess.run(command, capture_output=True, check=False).returncode:
                return False
            try:
                return not start or subprocess.run([program], capture_output=True, check=False).returncode == 0
            except OSError:
                return False


def require(place: steps.Place, machine: Machine, wanted: Mapping[str, Callable[[], bool]]) -> None:
    """Installs the packages whose check fails, as root; raises Trouble with the command to run otherwise."""
    with _installing:
        _require(place, machine, wanted)


def _require(place: steps.Place, machine: Machine, wanted: Mapping[str, Callable[[], bool]]) -> None:
    missing = [package for package, present in wanted.items() if not present()]
    if not missing:
        return
    names = " ".join(missing)
    if not machine.has("apt-get"):
        raise steps.Trouble(f"Programs or libraries are missing (Debian's packages are {names}).", _AGAIN)
    by_hand = f"Run: sudo apt-get install -y {names}"
    if not machine.is_root():
        raise steps.Trouble(f"Missing Debian packages: {names}.", f"{by_hand}, then run the same command again.")
    log = place.log("packages")
    with steps.step(f"installing Debian packages: {names}"):
        if not machine.install(missing, log):
            happened = f"apt-get could not install {names}: {steps.last_error(log)}"
            raise steps.Trouble(happened, f"{by_hand}, fix what it reports, then run the same command again.", log)
    still = [package for package in missing if not wanted[package]()]
    if still:
        raise steps.Trouble(f"These packages were installed but don't work: {' '.join(still)}.", "See the log.", log)


def node_packages(
    place: steps.Place, machine: Machine, name: str, sources: Path, what: str, signs: tuple[str, ...]
) -> Path:
    """Installs what package-lock.json in `sources` pins; returns its folder, build/toolchain/NAME.

    `what` names the packages in messages; `signs` are files of theirs. Raises Trouble.
    """
    require(place, machine, {"nodejs": lambda: machine.has("node"), "npm": lambda: machine.has("npm")})

    def fill(folder: Path, log: Path) -> dict[str, Any]:
        for file in _NODE_FILES:
            shutil.copy(sources / file, folder)
        if not steps.run(["npm", "ci", "--no-audit", "--no-fund"], log, folder):
            happened = f"npm could not install {what}: {steps.last_error(log)}"
            raise steps.Trouble(happened, "Check the network and npm's settings, then run the same command again.", log)
        return {}

    key = steps.key_of(name, *((sources / file).read_bytes() for file in _NODE_FILES))
    steps.make(place, steps.Product(name, key, f"installing {what}", fill, signs))
    return place.own / name
