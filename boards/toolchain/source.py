"""Gets MicroPython's source from Debian's signed source package, or from the checkout in MICROPYTHON_SRC."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import steps
from .machine import Machine

VERSION = "1.25.0"
OLDEST = (1, 24)
_SUITE = "trixie"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_KEYRING_ADVICE = "Run: sudo apt-get install -y debian-archive-keyring, then the same command again."
UNPACKING = "If the disk is full or this Python lacks its lzma module, fix that, then run the same command again."
# The build only checks that these files exist; Debian's package lacks these third-party folders.
_TOUCHED = ("lib/pico-sdk/README.md", "lib/micropython-lib/README.md")


def choose(machine: Machine) -> steps.Product | None:
    """The source tree to build from: the checkout in MICROPYTHON_SRC, else Debian's package on Debian, else None."""
    named = os.environ.get("MICROPYTHON_SRC")
    if named:
        return _checkout(Path(named).expanduser().resolve())
    if not machine.is_debian():
        return None
    title = f"fetching the source of MicroPython {VERSION} from Debian"
    return steps.Product("source", steps.key_of("debian", VERSION), title, _fetch, _TOUCHED)


def version_of(tree: Path) -> tuple[int, ...]:
    """The version of a source tree, from its configuration."""
    config = (tree / "py" / "mpconfig.h").read_text()
    return tuple(int(number) for number in re.findall(r"#define MICROPY_VERSION_(?:MAJOR|MINOR|MICRO) (\d+)", config))


def build_environment(tree: Path) -> dict[str, str]:
    """The environment for a build from this tree: none of the caller's compiler flags, and a fixed version and date.

    The version is set here because the build would otherwise ask git, which would return that of this project.
    """
    env = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return env | {"MICROPY_GIT_TAG": "v" + ".".join(map(str, version_of(tree))), "SOURCE_DATE_EPOCH": "0"}


def _checkout(path: Path) -> steps.Product:
    try:
        version = version_of(path)
    except OSError:
        happened = f"MICROPYTHON_SRC={path} is not a checkout of MicroPython."
        raise steps.Trouble(happened, "Set it to a checkout, or unset it.") from None
    if version[:2] < OLDEST:
        happened = f"MICROPYTHON_SRC={path} is version {version[0]}.{version[1]}."
        raise steps.Trouble(happened, "The firmware needs 1.24 or newer: set it to another checkout, or unset it.")
    head = subprocess.run(["git", "-C", path, "rev-parse", "HEAD"], capture_output=True, check=False).stdout

    def fill(folder: Path, log: Path) -> dict[str, Any]:
        for part in ("py", "extmod", "shared", "lib", "drivers", "mpy-cross", "tools", "ports/unix", "ports/rp2"):
            shutil.copytree(path / part, folder / part, ignore=shutil.ignore_patterns(".git", "build*"), symlinks=True)
        return _touch(folder)

    key = steps.key_of("checkout", str(path), head.decode(), version)
    return steps.Product("source", key, f"copying MicroPython from {path}", fill, _TOUCHED)


def _fetch(folder: Path, log: Path) -> dict[str, Any]:
    """Downloads and unpacks the upstream tarball; apt checks its hash against the suite's signed list."""
    download = fetch(folder.parent / "apt", log, "MicroPython's source", ["micropython"])
    tarballs = list(download.glob("micropython_*.orig.tar.*"))
    if len(tarballs) != 1 or not tarballs[0].name.startswith(f"micropython_{VERSION}"):
        found = ", ".join(path.name for path in tarballs) or "none"
        advice = f"This project builds {VERSION}: set MICROPYTHON_SRC to a checkout of that version."
        raise steps.Trouble(f"Debian {_SUITE} now has another version of the source ({found}).", advice, log)
    unpack(tarballs[0], folder, log)
    return _touch(folder)


def fetch(private: Path, log: Path, what: str, sources: Sequence[str], binaries: Sequence[str] = ()) -> Path:
    """Downloads packages of the suite into a folder below `private` and returns it; nothing outside changes."""
    for name in ("lists/partial", "cache/archives/partial", "download"):
        (private / name).mkdir(parents=True)
    tried = []
    for mirror in _mirrors(log):
        if _download(private, mirror, log, sources, binaries):
            return private / "download"
        tried.append(mirror)
    where = f"tried: {', '.join(tried)}" if tried else "apt's sources on this computer have no Debian mirror"
    happened = f"Could not fetch {what} from Debian ({where}): {steps.last_error(log)}"
    raise steps.Trouble(happened, "Check the network and apt's sources, then run the same command again.", log)


def _mirrors(log: Path) -> list[str]:
    """The Debian mirrors in apt's sources; not those for updates, backports, security, or of third parties."""
    if not _KEYRING.is_file():
        raise steps.Trouble(f"Debian's keyring {_KEYRING} is missing.", _KEYRING_ADVICE)
    form = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    command = ["apt-get", "indextargets", "--format", form, "Created-By: Packages"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    log.write_text(told.stdout + told.stderr)
    mirrors = []
    for line in told.stdout.splitlines():
        uri, release, component = (line.split() + ["", ""])[:3]
        if component == "main" and "-" not in release and "/" not in release and uri not in mirrors:
            mirrors.append(uri)
    return mirrors


def _download(private: Path, mirror: str, log: Path, sources: Sequence[str], binaries: Sequence[str]) -> bool:
    """Downloads packages, with apt's state in a private folder: needs no root and changes nothing else."""
    sources_list = private / "sources.list"
    kinds = ["deb-src"] if not binaries else ["deb-src", "deb"]
    sources_list.write_text("".join(f"{kind} [signed-by={_KEYRING}] {mirror} {_SUITE} main\n" for kind in kinds))
    options = {
        "Dir::Etc::sourcelist": sources_list, "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::Lists": private / "lists", "Dir::Cache": private / "cache",
        "APT::Sandbox::User": "root", "APT::Update::Error-Mode": "any",
        "Acquire::Languages": "none", "Acquire::Retries": 3,
        "Acquire::http::Timeout": 30, "Acquire::https::Timeout": 30,
    }
    apt = ["apt-get", *(f"-o{name}={value}" for name, value in options.items())]
    into = private / "download"
    return (
        steps.run([*apt, "update"], log)
        and steps.run([*apt, "source", "--download-only", *sources], log, cwd=into)
        and (not binaries or steps.run([*apt, "download", *binaries], log, cwd=into))
    )


def unpack(tarball: Path, folder: Path, log: Path) -> None:
    """Unpacks into `folder`, without the archive's own top folder."""
    try:
        with tarfile.open(tarball) as archive:
            if hasattr(tarfile, "data_filter"):  # missing in Debian 12's first Python
                archive.extraction_filter = tarfile.data_filter
            archive.extractall(folder.parent / "unpacked")
        (top,) = (folder.parent / "unpacked").iterdir()
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise steps.Trouble(f"{tarball.name} could not be unpacked: {error}.", UNPACKING, log) from error
    for entry in top.iterdir():
        os.rename(entry, folder / entry.name)


def _touch(folder: Path) -> dict[str, Any]:
    for name in _TOUCHED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return {}
