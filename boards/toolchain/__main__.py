"""Sets up this checkout: PYTHONPATH=boards python3 -m toolchain [tools|tests|firmware BOARD|emulator|lab|...]

Without a word: what the simulated pump needs. `tools`: what `make lint` needs. `tests`: what `make test-all` needs.
`web`, `mutation`, `fuzz`, `pypy`, `release` and `sbom`: as the targets of make.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import browser, emulator, interpreters, lab, mutation, release, sbom, steps, venv
from .images import image, web
from .machine import Machine


def main() -> int:
    if sys.version_info < (3, 11):
        this = f"{sys.executable} is {sys.version.split()[0]}"
        return _fail(f"Python 3.11 or newer is needed, but {this}. Choose another: make setup PYTHON=python3.11")
    place = steps.Place(Path(__file__).resolve().parents[2])
    if any(letter.isspace() for letter in str(place.root)):
        return _fail(f"MicroPython's makefiles don't support spaces in paths; move the checkout from {place.root}")
    try:
        with steps.alone(place):
            ready = make(place, sys.argv[1:])
    except steps.Trouble as trouble:
        return _fail(str(trouble))
    except OSError as error:
        return _fail(f"{error}. Fix this, then run the same command again.")
    except KeyboardInterrupt:
        print("\nsetup: interrupted; run the same command again to continue, finished steps are kept", file=sys.stderr)
        return 130
    steps.say(f"ready: {ready}")
    return 0


def make(place: steps.Place, words: list[str]) -> str:
    """Makes what the first word names, by default interpreters and Python tools; returns what is ready, as text."""
    machine = Machine()
    what = words[0] if words else ""
    board = words[1] if len(words) > 1 else ""
    if what == "firmware":
        return image.summary(image.set_up(place, machine, board))
    if what == "tests":
        programs = set_up_tests(place, machine)
        return f"{programs['kind']} MicroPython {programs['version']}, the images of all boards and the emulated Pico"
    if what == "release":
        release.check(place)  # before the long part
        set_up(place, machine)
        folder = release.set_up(place, machine)
        return f"{folder.relative_to(place.root)}: {len(list(folder.iterdir()))} files"
    if what == "pypy":
        return interpreters.quick_python(place, machine)
    if what == "sbom":
        return str(sbom.set_up(place).relative_to(place.root))
    folders = {
        "emulator": emulator.set_up,
        "fuzz": mutation.set_up_fuzz,
        "lab": lab.set_up,
        "mutation": mutation.set_up,
        "web": web.set_up,
    }
    if what in folders:
        return str(folders[what](place, machine).relative_to(place.root))
    programs = set_up(place, machine, tests=what == "tools")
    return f"{programs['kind']} MicroPython {programs['version']}"


def set_up(place: steps.Place, machine: Machine, tests: bool = False, *more: Callable[[], Any]) -> dict[str, Any]:
    """The interpreters and build/venv; for `tests` the stock interpreter and the type stubs too; `more` beside them."""

    def environment() -> None:
        venv.set_up(place, machine)
        if tests:
            venv.type_stubs(place)

    programs: dict[str, Any]
    programs, *_ = steps.side_by_side(lambda: interpreters.set_up(place, machine, tests), environment, *more)
    return programs


def set_up_tests(place: steps.Place, machine: Machine) -> dict[str, Any]:
    """All that the tests need: as above, the boards' images, the emulated Pico, a browser and its MicroPython, PyPy."""
    more = (
        lambda: [image.set_up(place, machine, board) for board in image.boards(place)],
        lambda: emulator.set_up(place, machine),
        lambda: browser.set_up(place, machine),
        lambda: web.package(place, machine),
        lambda: interpreters.quick_python(place, machine),
    )
    return set_up(place, machine, True, *more)


def _fail(text: str) -> int:
    print(f"setup: FAILED: {text}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
