"""Builds the images of a board with an RP2 chip: compiles MicroPython once, freezes the firmware in for each kind."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import interpreters, package_list, source, steps
from ..machine import Machine, require
from . import binary_info, pico_source, seal, uf2

KINDS = {"release": "manifest.py", "dev": "manifest_dev.py", "demo": "manifest_demo.py"}
FLASH_START = binary_info.FLASH_START
_COMPILER = "arm-none-eabi-gcc"
_FROZEN = ("frozen_content.c", "frozen_mpy", "CMakeFiles/firmware.dir/frozen_content.c.o")
_PROGRAM = ("firmware.elf", "firmware.bin", "firmware.hex", "firmware.dis", "firmware.elf.map")


@dataclass(frozen=True)
class Board:
    """A folder boards/<name> with a MicroPython board definition and a partition."""

    place: steps.Place
    name: str

    @property
    def folder(self) -> Path:
        return self.place.root / "boards" / self.name

    @property
    def chip(self) -> str:
        """The chip's name in the Pico's SDK."""
        found = re.search(r'set\(PICO_PLATFORM "?([\w-]+)"?\)', (self.folder / "mpconfigboard.cmake").read_text())
        return found[1] if found else ""

    def partition(self) -> dict[str, int]:
        """The constants of the board's partition.py."""
        names: dict[str, Any] = {"const": int}
        exec((self.folder / "partition.py").read_text().replace("from micropython import const", ""), names)
        return {name: value for name, value in names.items() if name.isupper()}

    def frozen_files(self) -> list[Path]:
        """Every file that is frozen into an image, and the manifests that list them."""
        firmware, shared = self.place.root / "firmware", self.place.root / "boards" / "rpi_pico"
        found = {firmware / "manifest.py", *(firmware / "pump").rglob("*.py"), *(firmware / "drivers").rglob("*.py")}
        demo = {*(shared / "demo").glob("*.py"), *(self.place.root / "hil" / "plant").rglob("*.py")}
        demo |= {self.place.root / "boards" / "unix" / name for name in ("sim_drives.py", "sim_parts.py")}
        return sorted(found | demo | set(shared.glob("*.py")) | set(self.folder.glob("*.py")))


def boards(place: steps.Place) -> list[str]:
    """The boards that have images."""
    return sorted(path.parent.name for path in (place.root / "boards").glob("*/mpconfigboard.cmake"))


def set_up(place: steps.Place, machine: Machine, name: str) -> Path:
    """Builds the images of a board unless they are up to date; returns their folder."""
    if name not in boards(place):
        raise steps.Trouble(f"There is no board {name!r}.", f"Use BOARD={' or BOARD='.join(boards(place))}.")
    origin = source.choose(machine)
    if origin is None:
        happened = "The sources of the image come from Debian, but this computer doesn't run Debian."
        raise steps.Trouble(happened, "Set MICROPYTHON_SRC to a checkout of MicroPython with its submodules.")
    return Builder(place, machine, origin, Board(place, name)).images()


def summary(folder: Path) -> str:
    """The images of a folder with their sizes, in one line."""
    files = (f"{path.name} {path.stat().st_size // 1024} KiB" for path in sorted(folder.glob("*.uf2")))
    return f"{folder.relative_to(folder.parents[2])}: {', '.join(files)}"


class Builder:
    """Builds the images of one board."""

    def __init__(self, place: steps.Place, machine: Machine, origin: steps.Product, board: Board) -> None:
        self._place, self._machine, self._board = place, machine, board
        self._host = interpreters.Builder(place, machine, origin)
        self._origin = origin
        self._tree = pico_source.product(place, machine, origin)
        self._objects = place.own / f"{board.name}-objects"
        self._result = place.build / "firmware" / board.name

    def images(self) -> Path:
        require(self._place, self._machine, _packages(self._machine))
        core = self._core_key()
        files = self._board.frozen_files()
        frozen = [part for path in files for part in (str(path.relative_to(self._place.root)), path.read_bytes())]
        made_by = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
        key = steps.key_of(core, self._board.name, *made_by, *frozen)
        if steps.read_stamp(self._result, key) is not None:
            return self._result
        self._host.mpy_cross()
        steps.make(self._place, self._tree, lambda: steps.make(self._place, self._origin))
        self._compile(core)
        with steps.step(f"freezing the firmware into the images of {self._board.name}"):
            made, log = self._place.work() / "images", self._place.log(f"{self._board.name}-freeze")
            made.mkdir()
            for kind in KINDS:
                self._freeze(kind, key, log)
                self._keep(kind, key[:12], made, log)
            self._add_new_board(made, log)
            details = {
                "image": key[:12],
                "version": package_list.version(self._place.root),
                "files": json.loads(package_list.hashes(self._place.root)),
            }
            steps.write_stamp(made, key, sorted(path.name for path in made.iterdir()), details)
            self._result.parent.mkdir(parents=True, exist_ok=True)
            steps.put_in_place(self._place, made, self._result)
        return self._result

    def _core_key(self) -> str:
        """Hash of the inputs of the compiled part: sources, board definition, partition, compiler."""
        names = ("mpconfigboard.cmake", "mpconfigboard.h", "partition.py", "../rpi_pico/storage.cmake")
        told = subprocess.run([_COMPILER, "-dumpfullversion"], capture_output=True, text=True, check=False).stdout
        files = [(self._board.folder / name).read_bytes() for name in names]
        return steps.key_of(self._tree.key, self._board.name, told.strip(), *files)

    def _compile(self, key: str) -> None:
        """Compiles MicroPython in a folder that is kept, because freezing links its object files."""
        if steps.read_stamp(self._objects, key) is not None:
            return
        with steps.step(f"compiling MicroPython for {self._board.name}"):
            log = self._place.log(f"{self._board.name}-compile")
            if self._objects.exists():
                shutil.rmtree(self._objects)
            (self._objects / "chosen").mkdir(parents=True)
            self._choose("release", "0" * 12)
            tree = self._place.own / self._tree.name
            options = {
                "MICROPY_BOARD": self._board.name,
                "MICROPY_BOARD_DIR": self._board.folder,
                "MICROPY_FROZEN_MANIFEST": self._objects / "chosen" / "manifest.py",
                "MICROPY_MANIFEST_IMAGE_DIR": self._objects / "chosen",
                "PICO_BUILD_DOCS": 0,
                "PICO_NO_PICOTOOL": 1,
                "Python3_EXECUTABLE": sys.executable,
            }
            words = [f"-D{name}={value}" for name, value in options.items()]
            self._run(log, "cmake", "-G", "Unix Makefiles", "-S", tree / "ports" / "rp2", "-B", self._objects, *words)
            self._make(log)
            steps.write_stamp(self._objects, key)

    def _freeze(self, kind: str, key: str, log: Path) -> None:
        """Freezes the firmware in and links. Removes files of an earlier run, which may be incomplete."""
        for name in (*_FROZEN, *_PROGRAM):
            path = self._objects / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        self._choose(kind, key[:12])
        self._make(log)

    def _choose(self, kind: str, image: str) -> None:
        """Writes the manifest of this kind, and the module that tells the firmware which image it is."""
        chosen = self._objects / "chosen"
        (chosen / "manifest.py").write_text(f'include("{self._board.folder / KINDS[kind]}")\n')
        lines = (
            '"""Which image this is; written by the build."""\n',
            f'VERSION = "{package_list.version(self._place.root)}"',
            f'IMAGE = "{image}"',
            f'BOARD = "{self._board.name}"',
            f"RELEASE = {kind != 'dev'}",
            f"LENGTH = {seal.UNKNOWN_LENGTH!r}",
            f"FILES = {package_list.hashes(self._place.root)!r}",
        )
        (chosen / "build_info.py").write_text("\n".join(lines) + "\n")

    def _keep(self, kind: str, image: str, made: Path, log: Path) -> None:
        """Adds binary info, length and CRC to an image and stores it with its UF2, if it fits; not to the ELF."""
        texts = {
            binary_info.NAME: "pump",
            binary_info.VERSION: package_list.version(self._place.root),
            binary_info.DESCRIPTION: f"{kind} image {image} for {self._board.name}",
        }
        program = seal.sealed(binary_info.described((self._objects / "firmware.bin").read_bytes(), texts))
        most = self._board.partition()["PROGRAM_BYTES"]
        if len(program) > most:
            happened = f"The {kind} image is too large: {len(program)} bytes, and the flash has {most} for the program."
            advice = f"Make the firmware smaller; boards/{self._board.name}/partition.py divides the flash."
            raise steps.Trouble(happened, advice, log)
        linked = seal.with_length((self._objects / "firmware.elf").read_bytes(), len(program))
        (made / f"pump-{kind}.elf").write_bytes(linked)
        (made / f"pump-{kind}.bin").write_bytes(program)
        family = uf2.FAMILIES[self._board.chip]
        (made / f"pump-{kind}.uf2").write_bytes(uf2.encode([(FLASH_START, program)], family))

    def _add_new_board(self, made: Path, log: Path) -> None:
        """Writes the release image with an empty file system, for a board whose flash had other content before."""
        script = Path(__file__).with_name("empty_file_system.py")
        partition = self._board.partition()
        blocks = partition["FILE_SYSTEM_BYTES"] // partition["SECTOR_BYTES"]
        interpreter = self._place.bin / "micropython"
        out = made / "file-system.bin"
        if not steps.run([interpreter, script, out, str(blocks), str(partition["SECTOR_BYTES"])], log):
            raise steps.Trouble(f"Making the empty file system failed: {steps.last_error(log)}", "See the log.", log)
        pieces = [
            (FLASH_START, (made / "pump-release.bin").read_bytes()),
            (FLASH_START + partition["FILE_SYSTEM_ADDRESS"], out.read_bytes()),
        ]
        (made / "pump-new-board.uf2").write_bytes(uf2.encode(pieces, uf2.FAMILIES[self._board.chip]))
        out.unlink()

    def _make(self, log: Path) -> None:
        self._run(log, "make", f"-j{steps.cores()}", "-C", self._objects)

    def _run(self, log: Path, *words: str | Path) -> None:
        tree = self._place.own / self._tree.name
        env = source.build_environment(tree) | {"MICROPY_GIT_HASH": "debian"}
        # Keeps paths of this computer out of the image, so that two checkouts build the same one.
        flags = f"-ffile-prefix-map={tree}=micropython -ffile-prefix-map={self._objects}=build"
        env |= {"CFLAGS": flags, "CXXFLAGS": flags, "ASMFLAGS": flags}
        env |= {"MICROPY_MPYCROSS": str(self._place.own / "mpy-cross" / "mpy-cross")}
        if not steps.run(words, log, env=env):
            happened = f"Building the image of {self._board.name} failed: {steps.last_error(log)}"
            raise steps.Trouble(happened, "See the log. `make clean` removes build/ for a complete rebuild.", log)


def _packages(machine: Machine) -> dict[str, Any]:
    """The Debian packages that a build needs, each with a check whether it is installed."""

    def has_library(name: str) -> bool:
        if not machine.has(_COMPILER):
            return False
        told = subprocess.run([_COMPILER, f"-print-file-name={name}"], capture_output=True, text=True, check=False)
        return os.path.isabs(told.stdout.strip())

    return {
        "gcc-arm-none-eabi": lambda: machine.has(_COMPILER),
        "libnewlib-arm-none-eabi": lambda: has_library("libc_nano.a"),
        "libstdc++-arm-none-eabi-newlib": lambda: has_library("libstdc++.a"),
        "cmake": lambda: machine.has("cmake"),
    }
