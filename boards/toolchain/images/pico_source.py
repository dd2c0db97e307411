"""The source tree that images of a Pico are built from: MicroPython's, with three libraries that Debian keeps apart."""

from __future__ import annotations

import re
import shutil
import tarfile
from pathlib import Path
from typing import Any

from .. import source, steps
from ..machine import Machine

_PARTS = ("py", "extmod", "shared", "lib", "drivers", "tools", "mpy-cross", "ports/rp2")
# Library: the file that tells that it is there, and the folder inside its package.
_BINARIES = {"pico-sdk": ("pico-sdk-source", "pico_sdk_init.cmake"), "tinyusb": ("tinyusb-source", "src/tusb.c")}
_MBEDTLS_SIGN = "library/sha256.c"
_SDK = "2.1"  # what MicroPython 1.25 is made for
# What the freezing takes for a small integer fits every target there is, down to 14 bits. Any other in a frozen table
# becomes an object of big arithmetic, which costs time and memory at each use. These chips have 31 bits.
_FREEZER = "tools/mpy-tool.py"
_SMALL = {"return -0x2000 <= i <= 0x1FFF": "return -0x40000000 <= i <= 0x3FFFFFFF"}


def product(place: steps.Place, machine: Machine, origin: steps.Product) -> steps.Product:
    """The tree as a product; a checkout named by MICROPYTHON_SRC may bring the libraries itself."""

    def fill(folder: Path, log: Path) -> dict[str, Any]:
        for part in _PARTS:
            shutil.copytree(place.own / origin.name / part, folder / part, symlinks=True)
        if not _complete(folder):
            if not machine.is_debian():
                happened = "The libraries of the Pico (pico-sdk, tinyusb, mbedtls) are not in the source tree."
                raise steps.Trouble(happened, "Run `git submodule update --init` for them in MICROPYTHON_SRC.")
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
            raise steps.Trouble(f"MicroPython's {_FREEZER} has changed: no line {theirs!r}.", "See pico_source.py.")
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
            raise steps.Trouble(f"{package} does not unpack: {steps.last_error(log)}", "Is the disk full?", log)
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
        raise steps.Trouble(f"{tarball.name} does not unpack: {error}.", "Is the disk full?", log) from error
    _put(top, folder / "lib" / "mbedtls")
    if not _complete(folder):
        raise steps.Trouble("Debian's packages have changed: a library of the Pico is not where it was.", "", log)


def _only(folder: Path, pattern: str, log: Path) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise steps.Trouble(f"apt-get brought {len(found)} files like {pattern}, not one.", "See the log.", log)
    return found[0]


def _put(made: Path, place: Path) -> None:
    if place.exists():
        shutil.rmtree(place)
    made.rename(place)


def _sdk_version(folder: Path, log: Path) -> str:
    """The SDK's version; any other than the one that MicroPython is made for is refused."""
    text = (folder / "lib" / "pico-sdk" / "pico_sdk_version.cmake").read_text()
    version = ".".join(re.findall(r"^set\(PICO_SDK_VERSION_(?:MAJOR|MINOR|REVISION) (\d+)\)", text, re.M))
    if not version.startswith(_SDK):
        raise steps.Trouble(f"The Pico's SDK is {version}, and {_SDK} is needed.", "See MICROPYTHON_SRC.", log)
    return version
