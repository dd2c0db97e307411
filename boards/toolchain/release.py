"""Builds a release: images, wheel, reference and checksums, in build/release/VERSION. RELEASING.md has the steps.

    PYTHONPATH=boards python3 -m toolchain release
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from . import package_list, steps
from .images import image
from .machine import Machine

IMAGES = (*image.KINDS, "new-board")
SUMS = "SHA256SUMS"
_AGAIN = "then run `make release` again."
_REFERENCE = Path("firmware/definitions/REFERENCE.md")
_PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "wheel", "--quiet", "--no-deps")


def check(place: steps.Place) -> str:
    """Returns the version to release; a version without a tag may be built for trials.

    Raises Trouble if the tree has uncommitted changes, the versions differ, or the version's tag is on another commit.
    """
    changed = _git(place, "status", "--porcelain")
    if changed:
        count = len(changed.splitlines())
        advice = f"Commit or remove the changes, {_AGAIN}"
        raise steps.Trouble(f"The tree is not clean ({count} changed or new files).", advice)
    found = versions(place.root)
    version = found["firmware"]
    if set(found.values()) != {version}:
        listed = ", ".join(f"{where} {value}" for where, value in found.items())
        raise steps.Trouble(f"The versions differ: {listed}.", f"Make them equal, commit, {_AGAIN}")
    tag = f"v{version}"
    if _git(place, "tag", "--list", tag) and _git(place, "rev-list", "-n1", tag) != _git(place, "rev-parse", "HEAD"):
        raise steps.Trouble(f"The tag {tag} is on another commit.", "Check out that commit, or raise the version.")
    return version


def versions(root: Path) -> dict[str, str]:
    """The version in each place that has one."""
    import tomllib  # here, because a Python too old to have it must get as far as the message that says so

    project = tomllib.loads((root / "host/pyproject.toml").read_text())
    module = root / "host/src/pumpctl/__init__.py"
    found = re.search(r'^__version__ = "(.+)"', module.read_text(), re.M)
    return {
        "firmware": package_list.version(root),
        "host/pyproject.toml": project["project"]["version"],
        "host/src/pumpctl/__init__.py": found[1] if found else "none",
    }


def set_up(place: steps.Place, machine: Machine) -> Path:
    """Builds the release of this checkout, after its set-up; returns its folder."""
    return build(place, check(place), lambda board: image.set_up(place, machine, board), _wheel)


def build(
    place: steps.Place,
    version: str,
    images: Callable[[str], Path],
    wheel: Callable[[steps.Place, Path], None],
) -> Path:
    """Builds all files in a private folder and renames it to build/release/VERSION; an error changes nothing there.

    `images` returns the folder with the UF2 files of a board, `wheel` writes the host package's wheel into a folder.
    """
    made = place.work() / version
    made.mkdir()
    for board in image.boards(place):
        folder = images(board)
        for kind in IMAGES:
            shutil.copyfile(folder / f"pump-{kind}.uf2", made / f"pump-{version}-{board}-{kind}.uf2")
    wheel(place, made)
    if not list(made.glob(f"pumpctl-{version}-*.whl")):
        raise steps.Trouble(f"pip made no wheel of version {version}.", "See build/toolchain/logs/wheel.log.")
    shutil.copyfile(place.root / _REFERENCE, made / _REFERENCE.name)
    (made / SUMS).write_text(sums(made))
    result = place.build / "release" / version
    result.parent.mkdir(parents=True, exist_ok=True)
    steps.put_in_place(place, made, result)
    return result


def sums(folder: Path) -> str:
    """One line for each file, in the format of `sha256sum --check`."""
    paths = sorted(path for path in folder.iterdir() if path.name != SUMS)
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in paths)


def _wheel(place: steps.Place, folder: Path) -> None:
    log = place.log("wheel")
    with steps.step("building the wheel of pumpctl"):
        python = place.build / "venv/bin/python"
        if not steps.run([python, *_PIP, "--wheel-dir", folder, place.root / "host"], log):
            happened = f"pip could not build the wheel: {steps.last_error(log)}"
            raise steps.Trouble(happened, "Check the network and pip's settings, then run the same command again.", log)


def _git(place: steps.Place, *words: str) -> str:
    try:
        done = subprocess.run(["git", "-C", place.root, *words], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise steps.Trouble("A release needs a git checkout, but git failed.", "Run `git status`.") from error
    return done.stdout.strip()
