"""The source tree for the images: MicroPython's, plus three libraries that Debian has in packages of their own."""

from __future__ import annotations

import re
import shutil
import tarfile
from pathlib import Path
from typing import Any

from .. import source, steps
from ..machine import Machine

_PARTS = ("py", "extmod", "shared", "lib", "drivers", "tools", "mpy-cross", "ports/rp2")
# Library: its Debian package, and a file that exists if the library is complete.
_BINARIES = {"pico-sdk": ("pico-sdk-source", "pico_sdk_init.cmake"), "tinyusb": ("tinyusb-source", "src/tusb.c")}
_MBEDTLS_SIGN = "library/sha256.c"
_SDK = "2.1"  # the version that MicroPython 1.25 needs
# mpy-tool freezes an integer as a small one only within 14 bits, which every target has. A larger one in a frozen table
# becomes a big-integer object, which costs time and memory at each use. These chips have small integers of 31 bits.
_FREEZER = "tools/mpy-tool.py"
_SMALL = {"return -0x2000 <= i <= 0x1FFF": "return -0x40000000 <= i <= 0x3FFFFFFF"}
_ADAPT = "Adapt boards/toolchain/images/pico_source.py to this source."
_OTHER_SOURCE = f"Set MICROPYTHON_SRC to a checkout of MicroPython {source.VERSION} with its submodules."


def product(place: steps.Place, machine: Machine, origin: steps.Product) -> steps.Product:
    """The tree as a product. A checkout in MICROPYTHON_SRC may contain the libraries already."""

    def fill(folder: Path, log: Path) -> dict[str, Any]:
        for part in _PARTS:
            shutil.copytree(place.own / origin.name / part, folder / part, symlinks=True)
        if not _complete(folder):
            if not machine.is_debian():
                happened = "The source tree lacks the Pico's libraries (pico-sdk, tinyusb, mbedtls)."
                raise steps.Trouble(happened, "Run `git submodule update --init` in the checkout of MICROPYTHON_SRC.")
            _add_libraries(folder, log)
        _widen_small_integers(folder / _FREEZER)
        return {"pico_sdk": _sdk_version(folder, log)}

    signs = ["ports/rp2/CMakeLists.txt", "mpy-cross/mpy_cross/__init__.py", f"lib/mbedtls/{_MBEDTLS_SIGN}"]
    signs += [f"lib/{name}/{sign}" for name, (_, sign) in _BINARIES.items()]
    title = "fetching the Pico's libraries from Debian"
    key = steps.key_of(origin.key, _PARTS, sorted(_BINARIES), signs, _SMALL)
    return steps.Product("pico-source", key, title, fill, signs)


def _widen_small_integers(freezer: Path) -> None:
    text = freezer.read_text()
    for theirs, ours in _SMALL.items():
        if text.count(theirs) != 1:
            raise steps.Trouble(f"MicroPython's {_FREEZER} has no line {theirs!r}.", _ADAPT)
        text = text.replace(theirs, ours)
    freezer.write_text(text)


def _complete(folder: Path) -> bool:
    named = [folder / "lib" / name / sign for name, (_, sign) in _BINARIES.items()]
    return all(path.is_file() for path in [*named, folder / "lib" / "mbedtls" / _MBEDTLS_SIGN])


def _add_libraries(folder: Path, log: Path) -> None:
    packages = [package for package, _ in _BINARIES.values()]
    download = source.fetch(folder.parent / "apt", log, "the Pico's libraries", ["mbedtls"], packages)
    for name, (package, _) in _BINARIES.items():
        unpacked = folder.parent / package
        unpacked.mkdir()
        if not steps.run(["dpkg-deb", "--extract", _only(download, f"{package}_*.deb", log), unpacked], log):
            raise steps.Trouble(f"{package} could not be unpacked: {steps.last_error(log)}", source.UNPACKING, log)
        _put(unpacked / "usr" / "src" / name, folder / "lib" / name)
    unpacked = folder.parent / "mbedtls"
    unpacked.mkdir()
    tarball = _only(download, "mbedtls_*.orig.tar.*", log)
    try:
        with tarfile.open(tarball) as archive:
            if hasattr(tarfile, "data_filter"):
                archive.extraction_filter = tarfile.data_filter
            wanted = [member for member in archive if member.name.split("/")[1:2] in (["library"], ["include"])]
            archive.extractall(unpacked, wanted)
        (top,) = unpacked.iterdir()
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise steps.Trouble(f"{tarball.name} could not be unpacked: {error}.", source.UNPACKING, log) from error
    _put(top, folder / "lib" / "mbedtls")
    if not _complete(folder):
        raise steps.Trouble("Debian's packages have changed: files of the Pico's libraries are missing.", _ADAPT, log)


def _only(folder: Path, pattern: str, log: Path) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise steps.Trouble(f"apt-get downloaded {len(found)} files {pattern}, not one.", "See the log.", log)
    return found[0]


def _put(made: Path, place: Path) -> None:
    if place.exists():
        shutil.rmtree(place)
    made.rename(place)


def _sdk_version(folder: Path, log: Path) -> str:
    """The SDK's version; raises Trouble for another one than MicroPython needs."""
    text = (folder / "lib" / "pico-sdk" / "pico_sdk_version.cmake").read_text()
    version = ".".join(re.findall(r"^set\(PICO_SDK_VERSION_(?:MAJOR|MINOR|REVISION) (\d+)\)", text, re.M))
    if not version.startswith(_SDK):
        raise steps.Trouble(f"The Pico's SDK is {version}, but MicroPython needs {_SDK}.", _OTHER_SOURCE, log)
    return version
