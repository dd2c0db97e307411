"""The list of what firmware and host tool are made of (SBOM), as CycloneDX 1.6: build/sbom.cdx.json.

    PYTHONPATH=boards python3 -m toolchain sbom

Versions are read from the sources that were built and from the packages that are installed. Two runs of one checkout
write the same bytes.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import package_list, source, steps

NAME = "sbom.cdx.json"
_AGAIN = "Run `make firmware`, then `make sbom` again."
# Libraries of the Pico's image: the file in its source tree that tells the version, and how it tells it.
_LIBRARIES = {
    "pico-sdk": ("lib/pico-sdk/pico_sdk_version.cmake", r"set\(PICO_SDK_VERSION_(?:MAJOR|MINOR|REVISION) (\d+)\)"),
    "tinyusb": ("lib/tinyusb/src/tusb_option.h", r"define TUSB_VERSION_(?:MAJOR|MINOR|REVISION) +(\d+)"),
    "mbedtls": ("lib/mbedtls/include/mbedtls/build_info.h", r'define MBEDTLS_VERSION_STRING +"([\d.]+)"'),
    "littlefs": ("lib/littlefs/lfs2.h", r"define LFS2_VERSION (0x[0-9a-f]+)"),
}
# Asks the installed Python for what pumpctl needs, with all its extras, and what that needs in turn.
_PYTHON = """
import json, re
from importlib import metadata
found, left = {}, ["pumpctl"]
while left:
    name = re.sub(r"[-_.]+", "-", left.pop()).lower()
    if name in found:
        continue
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        continue
    left += [re.match(r"[A-Za-z0-9._-]+", text)[0] for text in metadata.requires(name) or ()]
print(json.dumps(found))
"""


def set_up(place: steps.Place) -> Path:
    """Writes the list and returns its path; Trouble when something is not built or not installed."""
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _component("firmware", "pump", package_list.version(place.root))},
        "components": sorted(_components(place), key=lambda entry: (entry["purl"], entry["type"])),
    }
    path = place.build / NAME
    path.write_text(json.dumps(document, indent=2) + "\n")
    return path


def _components(place: steps.Place) -> Iterator[dict[str, Any]]:
    tree = place.own / "pico-source"
    if not tree.is_dir():
        raise steps.Trouble("The source of the Pico's image is not here.", _AGAIN)
    micropython = ".".join(map(str, source.version_of(tree)))
    yield _component("firmware", "micropython", micropython, "pkg:generic/micropython")
    for name, (file, pattern) in _LIBRARIES.items():
        yield _component("library", name, version_in(tree / file, pattern), f"pkg:generic/{name}")
    for name, version in _python(place).items():
        yield _component("application" if name == "pumpctl" else "library", name, version, f"pkg:pypi/{name}")
    lock = json.loads((place.root / "hil/emulator/package-lock.json").read_text())
    for path, entry in lock["packages"].items():
        if path:
            name = path.rpartition("node_modules/")[2]
            yield _component("library", name, entry["version"], f"pkg:npm/{name}") | {"scope": "excluded"}


def version_in(path: Path, pattern: str) -> str:
    """The version that a file tells; Trouble when it tells none."""
    found = re.findall(pattern, path.read_text()) if path.is_file() else []
    if not found:
        raise steps.Trouble(f"{path} tells no version.", _AGAIN)
    if len(found) == 1 and found[0].startswith("0x"):  # littlefs: major and minor in 16 bits each
        number = int(found[0], 16)
        return f"{number >> 16}.{number & 0xFFFF}"
    return ".".join(found)


def _python(place: steps.Place) -> dict[str, str]:
    """Version of each Python package that the host tool needs, by name."""
    program = place.build / "venv/bin/python"
    done = subprocess.run([program, "-c", _PYTHON], capture_output=True, text=True, check=False)
    if done.returncode:
        raise steps.Trouble("The packages of build/venv can't be listed.", "Run `make setup`, then `make sbom` again.")
    found: dict[str, str] = json.loads(done.stdout)
    return found


def _component(kind: str, name: str, version: str, purl: str = "") -> dict[str, Any]:
    entry = {"type": kind, "name": name, "version": version, "purl": f"{purl or f'pkg:generic/{name}'}@{version}"}
    return entry | {"bom-ref": entry["purl"]}
